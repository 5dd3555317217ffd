"""The writer's side of the database: a connection, the head of the chain, the lease, the run."""

import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct
from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger import lease
from botcore_tui.ledger.batch import BatchWriter, Written
from botcore_tui.ledger.chain import Head
from botcore_tui.ledger.direct import Direct
from botcore_tui.ledger.doubles import Numbered
from botcore_tui.ledger.encoding import Line, line_of
from botcore_tui.ledger.intake import Content, Intake, Left, storable
from botcore_tui.ledger.late import settled
from botcore_tui.ledger.queue import Group
from botcore_tui.ledger.spill import Entry, Spilled, Unpacked, read
from botcore_tui.ledger.statements import statements_for
from botcore_tui.ledger.store import file_of, grow_log
from botcore_tui.ledger.tables import AUDIT, RUNS
from botcore_tui.ledger.whereabouts import Whereabouts
from botcore_tui.model.ledger import AuditRow
from botcore_tui.model.severity import Severity

logger = logging.getLogger(__name__)

RUN_ENDED: Final = "run.ended"
"""Code of the audit row with which a run ends."""
_BASE36: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_LONGEST_RUN_ID: Final = 12
_IMPORTED: Final = "ledger.imported"
_COMPLETED: Final = "ledger.completed"
_UNREADABLE: Final = "ledger.unreadable"
# What a row brings about, as opposed to the database: trying again would end the same.
_REFUSALS: Final = (IntegrityError, DataError, OverflowError, TypeError, ValueError)
_LONGEST_TEXT: Final = 2_000


class Run(Struct, frozen=True, kw_only=True):
    """What is recorded of a session when it begins."""

    run_id: str
    environment: str
    version: str
    config_hash: str


class _Job(Struct, frozen=True, kw_only=True):
    """What one transaction does."""

    entries: Sequence[Entry]
    given: int = 0
    """How many of them were given to ``write``."""
    live_run: str = ""
    """Whose intents cannot be in the ledger already."""
    kept: tuple[str, int] | None = None
    """What leaves the intake: of which run, and up to which number."""


