"""Each control denies what it is there for, with its code; what is missing denies too."""

from decimal import Decimal

import pytest
from desk_stage import LIMITS, RULES
from hypothesis import given
from hypothesis import strategies as st
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import NOW_MS, a_request, a_stop_request

from botcore_tui.core import gate
from botcore_tui.core.gate import Denial, Proposal, Surroundings, first_denial
from botcore_tui.model.event import TradingState
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderRequest, OrderType, Purpose

NAN, ZERO = Decimal("NaN"), Decimal(0)
AROUND = Surroundings(
    limits=LIMITS,
    is_trading_enabled=True,
    state=TradingState.ACTIVE,
    symbols=(SYMBOL,),
    rules=RULES,
    mark=Decimal(100),
    mark_age_ms=10,
    position=ZERO,
    opposing=ZERO,
    gross_notional=ZERO,
    exposed_symbols=frozenset(),
    equity=Decimal(10_000),
    trouble="",
    is_ledger_writable=True,
    last_requests=(),
    time_ms=NOW_MS,
)
BUY = a_request(order_type=OrderType.MARKET)
LIMIT = a_request()
EXIT = a_request(
    order_type=OrderType.MARKET, purpose=Purpose.EXIT, side=Side.SELL, reduce_only=True
)


def denial(
    request: OrderRequest = BUY, stop: str | None = "95", /, **around: object
) -> Denial | None:
    """What the gate says of it where something around is different."""
    price = None if stop is None else Decimal(stop)
    return first_denial(Proposal(request, price), replace(AROUND, **around))


def code(request: OrderRequest = BUY, stop: str | None = "95", /, **around: object) -> str:
    """The code of the refusal; empty if there is none."""
    found = denial(request, stop, **around)
    return "" if found is None else found.code


def test_good_entry_passes() -> None:
    assert (code(), code(LIMIT), code(EXIT, None)) == ("", "", "")


@pytest.mark.requirement("P01")
@pytest.mark.parametrize(
    ("around", "text"),
    [
        ({"is_trading_enabled": False}, "trading is not enabled: start with --enable-trading"),
        (
            {"state": TradingState.HALTED},
            "trading is HALTED: only reducing orders pass; resume with F9",
        ),
        (
            {"state": TradingState.REDUCING},
            "trading is REDUCING: only reducing orders pass; resume once more with F9",
        ),
    ],
)
def test_entry_needs_active_trading(around: dict[str, object], text: str) -> None:
    assert denial(BUY, "95", **around) == Denial("P01", text)


BAD = [
    pytest.param("P03", {"symbols": ("ETHUSDT",)}),
    pytest.param("P10", {"trouble": "wait"}),
    pytest.param("P22", {"is_ledger_writable": False}),
    pytest.param("P09", {"mark": None}),
    pytest.param("P09", {"mark_age_ms": None}),
    pytest.param("P09", {"mark_age_ms": 5_001}),
    pytest.param(
        "P05",
        {"rules": replace(RULES, status="SETTLING")},
    ),
    pytest.param("P11", {"position": Decimal(-1)}),
    pytest.param("P11", {"opposing": Decimal(1)}),
    pytest.param(
        "P07",
        {"limits": replace(LIMITS, max_order_notional=Decimal(99))},
    ),
    pytest.param("P15", {"equity": None}),
    pytest.param("P15", {"equity": Decimal(500)}),
    pytest.param("P12", {"gross_notional": None}),
    pytest.param("P12", {"gross_notional": Decimal(29_901)}),
    pytest.param("P12", {"exposed_symbols": frozenset({"A", "B"})}),
    pytest.param("P16", {"last_requests": (BUY,)}),
    pytest.param("GATE_ERROR", {"mark": NAN}),
    pytest.param("GATE_ERROR", {"equity": NAN}),
    pytest.param("GATE_ERROR", {"gross_notional": NAN}),
    pytest.param("GATE_ERROR", {"rules": replace(RULES, step=ZERO, market_step=ZERO)}),
    pytest.param("GATE_ERROR", {"mark_age_ms": "old"}),
]


@pytest.mark.requirement("P03")
@pytest.mark.requirement("P05")
@pytest.mark.requirement("P07")
@pytest.mark.requirement("P09")
@pytest.mark.requirement("P10")
@pytest.mark.requirement("P11")
@pytest.mark.requirement("P12")
@pytest.mark.requirement("P15")
@pytest.mark.requirement("P16")
@pytest.mark.requirement("P22")
@pytest.mark.requirement("F19")
@pytest.mark.parametrize(("expected", "around"), BAD)
def test_entry_is_denied_and_a_reducing_order_is_not(
    expected: str, around: dict[str, object]
) -> None:
    assert code(BUY, "95", **around) == expected
    if "rules" not in around or expected == "P05":
        assert code(EXIT, None, **around) == ""


