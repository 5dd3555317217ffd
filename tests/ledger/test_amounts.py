"""Amounts: exact, one spelling each."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, insert, select, text

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.amounts import Amount, exact

_AMOUNTS = some.decimals(
    allow_nan=False, allow_infinity=False, min_value=Decimal("-1e30"), max_value=Decimal("1e30")
)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1.50", "1.5"),
        ("1E+2", "100"),
        ("-0.000", "0"),
        ("0E-8", "0"),
        ("100", "100"),
        ("0.00000001", "0.00000001"),
        ("1E-20", "0.00000000000000000001"),
        ("123456789012345678901234567890.123456789", "123456789012345678901234567890.123456789"),
        ("NaN", "NaN"),
        ("0E-999999999999999999", "0"),
        ("-0E+999999999999999999", "0"),
        ("1E+999999999999999999", "1E999999999999999999"),
        ("-12.500E+400000000", "-125E399999999"),
        ("1E-999999999", "1E-999999999"),
        ("-Infinity", "-Infinity"),
    ],
)
def test_an_amount_has_one_plain_spelling(amount: str, text: str) -> None:
    assert exact(Decimal(amount)) == text


@pytest.mark.requirement("G6")
@given(_AMOUNTS)
def test_every_amount_comes_back_as_it_was(amount: Decimal) -> None:
    assert Decimal(exact(amount)) == amount


@pytest.mark.requirement("F13")
@pytest.mark.parametrize("text", ["1E+999999999999999999", "-12.500E+4000", "7E-400000000"])
def test_an_amount_that_nobody_can_write_out_comes_back_as_it_was(text: str) -> None:
    assert Decimal(exact(Decimal(text))) == Decimal(text)


@given(_AMOUNTS, some.integers(0, 12))
def test_equal_amounts_have_equal_texts(amount: Decimal, zeros: int) -> None:
    padded = Decimal(f"{amount:f}" + ("" if "." in f"{amount:f}" else ".") + "0" * zeros)
    assert padded == amount
    assert exact(padded) == exact(amount)


def test_a_column_keeps_digits_that_a_float_would_lose() -> None:
    amount = Decimal("12345678901234567890.12345678")
    table = Table("t", MetaData(), Column("id", Integer), Column("amount", Amount))
    with create_engine("sqlite://").begin() as connection:
        table.create(connection)
        connection.execute(insert(table), [{"id": 1, "amount": amount}, {"id": 2, "amount": None}])
        found = connection.execute(select(table.c.amount).order_by(table.c.id)).scalars().all()
        assert found == [amount, None]
        equal = select(table.c.id).where(table.c.amount == Decimal(f"{amount}00"))
        assert connection.execute(equal).scalar() == 1


@pytest.mark.requirement("G6")
@pytest.mark.parametrize("value", ["X'00'", "'x'"])
def test_what_is_no_amount_is_told_as_such(value: str) -> None:
    with create_engine("sqlite://").begin() as connection:
        statement = text(f"SELECT {value} AS amount").columns(amount=Amount)
        with pytest.raises(UnavailableError, match="botcore ledger verify"):
            connection.execute(statement).scalar()
