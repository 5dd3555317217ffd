"""In which state trading was left, by the ledger: the next session begins in it."""

from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from botcore_tui.cli.ledger_place import ledger_url
from botcore_tui.config import Config, Environment
from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.migrate import check_version, version_of
from botcore_tui.ledger.risk_memory import reduced_by
from botcore_tui.ledger.session import trouble
from botcore_tui.ledger.store import file_of, reading_engine, shown


def left_reduced(config: Config, state_dir: Path, environment: Environment, account: str) -> str:
    """Why a session begins REDUCING although no halt file is there; empty if it does not.

    Args:
        config: Checked.
        state_dir: Of this installation.
        environment: Whose ledger.
        account: Whose sessions; those of others say nothing of it.

    Raises:
        UnavailableError: The ledger cannot be read.
    """
    url = ledger_url(config, state_dir, environment)
    path = file_of(url)
    if path is not None and not path.is_file():
        return ""
    engine = reading_engine(url)
    try:
        with engine.connect() as connection, connection.begin():
            return _reduced(connection, account, shown(url))
    except SQLAlchemyError as error:
        raise UnavailableError(f"ledger {shown(url)} cannot be read: {trouble(error)}") from error
    finally:
        engine.dispose()


def _reduced(connection: Connection, account: str, name: str) -> str:
    if version_of(connection) is None:
        return ""  # the first session makes its tables
    check_version(connection, name)
    return reduced_by(connection, account)
