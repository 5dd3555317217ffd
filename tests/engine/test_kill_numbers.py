"""What a kill counts as cancelled, and contracts of which nothing can be counted."""

import pytest
from kill_stage import BTC, ETH, Venue, a_bid, held, killed
from order_builders import an_order_report
from virtual_time import VirtualTime

from botcore_tui.engine.kill import in_words
from botcore_tui.engine.kill_terms import KillPlan, KillScope, Policy
from botcore_tui.errors import FetchError
from botcore_tui.exchange.base import OrderError
from botcore_tui.exchange.binance.rest import RestError
from botcore_tui.model.order import Outcome, VenueStatus
from botcore_tui.model.risk import KillStage


@pytest.fixture
def venue() -> Venue:
    return Venue()


# --- how entries ended -------------------------------------------------------------------------


@pytest.mark.requirement("K4")
def test_entry_that_was_executed_before_its_cancel_is_not_told_as_cancelled(
    time: VirtualTime, venue: Venue
) -> None:
    venue.orders = [a_bid("a"), a_bid("b", ETH)]

    def execute() -> None:
        venue.orders = [a_bid("b", ETH)]
        venue.reports["a"] = an_order_report(client_order_id="a", status=VenueStatus.FILLED)
        venue.held_positions = [held("1")]
        venue.failures["cancel"].append(OrderError(Outcome.REJECTED, -2011, "refused"))

    venue.acts.append(execute)

    report, _ = killed(time, venue)

    assert (report.entries, report.cancelled, report.executed, report.untold) == (2, 1, 1, 0)
    assert report.is_confirmed
    assert report.trouble == (f"positions WITHOUT A STOP: {BTC}",)
    assert in_words(report) == (
        "1 of 2 entries cancelled, 1 executed, 0 open, 1 position held, 1 WITHOUT A STOP"
    )


@pytest.mark.requirement("K4")
def test_entry_of_whose_end_the_venue_says_nothing_is_not_told_as_cancelled(
    time: VirtualTime, venue: Venue
) -> None:
    venue.orders = [a_bid("a")]
    venue.failures["order"].append(FetchError("no route"))

    report, _ = killed(time, venue)

    assert (report.is_confirmed, report.cancelled, report.untold) == (True, 0, 1)
    assert in_words(report) == (
        "0 of 1 entries cancelled, 1 ended, the venue did not tell how, 0 open, flat"
    )


# --- contracts that are not there --------------------------------------------------------------


@pytest.mark.requirement("K5")
@pytest.mark.parametrize("policy", Policy)
def test_contract_that_the_venue_does_not_know_ends_it_at_once(
    time: VirtualTime, venue: Venue, policy: Policy
) -> None:
    venue.listed = {BTC}

    report, stages = killed(time, venue, KillPlan(scope=KillScope.of("BTCUSD"), policy=policy))

    assert not report.is_confirmed
    assert report.flat_ms is None
    assert report.trouble == ("the venue knows no contract BTCUSD: nothing was cancelled there",)
    assert time.elapsed() == 0
    assert venue.count("cancel_all") == 0
    assert stages == [KillStage.TROUBLE]


@pytest.mark.requirement("K5")
def test_contract_that_the_venue_knows_is_killed_beside_one_that_it_does_not(
    time: VirtualTime, venue: Venue
) -> None:
    venue.listed = {BTC}
    venue.orders = [a_bid("a")]

    report, _ = killed(time, venue, KillPlan(scope=KillScope.of("BTCUSD", BTC)))

    assert not report.is_confirmed
    assert report.cancelled == 1
    assert report.trouble == ("the venue knows no contract BTCUSD: nothing was cancelled there",)
    assert time.elapsed() < 2


def test_other_refusal_of_a_listing_is_no_unknown_contract(time: VirtualTime, venue: Venue) -> None:
    error = RestError("http://venue/x", "busy", status=400, code=-1000)
    venue.failures["open_orders"].append(error)

    report, _ = killed(time, venue, KillPlan(scope=KillScope.of(BTC)))

    assert (report.is_confirmed, report.trouble) == (True, ())


# --- what was flat -----------------------------------------------------------------------------


@pytest.mark.requirement("K4")
def test_what_is_flat_already_is_told_as_found_flat(time: VirtualTime, venue: Venue) -> None:
    plan = KillPlan(scope=KillScope.of(BTC), policy=Policy.FLATTEN)
    report, _ = killed(time, venue, plan)
    assert in_words(report) == "0 of 0 entries cancelled, 0 open, BTCUSDT found flat"
    venue.failures["positions"].extend([FetchError("502")] * 1_000)
    unseen, _ = killed(time, venue, plan)
    assert in_words(unseen).endswith("0 open, positions were not seen")


@pytest.mark.requirement("K4")
@pytest.mark.parametrize("what", ["open_orders", "open_algo_orders"])
def test_what_is_open_is_no_number_where_the_venue_did_not_list_it(
    time: VirtualTime, venue: Venue, what: str
) -> None:
    venue.orders = [a_bid("a")]
    venue.failures[what].extend([FetchError("502")] * 1_000)
    report, _ = killed(time, venue)
    assert not report.is_confirmed
    assert "entries found, what is open now was not seen" in in_words(report)
    assert " open," not in in_words(report)


@pytest.mark.requirement("K4")
def test_positions_that_nobody_listed_are_told_as_not_seen(time: VirtualTime, venue: Venue) -> None:
    venue.held_positions = [held("1")]
    for what in ("open_orders", "open_algo_orders", "positions"):
        venue.failures[what].extend([FetchError("502")] * 1_000)
    report, _ = killed(time, venue)
    words = "0 entries found, what is open now was not seen, positions were not seen"
    assert in_words(report) == words
    assert report.unseen == ("orders", "conditional orders", "positions")


@pytest.mark.requirement("K4")
def test_position_whose_stop_was_not_seen_is_not_told_as_naked(
    time: VirtualTime, venue: Venue
) -> None:
    venue.held_positions = [held("1")]
    venue.failures["open_algo_orders"].extend([FetchError("502")] * 1_000)
    report, _ = killed(time, venue)
    assert in_words(report).endswith("1 position held, stops were not seen")
