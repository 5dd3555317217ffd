"""What counts as a number in the venue's replies about money."""

import msgspec
import pytest

from botcore_tui.exchange.binance.account_payloads import Identity, Number


@pytest.mark.parametrize("text", ["0", "-0.5", "122624.12345678", "0E-8", "1e2", "0.00000000"])
def test_finite_decimals_are_numbers(text: str) -> None:
    assert msgspec.json.decode(f'"{text}"', type=Number) == text


@pytest.mark.requirement("F15")
@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "Infinity",
        "-inf",
        "",
        " 1",
        "1 ",
        "1\\n",
        "1_000",
        "1e999",
        "٣",
        "--1",
        "1" * 60,
        ".",
    ],
)
def test_nothing_else_is(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(f'"{text}"', type=Number)


@pytest.mark.parametrize("text", ["-1", "9223372036854775808", "1.5", '"1"'])
def test_ids_are_whole_numbers_that_fit_a_ledger(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=Identity)
