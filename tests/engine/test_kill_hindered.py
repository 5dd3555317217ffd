"""A kill whose questions are answered late, one without the other, or not at all."""

import asyncio

from kill_stage import BTC, EVERYTHING, FLATTEN, Venue, a_bid, a_stop, an_algo, held, killed
from msgspec.structs import replace
from virtual_time import VirtualTime

from botcore_tui.exchange.base import OrderError
from botcore_tui.exchange.binance.rest import RestError
from botcore_tui.model.order import AlgoReport, Outcome


class Slow(Venue):
    """Its listing of conditional orders answers after that of the positions (weight 40 against 5).

    Attributes:
        orders_at_clearing: Orders of the book that were open whenever stops were cancelled.
        bared: Positions whose stop was cancelled while they were held.
    """

    def __init__(self) -> None:
        super().__init__()
        self.bared: list[str] = []
        self.orders_at_clearing: list[list[str]] = []

    async def open_algo_orders(self, symbol: str) -> list[AlgoReport]:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return await super().open_algo_orders(symbol)

    async def cancel_all_algo(self, symbol: str) -> None:
        self.orders_at_clearing.append([each.client_order_id for each in self.orders])
        if any(each.symbol == symbol for each in self.held_positions):
            self.bared.append(symbol)
        await super().cancel_all_algo(symbol)


def test_stop_of_a_position_that_began_between_two_answers_stays_until_it_is_flat(
    time: VirtualTime,
) -> None:
    venue = Slow()

    def executed() -> None:
        # An entry that was under way when the halt came; the engine protects it at once.
        venue.held_positions = [held("1")]
        venue.algo_orders = [a_stop("bc-r1-2-s")]

    venue.after_positions.append(executed)
    report, _ = killed(time, venue, FLATTEN)
    assert report.is_confirmed
    assert venue.bared == []


def test_stops_stay_while_it_is_not_known_whether_an_entry_is_open(time: VirtualTime) -> None:
    venue = Slow()
    venue.orders = [a_bid("bc-r1-1-e")]
    venue.algo_orders = [a_stop("bc-r1-2-s")]
    venue.failures["open_orders"].append(
        RestError("http://venue/x", "Service Unavailable.", status=503)
    )
    venue.failures["cancel_all"].append(OrderError(Outcome.UNKNOWN, -1007, "no answer"))
    plan = replace(FLATTEN, known=(BTC,))
    report, _ = killed(time, venue, plan)
    assert report.is_confirmed
    assert venue.orders_at_clearing == [[]]


def test_conditional_entries_go_though_the_book_cannot_be_listed(time: VirtualTime) -> None:
    venue = Venue()
    venue.algo_orders = [an_algo("web-1")]
    venue.failures["open_orders"].extend(
        RestError("http://venue/x", "Service Unavailable.", status=503) for _ in range(1_000)
    )
    report, _ = killed(time, venue, EVERYTHING)
    assert not report.is_confirmed
    assert venue.algo_orders == []
