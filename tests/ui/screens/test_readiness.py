"""The readiness report opens in the cockpit, is read beside it, and shows its age."""

import threading
from collections.abc import Sequence

import pytest
from builders import a_snapshot
from cockpit import Cockpit, a_cockpit, screen_text, turn
from fake_engine import FakeEngine
from msgspec import Struct
from msgspec.structs import replace
from textual.pilot import Pilot

from botcore_tui.errors import UnavailableError
from botcore_tui.ui.screens.readiness import Doctor, FindingLine
from botcore_tui.ui.supervisor import Leave

SECONDS = 20.0


class Line(Struct, frozen=True):
    grade: str
    name: str
    text: str
    remedy: str = ""


class Looking:
    """Finds what a test sets; waits until it may go on."""

    def __init__(self, *lines: Line) -> None:
        self.lines = lines
        self.looks = self.stops = 0
        self.threads: set[int] = set()
        self.trouble = ""
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def look(self) -> Sequence[FindingLine]:
        self.looks += 1
        self.threads.add(threading.get_ident())
        assert self.may_go_on.wait(SECONDS)
        if self.trouble:
            raise UnavailableError(self.trouble)
        return self.lines

    def stop(self) -> None:
        self.stops += 1
        self.may_go_on.set()


LINES = (
    Line("ok", "state", "there"),
    Line("NOTE", "cores", "one core", "give it two"),
    Line("FAIL", "clock", "off by \x1b 9 s", "set it by NTP"),
)


def an_app(doctor: Doctor | None) -> Cockpit:
    app = a_cockpit(FakeEngine(a_snapshot()))
    app.settings = replace(app.settings, doctor=doctor)
    return app


async def settle(pilot: Pilot[Leave], *keys: str, seconds: float = 0.5) -> str:
    await pilot.press(*keys)
    await pilot.app.workers.wait_for_complete()
    await turn(pilot, seconds=seconds)
    app = pilot.app
    assert isinstance(app, Cockpit)
    return screen_text(app)


@pytest.mark.requirement("R72")
@pytest.mark.parametrize(
    "size",
    [
        (80, 24),
        pytest.param((60, 20), marks=pytest.mark.slow),
        pytest.param((160, 48), marks=pytest.mark.slow),
    ],
    ids=str,
)
async def test_findings_stand_the_gravest_first_with_their_age(size: tuple[int, int]) -> None:
    doctor = Looking(*LINES)
    app = an_app(doctor)
    async with app.run_test(size=size) as pilot:
        await turn(pilot)
        text = await settle(pilot, "D")
        assert "0s old: 1 FAIL · 0 WARN · 1 NOTE · 1 ok" in text
        assert text.index("✗ FAIL") < text.index("· NOTE c") < text.index("✓ ok")
        assert r"off by \x1b 9 s" in text
        assert "→ set it by NTP" in text
        assert threading.get_ident() not in doctor.threads
        assert "2m" in await settle(pilot, seconds=120)


@pytest.mark.slow
@pytest.mark.requirement("R72")
async def test_the_last_report_is_kept_and_read_again_on_demand() -> None:
    doctor = Looking(*LINES)
    app = an_app(doctor)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        await settle(pilot, "D")
        assert "1 FAIL" in await settle(pilot, "escape", "D")
        assert doctor.looks == 1
        doctor.lines = LINES[:1]
        assert "0 FAIL" in await settle(pilot, "r")
        doctor.trouble = "no process left"
        text = await settle(pilot, "r")
        assert "the doctor could not look: no process left" in text
        assert "0 FAIL" in text  # the older one, with its age
        assert doctor.looks == 3


@pytest.mark.requirement("R72")
async def test_halting_does_not_wait_for_a_look_and_a_close_ends_it() -> None:
    doctor = Looking(*LINES)
    doctor.may_go_on.clear()
    app = an_app(doctor)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        await pilot.press("D", "r", "f12")
        await turn(pilot, seconds=3)
        text = screen_text(app)
        assert "looking for 3s…" in text
        assert (len(app.fake.halts), doctor.looks) == (1, 1)
        await pilot.press("escape")
        await pilot.app.workers.wait_for_complete()
        assert doctor.stops == 1


@pytest.mark.slow
async def test_where_nobody_can_look_the_command_is_named() -> None:
    app = an_app(None)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        assert "run botcore doctor" in await settle(pilot, "D")
