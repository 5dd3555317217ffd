"""Where a ledger is: a file of SQLite beside the other state, or a PostgreSQL database by URL."""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.direct import BEGIN, Direct

Synchronous = Literal["FULL", "NORMAL"]

_DRIVERS: Final = ("sqlite", "postgresql+psycopg")
_BUSY_SECONDS: Final = 0.5
"""How long a statement waits for another connection's lock before it fails."""
_READER_BUSY_SECONDS: Final = 5.0
_CONNECT_SECONDS: Final = 5
_SILENT: Final = {
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 15_000,
}
"""A server that is cut off, or that lost power in the middle of a commit, sends no word of it: the
system's own patience is two hours, in which the ledger would take nothing, though the server were
back, nor would it be learned that another program has the lease."""
_SPARE_TIMES: Final = 10
_FEW_PAGES: Final = 10
_MOST_PAGES: Final = 100
"""That one transaction changes: so far the log goes beyond where it is begun anew."""


def default_url(directory: Path, environment: str) -> str:
    """The ledger of an environment where no other is configured."""
    return URL.create(
        "sqlite", database=str(directory / f"ledger-{environment}.db")
    ).render_as_string()


def shown(url: str) -> str:
    """A URL as it may stand in a message: without its password."""
    return make_url(url).render_as_string(hide_password=True)


def file_of(url: str) -> Path | None:
    """The file of a ledger in SQLite; None of one in PostgreSQL."""
    parsed = _parsed(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def writing_engine(url: str, synchronous: Synchronous = "FULL") -> Engine:
    """For the one writer.

    Args:
        url: See ``default_url``.
        synchronous: Of SQLite: FULL, a commit is on the disk when it returns; NORMAL, a loss of
            power may take the last ones, a crash of the program does not.

    Raises:
        UnavailableError: The URL is not one of ours, or its driver is not installed.
    """
    parsed = _parsed(url)
    if (path := file_of(url)) is None:
        return _postgres(parsed)

    def connect() -> sqlite3.Connection:
        make_private(path)
        connection = _sqlite(f"file:{quote(str(path))}", _BUSY_SECONDS)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        return connection

    return _of_sqlite(connect, BEGIN)


def reading_engine(url: str) -> Engine:
    """For those who look: it cannot write, and holds up nobody who does.

    Raises:
        UnavailableError: There is no such ledger.
    """
    parsed = _parsed(url)
    if (path := file_of(url)) is None:
        return _postgres(parsed, "-c default_transaction_read_only=on")
    if not path.is_file():
        raise UnavailableError(f"there is no ledger {path}")

    def connect() -> sqlite3.Connection:
        connection = _sqlite(f"file:{quote(str(path))}?mode=ro", _READER_BUSY_SECONDS)
        connection.execute("PRAGMA query_only = ON")
        return connection

    return _of_sqlite(connect, "BEGIN")


def check_log(url: str) -> None:
    """Look through a file of SQLite beside which a log was left, by a crash or a hand.

    The log goes into whatever file is there, also into a copy that was put in its place, which
    would be neither of the two then.

    Args:
        url: Of a ledger that this program has not opened yet.

    Raises:
        UnavailableError: It is not whole.
        SQLAlchemyError: It cannot be read.
    """
    path = file_of(url)
    log = Path(f"{path}-wal")
    if path is None or not log.is_file() or not log.stat().st_size:
        return
    # One that may write would put the log into the file when it closes, and nobody could tell any
    # more, nor undo it.
    engine = reading_engine(url)
    try:
        with engine.connect() as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    finally:
        engine.dispose()
    if found != "ok":
        words = " ".join(str(found).split())
        raise UnavailableError(
            f"ledger {path} is damaged: {words}; a copy takes its place only where"
            f" {log.name} and {path.name}-shm are gone"
        )


def grow_log(connection: Connection) -> None:
    """Give the log of SQLite at once the size that it comes to, and is written over at.

    A commit that makes a file longer has its new length to write down as well: it takes half as
    long again. What is written here is taken back: nothing in the database changes.

    Args:
        connection: Of the writer, in no transaction.
    """
    driver = connection.connection.driver_connection
    # One that cannot grow works as it is; what is wrong then, the next commit tells.
    with contextlib.suppress(sqlite3.Error, OSError):
        if isinstance(driver, sqlite3.Connection):
            _grow_log(driver)


def _grow_log(driver: sqlite3.Connection) -> None:
    def setting(name: str) -> int:
        return int(driver.execute(f"PRAGMA {name}").fetchone()[0])

    pages, cached = setting("wal_autocheckpoint") + _MOST_PAGES, setting("cache_size")
    size = pages * setting("page_size")
    (_, _, path), *_ = driver.execute("PRAGMA database_list")
    if shutil.disk_usage(path).free < _SPARE_TIMES * size:  # others need it more
        return
    driver.execute(f"PRAGMA cache_size = {_FEW_PAGES}")  # what finds no place there is written
    try:
        driver.execute(BEGIN)
        driver.execute("CREATE TABLE room (content)")
        driver.execute("INSERT INTO room VALUES (zeroblob(?))", (size,))
    finally:
        if driver.in_transaction:
            driver.execute("ROLLBACK")
        driver.execute(f"PRAGMA cache_size = {cached}")


def make_private(path: Path) -> None:
    """Make a file that nobody else reads, where there is none; what fails, SQLite explains."""
    with contextlib.suppress(OSError):
        # One that is there is not even opened: to close it would take from this process all locks
        # that SQLite has on it, and another process could remove the log that is being written.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise UnavailableError("ledger.url is not a database URL") from error
    if parsed.drivername not in _DRIVERS or not parsed.database:
        raise UnavailableError(
            f"ledger.url {shown(url)}: must be sqlite:///FILE or"
            " postgresql+psycopg://USER@HOST/DATABASE"
        )
    return parsed


def _sqlite(uri: str, busy_seconds: float) -> sqlite3.Connection:
    # Transactions are begun by us: the module's own way begins them too late, and as readers.
    connection = sqlite3.connect(
        uri, uri=True, timeout=busy_seconds, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection


def _of_sqlite(connect: Callable[[], sqlite3.Connection], begin: str) -> Engine:
    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool, paramstyle="named")

    def begins(connection: Connection) -> None:
        Direct(connection).run(begin, [{}])

    event.listen(engine, "begin", begins)
    return engine


def _postgres(parsed: URL, options: str = "") -> Engine:
    try:
        return create_engine(
            parsed,
            poolclass=NullPool,
            # A reader must find heads that fit the rows; the writer is alone anyway.
            isolation_level="REPEATABLE READ",
            connect_args={
                "connect_timeout": _CONNECT_SECONDS,
                "application_name": "botcore",
                "options": options,
                **_SILENT,
            },
        )
    except (ImportError, NoSuchModuleError) as error:
        raise UnavailableError(
            "ledger.url names PostgreSQL, whose driver is not installed:"
            " pip install 'botcore-tui[postgresql]'"
        ) from error
