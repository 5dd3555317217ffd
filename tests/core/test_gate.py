"""The gate asks its controls in order, and whatever is missing, absurd or broken denies."""

from decimal import Decimal

import pytest
from desk_stage import RULES
from gate_stage import AROUND, BUY, EXIT, LIMIT, NAN, STRICT, ZERO, code, denial, proposal_of
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields, replace
from order_builders import NOW_MS, a_stop_request

from botcore_tui.core.gate import (
    FOR_BLIND_PROTECTION,
    FOR_ENTRIES,
    FOR_KILLING,
    FOR_PROTECTION,
    FOR_REDUCING,
    Denial,
    Proposal,
    Surroundings,
    first_denial,
    first_of,
)
from botcore_tui.model.event import TradingState
from botcore_tui.model.market import Side

ALL = tuple(f"P{number:02}" for number in range(1, 25))


def test_good_orders_pass() -> None:
    assert (code(), code(LIMIT), code(EXIT, None), code(a_stop_request(), None)) == ("",) * 4


@pytest.mark.requirement("R15")
def test_controls_apply_as_the_table_says_and_in_its_order() -> None:
    assert tuple(each.code for each in FOR_ENTRIES) == ALL
    assert [each.code for each in FOR_REDUCING] == ["P02", "P04", "P05", "P16", "P18"]
    assert [each.code for each in FOR_PROTECTION] == ["P02", "P04", "P05", "P16"]
    assert [each.code for each in FOR_KILLING] == ["P02", "P04", "P05"]
    assert [each.code for each in FOR_BLIND_PROTECTION] == ["P02", "P04", "P16"]
    assert all(each.name for each in FOR_ENTRIES)


def test_denial_says_what_limit_value_actor_and_remedy() -> None:
    found = denial(LIMIT, "95", mark_age_ms=6_000)
    assert found == Denial(
        "P09", "the mark price is 6.0 s old", "at most 5 s", "6.0 s", "wait for the feed", "test"
    )
    assert found.text == "the mark price is 6.0 s old, at most 5 s: wait for the feed"


WORST: dict[str, object] = {
    "is_trading_enabled": False,
    "state": TradingState.HALTED,
    "symbols": (),
    "mark": None,
    "mark_age_ms": None,
    "gross_notional": None,
    "exposed_symbols": frozenset({"A", "B", "C", "D"}),
    "equity": None,
    "trouble": "everything",
    "is_ledger_writable": False,
    "last_requests": (EXIT,),
    "breaker_denial": "A01",
    "phase_trouble": "band",
    "capital": None,
    "day_left": ZERO,
    "rules_age_ms": None,
    "open_orders": 10_000,
    "open_algo_orders": 10_000,
    "minute_volume": ZERO,
    "is_book_live": False,
    "bid": None,
    "ask": None,
    "depth": (),
    "mark_skew_ms": None,
    "venue_leverage": None,
    "margin_type": "",
    "is_one_way": False,
    "own_opposite": (Decimal(100),),
    "strategy_tokens": ZERO,
    "account_tokens": Decimal(1),
    "account_reserve": Decimal(2),
    "disabled": "P19",
    "orders_10min": 10_000,
    "funding_rate": None,
    "clock": None,
}


@pytest.mark.requirement("K10")
@pytest.mark.requirement("R05")
def test_order_that_reduces_passes_in_the_worst_of_worlds() -> None:
    assert code(EXIT, None, **WORST) == ""
    assert code(a_stop_request(), None, **WORST) == ""
    assert code(BUY, "95", **WORST) == "P01"


@pytest.mark.parametrize("name", sorted(WORST))
def test_each_part_of_it_alone_denies_an_entry_or_is_no_input(name: str) -> None:
    harmless = {"account_reserve", "last_requests", "minute_volume"}
    harmless_alone = {"depth", "bid", "ask", "own_opposite"} & {name}
    found = code(BUY, "95", **{name: WORST[name]})
    assert found != "" or name in harmless | harmless_alone


