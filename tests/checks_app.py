"""A cockpit with checks that a test sets by hand."""

from collections.abc import Sequence

from check_views import a_check, a_list
from cockpit import Cockpit, a_cockpit, screen_text, turn
from fake_engine import FakeEngine
from msgspec.structs import replace
from risk_views import a_risk, limited
from textual.pilot import Pilot

from botcore_tui.model.check import Checklist, JournalTrade, Period
from botcore_tui.model.risk import RiskView
from botcore_tui.ui.screens.checks import ChecksDesk
from botcore_tui.ui.supervisor import Leave


class FakeChecks:
    """Lists as a test sets them."""

    def __init__(self, *trades: JournalTrade) -> None:
        self.lists: dict[Period, Checklist] = {
            period: a_list(a_check(), period=period) for period in Period
        }
        self.trades = trades
        self.due = ""
        self.asked: list[tuple[Period, RiskView | None]] = []
        self.error: OSError | None = None

    def read(self, period: Period, risk: RiskView | None) -> Checklist:
        self.asked.append((period, risk))
        if self.error is not None:
            raise self.error
        return self.lists[period]

    def journal(self) -> Sequence[JournalTrade]:
        return self.trades

    def reminder(self) -> str:
        if self.error is not None:
            raise self.error
        return self.due


def an_app(checks: ChecksDesk | None) -> Cockpit:
    app = a_cockpit(FakeEngine(limited(a_risk())))
    app.settings = replace(app.settings, checks=checks)
    return app


async def settle(pilot: Pilot[Leave], *keys: str) -> str:
    await pilot.press(*keys)
    for _ in range(2):
        await pilot.app.workers.wait_for_complete()
        await turn(pilot, seconds=0.5)
    app = pilot.app
    assert isinstance(app, Cockpit)
    return screen_text(app)
