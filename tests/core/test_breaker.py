"""Breakers: they trip once, stay latched over restarts, and only a name lets go of them."""

from decimal import Decimal

import pytest
from breaker_builders import Case, trips
from order_builders import NOW_MS
from risk_builders import (
    MIDNIGHT_MS,
    an_anchor,
    rows_of,
)

from botcore_tui.core.breaker import BreakerLimits, OnTrip, Reading
from botcore_tui.model.event import Append, Effect, StateChanged, TradingState
from botcore_tui.model.ledger import TripRow
from botcore_tui.model.risk import Tier

ACTIVE, REDUCING, HALTED = TradingState.ACTIVE, TradingState.REDUCING, TradingState.HALTED


# --- losses -------------------------------------------------------------------------------------


@pytest.mark.requirement("A01")
@pytest.mark.requirement("K1")
def test_daily_loss_at_its_limit_latches_before_anything_else() -> None:
    case = Case(limits=BreakerLimits(hour_loss_pct=Decimal(50), rolling_day_loss_pct=Decimal(50)))
    assert trips(case.see("950.01")) == []
    effects = case.see("950")
    row = rows_of(effects)[0]
    assert isinstance(row, TripRow)
    assert (row.code, row.action, row.time_ms) == ("A01", "hold", NOW_MS)
    assert [row.observed, row.limit, row.amount, row.limit_amount] == [5, 5, 50, 50]
    assert [type(effect) for effect in effects[:2]] == [Append, StateChanged]
    assert case.state is HALTED
    assert case.standing.halt is not None
    assert case.standing.halt.actor == "breaker"
    assert case.standing.halt.reason == (
        "A01 daily loss 5.00 % (50.00 of 1000.00 USDT, equity at 00:00 UTC), limit 5 % (50.00 USDT)"
    )
    assert case.breakers.tier() is Tier.TRIPPED
    assert trips(case.see("900")) == []


@pytest.mark.requirement("A02")
def test_drawdown_is_from_the_highest_ever_and_not_from_the_start() -> None:
    wide = BreakerLimits(hour_loss_pct=Decimal(50))
    case = Case(limits=wide, high_water=an_anchor("high_water", "1120"))
    assert trips(case.see("953")) == []
    assert trips(case.see("952", wait_ms=1)) == ["A02"]


@pytest.mark.requirement("A03")
def test_loss_within_an_hour_trips_though_a_day_began_in_between() -> None:
    case = Case(first=None, time_ms=MIDNIGHT_MS - 1_000)
    case.now = MIDNIGHT_MS - 1_000
    case.see("1000")
    case.see("990", wait_ms=2_000)
    assert trips(case.see("980", wait_ms=1_000)) == ["A03-1h"]
    assert case.breakers.gauges()[0].used_amount == 10


@pytest.mark.requirement("A03")
def test_slow_loss_trips_over_24_hours_and_not_within_an_hour() -> None:
    case = Case()
    told: list[Effect] = []
    for number in range(1, 21):
        told += case.see(str(1000 - number * 2), wait_ms=3_000_000)
    assert trips(told) == []
    assert trips(case.see("949", wait_ms=3_000_000)) == ["A03-24h"]


@pytest.mark.requirement("A04")
@pytest.mark.parametrize(
    ("equity", "tier", "entry", "add"),
    [
        ("991", Tier.CLEAR, "", ""),
        ("990", Tier.WARN, "", "half of a limit is used"),
        ("984", Tier.REDUCE, "80 % of a limit is used", "80 % of a limit is used"),
    ],
)
def test_tiers_stop_adding_first_and_entries_then(
    equity: str, tier: Tier, entry: str, add: str
) -> None:
    case = Case()
    case.see(equity)
    assert case.breakers.tier() is tier
    assert case.breakers.entry_denial().startswith(entry)
    assert bool(case.breakers.entry_denial()) is bool(entry)
    assert case.breakers.entry_denial(is_add=True).startswith(add)
    assert case.state is (REDUCING if tier is Tier.REDUCE else ACTIVE)


def test_flattening_is_asked_for_where_it_is_configured() -> None:
    case = Case(limits=BreakerLimits(on_trip=OnTrip.FLATTEN))
    case.see("900")
    assert case.breakers.wants_flat
    assert {trip.action for trip in case.breakers.trips} == {"flatten"}
    calm = Case()
    calm.see("900")
    assert not calm.breakers.wants_flat