def test_limits_are_inclusive() -> None:
    assert code(mark_age_ms=5_000) == ""
    assert code(limits=replace(LIMITS, max_order_notional=Decimal(100))) == ""
    assert code(gross_notional=Decimal(29_900)) == ""
    assert code(equity=Decimal("509.75")) == ""
    assert code(equity=Decimal("509.74")) == "P15"
    assert code(exposed_symbols=frozenset({"A", SYMBOL})) == ""
    assert code(exposed_symbols=frozenset({"A"})) == ""


@pytest.mark.requirement("P04")
@pytest.mark.parametrize("number", ["NaN", "sNaN", "Infinity", "0", "-1"])
def test_every_number_must_be_finite_and_above_zero(number: str) -> None:
    bad = Decimal(number)
    assert code(replace(BUY, quantity=bad)) == "P04"
    assert code(replace(LIMIT, price=bad)) == "P04"
    assert code(BUY, number) == "P04"
    assert code(replace(EXIT, quantity=bad), None) == "P04"
    assert code(replace(EXIT, trigger_price=bad), None) == "P04"


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
    around = {"equity": Decimal(10_000_000)}
    assert code(request_, "95" if request_.side is Side.BUY else "105", **around) == "P05"


@pytest.mark.requirement("P05")
def test_trigger_off_the_tick_is_denied_and_unknown_rules_deny_all_but_a_close() -> None:
    stop = a_stop_request(close_position=False, quantity="1", trigger_price="95.05")
    assert code(stop, None) == "P05"
    assert code(replace(stop, trigger_price=Decimal(95)), None) == ""
    assert (code(rules=None), code(EXIT, None, rules=None)) == ("P05", "P05")
    assert code(a_stop_request(), None, rules=None) == ""


def test_reducing_order_may_be_small_and_needs_no_mark() -> None:
    small = replace(EXIT, quantity=Decimal("0.001"))
    assert code(small, None) == ""
    resting = replace(small, type=OrderType.LIMIT, price=Decimal(100))
    assert code(resting, None, mark=None) == ""
    assert code(replace(EXIT, side=Side.BUY), None, rules=replace(RULES, status="BREAK")) == ""


@pytest.mark.requirement("P15")
def test_entry_without_a_stop_is_denied() -> None:
    assert denial(BUY, None) == Denial("P15", "no stop, no order: give a stop price")


@pytest.mark.requirement("P15")
@pytest.mark.parametrize(
    ("request_", "stop"),
    [
        (BUY, "100"),
        (BUY, "101"),
        (replace(BUY, side=Side.SELL), "100"),
        (replace(BUY, side=Side.SELL), "99"),
        (replace(LIMIT, price=Decimal(98)), "99"),
        (replace(LIMIT, price=Decimal(104)), "102"),
        (replace(LIMIT, price=Decimal(96), side=Side.SELL), "98"),
    ],
    ids=lambda each: str(each) if isinstance(each, str) else f"{each.side} {each.price}",
)
def test_stop_on_the_winning_side_is_denied(request_: OrderRequest, stop: str) -> None:
    found = denial(request_, stop)
    assert found is not None
    assert found.code == "P15"
    assert found.text.startswith("a stop of a ")


@pytest.mark.requirement("P15")
def test_price_of_a_market_order_does_not_hide_its_risk() -> None:
    big = replace(BUY, quantity=Decimal(50), price=Decimal("95.1"))
    assert code(big, "95") == "P15"


@pytest.mark.requirement("P16")
def test_same_order_of_another_hand_is_no_repeat() -> None:
    assert code(last_requests=(replace(BUY, actor="other"),)) == ""


@pytest.mark.requirement("F15")
def test_control_without_a_reference_price_fails_closed() -> None:
    with pytest.raises(ValueError, match="no reference price"):
        gate.gross_exposure(Proposal(BUY, Decimal(95)), replace(AROUND, mark=None))
    assert gate.risk_to_stop(Proposal(BUY, Decimal(95)), replace(AROUND, mark=None)) is not None


numbers = st.decimals(allow_nan=True, allow_infinity=True) | st.none()


@pytest.mark.requirement("F15")
@given(
    quantity=st.decimals(allow_nan=True),
    stop=numbers,
    mark=numbers,
    equity=numbers,
    gross=numbers,
    side=st.sampled_from(Side),
)
def test_whatever_the_numbers_are_no_entry_passes_that_risks_too_much(
    quantity: Decimal,
    stop: Decimal | None,
    mark: Decimal | None,
    equity: Decimal | None,
    gross: Decimal | None,
    side: Side,
) -> None:
    request = replace(BUY, quantity=quantity, side=side)
    around = replace(AROUND, mark=mark, equity=equity, gross_notional=gross)
    if first_denial(Proposal(request, stop), around) is not None:
        return
    assert stop is not None
    assert mark is not None
    assert equity is not None
    assert gross is not None
    assert (stop < mark) is (side is Side.BUY)
    assert quantity * abs(mark - stop) <= equity / 100
    assert gross + quantity * mark <= 3 * equity
