"""What is read in a thread: a message meanwhile, a reason where it fails, the newest wish wins."""

import threading

import pytest
from check_views import a_trade
from checks_app import FakeChecks, an_app, settle
from cockpit import screen_text, turn

from botcore_tui.model.check import Checklist, Period
from botcore_tui.model.risk import RiskView

SECONDS = 20.0
"""Never waited for in a passing test."""


class SlowChecks(FakeChecks):
    """Holds the daily list back."""

    def __init__(self) -> None:
        super().__init__(a_trade(7))
        self.may_go_on = threading.Event()

    def read(self, period: Period, risk: RiskView | None) -> Checklist:
        listed = super().read(period, risk)
        assert period is not Period.DAILY or self.may_go_on.wait(SECONDS)
        return listed


async def test_what_was_asked_for_last_is_shown_whatever_comes_late() -> None:
    checks = SlowChecks()
    app = an_app(checks)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        await pilot.press("C")
        await turn(pilot, seconds=0.5)
        assert "reading…" in screen_text(app)
        await pilot.press("right")
        checks.may_go_on.set()
        text = await settle(pilot)
        assert "the weekly list was never signed" in text
        assert "reading…" not in text


@pytest.mark.slow
async def test_a_failure_is_told_and_the_next_look_forgets_it() -> None:
    checks = FakeChecks()
    checks.error = OSError("disk is gone")
    app = an_app(checks)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        assert "the checks cannot be read: disk is gone" in await settle(pilot, "C")
        checks.error = None
        text = await settle(pilot, "r")
        assert "disk is gone" not in text
        assert "the daily list was never signed" in text
