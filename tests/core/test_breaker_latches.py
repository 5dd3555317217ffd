"""Latched breakers: over restarts and midnights, until a name lets go of them."""

from decimal import Decimal

import pytest
from breaker_builders import Case, trips
from order_builders import NOW_MS
from risk_builders import (
    DAY_MS,
    a_trip,
    an_anchor,
    rows_of,
)

from botcore_tui.core.breaker import DAY_START_UNKNOWN, BreakerLimits, OnTrip, Reading
from botcore_tui.model.command import NotedTrip
from botcore_tui.model.event import Record, StateChanged, TradingState
from botcore_tui.model.ledger import AnchorRow, ResetRow, TripRow
from botcore_tui.model.risk import Tier
from botcore_tui.model.snapshot import HaltInfo

ACTIVE, REDUCING, HALTED = TradingState.ACTIVE, TradingState.REDUCING, TradingState.HALTED


def by_breaker(reason: str = "A05 equity was unknown for 30 s", actor: str = "breaker") -> HaltInfo:
    return HaltInfo(actor, reason, NOW_MS - 60_000)


# --- restart ------------------------------------------------------------------------------------


@pytest.mark.requirement("F14")
@pytest.mark.parametrize("on_trip", OnTrip)
def test_trip_that_only_the_halt_file_knows_is_latched_again(on_trip: OnTrip) -> None:
    """The ledger was out of reach until the program was killed, or another one is configured."""
    case = Case(halt=by_breaker(), limits=BreakerLimits(on_trip=on_trip), first=None)
    (row,) = [row for row in rows_of(case.effects) if isinstance(row, TripRow)]
    assert (row.code, row.time_ms, row.action) == ("A05", NOW_MS - 60_000, on_trip)
    assert row.text == "equity was unknown for 30 s (by the halt file; not in the ledger)"
    assert list(case.breakers.latched) == ["A05"]
    assert case.breakers.wants_flat is (on_trip is OnTrip.FLATTEN)
    assert case.state is HALTED
    case.see("1000")
    assert case.reset("A05") == ""
    assert case.breakers.latched == {}


@pytest.mark.requirement("F14")
def test_trip_that_the_ledger_has_is_as_it_says() -> None:
    trip = a_trip("A05", time_ms=NOW_MS - 60_000)
    assert Case(halt=by_breaker(), trips=(trip,)).breakers.latched == {}, "it was reset"
    still = Case(halt=by_breaker(), trips=(trip,), latched=(trip,))
    assert still.breakers.latched == {"A05": trip}
    assert trips(still.effects) == []
    # Another one, of the same code and not the same moment, is in it.
    older = a_trip("A05", time_ms=NOW_MS - 90_000)
    assert trips(Case(halt=by_breaker(), trips=(older,)).effects) == ["A05"]


@pytest.mark.parametrize(
    "halt",
    [
        by_breaker(actor="anna"),
        by_breaker("breaker A05 tripped in an earlier run and was not reset"),
        by_breaker(""),
    ],
)
def test_halt_that_names_no_trip_latches_none(halt: HaltInfo) -> None:
    case = Case(halt=halt)
    assert (case.breakers.latched, trips(case.effects)) == ({}, [])


@pytest.mark.requirement("F14")
def test_loss_by_the_hour_that_only_the_halt_file_knows_is_latched_again() -> None:
    case = Case(halt=by_breaker("A03-1h 2.1 % of 1,000"), first=None)
    assert list(case.breakers.latched) == ["A03-1h"]


@pytest.mark.requirement("F14")
def test_trips_beside_a_halt_of_others_are_latched_again_as_well() -> None:
    at = NOW_MS - 60_000
    noted = (
        NotedTrip("A05 equity was unknown", at),
        NotedTrip("A13 orders became UNKNOWN", at, "another account"),
        NotedTrip("A16 dead-man", at),
        NotedTrip("no code at all", at),
    )
    case = Case(halt=HaltInfo("ann", "by hand", at, trips=noted), first=None)
    assert trips(case.effects) == ["A05", "A16"]
    assert sorted(case.breakers.latched) == ["A05", "A16"]


@pytest.mark.requirement("F14")
def test_trip_in_a_halt_of_others_reaches_the_halt_file() -> None:
    case = Case(halt=HaltInfo("ann", "by hand", NOW_MS))
    case.see(None)
    effects = case.see(None, wait_ms=3_600_000)
    assert trips(effects) == ["A05"]
    assert [one.actor for one in effects if isinstance(one, StateChanged)] == ["breaker"]


