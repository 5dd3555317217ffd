"""P01-P03, P10, P19, P22-P24: what must stand before anything is sent."""

import pytest
from gate_stage import (
    ALL_SCOPES,
    AROUND,
    BUY,
    CLOCK,
    EXIT,
    STRICT,
    code,
    limited,
    proposal_of,
    text,
)
from msgspec.structs import replace
from order_builders import NOW_MS

from botcore_tui.core.gate import FOR_ENTRIES, Proposal, first_denial
from botcore_tui.model.command import Scope
from botcore_tui.model.event import TradingState
from botcore_tui.model.ledger import OverrideRow
from botcore_tui.model.order import OrderRequest

MINUTE_MS = 60_000


def override(**changes: object) -> OverrideRow:
    row = OverrideRow(
        limit="risk.max_leverage",
        value=STRICT.max_leverage * 2,
        normal=STRICT.max_leverage,
        actor="ann",
        reason="hedge",
        until_ms=NOW_MS + 60 * MINUTE_MS,
        time_ms=NOW_MS,
    )
    return replace(row, **changes)


@pytest.mark.requirement("P01")
@pytest.mark.requirement("R06")
@pytest.mark.parametrize(
    ("around", "said"),
    [
        ({"is_trading_enabled": False}, "trading is not enabled: start with --enable-trading"),
        (
            {"state": TradingState.HALTED},
            "trading is HALTED: only reducing orders pass: resume with F9",
        ),
        (
            {"state": TradingState.REDUCING},
            "trading is REDUCING: only reducing orders pass: resume once more with F9",
        ),
        (
            {"state": TradingState.HALTED, "latched": "A01"},
            (
                "trading is HALTED: only reducing orders pass: reset it first:"
                " botcore reset-breaker A01 --reason TEXT"
            ),
        ),
        ({"breaker_denial": "breaker A01 is latched"}, "breaker A01 is latched"),
        ({"phase_trouble": "capital is outside the band"}, "capital is outside the band"),
    ],
    ids=["disabled", "halted", "reducing", "latched", "tripped", "band"],
)
def test_entry_needs_active_trading_without_trip_and_within_the_phase(
    around: dict[str, object], said: str
) -> None:
    assert (code(BUY, "95", **around), text(BUY, "95", **around)) == ("P01", said)
    assert code(EXIT, None, **around) == ""


@pytest.mark.requirement("P02")
def test_nothing_at_all_is_sent_to_an_account_that_was_not_confirmed() -> None:
    around: dict[str, object] = {"binding_trouble": "the account is another"}
    assert (code(BUY, "95", **around), code(EXIT, None, **around)) == ("P02", "P02")
    assert "confirm the account anew" in text(BUY, "95", **around)


@pytest.mark.requirement("P03")
def test_entry_needs_a_followed_symbol_that_is_allowed() -> None:
    assert code(symbols=("ETHUSDT",)) == "P03"
    assert limited(symbols=frozenset({"ETHUSDT"})) == "P03"
    assert limited(symbols=None) == ""


def asked(request: OrderRequest, scopes: tuple[Scope, ...], **around: object) -> str:
    found = first_denial(
        Proposal(request, proposal_of().stop_price, scopes), replace(AROUND, **around)
    )
    return "" if found is None else found.code


@pytest.mark.requirement("P03")
@pytest.mark.parametrize(
    "scopes",
    [(), (Scope.TRADE,), (Scope.PRODUCTION,), tuple(sorted(set(ALL_SCOPES) - {Scope.TRADE}))],
    ids=lambda scopes: "+".join(scopes) or "none",
)
def test_entry_with_real_money_needs_trade_and_production(scopes: tuple[Scope, ...]) -> None:
    assert asked(BUY, scopes) == "P03"
    assert asked(BUY, scopes, is_real_money=False) == ""
    assert asked(EXIT, scopes) == ""
    assert asked(BUY, (Scope.TRADE, Scope.PRODUCTION)) == ""


@pytest.mark.requirement("P03")
def test_strategy_needs_no_token_and_an_allowed_symbol() -> None:
    def wished(symbols: frozenset[str] | None) -> str:
        limits = replace(STRICT, strategy_symbols=symbols)
        wish = replace(proposal_of(is_strategy=True), scopes=())
        found = first_denial(wish, replace(AROUND, limits=limits))
        return "" if found is None else found.code

    assert [wished(None), wished(frozenset({"BTCUSDT"}))] == ["", ""]
    assert wished(frozenset({"ETHUSDT"})) == "P03"


