"""Where the ledger of an environment is, and a look into it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from botcore_tui.config import Config, Environment
from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.migrate import check_version
from botcore_tui.ledger.session import trouble
from botcore_tui.ledger.store import default_url, file_of, reading_engine, shown


def ledger_url(config: Config, state_dir: Path, environment: Environment) -> str:
    """The ledger of an environment.

    Args:
        config: Checked.
        state_dir: It is there where no other is configured.
        environment: Whose.
    """
    return config.ledger.url or default_url(state_dir, str(environment))


def is_absent(url: str) -> bool:
    """Whether there is no file yet.

    Raises:
        UnavailableError: Nobody may look, as in a directory of another user.
    """
    path = file_of(url)
    try:
        return path is not None and not path.is_file()
    except OSError as error:
        raise UnavailableError(f"ledger {shown(url)} cannot be read: {error.strerror}") from error


@contextmanager
def reading(url: str) -> Iterator[Connection | None]:
    """A connection to a ledger; None where there is no file yet.

    Raises:
        UnavailableError: It cannot be read, or its tables are not ours.
    """
    if is_absent(url):
        yield None
        return
    engine = reading_engine(url)
    try:
        with engine.connect() as connection, connection.begin():
            check_version(connection, shown(url))
            yield connection
    except SQLAlchemyError as error:
        raise UnavailableError(f"ledger {shown(url)} cannot be read: {trouble(error)}") from error
    finally:
        engine.dispose()
