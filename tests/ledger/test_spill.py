"""Rows in a file, until the database takes them."""

import errno
import os
from pathlib import Path

import pytest
from ledger_rows import (
    ACCOUNT,
    a_fill,
    a_note,
    a_payment,
    a_position,
    an_intent,
    an_order,
    ledger_url,
)

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.spill import Entry, Spill, read, rows_in_files, spill_path
from botcore_tui.ledger.writer import LedgerWriter, WriterOptions
from botcore_tui.model.ledger import LedgerRow

_ROWS: list[LedgerRow] = [
    an_intent(),
    an_order(),
    a_fill(),
    a_position(),
    a_payment(),
    a_note(),
]
_ENTRIES = [Entry("r1", row) for row in _ROWS]


@pytest.mark.requirement("F13")
def test_every_kind_of_row_comes_back_as_it_was(tmp_path: Path) -> None:
    spill = Spill(tmp_path / "l.jsonl")
    spill.add(_ENTRIES[:2])
    spill.add(_ENTRIES[2:])
    spill.sync()
    is_begun = [spill.is_begun]
    spill.set_aside()
    assert [*is_begun, spill.is_begun] == [True, False]
    (path,) = spill.waiting()
    found = read(path)
    assert (found.entries, found.damaged) == (_ENTRIES, [])


@pytest.mark.requirement("F13")
def test_rows_and_the_name_of_their_file_survive_a_loss_of_power(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []

    def fsync(fileno: int) -> None:
        synced.append(Path(f"/proc/self/fd/{fileno}").readlink())

    spill = Spill(tmp_path / "l.jsonl")
    monkeypatch.setattr(os, "fsync", fsync)
    spill.sync()
    assert synced == [], "there is nothing yet"
    spill.add(_ENTRIES)
    spill.sync()
    assert synced == [tmp_path / "l.jsonl", tmp_path]


def test_what_is_no_text_is_kept_as_far_as_it_is(tmp_path: Path) -> None:
    spill = Spill(tmp_path / "l.jsonl")
    spill.add([Entry("r1", a_note(text="half \ud800 of one"))])
    found = read(spill.path)
    assert (found.entries, found.damaged) == ([Entry("r1", a_note(text="half ? of one"))], [])


def test_files_set_aside_wait_in_their_order(tmp_path: Path) -> None:
    spill = Spill(tmp_path / "l.jsonl")
    spill.set_aside()
    assert spill.waiting() == []
    for entry in _ENTRIES[:3] * 4:
        spill.add([entry])
        spill.set_aside()
    assert [path.suffix for path in spill.waiting()] == [f".{number}" for number in range(1, 13)]


def test_a_file_of_an_earlier_run_is_set_aside_too(tmp_path: Path) -> None:
    earlier = Spill(tmp_path / "l.jsonl")
    earlier.add(_ENTRIES)
    later = Spill(tmp_path / "l.jsonl")
    later.set_aside()
    assert [read(path).entries for path in later.waiting()] == [_ENTRIES]


@pytest.mark.requirement("F14")
def test_a_line_that_a_crash_cut_off_spoils_no_other(tmp_path: Path) -> None:
    spill = Spill(tmp_path / "l.jsonl")
    spill.add(_ENTRIES)
    spill.set_aside()
    (path,) = spill.waiting()
    *_, last = path.read_text().splitlines()
    path.write_bytes(path.read_bytes()[:-5])
    found = read(path)
    assert (found.entries, found.damaged) == (_ENTRIES[:-1], [last[:-4]])


def test_rows_that_the_disk_does_not_take_leave_no_half_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spill = Spill(tmp_path / "l.jsonl")
    spill.add(_ENTRIES[:1])
    real = os.write
    writes = [100, -1]

    def write(fileno: int, content: bytes) -> int:
        room = writes.pop(0)
        if room < 0:
            raise OSError(errno.ENOSPC, "no space")
        return real(fileno, content[:room])

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(OSError, match="no space"):
        spill.add(_ENTRIES[1:])
    monkeypatch.undo()
    spill.add(_ENTRIES[5:])
    spill.set_aside()
    assert read(spill.waiting()[0]).entries == [_ENTRIES[0], _ENTRIES[5]]


@pytest.mark.requirement("F13")
def test_named_pipe_keeps_nobody_waiting(tmp_path: Path) -> None:
    spill = Spill(tmp_path / "l.jsonl")
    os.mkfifo(spill.path)
    with pytest.raises(OSError, match="No such device"):  # nobody reads it
        spill.add(_ENTRIES)
    reader = os.open(spill.path, os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(OSError, match="it is no file"):  # what somebody reads is not kept
        spill.add(_ENTRIES)
    os.close(reader)
    assert not spill.is_begun
    with pytest.raises(UnavailableError, match=r"l\.jsonl cannot be read: it is no file"):
        rows_in_files(spill.path)
    spill.set_aside()
    (path,) = spill.waiting()
    with pytest.raises(OSError, match="it is no file"):
        read(path)


@pytest.mark.requirement("F13")
def test_what_is_no_file_is_named_at_the_start(tmp_path: Path) -> None:
    options = WriterOptions(spill_dir=tmp_path)
    LedgerWriter.open(ledger_url(tmp_path), ACCOUNT, "testnet", options=options).close()
    path = spill_path(ledger_url(tmp_path), ACCOUNT, tmp_path)
    for put, why in ((os.mkfifo, "it is no file"), (os.mkdir, "Is a directory")):
        put(path)
        with pytest.raises(UnavailableError, match=f"{why}: .*{path.name}"):
            LedgerWriter.open(ledger_url(tmp_path), ACCOUNT, "testnet", options=options)
        (found,) = Spill(path).waiting()
        found.rename(tmp_path / f"looked at {put.__name__}")
    LedgerWriter.open(ledger_url(tmp_path), ACCOUNT, "testnet", options=options).close()
