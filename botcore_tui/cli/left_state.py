"""In which state trading was left, by the ledger: the next session begins in it."""

from pathlib import Path

from msgspec import Struct
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from botcore_tui.cli.ledger_place import is_absent, ledger_url
from botcore_tui.config import Config, Environment
from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.migrate import check_version, version_of
from botcore_tui.ledger.risk_memory import latched_codes, reduced_by
from botcore_tui.ledger.session import trouble
from botcore_tui.ledger.store import reading_engine, shown
from botcore_tui.model.event import TradingState


class Beginning(Struct, frozen=True):
    """What a session begins with, but for real money, which begins HALTED whatever it was."""

    state: TradingState
    why: str


def left_as(
    config: Config, state_dir: Path, environment: Environment, account: str
) -> Beginning | None:
    """In which state a session begins by the ledger alone, without a halt file; None: ACTIVE.

    A breaker that tripped and was not reset halts again, whoever removed the file.

    Args:
        config: Checked.
        state_dir: Of this installation.
        environment: Whose ledger.
        account: Whose sessions; those of others say nothing of it.

    Raises:
        UnavailableError: The ledger cannot be read.
    """
    url = ledger_url(config, state_dir, environment)
    if is_absent(url):
        return None
    engine = reading_engine(url)
    try:
        with engine.connect() as connection, connection.begin():
            return _left(connection, account, shown(url))
    except SQLAlchemyError as error:
        raise UnavailableError(f"ledger {shown(url)} cannot be read: {trouble(error)}") from error
    finally:
        engine.dispose()


def _left(connection: Connection, account: str, name: str) -> Beginning | None:
    if version_of(connection) is None:
        return None  # the first session makes its tables
    check_version(connection, name)
    if tripped := latched_codes(connection, account):
        why = f"breaker {', '.join(tripped)} tripped in an earlier run and was not reset"
        return Beginning(TradingState.HALTED, why)
    reduced = reduced_by(connection, account)
    return Beginning(TradingState.REDUCING, reduced) if reduced else None
