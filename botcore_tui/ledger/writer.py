"""The one writer: rows go in from any thread, one thread commits them in groups."""

import contextlib
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

from msgspec import Struct
from sqlalchemy.exc import SQLAlchemyError

from botcore_tui.clock import Clock, SystemClock
from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.discretion import discreet
from botcore_tui.ledger.durability import Durability
from botcore_tui.ledger.health import HealthReport
from botcore_tui.ledger.migrate import migrate
from botcore_tui.ledger.queue import Queue
from botcore_tui.ledger.session import Run, WriteSession, trouble
from botcore_tui.ledger.spill import Entry, Spill, spill_path
from botcore_tui.ledger.store import Synchronous, check_log, file_of, shown, writing_engine
from botcore_tui.ledger.takeover import watch
from botcore_tui.model.account import LedgerHealth
from botcore_tui.model.ledger import LedgerRow

logger = logging.getLogger(__name__)

_BATCH: Final = 500
"""Rows in one transaction; one group may go beyond."""
_ENOUGH: Final = 100
"""Rows that are written even while orders come one after the other."""
_PIECE: Final = 16
"""Rows in one transaction then: an order may have to wait for it."""
_MUCH: Final = 1_000
"""Rows that even an order waits for, or more and more would wait."""
_OVERDUE_SECONDS: Final = 0.5
"""How long rows may wait for orders."""
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
    linger_seconds: float = 0.01
    """How long rows wait for an intent that comes behind them, which they would delay."""
    slow_seconds: float = 1.0
    """A commit that takes longer makes the ledger count as not writable."""
    spill_dir: Path | None = None
    """Where rows are kept that the database did not take; None: beside a ledger in SQLite."""
    clock: Clock = SystemClock()


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
        self._session, self._spill = session, spill
        self._options, self._clock = options, options.clock
        self._health = HealthReport(on_health, options.clock)
        self._durability, self._queue = Durability(), Queue()
        self._changed = threading.Condition()
        self._is_closing = self._is_over = False
        self._is_calm, self._taken_ns = True, 0
        self._flushing = self._busy_since_ns = self._unwritten = 0
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
        on_health: Callable[[LedgerHealth], None] = lambda _health: None,
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
        spill = Spill(spill_path(url, account, options.spill_dir))
        session = WriteSession(engine, url, account)
        run = Run(
            run_id=run_id or "",
            environment=environment,
            version=options.version,
            config_hash=options.config_hash,
        )
        try:
            check_log(url)
            keep = options.backup_keep
            migrate(engine, shown(url), path=file_of(url), backup_keep=keep, now_ms=now_ms)
            session.begin(run, now_ms)
            spill.set_aside()
            for path in spill.waiting():
                session.bring_in(path, now_ms)
        except (SQLAlchemyError, OSError) as error:
            session.abandon(now_ms)
            text = f"ledger {shown(url)} cannot be written: {trouble(error)}"
            raise UnavailableError(text) from error
        except UnavailableError:
            session.abandon(now_ms)
            raise
        return cls(session, spill, options, on_health)

    @property
    def health(self) -> LedgerHealth:
        """Whether intents can be recorded, as last told."""
        return self._health.now

    @property
    def waiting(self) -> int:
        """Rows in memory that are not in their tables."""
        return self._queue.rows

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
        entries = [Entry(self.run_id, discreet(each)) for each in (row, *more)]
        with self._changed:
            problem = self._take(entries)
        if problem := problem or self._slowness():
            self._health.bad(problem)

    async def durable(self, client_order_id: str, seconds: float) -> bool:
        """Wait until an intent that was appended is on the disk, where no crash takes it.

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
        """Wait, blocking, until all that was appended is in its tables; False if it is not."""
        with self._changed:
            self._flushing += 1
            self._changed.notify_all()
            try:
                is_idle = self._changed.wait_for(self._is_idle, timeout=seconds)
                return is_idle and not (self._is_over and self._unwritten)
            finally:
                self._flushing -= 1

    def close(self, seconds: float = _CLOSE_SECONDS) -> int:
        """Write what waits, record the end of the run, give the lease back. Blocks; idempotent.

        What the database does not take now is kept in a file, and imported at the next start.

        Args:
            seconds: How long to wait for a database that does not answer.

        Returns:
            How many rows are not in their tables: in the file or the intake, or lost.
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
        return not self._queue.rows and not self._spill.is_begun

    def _take(self, entries: list[Entry]) -> str:
        """Put rows in line, with the lock held; what is wrong, if anything."""
        options, queue = self._options, self._queue
        if not (self._spill.is_begun or self._is_over or queue.rows >= options.most):
            was_idle = not queue.rows
            queue.put(entries)
            if was_idle or self._is_urgent():
                self._changed.notify_all()
            is_full = queue.rows > options.capacity
            return f"more than {options.capacity:,} rows wait" if is_full else ""
        # Behind a row that went to the file none may go anywhere else: their order counts.
        return self._spill_all(entries) or f"rows are kept in {self._spill.path.name}"

    def _put_by(self) -> None:
        """Nothing is written any more: what waits goes to the file, as does all that comes."""
        with self._changed:
            self._is_over = True
            # What is in the intake already is left to the next start.
            waiting = self._queue.rows
            rest = self._queue.clear(is_kept=not self._session.is_gone)
            self._unwritten += waiting - len(rest)
            if rest and not self._spill_all(rest):
                logger.error("%d rows are kept in %s", len(rest), self._spill.path)
            with contextlib.suppress(OSError):
                self._spill.sync()
            self._changed.notify_all()

    def _spill_all(self, entries: list[Entry]) -> str:
        self._unwritten += len(entries)
        try:
            self._spill.add(entries)
        except (OSError, TypeError, ValueError) as error:
            self.lost += len(entries)
            logger.critical("%d rows for the ledger are lost: %s", self.lost, trouble(error))
            return f"{self.lost} rows are lost: {trouble(error)}"
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
        if not is_ours:
            watch(self._session, self._health, self._clock, self._changed, lambda: self._is_closing)

    def _work(self) -> bool:
        """Write until closing; False if the ledger is no longer ours to write."""
        while True:
            self._wait()
            if self._is_over or (self._is_closing and self._is_idle()):
                return True
            started_ns = self._busy_since_ns = self._clock.monotonic_ns()
            problem = ""
            try:
                self._write(started_ns)
            except (SQLAlchemyError, OSError) as error:
                problem = trouble(error)
            except UnavailableError as error:
                self._health.bad(str(error), is_taken=self._session.is_taken(self._clock.now_ms()))
                return False
            took_ns, self._busy_since_ns = self._clock.monotonic_ns() - started_ns, 0
            if not problem:
                self._succeeded(took_ns)
            elif self._failed(problem):
                return True

    def _wait(self) -> None:
        """Return when rows are to be written, or when it is time to look after the lease."""
        # After trouble the refreshed lease shows whether it is over.
        is_well = self._health.now.is_writable or self.lost > 0
        seconds = _REFRESH_SECONDS if is_well else self._backoff
        with self._changed:
            was_idle = self._is_idle()
            self._changed.wait_for(lambda: self._is_closing or not self._is_idle(), timeout=seconds)
            if was_idle:
                self._taken_ns = self._clock.monotonic_ns()
            linger_seconds = self._options.linger_seconds if is_well else 0
            self._is_calm = not self._changed.wait_for(self._is_urgent, timeout=linger_seconds)

    def _is_urgent(self) -> bool:
        is_due = self._queue.is_pressing or self._queue.rows >= _ENOUGH
        return is_due or self._is_closing or self._flushing > 0 or self._spill.is_begun

    def _write(self, now_ns: int) -> None:
        """Do the most urgent thing."""
        queue = self._queue
        is_overdue = now_ns - self._taken_ns >= _OVERDUE_SECONDS * _NS or queue.rows >= _MUCH
        if not queue.rows or now_ns - self._refreshed_ns >= _REFRESH_SECONDS * _NS:
            self._session.refresh(self._clock.now_ms())
            self._refreshed_ns = now_ns
        if not (is_overdue or self._session.is_unsure) and queue.is_pressing and self._keep():
            return
        if not queue.rows:
            self._bring_in()
        elif self._is_calm or is_overdue or self._flushing or self._is_closing:
            self._write_batch(_BATCH)
        else:
            self._write_batch(_PIECE)

    def _keep(self) -> bool:
        with self._changed:
            groups = self._queue.pressing(_ENOUGH)
        if kept := self._session.keep(groups):
            # First of all: an order waits for this.
            self._durability.succeeded(entry for group in kept for entry in group.entries)
            with self._changed:
                if not self._is_over:
                    self._queue.keep(kept)
        return bool(kept)

    def _write_batch(self, most: int) -> None:
        with self._changed:
            batch = self._queue.batch(most)
        entries = [entry for group in batch for entry in group.entries]
        done = self._session.write(entries, batch[-1].number) if batch else 0
        self._taken_ns = self._clock.monotonic_ns()
        with self._changed:
            taken = [] if self._is_over else self._queue.take(done)
            self._changed.notify_all()
        refused = {id(entry) for entry in self._session.refused}
        self._durability.succeeded(entry for entry in taken if id(entry) not in refused)

    def _bring_in(self) -> None:
        with self._changed:
            self._spill.set_aside()
        for path in self._spill.waiting():
            count = self._session.bring_in(path, self._clock.now_ms())
            with self._changed:
                self._unwritten -= count
                self._changed.notify_all()

    def _failed(self, reason: str) -> bool:
        """Wait before the next try; whether there is to be none."""
        self._session.drop()
        self._durability.failed()
        self._health.bad(reason)
        with self._changed:
            self._changed.wait_for(lambda: self._is_closing, timeout=self._backoff)
        self._backoff = min(self._backoff * 2, _LONGEST_BACKOFF)
        return self._is_closing

    def _succeeded(self, took_ns: int) -> None:
        self._backoff = _FIRST_BACKOFF
        is_low = self._queue.rows <= self._options.capacity // 2
        if took_ns > self._options.slow_seconds * _NS:
            self._health.bad(f"a commit took {took_ns / _NS:.1f} s")
        elif is_low and not self._spill.is_begun and not self.lost:
            self._health.good()

    def _finish(self, *, is_ours: bool) -> None:
        self._durability.failed()
        if not is_ours:
            self._health.bad(self._health.now.reason or "its writer has ended")
        self._put_by()
        if is_ours:
            with contextlib.suppress(SQLAlchemyError, UnavailableError):
                self._session.end(self._clock.now_ms())
        self._session.close()
