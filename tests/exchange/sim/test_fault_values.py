import pytest
from hypothesis import given
from hypothesis import strategies as st

from botcore_tui.exchange.sim import fault_values
from botcore_tui.exchange.sim.fault_catalogue import KINDS
from botcore_tui.exchange.sim.fault_kinds import Parameter

_CODE = Parameter("code", -1, "which", (-1, -2))
_SIZE = Parameter("size", 5, "how much", least=1, most=9)
_AMOUNT = Parameter("amount", "1.5", "USDT")


@pytest.mark.parametrize(
    ("value", "expected"), [("3", 3), (3, 3), (None, None), ("unlimited", None)]
)
def test_a_count_is_a_number_or_without_end(value: object, expected: int | None) -> None:
    assert fault_values.count(value) == expected


@pytest.mark.parametrize("value", ["0", 0, -1, "", "x", 1.0, True, [], "9" * 30, "٣"])
def test_a_count_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="at least 1, or unlimited"):
        fault_values.count(value)


@pytest.mark.parametrize("value", ["0.25", 0.25, ".25", "25e-2"])
def test_a_probability_is_read_from_text_and_number(value: object) -> None:
    assert fault_values.probability(value) == 0.25


@pytest.mark.parametrize(
    "value", ["0", 0, 1.01, -0.5, "nan", float("nan"), float("inf"), True, "", ".", "e-1", None]
)
def test_a_probability_out_of_range_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        fault_values.probability(value)


@given(st.floats(0, 1, exclude_min=True))
def test_every_probability_is_read_as_it_is_written(value: float) -> None:
    assert fault_values.probability(value) == value
    assert fault_values.probability(str(value)) == value


@pytest.mark.parametrize("value", ["btcusdt", "", "BTC USDT", 5, "BTC,ETH"])
def test_what_is_no_symbol_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="upper case"):
        fault_values.symbol(value)


@pytest.mark.parametrize("value", ["BTCUSDT", "1000PEPEUSDT", "币安人生USDT"])
def test_symbols_are_taken(value: str) -> None:
    assert fault_values.symbol(value) == value


@pytest.mark.parametrize(
    ("name", "right", "wrong", "message"),
    [
        ("waf", "POST /fapi/v1/order", "PATCH /fapi/v1/order", "such as POST /fapi/v1/order"),
        ("waf", "/fapi/v1/order", "fapi/v1/order", "such as POST /fapi/v1/order"),
        ("create-lost", "POST /fapi/v1/order", "GET /fapi/v1/order", "or POST /fapi/v1/algoOrder"),
        ("create-lost", "/fapi/v1/order", "/fapi/v1/orders", "or POST /fapi/v1/algoOrder"),
        ("user-late", "TRADE_LITE", "executionReport", "ORDER_TRADE_UPDATE, TRADE_LITE, "),
        ("disconnect", "private", "secret", "public, market or private"),
        ("silent-stream", "bookTicker", "btcusdt@depth", "such as depth or bookTicker"),
        ("zero-price", "trade", "depth", "aggTrade, trade, bookTicker or markPrice"),
        ("zero-price", "trade", "", "aggTrade, trade, bookTicker or markPrice"),
        ("zero-price", "trade", 5, "aggTrade, trade, bookTicker or markPrice"),
    ],
)
def test_a_fault_is_kept_to_what_it_can_strike(
    name: str, right: str, wrong: object, message: str
) -> None:
    assert fault_values.narrowed(KINDS[name], right) == right
    with pytest.raises(ValueError, match=message):
        fault_values.narrowed(KINDS[name], wrong)


@pytest.mark.parametrize(
    ("item", "value", "expected"),
    [
        (_CODE, "-2", -2),
        (_CODE, -1, -1),
        (_SIZE, "9", 9),
        (_AMOUNT, "-0.5", "-0.5"),
        (_AMOUNT, 250, "250"),
    ],
)
def test_own_values_are_read(item: Parameter, value: object, expected: object) -> None:
    assert fault_values.own_value(item, value) == expected


@pytest.mark.parametrize(
    ("item", "value", "message"),
    [
        (_CODE, "-3", "-1 or -2"),
        (_SIZE, 10, "a whole number from 1 to 9"),
        (_SIZE, "many", "a whole number from 1 to 9"),
        (_AMOUNT, "0.0", "not zero"),
        (_AMOUNT, "1e3", "a number such as"),
        (_AMOUNT, None, "a number such as"),
    ],
)
def test_own_values_out_of_bounds_are_refused(item: Parameter, value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fault_values.own_value(item, value)


@pytest.mark.parametrize(("value", "expected"), [("0", 0), (1500, 1500)])
def test_a_moment_may_be_the_beginning(value: object, expected: int) -> None:
    assert fault_values.milliseconds(value) == expected


@pytest.mark.parametrize("value", [0, -1, "1.5", 10**12])
def test_a_period_has_a_length(value: object) -> None:
    with pytest.raises(ValueError, match="milliseconds, 1 to one year"):
        fault_values.period(value)