class WriteSession:
    """Writes for one account. Not for two threads at once; may move from one to another.

    Args:
        engine: Of the writer, with its tables in place.
        url: It was made for this.
        account: The one that everything is written for.
    """

    def __init__(self, engine: Engine, url: str, account: str) -> None:
        self._engine = engine
        self.url, self.account, self.run_id = url, account, ""
        self._writer = BatchWriter(engine.dialect.name, account)
        self._intake = Intake(statements_for(engine.dialect.name), account)
        self._whereabouts = Whereabouts(file_of(url))
        self._connection: Connection | None = None
        self._direct: Direct | None = None
        self._head: Head | None = None
        self._intended: tuple[Head, int] | None = None
        self._completed: dict[str, int] = {}
        self.doubles = 0
        """Executions and funding that the ledger had already."""
        self.refused: list[Entry] = []
        """Those that were given to the last ``write``, and have an alarm in their place."""

    @property
    def is_unsure(self) -> bool:
        """Whether a commit failed that may have been done; the next ``write`` finds out."""
        return self._intended is not None

    @property
    def is_gone(self) -> bool:
        """Whether nobody will find what was written, the intake included."""
        return self._whereabouts.is_gone

    def begin(self, run: Run, now_ms: int) -> None:
        """Take the lease and begin the run, whose id is chosen here if it is empty.

        What earlier runs left in the intake comes into its tables.

        Raises:
            UnavailableError: Another program holds the lease, or the run's id is taken.
            SQLAlchemyError: The database cannot be written.
        """
        connection = self._connected()
        with connection.begin():
            self.run_id = run_id = _free_run_id(connection, run.run_id, now_ms)
            lease.take(connection, self.account, lease.this_process(run_id), now_ms)
            line = Line(
                "runs",
                {
                    "environment": run.environment,
                    "started_ms": now_ms,
                    "version": run.version,
                    "config_hash": run.config_hash,
                },
            )
            head = self._writer.begin(connection)
            head = self._writer.write(Direct(connection), head, [(run_id, line)]).head
        self._head = head
        self._whereabouts.after_commit()
        # From here on whoever had the lease before can add nothing to it.
        with connection.begin():
            left = self._intake.left(connection)
        for before, found in left.items():
            self._complete(before, found, now_ms)

    def keep(self, groups: Sequence[Group]) -> list[Group]:
        """Put groups into the intake in one transaction; the first of them, which it took.

        Those from the first on that its tables might refuse are left out. Not while it is unsure
        what the last commit did.

        Raises:
            UnavailableError: Another program writes for this account.
            SQLAlchemyError: The database cannot be written; the same groups may be given again.
        """
        assert self._head is not None
        assert not self.is_unsure
        kept: list[Group] = []
        contents: list[Content] = []
        for group in groups:
            if (text := storable(group.entries)) is None:
                break
            kept.append(group)
            contents.append(Content(group.number, text))
        if contents:
            self._intake.put(self._directly(), self.run_id, self._head, contents)
            self._whereabouts.after_commit()
        return kept

    def write(self, entries: Sequence[Entry], number: int = 0) -> int:
        """Write rows in one transaction; how many of them, from the first on, are committed.

        A row that the database refuses for its content is written as an alarm into the audit. All
        are committed, then, unless the last commit had been done without anybody knowing: then
        those that it was of.

        Args:
            entries: Oldest first.
            number: Of the last group, which leaves the intake with all before it; 0 if none is
                there.

        Raises:
            UnavailableError: Another program writes for this account.
            SQLAlchemyError: The database cannot be written; the same rows may be given again.
        """
        if (done := self._was_committed()) is not None:
            return done
        self.refused = []
        kept = (self.run_id, number) if number else None
        self._do(_Job(entries=entries, given=len(entries), live_run=self.run_id, kept=kept))
        return len(entries)

    def refresh(self, now_ms: int) -> None:
        """Keep the lease.

        Raises:
            UnavailableError: Another program has it.
            SQLAlchemyError: The database cannot be written.
        """
        connection = self._connected()
        with connection.begin():
            is_ours = lease.refresh(connection, self.account, self.run_id, now_ms)
        if not is_ours:
            raise UnavailableError(f"the lease of {self.account} was taken by another program")
        self._whereabouts.after_commit()

    def is_taken(self, now_ms: int) -> bool:
        """Whether another program has the lease; False where nobody can tell."""
        # Not on the writer's connection: to make that anew writes, and the ledger may be another's.
        with contextlib.suppress(SQLAlchemyError, UnavailableError):
            self._whereabouts.before_opening()
            with self._engine.connect() as connection, connection.begin():
                return lease.is_held(connection, self.account, now_ms, besides=self.run_id)
        return False

    def bring_in(self, path: Path, now_ms: int) -> int:
        """Write the rows of a file that was set aside, once, and remove it; how many they were.

        Raises:
            SQLAlchemyError: The database cannot be written; the file stays.
        """
        spilled = read(path)
        connection = self._connected()
        self._was_committed()
        is_empty = not spilled.entries and not spilled.damaged
        if not is_empty and not _is_imported(connection, self.account, spilled.digest):
            self._import(spilled, now_ms)
        path.unlink()
        return len(spilled.entries)

    def end(self, now_ms: int) -> None:
        """Record the end of the run and give the lease back.

        Raises:
            SQLAlchemyError: The database cannot be written.
        """
        connection = self._connected()
        self._was_committed()
        with connection.begin():
            assert self._head is not None
            line = line_of(_audit(RUN_ENDED, Severity.INFO, self.run_id, now_ms))
            self._writer.write(Direct(connection), self._head, [(self.run_id, line)])
            own = (RUNS.c.account == self.account) & (RUNS.c.run_id == self.run_id)
            connection.execute(update(RUNS).where(own).values(ended_ms=now_ms))
            lease.release(connection, self.account, self.run_id)

    def abandon(self, now_ms: int) -> None:
        """End a run that could not begin, as far as it did, and free everything."""
        if self._head is not None:
            with contextlib.suppress(SQLAlchemyError, UnavailableError):
                self.end(now_ms)
        self.close()

    def drop(self) -> None:
        """Give up the connection; the next call makes a new one."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = self._direct = None

    def close(self) -> None:
        """Free everything."""
        self.drop()
        self._whereabouts.close()
        self._engine.dispose()

    def _connected(self) -> Connection:
        if self._connection is None:
            self._whereabouts.before_opening()
            self._connection = self._engine.connect()
            grow_log(self._connection)
        return self._connection

    def _directly(self) -> Direct:
        if self._direct is None:
            self._direct = Direct(self._connected())
        return self._direct

    def _was_committed(self) -> int | None:
        # A commit that failed may have been done: the head tells, since a batch leads to one only.
        if self._intended is None:
            return None
        connection = self._connected()
        with connection.begin():
            head = self._writer.begin(connection)
        (intended, count), self._intended = self._intended, None
        if head == intended:
            self._head = head
            return count
        if head != self._head:
            raise UnavailableError(f"another program writes the ledger of {self.account}")
        return None

    def _do(self, job: _Job) -> None:
        try:
            lines = [(entry.run_id, line_of(entry.row)) for entry in job.entries]
            self._commit(
                job, lambda direct, head: self._writer.write(direct, head, lines, job.live_run)
            )
        except _REFUSALS:
            # One by one, to find which it is; still all together or none.
            self._commit(job, lambda direct, head: self._one_by_one(direct, head, job))

    def _commit(self, job: _Job, write: Callable[[Direct, Head], Written]) -> None:
        assert self._head is not None
        direct = self._directly()
        with direct.transaction():
            written = write(direct, self._head)
            if job.kept is not None:
                self._intake.clear(direct, *job.kept)
            self._intended = written.head, job.given
        self._head, self._intended = written.head, None
        self.doubles += written.doubles
        self._whereabouts.after_commit()

    def _one_by_one(self, direct: Direct, head: Head, job: _Job) -> Written:
        doubles = 0
        for entry in job.entries:
            direct.run("SAVEPOINT one", [{}])
            try:
                line = entry.run_id, line_of(entry.row)
                written = self._writer.write(direct, head, [line], job.live_run)
            except _REFUSALS as error:
                direct.run("ROLLBACK TO SAVEPOINT one", [{}])
                if job.given:
                    self.refused.append(entry)
                written = self._writer.write(direct, head, [self._refused(entry, error)])
            direct.run("RELEASE SAVEPOINT one", [{}])
            head, doubles = written.head, doubles + written.doubles
        return Written(head, doubles)

    def _import(self, spilled: Spilled, now_ms: int) -> None:
        text = f"{_told(spilled)}, sha256 {spilled.digest}"
        logger.warning("imported into the ledger what it had not taken: %s", text)
        note = Entry(self.run_id, _audit(_IMPORTED, Severity.WARNING, text, now_ms))
        # None of them was given to ``write``, which must not take its next rows for these.
        # Where nobody knew whether the intake had a group, both it and the file have it.
        new = [each for each in spilled.entries if not self._is_completed(each)]
        with (connection := self._connected()).begin():
            new = list(settled(connection, self.account, new))
        self._do(_Job(entries=[*new, *self._unreadable(spilled, now_ms), note]))

    def _complete(self, run_id: str, found: Left, now_ms: int) -> None:
        text = f"run {run_id} ended before {_told(found)} were in their tables"
        logger.warning("%s; they are now", text)
        note = Entry(self.run_id, _audit(_COMPLETED, Severity.INFO, text, now_ms))
        entries = [*found.entries, *self._unreadable(found, now_ms), note]
        self._do(_Job(entries=entries, kept=(run_id, found.number)))
        self._completed[run_id] = found.number

    def _is_completed(self, entry: Entry) -> bool:
        return 0 < entry.number <= self._completed.get(entry.run_id, 0)

    def _unreadable(self, found: Unpacked, now_ms: int) -> Iterator[Entry]:
        # Half a row, or one of another version: whoever looks for it shall find it.
        for line in found.damaged:
            text = line[:_LONGEST_TEXT]
            logger.error("a row for the ledger cannot be read: %s", text)
            yield Entry(self.run_id, _audit(_UNREADABLE, Severity.CRITICAL, text, now_ms))

    def _refused(self, entry: Entry, error: Exception) -> Numbered:
        text = f"{trouble(error)}: {entry.row!r}"[:_LONGEST_TEXT]
        logger.error("the ledger refused a row: %s", text)
        row = _audit("ledger.refused", Severity.CRITICAL, text, getattr(entry.row, "time_ms", 0))
        return entry.run_id, line_of(row)


def trouble(error: Exception) -> str:
    """What is wrong with the database or a row, one line."""
    cause = getattr(error, "orig", None) or error
    return " ".join(str(cause).split()) or type(cause).__name__


def _audit(code: str, severity: Severity, text: str, time_ms: int) -> AuditRow:
    return AuditRow(code=code, severity=severity, text=text, time_ms=time_ms)


def _told(found: Unpacked) -> str:
    return f"{len(found.entries)} rows, {len(found.damaged)} damaged"


def _is_imported(connection: Connection, account: str, digest: str) -> bool:
    query = select(AUDIT.c.sequence).where(
        AUDIT.c.account == account, AUDIT.c.code == _IMPORTED, AUDIT.c.text.endswith(digest)
    )
    with connection.begin():
        return connection.execute(query).first() is not None


def _free_run_id(connection: Connection, wanted: str, now_ms: int) -> str:
    if wanted:
        if not (len(wanted) <= _LONGEST_RUN_ID and set(wanted) <= set(_BASE36)):
            raise UnavailableError(f"run id {wanted!r}: must be 1 to 12 of 0-9 and a-z")
        if _is_taken(connection, wanted):
            raise UnavailableError(f"run id {wanted} is in the ledger already")
        return wanted
    number = now_ms
    while _is_taken(connection, _base36(number)):
        number += 1
    return _base36(number)


def _is_taken(connection: Connection, run_id: str) -> bool:
    query = select(RUNS.c.run_id).where(RUNS.c.run_id == run_id)
    return connection.execute(query).first() is not None


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _BASE36[digit] + digits
    return digits or "0"
