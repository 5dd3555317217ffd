"""What the composition root decides about the cockpit."""

from pathlib import Path

from msgspec import Struct

from botcore_tui.ui.screens.confirm import ARM_SECONDS
from botcore_tui.ui.screens.environment import EnvironmentChoice
from botcore_tui.ui.theme import DEFAULT_THEME


class CockpitSettings(Struct, frozen=True):
    """Settings of one cockpit."""

    actor: str
    """Who halts and resumes here, as the log will say it."""
    environments: tuple[EnvironmentChoice, ...] = ()
    theme: str = DEFAULT_THEME
    fps: float = 10.0
    """Pictures per second."""
    interval_ms: int = 60_000
    low_bandwidth: bool = False
    state_path: Path | None = None
    """Where the looks are remembered; None: nowhere."""
    theme_directories: tuple[Path, ...] = ()
    """Beside the shipped ones, and before them."""
    arm_seconds: float = ARM_SECONDS
    """How long no dialog can be confirmed."""
