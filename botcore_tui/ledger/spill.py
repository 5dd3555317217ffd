"""Rows as lines of text, and a file of them: what the database did not take, until it does."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.encoding import writable
from botcore_tui.ledger.store import file_of
from botcore_tui.model.ledger import LedgerRow
from botcore_tui.small_file import regular


class Entry(Struct, frozen=True, omit_defaults=True):
    """A row, and the run that it is of."""

    run_id: str
    row: LedgerRow
    number: int = 0
    """Of its group, in a file: the intake may have it, too. 0: it cannot."""


class Unpacked(Struct, frozen=True):
    """What lines hold."""

    entries: list[Entry]
    damaged: list[str]
    """Lines that cannot be read; a crash leaves at most the last one of a file unfinished."""


class Spilled(Unpacked, frozen=True):
    """What a file of lines holds."""

    digest: str
    """Of all its bytes: tells whether it was imported before."""


_encode: Final = msgspec.json.Encoder().encode
_decoder: Final = msgspec.json.Decoder(Entry)


class Spill:
    """The files of one account: one that is written, and those that wait to be imported."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fileno = -1

    @property
    def path(self) -> Path:
        """Where rows are written."""
        return self._path

    @property
    def is_begun(self) -> bool:
        """Whether rows were added since the last ``set_aside``."""
        return self._fileno >= 0

    def add(self, entries: list[Entry]) -> None:
        """Write rows behind the others, whole or not at all as far as the system goes.

        Raises:
            OSError: They are not kept.
        """
        if self._fileno >= 0 and not self._is_there():
            # Another program that took the account over has taken the file, too, and imports it.
            os.close(self._fileno)
            self._fileno = -1
        if self._fileno < 0:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            self._fileno = regular(str(self._path), flags)
        end = os.fstat(self._fileno).st_size
        try:
            _write_all(self._fileno, pack(entries))
        except OSError:
            os.ftruncate(self._fileno, end)
            raise

    def _is_there(self) -> bool:
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._fileno))
        except FileNotFoundError:
            return False

    def sync(self) -> None:
        """See to it that the rows survive a loss of power."""
        if self._fileno >= 0:
            os.fsync(self._fileno)
            # Its name, too, is lost otherwise.
            directory = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)

    def set_aside(self) -> None:
        """End the file: what follows goes to a new one."""
        if self._fileno >= 0:
            os.close(self._fileno)
            self._fileno = -1
        if self._path.exists():
            numbers = [_number(path) for path in self.waiting()]
            self._path.rename(f"{self._path}.{max(numbers, default=0) + 1}")

    def waiting(self) -> list[Path]:
        """Files that were set aside, oldest first."""
        found = self._path.parent.glob(f"{self._path.name}.*")
        return sorted((path for path in found if _number(path)), key=_number)


def spill_path(url: str, account: str, directory: Path | None) -> Path:
    """Where the file of an account's ledger is.

    Args:
        url: Of the ledger.
        account: The one that is written for.
        directory: Where it is to be; None: beside a ledger in SQLite.

    Raises:
        UnavailableError: A ledger in PostgreSQL, and no directory.
    """
    path = file_of(url)
    if path is None and directory is None:
        raise UnavailableError("a ledger in PostgreSQL needs a directory for what it does not take")
    name = "".join(letter if letter.isalnum() else "-" for letter in account)
    stem = path.name if path is not None else "ledger"
    return (directory or (path or Path()).parent) / f"{stem}.{name}.jsonl"


def read(path: Path) -> Spilled:
    """Read a file that was set aside.

    Raises:
        OSError: It cannot be read, or is no file.
    """
    content = _content(path)
    found = unpack(content)
    return Spilled(found.entries, found.damaged, hashlib.sha256(content).hexdigest())


def rows_in_files(path: Path) -> int:
    """How many rows wait in the files of an account; see ``spill_path``.

    Raises:
        UnavailableError: One cannot be read.
    """
    try:
        files = [each for each in (*Spill(path).waiting(), path) if each.exists()]
        return sum(_content(each).count(b"\n") for each in files)
    except OSError as error:
        raise UnavailableError(f"{error.filename} cannot be read: {error.strerror}") from error


def pack(entries: Iterable[Entry]) -> bytes:
    """Rows as lines of text."""
    return b"".join(map(_line, entries))


def unpack(content: bytes) -> Unpacked:
    """The rows of such lines, without those that are damaged."""
    entries: list[Entry] = []
    damaged: list[str] = []
    for line in content.splitlines():
        try:
            entries.append(_decoder.decode(line))
        except msgspec.MsgspecError:
            damaged.append(line.decode("utf-8", "replace"))
    return Unpacked(entries, damaged)


def _content(path: Path) -> bytes:
    with open(path, "rb", opener=regular) as file:
        return file.read()


def _line(entry: Entry) -> bytes:
    try:
        return _encode(entry) + b"\n"
    except UnicodeEncodeError:
        return _encode(_encodable(msgspec.to_builtins(entry))) + b"\n"


def _encodable(content: object) -> object:
    """The same without what is no text, such as half a pair of surrogates."""
    match content:
        case str():
            return writable(content)
        case dict():
            return {key: _encodable(each) for key, each in content.items()}
        case _:
            return content


def _number(path: Path) -> int:
    ending = path.suffix.removeprefix(".")
    return int(ending) if ending.isdecimal() else 0


def _write_all(fileno: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(fileno, view) :]
