"""Breakers: they trip once, stay latched over restarts, and only a name lets go of them."""

from decimal import Decimal

import pytest
from order_builders import NOW_MS
from risk_builders import (
    DAY_MS,
    MIDNIGHT_MS,
    a_memory,
    a_reading,
    a_reset,
    a_trip,
    an_anchor,
    rows_of,
)

from botcore_tui.core.breaker import DAY_START_UNKNOWN, BreakerLimits, Breakers, OnTrip, Reading
from botcore_tui.core.standing import Standing
from botcore_tui.model.event import Append, Effect, Record, StateChanged, TradingState
from botcore_tui.model.ledger import AnchorRow, ResetRow, TripRow
from botcore_tui.model.risk import Tier
from botcore_tui.model.snapshot import HaltInfo

ACTIVE, REDUCING, HALTED = TradingState.ACTIVE, TradingState.REDUCING, TradingState.HALTED


class Case:
    """Breakers with a state to move, at a thousand USDT."""

    def __init__(
        self,
        *,
        limits: BreakerLimits | None = None,
        first: str | None = "1000",
        halt: HaltInfo | None = None,
        **memory: object,
    ) -> None:
        recollection = a_memory(**memory)  # type: ignore[arg-type]  # any field can be given
        self.standing = Standing() if halt is None else Standing(HALTED, halt)
        self.breakers = Breakers(limits or BreakerLimits(), self.standing, recollection)
        self.effects = self.breakers.restore(recollection)
        self.now = NOW_MS
        if first is not None:
            self.see(first)

    @property
    def state(self) -> TradingState:
        return self.standing.state

    def see(self, equity: str | None, *, wait_ms: int = 0) -> list[Effect]:
        """Equity, or that it is unknown."""
        self.now += wait_ms
        reading = None if equity is None else a_reading(equity)
        return self.breakers.evaluate(reading, self.now)

    def reset(
        self,
        code: str = "A01",
        *,
        rebases: bool = False,
        actor: str = "ann",
        reason: str = "looked at",
    ) -> str:
        """Reset by name; why not."""
        command = a_reset(code, rebases=rebases, actor=actor, reason=reason)
        effects, denial = self.breakers.reset(command)
        self.effects = effects
        return "" if denial is None else denial.text


def trips(effects: list[Effect]) -> list[str]:
    return [row.code for row in rows_of(effects) if isinstance(row, TripRow)]


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


# --- restart ------------------------------------------------------------------------------------


def by_breaker(reason: str = "A05 equity was unknown for 30 s", actor: str = "breaker") -> HaltInfo:
    return HaltInfo(actor, reason, NOW_MS - 60_000)


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
