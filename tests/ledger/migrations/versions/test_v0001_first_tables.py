"""The tables that the versions make are those that the program knows."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from ledger_rows import ledger_url
from sqlalchemy import inspect
from sqlmodel import SQLModel

from botcore_tui.ledger.migrate import migrate
from botcore_tui.ledger.store import writing_engine


def test_all_versions_together_make_the_tables_of_the_program(tmp_path: Path) -> None:
    engine = writing_engine(ledger_url(tmp_path))
    migrate(engine, "l", path=tmp_path / "ledger.db", backup_keep=1, now_ms=1)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
        found = inspect(connection)
        for name, table in SQLModel.metadata.tables.items():
            columns = [column["name"] for column in found.get_columns(name)]
            assert columns == [column.name for column in table.columns]
            wheres = {
                index["name"]: str(index["dialect_options"].get("sqlite_where"))
                for index in found.get_indexes(name)
            }
            for index in table.indexes:
                assert wheres[index.name] == str(index.dialect_options["sqlite"]["where"])
    engine.dispose()
