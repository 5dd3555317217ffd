"""Arithmetic of positions."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from botcore_tui.core.money import (
    average_price,
    closing_profit,
    fee_share,
    same_sign,
    signed,
)
from botcore_tui.model.market import Side

amounts = st.decimals("0.001", "1000000", places=3)


def test_what_is_sold_is_negative() -> None:
    assert signed(Side.BUY, Decimal(2)) == 2
    assert signed(Side.SELL, Decimal(2)) == -2


def test_flat_has_no_sign() -> None:
    assert same_sign(Decimal(1), Decimal(2))
    assert same_sign(Decimal(-1), Decimal(-2))
    assert not same_sign(Decimal(1), Decimal(-2))
    assert not same_sign(Decimal(0), Decimal(0))


@given(amounts, amounts, amounts, amounts)
def test_average_price_lies_between_both(
    quantity: Decimal, price: Decimal, added: Decimal, added_price: Decimal
) -> None:
    average = average_price(quantity, price, added, added_price)
    assert min(price, added_price) <= round(average, 10) <= max(price, added_price)
    assert average_price(-quantity, price, -added, added_price) == average


def test_average_from_flat_is_the_price() -> None:
    assert average_price(Decimal(0), Decimal(0), Decimal(-3), Decimal(7)) == 7


def test_short_gains_when_the_price_falls() -> None:
    assert closing_profit(Decimal(-2), Decimal(100), Decimal(90)) == 20
    assert closing_profit(Decimal(2), Decimal(100), Decimal(90)) == -20


@given(amounts, amounts, st.decimals(0, 1, places=2))
def test_shares_of_a_fee_add_up(fee: Decimal, whole: Decimal, part: Decimal) -> None:
    share = fee_share(fee, whole * part, whole)
    assert 0 <= share <= fee
    assert share + (fee - share) == fee
