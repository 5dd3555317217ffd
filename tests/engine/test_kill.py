"""The kill switch at a venue that obeys, refuses, or says nothing."""

import asyncio
from decimal import Decimal

import pytest
from kill_stage import (
    BTC,
    ETH,
    EVERYTHING,
    FLATTEN,
    Venue,
    a_bid,
    a_stop,
    an_algo,
    held,
    killed,
)
from virtual_time import VirtualTime

from botcore_tui.clock import SystemClock
from botcore_tui.engine.kill import in_words, kill
from botcore_tui.engine.kill_terms import KillPlan, KillScope, Left, Policy
from botcore_tui.errors import FetchError
from botcore_tui.exchange.base import OrderError
from botcore_tui.exchange.binance.rest import RestError
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderType, Outcome
from botcore_tui.model.risk import KillStage


@pytest.fixture
def venue() -> Venue:
    return Venue()


def refused(code: int, outcome: Outcome = Outcome.REJECTED) -> OrderError:
    return OrderError(outcome, code, "refused")


# --- cancelling --------------------------------------------------------------------------------


@pytest.mark.requirement("K2")
@pytest.mark.requirement("K4")
def test_entries_go_and_protection_stays_whoever_placed_them(
    time: VirtualTime, venue: Venue
) -> None:
    venue.orders = [a_bid("bc-1-1-e"), a_bid("web_7", ETH), a_bid("tp", reduce_only=True)]
    venue.algo_orders = [a_stop("s1"), an_algo("breakout", ETH)]
    venue.held_positions = [held("1")]

    report, stages = killed(time, venue)

    assert report.is_confirmed
    assert report.trouble == ()
    assert (report.entries, report.cancelled, report.open_entries) == (3, 3, ())
    assert [order.client_order_id for order in venue.orders] == ["tp"]
    assert [order.client_order_id for order in venue.algo_orders] == ["s1"]
    assert report.positions == (Left(BTC, Decimal(1), is_protected=True),)
    assert report.stops == 1
    assert report.cancelled_ms is not None
    assert report.flat_ms is None
    assert stages == [KillStage.CANCELLING, KillStage.VERIFYING, KillStage.CONFIRMED]
    assert in_words(report) == "3 of 3 entries cancelled, 0 open, 1 position held, 1 with a stop"


@pytest.mark.requirement("K9")
def test_many_entries_of_a_contract_go_by_one_request(time: VirtualTime, venue: Venue) -> None:
    venue.orders = [*(a_bid(f"e{number}") for number in range(30)), a_bid("other", ETH)]

    report, _ = killed(time, venue)

    assert (report.is_confirmed, report.cancelled) == (True, 31)
    assert venue.count("cancel_all") == 1
    assert venue.count("cancel") == 1


@pytest.mark.requirement("K2")
def test_many_entries_beside_an_exit_go_one_by_one(time: VirtualTime, venue: Venue) -> None:
    venue.orders = [*(a_bid(f"e{number}") for number in range(5)), a_bid("tp", reduce_only=True)]

    report, _ = killed(time, venue)

    assert (report.is_confirmed, report.cancelled) == (True, 5)
    assert venue.count("cancel_all") == 0
    assert [order.client_order_id for order in venue.orders] == ["tp"]


@pytest.mark.requirement("K5")
def test_named_contract_is_killed_and_no_other(time: VirtualTime, venue: Venue) -> None:
    venue.orders = [a_bid("a"), a_bid("b", ETH)]
    venue.held_positions = [held("1"), held("2", ETH)]
    plan = KillPlan(scope=KillScope.of(ETH), policy=Policy.FLATTEN)

    report, _ = killed(time, venue, plan)

    assert report.is_confirmed
    assert report.scope == ETH
    assert [order.client_order_id for order in venue.orders] == ["a"]
    assert [position.symbol for position in venue.held_positions] == [BTC]
    assert not any(call == "open_orders" for call in venue.calls)


