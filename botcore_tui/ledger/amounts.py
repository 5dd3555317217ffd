"""Money in a database: the exact decimal as text, one spelling for each value."""

from decimal import Decimal
from typing import Final

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from botcore_tui.errors import UnavailableError

_MOST_PLACES: Final = 1_000
"""From the decimal point: written out, a number of more may be larger than the memory."""


def exact(amount: Decimal) -> str:
    """The shortest plain text of an amount: ``1.5`` also of ``1.50``, ``100`` also of ``1E+2``.

    Of what nobody can write out the shortest with an exponent: a row must never be unwritable.
    """
    if not amount.is_finite():
        return str(amount)
    if not amount:
        return "0"
    if abs(amount.adjusted()) > _MOST_PLACES:
        return _scientific(amount)
    text = format(amount, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text


def _scientific(amount: Decimal) -> str:
    sign, digits, exponent = amount.as_tuple()
    assert isinstance(exponent, int)  # it is finite
    text = "".join(map(str, digits))
    shortest = text.rstrip("0")
    return f"{'-' * sign}{shortest}E{exponent + len(text) - len(shortest)}"


class Amount(TypeDecorator[Decimal]):
    """A column of exact decimals; SQLite's NUMERIC would turn them into binary fractions."""

    impl = Text
    cache_ok = True

    def process_bind_param(
        self,
        value: Decimal | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> str | None:
        """Into the database."""
        return None if value is None else exact(value)

    def process_result_value(
        self,
        value: str | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> Decimal | None:
        """Out of the database."""
        try:
            return None if value is None else Decimal(value)
        except (ArithmeticError, TypeError) as error:
            raise UnavailableError(
                f"the ledger has {value!r} in the place of an amount; `botcore ledger verify` says"
                " where"
            ) from error