@pytest.mark.requirement("F15")
@pytest.mark.parametrize(
    "around",
    [
        {"equity": NAN},
        {"gross_notional": NAN},
        {"mark_age_ms": "old"},
        {"rules": replace(RULES, step=ZERO, market_step=ZERO)},
        {"day_left": NAN},
        {"capital": NAN},
        {"minute_volume": NAN},
        {"account_tokens": NAN},
        {"working": NAN},
        {"funding_rate": NAN, "funding_time_ms": NOW_MS},
        {"depth": (("x", "y"),)},
        {"symbols": None},
        {"clock": "late"},
    ],
    ids=lambda around: next(iter(around)),
)
def test_input_that_is_no_number_is_a_defect_that_denies(around: dict[str, object]) -> None:
    found = denial(BUY, "95", **around)
    assert found is not None
    assert found.code == "GATE_ERROR"
    assert found.remedy == "this is a defect, nothing was sent"
    assert found.actor == "test"


class FatalError(RuntimeError):
    """Whatever a control may raise."""


def test_control_that_raises_anything_denies() -> None:
    def broken(_proposal: Proposal, _around: Surroundings) -> None:
        raise FatalError

    control = replace(FOR_ENTRIES[0], check=broken)
    found = first_of((control,), proposal_of(), AROUND)
    assert found is not None
    assert (found.code, found.observed) == ("GATE_ERROR", "FatalError")


numbers = st.decimals(allow_nan=True, allow_infinity=True) | st.none()
signed = st.decimals(allow_nan=True, allow_infinity=True)


@pytest.mark.requirement("F15")
@pytest.mark.requirement("R06")
@given(
    quantity=signed,
    stop=numbers,
    side=st.sampled_from(Side),
    around=st.fixed_dictionaries(
        {},
        optional={
            "mark": numbers,
            "equity": numbers,
            "gross_notional": numbers,
            "capital": numbers,
            "day_left": numbers,
            "minute_volume": numbers,
            "working": signed,
            "state": st.sampled_from(TradingState),
            "breaker_denial": st.sampled_from(["", "A01 tripped"]),
            "binding_trouble": st.sampled_from(["", "another key"]),
            "mark_age_ms": st.none() | st.integers(-10_000, 10_000),
            "is_book_live": st.booleans(),
        },
    ),
)
def test_no_entry_passes_that_is_tripped_stale_unbound_or_over_a_limit(
    quantity: Decimal, stop: Decimal | None, side: Side, around: dict[str, object]
) -> None:
    request = replace(BUY, quantity=quantity, side=side)
    now = replace(AROUND, **around)
    if first_denial(replace(proposal_of(request), stop_price=stop), now) is not None:
        return
    assert now.state is TradingState.ACTIVE
    assert not now.breaker_denial
    assert not now.binding_trouble
    assert now.is_book_live
    assert stop is not None
    assert now.mark is not None
    assert now.mark_age_ms is not None
    assert now.mark_age_ms <= 5_000
    assert now.equity is not None
    assert now.gross_notional is not None
    assert now.day_left is not None
    assert (stop < now.mark) is (side is Side.BUY)
    loss = quantity * abs(now.mark - stop)
    assert loss <= now.equity / 100
    assert loss <= now.day_left
    assert now.gross_notional + quantity * now.mark <= 3 * now.equity
    assert quantity * now.mark <= STRICT.max_order_notional


KEPT = {"binding_trouble", "is_used_id", "account_tokens", "rules", "limits", "time_ms"}
"""What a reducing order may meet: P02, P16, P18's reserve and the venue's own filters."""
OTHERS = sorted({field.name for field in fields(Surroundings)} - KEPT)


@pytest.mark.requirement("K10")
@given(
    around=st.dictionaries(
        st.sampled_from(OTHERS),
        st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=3),
        max_size=12,
    )
)
def test_nothing_but_the_table_ever_blocks_an_order_that_reduces(
    around: dict[str, object],
) -> None:
    mine = {name: value for name, value in around.items() if name != "mark"}
    assert code(EXIT, None, **mine) == ""
