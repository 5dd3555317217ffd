"""What tables are made of."""

from decimal import Decimal

from sqlmodel import SQLModel

from botcore_tui.ledger.columns import (
    Chained,
    amount,
    integer,
    maybe_amount,
    maybe_words,
    table_of,
    words,
)
from botcore_tui.ledger.risk_tables import TRIPS, TripRecord


class _Everything(SQLModel):
    count: int = integer(default=3)
    paid: Decimal = amount()
    due: Decimal | None = maybe_amount()
    name: str = words()
    note: str | None = maybe_words()


def test_what_may_be_left_out_is_empty() -> None:
    made = _Everything(paid=Decimal(1))
    assert (made.count, made.due, made.name, made.note) == (3, None, "", None)


def test_a_record_knows_its_table() -> None:
    assert table_of(TripRecord) is TRIPS
    assert set(Chained.model_fields) <= set(TRIPS.columns.keys())
