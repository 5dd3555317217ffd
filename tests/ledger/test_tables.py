"""The tables that the program knows."""

import pytest
from sqlalchemy import Boolean, Float, Numeric, Table

from botcore_tui.ledger.tables import CHAINED, HEADS, LEASE, PRESENT

_ALL = [*CHAINED.values(), *PRESENT.values(), HEADS, LEASE]


@pytest.mark.parametrize("table", _ALL, ids=lambda table: str(table.name))
def test_no_column_rounds_money(table: Table) -> None:
    assert [
        column.name for column in table.columns if isinstance(column.type, Numeric | Float)
    ] == []


@pytest.mark.requirement("G6")
@pytest.mark.parametrize("table", CHAINED.values(), ids=lambda table: str(table.name))
def test_every_chained_row_says_whose_it_is_and_has_its_place(table: Table) -> None:
    assert [column.name for column in table.primary_key] == ["account", "sequence"]
    assert {"run_id", "previous_hash", "hash"} <= set(table.columns.keys())


def test_all_tables_of_the_record_are_there() -> None:
    wanted = (
        "runs intents order_events fills position_events equity funding transfers"
        " breaker_events commands audit protection orders positions"
        " anchors trips resets overrides strategies phases drills streams calls"
    )
    assert {*CHAINED, *PRESENT} == set(wanted.split())


def test_no_column_needs_a_value_that_only_one_database_has() -> None:
    kinds = {type(column.type).__name__ for table in _ALL for column in table.columns}
    assert kinds == {"Text", "BigInteger", "Amount", Boolean.__name__}