def test_limits_may_become_tighter_while_it_runs() -> None:
    case = Case()
    case.breakers.limit(BreakerLimits(daily_loss_pct=Decimal(3), drawdown_pct=Decimal(10)))
    case.see("975")
    assert [gauge.limit_pct for gauge in case.breakers.gauges()] == [3, 10, 2, 5]
    assert "A01" not in case.breakers.latched
    assert case.breakers.day_left == 5


# --- equity that is unknown, or strange ---------------------------------------------------------


@pytest.mark.requirement("A05")
@pytest.mark.requirement("F15")
def test_unknown_equity_reduces_after_ten_seconds_and_halts_after_thirty() -> None:
    case = Case()
    case.see(None)
    assert case.breakers.entry_denial() == "equity is not known (A05): wait for the account"
    case.see(None, wait_ms=9_999)
    assert case.state is ACTIVE
    case.see(None, wait_ms=1)
    assert case.state is REDUCING
    assert trips(case.see(None, wait_ms=19_999)) == []
    assert trips(case.see(None, wait_ms=1)) == ["A05"]
    assert trips(case.see(None, wait_ms=1)) == []
    assert case.state is HALTED


@pytest.mark.requirement("A05")
def test_equity_that_comes_back_in_time_begins_the_wait_anew() -> None:
    case = Case()
    for _ in range(5):
        case.see(None)
        case.see(None, wait_ms=9_000)
        case.see("1000", wait_ms=1)
    assert case.state is ACTIVE


def test_equity_is_not_missed_before_the_venue_told_of_the_account() -> None:
    case = Case(first=None)
    for wait_ms in (0, 60_000):
        case.breakers.evaluate(None, NOW_MS + wait_ms, is_expected=False)
    assert case.state is ACTIVE
    assert case.breakers.tier() is Tier.UNKNOWN
    assert case.breakers.entry_denial() == ""  # it is not reconciled, which the gate sees


@pytest.mark.requirement("F15")
def test_limit_that_is_nearly_used_lets_only_reducing_orders_through_though_unknown() -> None:
    case = Case()
    case.see("984")
    case.see(None)
    assert case.breakers.tier() is Tier.REDUCE
    assert case.breakers.entry_denial()


@pytest.mark.requirement("F15")
def test_account_without_money_lets_nothing_through() -> None:
    case = Case(first="0")
    assert case.breakers.entry_denial().startswith("losses cannot be told")
    assert case.state is ACTIVE


@pytest.mark.requirement("A01")
@pytest.mark.requirement("F15")
def test_change_of_the_wallet_without_a_reason_trips_nothing_at_once_and_denies_entries() -> None:
    case = Case()
    case.breakers.evaluate(Reading(Decimal(400), Decimal(1000)), NOW_MS)
    assert case.state is ACTIVE
    assert case.breakers.entry_denial() == (
        "the wallet changed by -600.00 USDT, nobody said why: wait"
    )
    effects = case.breakers.evaluate(Reading(Decimal(400), Decimal(940)), NOW_MS)
    assert trips(effects) == ["A01", "A03-1h", "A03-24h"]


# --- what is no loss ----------------------------------------------------------------------------


@pytest.mark.requirement("A13")
def test_third_unknown_order_within_five_minutes_halts() -> None:
    case = Case()
    for wait_ms in (0, 1, 300_000):
        assert trips(case.breakers.on_unknown_order(NOW_MS + wait_ms)) == []
    assert trips(case.breakers.on_unknown_order(NOW_MS + 300_000)) == ["A13"]
    assert trips(case.breakers.on_unknown_order(NOW_MS + 300_001)) == []
    assert case.state is HALTED
    assert case.reset("A13") == ""
    assert trips(case.breakers.on_unknown_order(NOW_MS + 300_002)) == []


@pytest.mark.requirement("A14")
@pytest.mark.parametrize(("seconds", "state"), [(1.0, ACTIVE), (1.1, REDUCING)])
def test_engine_that_stood_still_reduces(seconds: float, state: TradingState) -> None:
    case = Case()
    case.breakers.on_lag(seconds, NOW_MS)
    assert case.state is state


@pytest.mark.requirement("A16")
def test_dead_man_that_is_not_confirmed_halts_once() -> None:
    case = Case()
    assert trips(case.breakers.on_dead_man("BTCUSDT", 2, "timeout", NOW_MS)) == ["A16"]
    assert trips(case.breakers.on_dead_man("BTCUSDT", 3, "timeout", NOW_MS)) == []
    assert case.reset("A16") == ""
