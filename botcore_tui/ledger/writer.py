"""The one writer: rows go in from any thread, one thread commits them in groups."""

import contextlib
import logging
import threading
from collections import deque
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Final, Self

from msgspec import Struct
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from botcore_tui.clock import Clock, SystemClock
from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.discretion import discreet
from botcore_tui.ledger.durability import Durability
from botcore_tui.ledger.health import HealthReport
from botcore_tui.ledger.migrate import migrate
from botcore_tui.ledger.session import Run, WriteSession, trouble
from botcore_tui.ledger.spill import Entry, Spill
from botcore_tui.ledger.store import Synchronous, file_of, shown, writing_engine
from botcore_tui.model.account import LedgerHealth
from botcore_tui.model.ledger import LedgerRow

logger = logging.getLogger(__name__)

_GROUP: Final = 500
"""Rows in one transaction, at most."""
_REFRESH_SECONDS: Final = 5.0
_FIRST_BACKOFF: Final = 0.05
_LONGEST_BACKOFF: Final = 2.0
_CLOSE_SECONDS: Final = 10.0
_NS: Final = 1_000_000_000


class WriterOptions(Struct, frozen=True, kw_only=True):
    """How a ledger is written."""

    version: str = ""
    """Of the program; recorded with the run, as is the next."""
    config_hash: str = ""
    synchronous: Synchronous = "FULL"
    backup_keep: int = 3
    """Copies kept of the files from before upgrades."""
    capacity: int = 10_000
    """Rows that may wait before the ledger counts as not writable."""
    most: int = 100_000
    """Rows that may wait in memory; those beyond go to a file."""
    slow_seconds: float = 1.0
    """A commit that takes longer makes the ledger count as not writable."""
    spill_dir: Path | None = None
    """Where rows are kept that the database did not take; None: beside a ledger in SQLite."""
    clock: Clock = SystemClock()


def _deaf(_health: LedgerHealth) -> None:
    pass


