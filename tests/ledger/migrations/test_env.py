"""Alembic's entry uses the connection that it is handed, and one transaction."""

from pathlib import Path

from ledger_rows import ledger_url

from botcore_tui.ledger import migrate as migrating
from botcore_tui.ledger.store import writing_engine


def test_an_upgrade_runs_in_the_transaction_of_the_caller(tmp_path: Path) -> None:
    engine = writing_engine(ledger_url(tmp_path))
    with engine.connect() as connection:
        with connection.begin() as transaction:
            migrating._upgrade(connection)
            assert migrating.version_of(connection) == migrating.VERSION
            transaction.rollback()
        assert migrating.version_of(connection) is None
    engine.dispose()
