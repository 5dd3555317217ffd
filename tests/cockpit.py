"""A cockpit under a hand-driven clock, for tests."""

from pathlib import Path

from builders import NOW_NS
from fake_engine import FakeEngine
from textual.pilot import Pilot

from botcore_tui.clock import ManualClock
from botcore_tui.ui.app import CockpitApp
from botcore_tui.ui.screens.environment import EnvironmentChoice
from botcore_tui.ui.settings import CockpitSettings
from botcore_tui.ui.supervisor import Leave

CHOICES = (
    EnvironmentChoice("demo", available=True, reason="synthetic", is_real_money=False),
    EnvironmentChoice("replay", available=True, reason="a tape", is_real_money=False),
    EnvironmentChoice("production", available=False, reason="no keys", is_real_money=True),
)
NEVER = 3_600.0


class Cockpit(CockpitApp):
    """A cockpit whose frames come when the test says so."""

    def __init__(self, engine: FakeEngine, settings: CockpitSettings) -> None:
        self.fake = engine
        self.time = ManualClock(NOW_NS // 1_000_000)
        super().__init__(engine, settings, clock=self.time)


def a_cockpit(
    engine: FakeEngine,
    *,
    arm_seconds: float = 0.0,
    state_path: Path | None = None,
    theme_directories: tuple[Path, ...] = (),
    theme: str = "cb-dark",
) -> Cockpit:
    """A cockpit of a tester; its own timer is as good as stopped."""
    settings = CockpitSettings(
        actor="tester",
        environments=CHOICES,
        fps=0.5,
        arm_seconds=arm_seconds,
        state_path=state_path,
        theme_directories=theme_directories,
        theme=theme,
    )
    return Cockpit(engine, settings)


async def turn(pilot: Pilot[Leave], *, seconds: float = 1.1) -> None:
    """Let time pass, make one frame of it, and wait until everything is drawn."""
    app = pilot.app
    assert isinstance(app, Cockpit)
    app.time.advance(seconds)
    app.frame()
    await pilot.pause()
    await pilot.pause()


def screen_text(app: Cockpit) -> str:
    """What the topmost screen shows."""
    # The compositor is private; this is the one place that reads it.
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())