class LedgerWriter:
    """Writes one account's ledger until it is closed; made by ``open``.

    Attributes:
        account: The one that everything is written for.
        run_id: Of this session.
        url: Of the ledger.
        lost: Rows that neither the database nor a file took; health tells, too.
    """

    def __init__(
        self,
        session: WriteSession,
        spill: Spill,
        options: WriterOptions,
        on_health: Callable[[LedgerHealth], None],
    ) -> None:
        self.account, self.run_id, self.url = session.account, session.run_id, session.url
        self.lost = 0
        self._session, self._spill, self._options = session, spill, options
        self._clock = options.clock
        self._health = HealthReport(on_health, options.clock)
        self._durability = Durability()
        self._waiting: deque[Entry] = deque()
        self._changed = threading.Condition()
        self._is_closing = self._is_over = False
        self._busy_since_ns = self._unwritten = 0
        self._refreshed_ns = self._clock.monotonic_ns()
        self._backoff = _FIRST_BACKOFF
        self._thread = threading.Thread(target=self._run, name="ledger", daemon=True)
        self._thread.start()

    @classmethod
    def open(
        cls,
        url: str,
        account: str,
        environment: str,
        *,
        run_id: str | None = None,
        on_health: Callable[[LedgerHealth], None] = _deaf,
        options: WriterOptions | None = None,
    ) -> Self:
        """Make or upgrade the tables, take the account's lease, begin a run. Blocks.

        Args:
            url: See ``store.default_url``.
            account: Environment and key.
            environment: Recorded with the run.
            run_id: 1 to 12 of ``0-9a-z``, never used before; chosen here if None.
            on_health: Told of changes only, from any thread; until then the ledger is writable.
            options: See there.

        Raises:
            UnavailableError: It cannot be written, was written by a newer program, or another
                program writes for this account.
        """
        options = options or WriterOptions()
        now_ms = options.clock.now_ms()
        engine = writing_engine(url, options.synchronous)
        spill = Spill(_spill_path(url, account, options.spill_dir))
        session = WriteSession(engine, url, account)
        run = Run(
            run_id=run_id or "",
            environment=environment,
            version=options.version,
            config_hash=options.config_hash,
        )
        try:
            _prepare(engine, url, options, now_ms)
            session.begin(run, now_ms)
            spill.set_aside()
            for path in spill.waiting():
                session.bring_in(path, now_ms)
        except (SQLAlchemyError, OSError) as error:
            session.close()
            text = f"ledger {shown(url)} cannot be written: {trouble(error)}"
            raise UnavailableError(text) from error
        except UnavailableError:
            session.close()
            raise
        return cls(session, spill, options, on_health)

    @property
    def health(self) -> LedgerHealth:
        """Whether intents can be recorded, as last told."""
        return self._health.now

    @property
    def waiting(self) -> int:
        """Rows in memory that are not committed."""
        return len(self._waiting)

    @property
    def doubles(self) -> int:
        """Executions and funding that were left out because the ledger had them."""
        return self._session.doubles

    def append(self, row: LedgerRow, *more: LedgerRow) -> None:
        """Take rows; never waits for the database. Any thread.

        Args:
            row: Of any kind.
            more: What belongs to it: all of them are committed together, or none is.
        """
        *before, last = map(discreet, (row, *more))
        entries = [Entry(self.run_id, each, is_last=False) for each in before]
        entries.append(Entry(self.run_id, last))
        with self._changed:
            problem = self._keep(entries)
            self._changed.notify_all()
        if problem := problem or self._slowness():
            self._health.bad(problem)

    async def durable(self, client_order_id: str, seconds: float) -> bool:
        """Wait until an intent that was appended is committed.

        Args:
            client_order_id: Of the intent.
            seconds: How long to wait.

        Returns:
            False if the database does not take it now, or not in time; it stays in line.
        """
        is_durable = await self._durability.wait(client_order_id, seconds)
        if is_durable is None:
            self._health.bad(f"no commit within {seconds:g} s")
        return bool(is_durable)

    def flush(self, seconds: float) -> bool:
        """Wait, blocking, until everything that was appended is committed; False if it is not."""
        with self._changed:
            return self._changed.wait_for(self._is_idle, timeout=seconds)

    def close(self, seconds: float = _CLOSE_SECONDS) -> int:
        """Write what waits, record the end of the run, give the lease back. Blocks; idempotent.

        What the database does not take now is kept in a file, and imported at the next start.

        Args:
            seconds: How long to wait for a database that does not answer.

        Returns:
            How many rows are in the file, or lost, instead of in the database.
        """
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        self._thread.join(seconds)
        if self._thread.is_alive():
            logger.error("the ledger did not end within %g s", seconds)
            # Those that are being committed, too: whether they will be, nobody knows. If they are,
            # they are there twice afterwards, which states nothing wrong.
            self._put_by()
        return self._unwritten

    # --- any thread ---------------------------------------------------------------------------

    def _is_idle(self) -> bool:
        return not self._waiting and not self._spill.is_begun

    def _keep(self, entries: list[Entry]) -> str:
        """Put rows in line, with the lock held; what is wrong, if anything."""
        options = self._options
        if not (self._spill.is_begun or self._is_over or len(self._waiting) >= options.most):
            self._waiting += entries
            if len(self._waiting) > options.capacity:
                return f"more than {options.capacity:,} rows wait"
            return ""
        # Behind a row that went to the file none may go anywhere else: their order counts.
        return self._spill_all(entries) or f"rows are kept in {self._spill.path.name}"

    def _put_by(self) -> None:
        """Nothing is written any more: what waits goes to the file, as does all that comes."""
        with self._changed:
            self._is_over = True
            rest = list(self._waiting)
            if rest and not self._spill_all(rest):
                logger.error("%d rows are kept in %s", len(rest), self._spill.path)
            self._waiting.clear()
            with contextlib.suppress(OSError):
                self._spill.sync()
            self._changed.notify_all()

    def _spill_all(self, entries: list[Entry]) -> str:
        self._unwritten += len(entries)
        try:
            self._spill.add(entries)
        except OSError as error:
            self.lost += len(entries)
            logger.critical("%d rows for the ledger are lost: %s", self.lost, error.strerror)
            return f"{self.lost} rows are lost: {error.strerror}"
        return ""

    def _slowness(self) -> str:
        since_ns, slow_seconds = self._busy_since_ns, self._options.slow_seconds
        if since_ns and self._clock.monotonic_ns() - since_ns > slow_seconds * _NS:
            return f"a commit takes longer than {slow_seconds:g} s"
        return ""

    # --- the writer's thread ------------------------------------------------------------------

    def _run(self) -> None:
        is_ours = False
        try:
            is_ours = self._work()
        finally:
            self._finish(is_ours=is_ours)

    def _work(self) -> bool:
        """Write until closing; False if the ledger is no longer ours to write."""
        while True:
            batch = self._next()
            if self._is_over or (self._is_closing and self._is_idle()):
                return True
            started_ns = self._busy_since_ns = self._clock.monotonic_ns()
            problem = ""
            try:
                done = self._write(batch, started_ns)
            except (SQLAlchemyError, OSError) as error:
                done, problem = 0, trouble(error)
            except UnavailableError as error:
                self._health.bad(str(error))
                return False
            took_ns, self._busy_since_ns = self._clock.monotonic_ns() - started_ns, 0
            if not problem:
                self._succeeded(batch[:done], took_ns)
            elif self._failed(problem):
                return True

    def _next(self) -> list[Entry]:
        """The next rows, oldest first; none if it is only time to look after the lease."""
        # After trouble the refreshed lease shows whether it is over.
        is_well = self._health.now.is_writable or self.lost > 0
        seconds = _REFRESH_SECONDS if is_well else self._backoff
        with self._changed:
            self._changed.wait_for(lambda: self._is_closing or not self._is_idle(), timeout=seconds)
            batch = list(islice(self._waiting, _GROUP))
            while batch and not batch[-1].is_last:
                batch.append(self._waiting[len(batch)])
            return batch

    def _write(self, batch: list[Entry], now_ns: int) -> int:
        """Do what is due; how many rows of the batch are done."""
        if not batch or now_ns - self._refreshed_ns >= _REFRESH_SECONDS * _NS:
            self._session.refresh(self._clock.now_ms())
            self._refreshed_ns = now_ns
        if batch:
            return self._session.write(batch)
        with self._changed:
            self._spill.set_aside()
        for path in self._spill.waiting():
            count = self._session.bring_in(path, self._clock.now_ms())
            with self._changed:
                self._unwritten -= count
        return 0

    def _failed(self, reason: str) -> bool:
        """Wait before the next try; whether there is to be none."""
        self._session.drop()
        self._durability.failed()
        self._health.bad(reason)
        with self._changed:
            self._changed.wait_for(lambda: self._is_closing, timeout=self._backoff)
        self._backoff = min(self._backoff * 2, _LONGEST_BACKOFF)
        return self._is_closing

    def _succeeded(self, batch: list[Entry], took_ns: int) -> None:
        self._backoff = _FIRST_BACKOFF
        # First of all: an order waits for this.
        refused = self._session.refused
        self._durability.succeeded(
            [entry for entry in batch if not any(entry is each for each in refused)]
            if refused
            else batch
        )
        with self._changed:
            if not self._is_over:
                for _ in batch:
                    self._waiting.popleft()
            is_low = len(self._waiting) <= self._options.capacity // 2
            self._changed.notify_all()
        if took_ns > self._options.slow_seconds * _NS:
            self._health.bad(f"a commit took {took_ns / _NS:.1f} s")
        elif is_low and not self._spill.is_begun and not self.lost:
            self._health.good()

    def _finish(self, *, is_ours: bool) -> None:
        self._durability.failed()
        self._put_by()
        if is_ours:
            with contextlib.suppress(SQLAlchemyError, UnavailableError):
                self._session.end(self._clock.now_ms())
        else:
            self._health.bad(self._health.now.reason or "its writer has ended")
        self._session.close()


def _prepare(engine: Engine, url: str, options: WriterOptions, now_ms: int) -> None:
    path = file_of(url)
    migrate(engine, shown(url), path=path, backup_keep=options.backup_keep, now_ms=now_ms)


def _spill_path(url: str, account: str, directory: Path | None) -> Path:
    path = file_of(url)
    if path is None and directory is None:
        raise UnavailableError("a ledger in PostgreSQL needs a directory for what it does not take")
    name = "".join(letter if letter.isalnum() else "-" for letter in account)
    stem = path.name if path is not None else "ledger"
    return (directory or (path or Path()).parent) / f"{stem}.{name}.jsonl"
