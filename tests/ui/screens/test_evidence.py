"""Phase and evidence; the ledger is read in a thread."""

from collections.abc import Sequence

import pytest
from checks_app import settle
from cockpit import Cockpit, a_cockpit, screen_text, turn
from fake_engine import FakeEngine
from msgspec import Struct
from msgspec.structs import replace
from risk_views import a_phase, a_risk, limited

from botcore_tui.ui.screens.evidence import EvidenceLine, EvidenceLoader


class Line(Struct, frozen=True):
    name: str
    have: str
    need: str
    is_met: bool


class Loader:
    def __init__(self, *lines: Line) -> None:
        self.lines = lines
        self.reads = 0
        self.error: OSError | None = None

    def __call__(self) -> Sequence[EvidenceLine]:
        self.reads += 1
        if self.error is not None:
            raise self.error
        return self.lines


MET = Line("days run", "9.2", "7", is_met=True)
MISSING = Line("stream uptime\x1b", "98.1 %", "99 %", is_met=False)
PHASED = limited(a_risk(phase=a_phase()))


def an_app(load: EvidenceLoader | None) -> Cockpit:
    app = a_cockpit(FakeEngine(PHASED))
    app.settings = replace(app.settings, evidence=load)
    return app


@pytest.mark.requirement("R22")
@pytest.mark.requirement("G1")
async def test_phase_and_what_is_missing_for_the_next_one_are_shown() -> None:
    app = an_app(Loader(MET, MISSING))
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        text = await settle(pilot, "e")
        assert "conservative · 2 positions · 1x" in text
        assert "since      11-13 22:13Z" in text
        assert "evidence for the next phase: 1 of 2 met" in text
        assert "✓ days run" in text
        assert r"✗ stream uptime\x1b 98.1 % 99 %" in text


@pytest.mark.slow
async def test_evidence_is_read_again_on_demand() -> None:
    load = Loader(MET)
    app = an_app(load)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        assert "1 of 1 met" in await settle(pilot, "e")
        load.lines = ()
        assert "no evidence is asked for here" in await settle(pilot, "r")
        load.error = OSError("disk is gone")
        assert "the evidence cannot be read: disk is gone" in await settle(pilot, "r")
        assert load.reads == 3


async def test_absence_of_a_ledger_is_said_and_the_phase_is_shown_all_the_same() -> None:
    app = an_app(None)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        text = await settle(pilot, "e")
        assert "there is no ledger here" in text
        assert "conservative" in text


@pytest.mark.slow
async def test_trouble_of_the_phase_is_shown_and_a_missing_phase_said() -> None:
    app = an_app(None)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        app.fake.snapshot = limited(a_risk(phase=a_phase(trouble="outside the band")))
        assert "trouble    outside the band" in await settle(pilot, "e")
        app.fake.snapshot = limited()
        await turn(pilot)
        assert "none in force" in screen_text(app)