@pytest.mark.requirement("P10")
def test_entry_needs_an_account_that_is_known() -> None:
    assert text(BUY, "95", trouble="order a is UNKNOWN") == "order a is UNKNOWN"
    assert code(trouble="order a is UNKNOWN") == "P10"


@pytest.mark.requirement("P19")
def test_disabled_strategy_enters_nothing_until_it_is_enabled_by_name() -> None:
    assert code(disabled="P19 5 losing trades in a row") == "P19"
    assert "botcore enable-strategy" in text(disabled="P19 5 losing trades in a row")
    assert code(EXIT, None, disabled="P19 5 losing trades in a row") == ""


@pytest.mark.requirement("P22")
@pytest.mark.requirement("F13")
def test_entry_needs_a_ledger_that_can_be_written() -> None:
    assert code(is_ledger_writable=False) == "P22"


@pytest.mark.requirement("P23")
@pytest.mark.requirement("F12")
@pytest.mark.parametrize(
    "clock",
    [
        None,
        replace(CLOCK, has_stepped=True),
        replace(CLOCK, offset_ms=500.1),
        replace(CLOCK, offset_ms=-500.1),
        replace(CLOCK, uncertainty_ms=250.1),
        replace(CLOCK, offset_ms=float("nan")),
        replace(CLOCK, uncertainty_ms=float("nan")),
    ],
    ids=["unknown", "stepped", "late", "early", "uncertain", "nan", "nan doubt"],
)
def test_entry_needs_a_clock_that_is_known(clock: object) -> None:
    assert code(clock=clock) == "P23"
    assert code(EXIT, None, clock=clock) == ""
    assert code(clock=clock, limits=replace(STRICT, clock_offset_ms=None)) == ""


@pytest.mark.requirement("P23")
def test_bounds_of_the_clock_are_inclusive() -> None:
    assert code(clock=replace(CLOCK, offset_ms=-500.0, uncertainty_ms=250.0)) == ""


@pytest.mark.requirement("P24")
@pytest.mark.parametrize(
    "changes",
    [
        {"value": STRICT.max_leverage * 3},
        {"actor": ""},
        {"reason": ""},
        {"until_ms": NOW_MS},
        {"until_ms": NOW_MS + 60 * MINUTE_MS + 1},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_override_beyond_its_bounds_stops_all_entries(changes: dict[str, object]) -> None:
    assert code(overrides=(override(**changes),)) == "P24"
    assert code(EXIT, None, overrides=(override(**changes),)) == ""


@pytest.mark.requirement("P24")
def test_override_within_its_bounds_does_not() -> None:
    assert code(overrides=(override(),)) == ""


LOOKS = {each.code: each.look for each in FOR_ENTRIES}


@pytest.mark.parametrize(
    ("control", "around", "value"),
    [
        ("P01", {}, "ACTIVE"),
        ("P01", {"is_trading_enabled": False}, "not enabled"),
        ("P01", {"breaker_denial": "A01"}, "A01"),
        ("P02", {}, "as confirmed"),
        ("P02", {"binding_trouble": "other"}, "other"),
        ("P03", {}, "BTCUSDT"),
        ("P03", {"limits": replace(STRICT, symbols=None)}, "BTCUSDT"),
        ("P10", {}, "known"),
        ("P19", {}, "enabled"),
        ("P22", {}, "writable"),
        ("P22", {"is_ledger_writable": False}, "not writable"),
        ("P23", {}, "+100 ms +- 20 ms"),
        ("P23", {"clock": replace(CLOCK, has_stepped=True)}, "+100 ms +- 20 ms, stepped"),
        ("P23", {"clock": replace(CLOCK, offset_ms=-0.4)}, "+0 ms +- 20 ms"),
        ("P23", {"clock": None}, "unknown"),
        ("P23", {"limits": replace(STRICT, clock_offset_ms=None)}, "not watched"),
        ("P24", {}, "nothing is relaxed"),
        ("P24", {"overrides": (override(),)}, "risk.max_leverage 3 -> 6"),
    ],
)
def test_what_is_seen_is_told(control: str, around: dict[str, object], value: str) -> None:
    assert LOOKS[control](proposal_of(), replace(AROUND, **around)).value == value
