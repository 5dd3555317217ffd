"""Money in a database: the exact decimal as text, one spelling for each value."""

from decimal import Decimal

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator


def exact(amount: Decimal) -> str:
    """The shortest plain text of an amount: ``1.5`` also of ``1.50``, ``100`` also of ``1E+2``."""
    if not amount.is_finite():
        return str(amount)
    text = format(amount, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


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
        return None if value is None else Decimal(value)
