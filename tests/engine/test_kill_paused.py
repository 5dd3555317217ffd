"""The kill switch where the venue refuses questions about a contract that rests (-1122)."""

import pytest
from kill_stage import BTC, ETH, EVERYTHING, Venue, a_bid, killed
from virtual_time import VirtualTime

from botcore_tui.engine.kill_terms import KillPlan, KillScope
from botcore_tui.exchange.binance.rest import RestError


class Paused(Venue):
    """Lists no orders of ETH by itself, and all the same has some."""

    def _know(self, symbol: str) -> None:
        if symbol == ETH:
            raise RestError("http://venue/x", "Invalid symbol status.", status=400, code=-1122)


@pytest.mark.requirement("K4")
@pytest.mark.parametrize("plan", [EVERYTHING, KillPlan(scope=KillScope.of(BTC, ETH))], ids=str)
def test_entries_of_a_contract_that_rests_are_cancelled_and_confirmed(
    time: VirtualTime, plan: KillPlan
) -> None:
    venue = Paused()
    venue.orders = [a_bid("e1"), a_bid("e2", ETH), a_bid("e3", "XRPUSDT")]
    report, _ = killed(time, venue, plan)
    assert report.is_confirmed
    assert {order.symbol for order in venue.orders} <= {"XRPUSDT"}
    assert report.entries == (3 if plan.scope.is_all else 2)