@pytest.mark.requirement("K11")
@pytest.mark.requirement("F18")
def test_second_kill_finds_nothing_and_changes_nothing(time: VirtualTime, venue: Venue) -> None:
    venue.orders = [a_bid("a")]
    venue.held_positions, venue.algo_orders = [held("1")], [a_stop("s1")]
    killed(time, venue)

    report, _ = killed(time, venue)

    assert (report.is_confirmed, report.entries, report.cancelled) == (True, 0, 0)
    assert [order.client_order_id for order in venue.algo_orders] == ["s1"]
    assert venue.count("cancel") == 1


@pytest.mark.requirement("K4")
def test_entry_that_arrives_late_is_found_by_the_last_question(
    time: VirtualTime, venue: Venue
) -> None:
    venue.acts.append(lambda: venue.orders.append(a_bid("late")))

    report, _ = killed(time, venue)

    assert (report.is_confirmed, report.cancelled) == (True, 1)
    assert venue.orders == []


@pytest.mark.requirement("F11")
def test_refused_cancel_is_repeated_until_it_is_gone(time: VirtualTime, venue: Venue) -> None:
    venue.orders = [a_bid("a"), a_bid("b")]
    venue.failures["cancel"].extend(
        [
            refused(-1003, Outcome.FAILED),
            refused(0, Outcome.UNKNOWN),
            refused(-2011),
            refused(-1003, Outcome.FAILED),
        ]
    )

    report, _ = killed(time, venue)

    assert (report.is_confirmed, report.cancelled) == (True, 2)
    assert report.trouble == ()


@pytest.mark.requirement("K4")
def test_entry_that_does_not_go_is_told_by_name(time: VirtualTime, venue: Venue) -> None:
    venue.orders = [a_bid("a"), a_bid("b")]
    venue.failures["cancel"].extend([refused(-2011)] * 1_000)

    report, stages = killed(time, venue)

    assert not report.is_confirmed
    assert (report.entries, report.cancelled, report.open_entries) == (2, 0, ("a", "b"))
    assert report.cancelled_ms is None
    assert report.trouble == ("not everything is as it was wanted",)
    assert stages[-1] is KillStage.TROUBLE
    assert time.elapsed() < 35


@pytest.mark.requirement("K4")
def test_venue_that_does_not_answer_confirms_nothing(time: VirtualTime, venue: Venue) -> None:
    for name in ("open_orders", "open_algo_orders", "positions"):
        venue.failures[name].extend([FetchError("no route")] * 1_000)

    report, _ = killed(time, venue)

    assert not report.is_confirmed
    assert (report.cancelled_ms, report.flat_ms) == (None, None)
    assert report.trouble == (
        "the venue did not list orders",
        "the venue did not list conditional orders",
        "the venue did not list positions",
        "no route",
    )


@pytest.mark.requirement("K9")
@pytest.mark.parametrize("names", [(), (BTC,)])
def test_orders_that_cannot_be_listed_are_cancelled_unseen(
    time: VirtualTime, venue: Venue, names: tuple[str, ...]
) -> None:
    venue.orders = [a_bid("a")]
    venue.failures["open_orders"].append(FetchError("429"))
    scope = KillScope.of(*names) if names else KillScope.everything()

    report, _ = killed(time, venue, KillPlan(scope=scope, known=(BTC, ETH)))

    assert report.is_confirmed
    assert venue.orders == []
    assert venue.count("cancel_all") == (1 if names else 2)