@pytest.mark.requirement("A01")
@pytest.mark.requirement("F14")
def test_trip_survives_a_restart_and_halts_again() -> None:
    case = Case(latched=(a_trip("A01"), a_trip("A13")), trips=(a_trip("A13"), a_trip("A01")))
    assert case.state is HALTED
    assert isinstance(case.effects[0], StateChanged)
    assert sorted(case.breakers.latched) == ["A01", "A13"]
    assert [trip.code for trip in case.breakers.trips] == ["A13", "A01"]
    assert case.breakers.entry_denial().endswith("botcore reset-breaker A01 --reason TEXT")


@pytest.mark.requirement("A01")
def test_midnight_lets_go_of_nothing() -> None:
    case = Case(latched=(a_trip("A01"),))
    case.see("1000", wait_ms=DAY_MS)
    assert case.breakers.tier() is Tier.TRIPPED
    assert case.breakers.gauges()[0].is_latched


@pytest.mark.requirement("A01")
def test_day_whose_start_is_unknown_lets_only_reducing_orders_through() -> None:
    case = Case(was_active_today=True)
    assert case.state is REDUCING
    assert case.breakers.tier() is Tier.REDUCE
    assert case.breakers.entry_denial() == DAY_START_UNKNOWN
    assert case.reset("A01").startswith(DAY_START_UNKNOWN)
    assert case.reset("A01", rebases=True) == ""
    assert case.breakers.entry_denial() == ""
    case.standing.state = ACTIVE
    case.see("1000")
    assert case.state is ACTIVE


# --- by name ------------------------------------------------------------------------------------


@pytest.mark.requirement("K7")
@pytest.mark.parametrize(("actor", "reason"), [(" ", "known"), ("ann", "")])
def test_breaker_is_not_reset_without_a_name_and_a_reason(actor: str, reason: str) -> None:
    case = Case(latched=(a_trip(),))
    told = case.reset("A01", actor=actor, reason=reason)
    assert told == "a breaker is reset by name only: give actor and reason"
    assert "A01" in case.breakers.latched


def test_breaker_that_is_not_latched_cannot_be_reset() -> None:
    case = Case(latched=(a_trip("A02"),))
    assert case.reset("A01") == "breaker A01 is not latched"
    assert Case().reset("A99", rebases=True) == "breaker A99 is not latched"


@pytest.mark.requirement("A01")
def test_reset_is_refused_while_the_loss_is_at_its_limit_and_rebase_counts_anew() -> None:
    case = Case()
    case.see("940")
    assert case.reset("A01").startswith("still at its limit: daily loss 6.00 %")
    assert case.reset("A01", rebases=True) == ""
    anchor, reset = rows_of(case.effects)
    assert isinstance(anchor, AnchorRow)
    assert (anchor.kind, anchor.actor) == ("day", "ann")
    assert anchor.equity == 940
    assert isinstance(reset, ResetRow)
    assert (reset.code, reset.is_rebased, reset.actor) == ("A01", True, "ann")
    assert isinstance(case.effects[-1], Record)
    assert sorted(case.breakers.latched) == ["A03-1h", "A03-24h"]
    assert case.state is HALTED
    assert case.breakers.gauges()[0].used_amount == 0


@pytest.mark.requirement("A02")
def test_drawdown_is_no_latch_for_ever() -> None:
    case = Case(high_water=an_anchor("high_water", "2000"))
    assert "A02" in case.breakers.latched
    assert case.reset("A02", rebases=True) == ""
    case.see("1000")
    assert case.breakers.latched == {}
    assert case.breakers.anchors.base("high_water") == 1000


def test_breaker_whose_loss_is_gone_is_reset_without_a_rebase() -> None:
    case = Case()
    case.see("940")
    case.see("1000")
    assert case.reset("A01") == ""
    (reset,) = rows_of(case.effects)
    assert isinstance(reset, ResetRow)
    assert not reset.is_rebased


@pytest.mark.requirement("A05")
def test_nothing_is_reset_while_equity_is_unknown() -> None:
    case = Case()
    case.see("940")
    case.see(None)
    case.see(None, wait_ms=30_000)
    for code in ("A01", "A05"):
        for rebases in (False, True):
            assert "known" in case.reset(code, rebases=rebases)
    case.see("1000")
    case.see("1000")
    assert case.reset("A05") == ""


@pytest.mark.requirement("F15")
def test_nothing_is_rebased_on_a_strange_wallet_or_on_nothing() -> None:
    case = Case()
    case.see("940")
    case.breakers.evaluate(Reading(Decimal(400), Decimal(940)), NOW_MS)
    assert case.reset("A01", rebases=True) == "equity is not known now: wait for the account"
    case.see("0")
    assert case.reset("A01", rebases=True) == "equity is 0: there is nothing to lose"
