"""P16-P18, P20: repeats, our own orders, rates."""

from decimal import Decimal

import pytest
from gate_stage import AROUND, BUY, EXIT, LIMIT, STRICT, code, limited, proposal_of
from msgspec.structs import replace
from order_builders import a_stop_request

from botcore_tui.core.controls_flow import P16, P17, P18, P20
from botcore_tui.model.market import Side


@pytest.mark.requirement("P16")
def test_same_order_within_a_second_is_a_repeat_and_one_of_another_hand_is_not() -> None:
    assert code(last_requests=(BUY,)) == "P16"
    assert code(last_requests=(replace(BUY, actor="other"),)) == ""
    assert code(EXIT, None, last_requests=(EXIT,)) == ""


@pytest.mark.requirement("P16")
@pytest.mark.requirement("F02b")
def test_no_order_of_any_kind_has_an_id_that_was_used() -> None:
    for request, stop in ((BUY, "95"), (EXIT, None), (a_stop_request(), None)):
        assert code(request, stop, is_used_id=True) == "P16"


@pytest.mark.requirement("P17")
@pytest.mark.parametrize(("own", "expected"), [("100.2", "P17"), ("100.3", "P17"), ("100.4", "")])
def test_limit_order_does_not_meet_one_of_ours(own: str, expected: str) -> None:
    asked = replace(LIMIT, price=Decimal("100.3"))
    assert code(asked, "95", own_opposite=(Decimal(105), Decimal(own))) == expected
    mirrored = replace(asked, side=Side.SELL, price=Decimal("99.7"))
    mine = (Decimal(95), 200 - Decimal(own))
    assert code(mirrored, "105", own_opposite=mine) == expected


@pytest.mark.requirement("P17")
def test_market_order_does_not_reach_one_of_ours() -> None:
    assert code(BUY, "95", own_opposite=(Decimal("100.5"),)) == "P17"
    assert code(BUY, "95", own_opposite=(Decimal("100.6"),)) == ""
    free = replace(STRICT, slippage_pct=None)
    assert code(BUY, "95", own_opposite=(Decimal("100.6"),), limits=free) == "P17"
    sell = replace(BUY, side=Side.SELL)
    depth = ((99.99, 10.0),)
    assert code(sell, "105", own_opposite=(Decimal("99.5"),), depth=depth) == "P17"
    assert code(sell, "105", own_opposite=(Decimal("99.4"),), depth=depth) == ""
    assert code(EXIT, None, own_opposite=(Decimal("99.5"),)) == ""
    assert P17.check(proposal_of(), replace(AROUND, own_opposite=(Decimal(1),), mark=None)) is None


@pytest.mark.requirement("P18")
@pytest.mark.requirement("F16")
def test_entries_stop_before_the_reserve_and_reducing_orders_use_it() -> None:
    assert code(strategy_tokens=Decimal("0.9")) == "P18"
    assert code(strategy_tokens=None) == ""
    assert code(account_tokens=Decimal("2.9")) == "P18"
    assert code(account_tokens=Decimal(3)) == ""
    assert code(account_tokens=None) == ""
    assert code(EXIT, None, account_tokens=Decimal(1), strategy_tokens=Decimal(0)) == ""
    assert code(EXIT, None, account_tokens=Decimal("0.9")) == "P18"
    assert code(EXIT, None, account_tokens=None) == ""


@pytest.mark.requirement("P20")
def test_too_many_orders_for_each_fill_wait() -> None:
    assert (code(orders_10min=49), code(orders_10min=50)) == ("", "P20")
    assert code(orders_10min=99, fills_10min=2) == ""
    assert code(orders_10min=100, fills_10min=2) == "P20"
    assert code(EXIT, None, orders_10min=100) == ""
    assert limited(orders_per_fill=None) == ""


def test_what_is_seen_is_told() -> None:
    asked = proposal_of()
    assert P16.look(asked, AROUND).value == "0 orders in the last second"
    assert P17.look(asked, AROUND).value == "0 of ours on the other side"
    assert P18.look(asked, AROUND).value == "10.0 may be sent now"
    assert P18.look(asked, replace(AROUND, account_tokens=None)).value == "not watched"
    assert P20.look(asked, AROUND).value == "0 orders, 0 filled"
    free = replace(AROUND, limits=replace(STRICT, orders_per_fill=None))
    assert P20.look(asked, free).value == "not watched"