@pytest.mark.requirement("F11")
@pytest.mark.requirement("A13")
@pytest.mark.parametrize(("asked_for", "looks"), [(5.0, 2), (3_600.0, 3)])
def test_pause_that_the_venue_asks_for_is_heeded_but_not_for_ever(
    time: VirtualTime, venue: Venue, asked_for: float, looks: int
) -> None:
    refusals = [RestError("http://venue/x", "many", status=429, retry_after_seconds=asked_for)]
    venue.failures["open_orders"].extend(refusals * (looks - 1))
    venue.orders = [a_bid("a")]

    report, _ = killed(time, venue, KillPlan(scope=KillScope.everything(), known=(ETH,)))

    assert (report.is_confirmed, report.cancelled) == (True, 1)
    assert venue.count("open_orders") == looks + 2
    assert venue.count("cancel_all") == looks - 1
    assert time.elapsed() == pytest.approx((looks - 1) * min(asked_for, 10.0), abs=1.5)


def test_venue_that_hangs_is_given_up(time: VirtualTime, venue: Venue) -> None:
    venue.hold("open_orders")

    report, _ = killed(time, venue)

    assert not report.is_confirmed
    assert "no answer within 3 s" in report.trouble
    assert time.elapsed() < 50


def test_cancel_that_hangs_is_given_up(time: VirtualTime, venue: Venue) -> None:
    venue.orders = [a_bid("a")]
    venue.hold("cancel")

    report, _ = killed(time, venue)

    assert not report.is_confirmed
    assert "requests were not answered in time" in report.trouble
    assert report.open_entries == ("a",)


@pytest.mark.requirement("K2")
def test_what_may_be_a_stop_is_left_alone_while_positions_are_unknown(
    time: VirtualTime, venue: Venue
) -> None:
    venue.algo_orders = [an_algo("foreign", side=Side.SELL)]
    venue.held_positions = [held("1")]
    venue.failures["positions"].append(FetchError("502"))

    report, _ = killed(time, venue)

    assert report.is_confirmed
    assert [order.client_order_id for order in venue.algo_orders] == ["foreign"]
    # It may be all that there is, so it stays; it can open a position, so it is no protection.
    assert report.positions == (Left(BTC, Decimal(1), is_protected=False),)


def test_position_without_a_stop_is_told(time: VirtualTime, venue: Venue) -> None:
    venue.held_positions = [held("1"), held("1", ETH)]
    venue.algo_orders = [a_stop("s1")]

    report, _ = killed(time, venue)

    assert report.is_confirmed
    assert report.trouble == (f"positions WITHOUT A STOP: {ETH}",)
    assert in_words(report).endswith("2 positions held, 1 WITHOUT A STOP")


# --- flattening --------------------------------------------------------------------------------


@pytest.mark.requirement("K3")
@pytest.mark.requirement("K2")
def test_flatten_closes_by_reducing_orders_and_takes_stops_last(
    time: VirtualTime, venue: Venue
) -> None:
    venue.orders = [a_bid("a"), a_bid("tp", reduce_only=True)]
    venue.algo_orders = [a_stop("s1"), a_stop("s2", ETH)]
    venue.held_positions = [held("3"), held("-2", ETH)]

    report, stages = killed(time, venue, FLATTEN)

    assert report.is_confirmed
    assert report.trouble == ()
    assert (report.closed, report.positions, report.stops) == (2, (), 0)
    assert venue.orders == []
    assert venue.algo_orders == []
    assert [(each.symbol, each.side, each.quantity) for each in venue.sent] == [
        (BTC, Side.SELL, Decimal(3)),
        (ETH, Side.BUY, Decimal(2)),
    ]
    assert all(each.reduce_only and each.client_order_id[:3] == "bk-" for each in venue.sent)
    calls = [call.partition(" ")[0] for call in venue.calls]
    first = calls.index("cancel_all_algo")
    assert "positions" in calls[len(calls) - calls[::-1].index("place") : first]
    assert report.flat_ms is not None
    assert stages[-1] is KillStage.CONFIRMED
    assert KillStage.FLATTENING in stages
    assert in_words(report) == "1 of 1 entries cancelled, 0 open, 2 of 2 positions closed, flat"


