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


class Suspended(Venue):
    """Takes no question about a single contract, as in a maintenance of all of them."""

    def _know(self, symbol: str) -> None:
        if symbol:
            raise RestError("http://venue/x", "Invalid symbol status.", status=400, code=-1122)


@pytest.mark.requirement("K4")
def test_whole_account_is_listed_once_however_many_contracts_are_refused(
    time: VirtualTime,
) -> None:
    """It costs the weight of forty: who asks for each of ten is banned, and cancels nothing."""
    symbols = tuple(f"C{number}USDT" for number in range(10))
    venue = Suspended()
    venue.orders = [a_bid(f"e{symbol}", symbol) for symbol in symbols]
    report, _ = killed(time, venue, KillPlan(scope=KillScope.of(*symbols)))
    assert (report.is_confirmed, report.entries, venue.orders) == (True, 10, [])
    looks = venue.count("positions")
    whole = [venue.calls.count(name) for name in ("open_orders", "open_algo_orders")]
    assert whole == [looks, looks]
