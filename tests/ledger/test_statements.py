"""The writer's statements for both databases."""

import pytest

from botcore_tui.ledger.statements import statements_for
from botcore_tui.ledger.tables import CHAINED


@pytest.mark.parametrize(("database", "mark"), [("sqlite", ":price"), ("postgresql", "%(price)s")])
def test_parameters_are_named_as_the_driver_takes_them(database: str, mark: str) -> None:
    statements = statements_for(database)
    assert set(statements.inserts) == set(CHAINED)
    assert mark in statements.inserts["fills"]
    assert "ON CONFLICT DO NOTHING" in statements.plan
    assert "DO UPDATE SET" in statements.change
    assert "DO UPDATE SET" in statements.hold
    assert statements.advance.startswith("UPDATE heads")


def test_nothing_is_bound_that_is_no_column() -> None:
    for statement in (statements_for("sqlite").change, statements_for("sqlite").hold):
        assert "_1" not in statement


def test_they_are_made_once() -> None:
    assert statements_for("sqlite") is statements_for("sqlite")
