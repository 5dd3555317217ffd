from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botcore_tui.exchange.sim.orders import TimeInForce
from botcore_tui.exchange.sim.parameters import Parameters, scaled
from botcore_tui.exchange.sim.refusals import RefusalError


def of(query: str, body: str = "") -> Parameters:
    return Parameters.read(query, body)


def test_the_query_wins_over_the_body() -> None:
    parameters = of("symbol=A&side=BUY", "symbol=B&type=LIMIT")
    assert parameters.required("symbol") == "A"
    assert (parameters.text("side"), parameters.text("type")) == ("BUY", "LIMIT")


def test_parameters_may_be_in_the_body_alone_or_nowhere() -> None:
    assert of("", "a=1").text("a") == "1"
    assert of("a=1").text("a") == "1"
    assert not of("").has("a")


def test_texts_are_decoded() -> None:
    parameters = of("a%20b=%E5%B8%81+1&c=x%2By", "")
    assert (parameters.text("a b"), parameters.text("c")) == ("币 1", "x+y")


def test_json_need_not_be_encoded() -> None:
    text = '[{"symbol":"BTCUSDT","price":"1"}]'
    assert of("", f"timestamp=1&batchOrders={text}&recvWindow=5").text("batchOrders") == text


def test_ends_of_a_query_may_be_empty() -> None:
    assert of("&a=1").text("a") == "1"
    assert of("", "a=1&").text("a") == "1"


@pytest.mark.parametrize(("query", "body"), [("a=1&a=1", ""), ("", "a=1&b=2&a=2")])
def test_a_name_stands_once(query: str, body: str) -> None:
    with pytest.raises(RefusalError, match="Duplicate values for parameter 'a'") as refusal:
        of(query, body)
    assert refusal.value.code == -1101


def test_what_is_missing_has_its_default() -> None:
    parameters = of("b=1")
    assert parameters.text("a", "x") == "x"
    assert (parameters.integer("a"), parameters.decimal("a")) == (None, "")
    assert parameters.flag("a") is False
    assert parameters.word("a", TimeInForce, -1115) is None
    assert parameters.limit(500, 1_000) == 500
    assert parameters.span() == (None, None)
    assert parameters.value("a") == ""


@pytest.mark.parametrize("name", ["text", "integer", "decimal", "flag"])
def test_an_optional_one_must_not_be_empty(name: str) -> None:
    with pytest.raises(RefusalError) as refusal:
        getattr(of("a="), name)("a")
    assert refusal.value.code == -1105


@pytest.mark.parametrize("query", ["", "a="])
@pytest.mark.parametrize(
    "name", ["required", "required_integer", "required_decimal", "required_flag"]
)
def test_a_mandatory_one_must_be_there(name: str, query: str) -> None:
    with pytest.raises(RefusalError) as refusal:
        getattr(of(query), name)("a")
    assert refusal.value.code == -1102


@pytest.mark.parametrize("value", ["1.5", "x", "1e3", "0x1", "+1", "1" * 20, "１"])
def test_whole_numbers_are_digits(value: str) -> None:
    with pytest.raises(RefusalError) as refusal:
        Parameters({"a": value}).integer("a")
    assert refusal.value.code == -1102


@pytest.mark.parametrize("value", ["1e-05", "NaN", "inf", "1_000", ".5", "1,5", " 1", "1.2.3", "-"])
def test_decimals_are_plain(value: str) -> None:
    for read in (Parameters({"a": value}).decimal, Parameters({"a": value}).required_decimal):
        with pytest.raises(RefusalError) as refusal:
            read("a")
        assert refusal.value.code == -1102


@pytest.mark.parametrize("value", ["0.5", "5.", "-1", "+1", "00.10"])
def test_plain_decimals_are_taken_as_they_are(value: str) -> None:
    assert Parameters({"a": value}).decimal("a") == value
    assert Parameters({"a": value}).required_decimal("a") == value


@pytest.mark.parametrize(("value", "expected"), [("true", True), ("True", True), ("FALSE", False)])
def test_flags_are_words_in_any_case(value: str, expected: bool) -> None:
    assert Parameters({"a": value}).flag("a") is expected


def test_another_word_is_no_flag() -> None:
    with pytest.raises(RefusalError, match="'a'"):
        Parameters({"a": "yes"}).flag("a")


def test_words_are_those_of_the_enumeration() -> None:
    assert of("a=GTX").word("a", TimeInForce, -1115) is TimeInForce.GTX
    assert of("a=GTX").required_word("a", TimeInForce, -1115) is TimeInForce.GTX
    for read in (of("a=gtx").word, of("a=gtx").required_word):
        with pytest.raises(RefusalError) as refusal:
            read("a", TimeInForce, -1115)
        assert refusal.value.code == -1115


@pytest.mark.parametrize("limit", [0, -1, 1_001])
def test_a_limit_has_bounds(limit: int) -> None:
    with pytest.raises(RefusalError, match="'limit' is not valid"):
        of(f"limit={limit}").limit(500, 1_000)
    assert of("limit=1000").limit(500, 1_000) == 1_000


def test_a_span_does_not_end_before_it_starts() -> None:
    assert of("startTime=1&endTime=1").span() == (1, 1)
    with pytest.raises(RefusalError) as refusal:
        of("startTime=2&endTime=1").span()
    assert refusal.value.code == -1023


@pytest.mark.parametrize(
    ("text", "decimals", "expected"),
    [
        ("60000.1", 2, 6_000_010),
        ("60000.10000", 2, 6_000_010),
        ("60000.123", 2, None),
        ("7", 0, 7),
        ("7.0", 0, 7),
        ("7.5", 0, None),
        ("-0.001", 3, -1),
        ("-1.5", 1, -15),
    ],
)
def test_decimals_become_units(text: str, decimals: int, expected: int | None) -> None:
    assert scaled(text, decimals) == expected


@given(st.decimals(-(10**9), 10**9, places=4))
def test_units_are_the_number(number: Decimal) -> None:
    assert scaled(f"{number:f}", 4) == int(number * 10_000)
