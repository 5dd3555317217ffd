"""What a kill asks the venue, and what that weighs."""

import pytest
from kill_stage import BTC, ETH, EVERYTHING, Venue, a_bid, a_stop, held, killed
from virtual_time import VirtualTime

from botcore_tui.exchange.binance.weights import cost_of


@pytest.fixture
def venue() -> Venue:
    return Venue()


def listings(venue: Venue) -> list[str]:
    return [call for call in venue.calls if call.startswith("open_orders")]


def weight(venue: Venue) -> int:
    """Of all questions, by Binance's own figures."""
    endpoints = {
        "open_orders": "openOrders",
        "open_algo_orders": "openAlgoOrders",
        "positions": "positionRisk",
    }
    asked = [call.partition(" ")[::2] for call in venue.calls]
    return sum(
        cost_of(endpoints[name], {"symbol": symbol} if symbol else {}).weight
        for name, symbol in asked
        if name in endpoints
    )


@pytest.mark.requirement("K4")
@pytest.mark.requirement("R03")
def test_kill_looks_at_the_whole_account_first_and_last(time: VirtualTime, venue: Venue) -> None:
    venue.orders = [a_bid("a"), a_bid("b", ETH)]
    venue.algo_orders = [a_stop("s1")]
    venue.held_positions = [held("1")]

    report, _ = killed(time, venue)

    assert report.is_confirmed
    assert listings(venue) == [
        "open_orders",
        f"open_orders {BTC}",
        f"open_orders {ETH}",
        "open_orders",
    ]
    assert weight(venue) == 2 * 85 + 9  # two in a minute leave most of 1,200 to others


@pytest.mark.requirement("K4")
def test_entry_of_a_contract_that_had_none_before_is_found_in_the_end(
    time: VirtualTime, venue: Venue
) -> None:
    venue.orders = [a_bid("a")]
    venue.acts.append(lambda: venue.orders.append(a_bid("late", ETH)))

    report, _ = killed(time, venue)

    assert (report.is_confirmed, report.entries, report.cancelled) == (True, 2, 2)
    assert venue.orders == []


def test_contract_that_cannot_be_listed_alone_is_listed_with_all(
    time: VirtualTime, venue: Venue
) -> None:
    venue.listed = set()
    venue.held_positions = [held("1", "OLDUSDT")]
    venue.orders = [a_bid("a", "OLDUSDT")]

    report, _ = killed(time, venue)

    assert report.is_confirmed
    assert venue.orders == []


@pytest.mark.parametrize("many", [20, 21])
def test_many_contracts_are_listed_at_once(time: VirtualTime, venue: Venue, many: int) -> None:
    venue.orders = [a_bid(f"id-{number}", f"C{number:02}USDT") for number in range(many)]

    report, _ = killed(time, venue)

    assert report.is_confirmed
    asked_alone = [call for call in listings(venue) if call != "open_orders"]
    assert len(asked_alone) == (20 if many == 20 else 0)


def test_refusal_of_the_first_look_is_followed_by_another_at_all(
    time: VirtualTime, venue: Venue
) -> None:
    venue.orders = [a_bid("a")]
    venue.algo_orders = [a_stop("s1")]
    venue.failures["positions"].append(TimeoutError())

    report, _ = killed(time, venue, EVERYTHING)

    assert report.is_confirmed
    assert listings(venue)[:2] == ["open_orders", "open_orders"]
