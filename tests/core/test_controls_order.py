"""P04 and P05: numbers that are none, and what the venue would refuse."""

from decimal import Decimal

import pytest
from desk_stage import RULES
from gate_stage import AROUND, BUY, EXIT, LIMIT, STRICT, code, denial, proposal_of
from msgspec.structs import replace
from order_builders import a_stop_request

from botcore_tui.core.controls_order import MOST_ALGO_ORDERS, P04, P05, not_positive
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderRequest, OrderType

RICH: dict[str, object] = {
    "equity": Decimal(10_000_000),
    "capital": Decimal(10_000_000),
    "limits": replace(STRICT, max_order_notional=Decimal(0)),
}


@pytest.mark.requirement("P04")
@pytest.mark.requirement("R39")
@pytest.mark.parametrize("number", ["NaN", "sNaN", "Infinity", "0", "-1"])
def test_every_number_must_be_finite_and_above_zero(number: str) -> None:
    bad = Decimal(number)
    assert code(replace(BUY, quantity=bad)) == "P04"
    assert code(replace(LIMIT, price=bad)) == "P04"
    assert code(BUY, number) == "P04"
    assert code(BUY, "95", mark=bad) == "P04"
    assert code(replace(EXIT, quantity=bad), None) == "P04"
    assert code(replace(EXIT, trigger_price=bad), None) == "P04"
    found = not_positive(price=bad)
    assert found is not None
    assert found.observed == str(bad)


@pytest.mark.requirement("P04")
@pytest.mark.parametrize("number", ["1E+31", "1E+999999999999999999", "1E-31", "1E-400000000"])
def test_number_that_could_not_be_written_out_is_denied(number: str) -> None:
    huge = Decimal(number)
    assert code(replace(BUY, quantity=huge)) == "P04"
    assert code(BUY, number) == "P04"
    assert code(replace(EXIT, trigger_price=huge), None) == "P04"
    found = not_positive(target=huge)
    assert found is not None
    assert "further than 30 places" in found.what
    assert not_positive(price=Decimal("1E+30"), stop=Decimal("1E-30")) is None


@pytest.mark.requirement("P04")
def test_limit_order_needs_a_price_and_what_closes_all_no_quantity() -> None:
    assert code(replace(LIMIT, price=None)) == "P04"
    assert code(a_stop_request(trigger_price="95"), None) == ""


@pytest.mark.requirement("P05")
@pytest.mark.parametrize(
    "request_",
    [
        replace(BUY, quantity=Decimal("0.0005")),
        replace(BUY, quantity=Decimal("1.0005")),
        replace(BUY, quantity=Decimal(501)),
        replace(BUY, quantity=Decimal("0.049")),
        replace(LIMIT, quantity=Decimal(1_001)),
        replace(LIMIT, quantity=Decimal("0.049")),
        replace(LIMIT, price=Decimal("99.95")),
        replace(LIMIT, price=Decimal("150.1")),
        replace(LIMIT, price=Decimal(100_001)),
        replace(LIMIT, side=Side.SELL, price=Decimal("49.9")),
    ],
    ids=lambda request: f"{request.type} {request.quantity} {request.price}",
)
def test_what_the_filters_of_the_venue_would_refuse_is_denied(request_: OrderRequest) -> None:
    assert code(request_, "95" if request_.side is Side.BUY else "105", **RICH) == "P05"


@pytest.mark.requirement("P05")
def test_trigger_off_the_tick_is_denied_and_unknown_rules_deny_all_but_a_close() -> None:
    stop = a_stop_request(close_position=False, quantity="1", trigger_price="95.05")
    assert code(stop, None) == "P05"
    assert code(replace(stop, trigger_price=Decimal(95)), None) == ""
    assert (code(rules=None), code(EXIT, None, rules=None)) == ("P05", "P05")
    assert code(a_stop_request(), None, rules=None) == ""


@pytest.mark.requirement("P05")
@pytest.mark.requirement("F19")
def test_contract_that_is_not_trading_takes_no_entry_and_lets_its_position_go() -> None:
    rules = replace(RULES, status="SETTLING")
    found = denial(BUY, "95", rules=rules)
    assert found is not None
    assert (found.code, found.observed) == ("P05", "SETTLING")
    assert code(EXIT, None, rules=rules) == ""


@pytest.mark.requirement("P05")
def test_reducing_order_may_be_small_and_needs_no_mark() -> None:
    small = replace(EXIT, quantity=Decimal("0.001"))
    assert code(small, None) == ""
    resting = replace(small, type=OrderType.LIMIT, price=Decimal(100))
    assert code(resting, None, mark=None) == ""


@pytest.mark.requirement("P05")
def test_old_rules_and_full_books_stop_entries_only() -> None:
    for around in (
        {"rules_age_ms": 86_400_001},
        {"rules_age_ms": None},
        {"open_orders": 200},
        {"open_algo_orders": MOST_ALGO_ORDERS},
    ):
        assert (code(BUY, "95", **around), code(EXIT, None, **around)) == ("P05", "")
    assert code(rules_age_ms=86_400_000, open_orders=199, open_algo_orders=199) == ""
    assert code(open_orders=10_000, rules=RULES) == ""


def test_what_is_seen_is_told() -> None:
    assert P04.look(proposal_of(), AROUND).value == "quantity 1"
    assert P05.look(proposal_of(), AROUND).value == "TRADING"
    assert P05.look(proposal_of(), AROUND).age_ms == 1_000
    assert P05.look(proposal_of(), replace(AROUND, rules=None)).value == "unknown"