@pytest.mark.requirement("K10")
def test_order_without_an_answer_is_not_sent_again_before_the_position_was_read(
    time: VirtualTime, venue: Venue
) -> None:
    venue.held_positions = [held("3")]
    venue.refusals.append(refused(0, Outcome.UNKNOWN))  # it was done all the same

    report, _ = killed(time, venue, FLATTEN)

    assert report.is_confirmed
    assert len(venue.sent) == 1


@pytest.mark.requirement("K3")
def test_refused_market_order_becomes_a_stop_beside_the_mark(
    time: VirtualTime, venue: Venue
) -> None:
    venue.held_positions = [held("3")]
    venue.refusals.extend([refused(-4131)])

    report, _ = killed(time, venue, FLATTEN)

    market, stop, again = venue.sent
    assert (market.type, again.type) == (OrderType.MARKET, OrderType.MARKET)
    assert (stop.type, stop.close_position, stop.side) == (OrderType.STOP_MARKET, True, Side.SELL)
    assert stop.trigger_price is not None
    assert Decimal("99.9") < stop.trigger_price < 100
    assert report.is_confirmed
    assert venue.algo_orders == []


@pytest.mark.requirement("K2")
def test_position_that_does_not_close_keeps_its_stop(time: VirtualTime, venue: Venue) -> None:
    venue.held_positions = [held("3")]
    venue.algo_orders = [a_stop("s1")]
    venue.refusals.extend([refused(-4131)] * 1_000)

    report, _ = killed(time, venue, FLATTEN)

    assert not report.is_confirmed
    assert report.positions == (Left(BTC, Decimal(3), is_protected=True),)
    assert [order.client_order_id for order in venue.algo_orders] == ["s1"]
    assert venue.count("cancel_all_algo") == 0
    assert in_words(report) == "0 of 0 entries cancelled, 0 open, 0 of 1 positions closed"


@pytest.mark.requirement("F18")
def test_position_that_another_closed_meanwhile_is_flat(time: VirtualTime, venue: Venue) -> None:
    venue.held_positions = [held("3")]
    venue.refusals.append(refused(-2022))
    venue.after_positions.append(venue.held_positions.clear)

    report, _ = killed(time, venue, FLATTEN)

    assert (report.is_confirmed, report.closed) == (True, 1)
    assert len(venue.sent) == 1


def test_nothing_is_closed_while_positions_are_unknown(time: VirtualTime, venue: Venue) -> None:
    venue.algo_orders = [a_stop("s1")]
    venue.failures["positions"].extend([FetchError("502")] * 1_000)

    report, _ = killed(time, venue, FLATTEN)

    assert not report.is_confirmed
    assert [order.client_order_id for order in venue.algo_orders] == ["s1"]


@pytest.mark.requirement("K2")
def test_stops_stay_while_an_entry_is_open_that_could_need_them(
    time: VirtualTime, venue: Venue
) -> None:
    venue.algo_orders = [a_stop("s1"), an_algo("breakout")]
    venue.failures["cancel"].append(refused(-1003, Outcome.FAILED))

    report, _ = killed(time, venue, FLATTEN)

    assert report.is_confirmed
    calls = [call.partition(" ")[0] for call in venue.calls]
    assert calls.index("cancel_all_algo") > calls.index("cancel", calls.index("cancel") + 1)


def test_the_same_trouble_is_told_once(
    time: VirtualTime, venue: Venue, caplog: pytest.LogCaptureFixture
) -> None:
    venue.failures["positions"].extend([FetchError("502")] * 20)
    killed(time, venue)
    assert [record.getMessage() for record in caplog.records] == ["kill: 502"]


def test_kill_can_be_cancelled(venue: Venue) -> None:
    venue.hold("positions")

    async def main() -> None:
        task = asyncio.create_task(kill(venue, EVERYTHING, SystemClock(), lambda *_: None))
        await venue.until(lambda: venue.count("positions"))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
