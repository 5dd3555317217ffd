"""Ledgers as earlier programs left them."""

from sqlalchemy import text

from botcore_tui.ledger.risk_tables import CALLS, RISK
from botcore_tui.ledger.store import writing_engine
from botcore_tui.ledger.tables import INTAKE


def make_earlier(url: str, version: str) -> None:
    """Take from a ledger's tables what came after a version; nobody has it open.

    Args:
        url: Of a ledger of this version, with nothing in tables that are taken.
        version: Such as 0001.
    """
    changes = []
    if version < "0004":
        changes += [f"DROP TABLE {INTAKE.name}"]
    if version < "0003":
        changes += [f"DROP TABLE {CALLS.name}"]
    if version < "0002":
        changes += [f"DROP TABLE {table.name}" for table in RISK if table is not CALLS]
    engine = writing_engine(url)
    with engine.begin() as connection:
        for change in changes:
            connection.execute(text(change))
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
    engine.dispose()
