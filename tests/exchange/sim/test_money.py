"""Money as whole numbers: text there and back, and rounding that favours nobody."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botcore_tui.exchange.sim.money import ATOMS, atoms, money_text, rounded, scaled_text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5000", 5000 * ATOMS),
        ("0.00000001", 1),
        ("-0.00000001", -1),
        ("1.5", 150_000_000),
        ("0.000000019", 1),
        ("-0.000000019", -1),
        ("1E+3", 1000 * ATOMS),
    ],
)
def test_decimal_becomes_atoms_with_further_digits_cut_off(text: str, value: int) -> None:
    assert atoms(text) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0.00000000"),
        (1, "0.00000001"),
        (-1, "-0.00000001"),
        (-ATOMS, "-1.00000000"),
        (512_345_678_901, "5123.45678901"),
    ],
)
def test_amounts_are_written_with_eight_decimals(value: int, text: str) -> None:
    assert money_text(value) == text


@given(st.integers(-(10**28), 10**28))
def test_amount_written_and_read_again_is_the_same(value: int) -> None:
    assert atoms(money_text(value)) == value


@given(st.integers(-(10**27), 10**27), st.integers(0, 12))
def test_scaled_number_is_the_decimal_with_so_many_digits(value: int, decimals: int) -> None:
    text = scaled_text(value, decimals)
    assert Decimal(text) == Decimal(value).scaleb(-decimals)
    assert len(text.partition(".")[2]) == decimals


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**9))
def test_rounding_is_to_the_nearest_with_halves_away_from_zero(top: int, bottom: int) -> None:
    # 28 digits hold any such quotient so far that a half is not taken for another number.
    quotient = Decimal(top) / Decimal(bottom)
    assert rounded(top, bottom) == int(quotient.quantize(Decimal(1), ROUND_HALF_UP))
    assert rounded(-top, bottom) == -rounded(top, bottom)
    assert 2 * abs(rounded(top, bottom) * bottom - top) <= bottom


@pytest.mark.parametrize(("top", "bottom", "value"), [(5, 2, 3), (-5, 2, -3), (4, 3, 1), (7, 1, 7)])
def test_rounding_of_plain_cases(top: int, bottom: int, value: int) -> None:
    assert rounded(top, bottom) == value
