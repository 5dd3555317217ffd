"""A ledger whose file goes away, whose rows are kept twice, whose derived tables are edited."""

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from builders import NOW_MS
from ledger_rows import (
    ACCOUNT,
    a_note,
    a_position,
    an_intent,
    an_order,
    ledger_url,
    numbered,
    tampered,
    written,
)
from ledger_stage import Held, foreign_texts, writing_heard
from sqlalchemy.exc import OperationalError

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger import migrate as migrating
from botcore_tui.ledger.migrate import version_of
from botcore_tui.ledger.queue import Group
from botcore_tui.ledger.reader import LedgerReader
from botcore_tui.ledger.recall import recall
from botcore_tui.ledger.session import WriteSession
from botcore_tui.ledger.store import reading_engine
from botcore_tui.ledger.verify import verify
from botcore_tui.ledger.writer import LedgerWriter, WriterOptions
from botcore_tui.model.ledger import EquityRow, TransferRow
from botcore_tui.model.order import OrderState


def _gone(directory: Path, how: str) -> None:
    if how == "replaced":
        copy = directory / "copy"
        copy.write_bytes((directory / "ledger.db").read_bytes())
        copy.rename(directory / "ledger.db")
        return
    names = ["ledger.db-wal"] if how == "log" else ["ledger.db", "ledger.db-wal", "ledger.db-shm"]
    for name in names:
        (directory / name).unlink()


def _kept(directory: Path) -> bytes:
    (path,) = directory.glob("*.jsonl")
    return path.read_bytes()


@pytest.mark.requirement("F13")
@pytest.mark.parametrize("how", ["removed", "replaced", "log"])
async def test_an_intent_in_a_file_that_is_gone_is_not_durable(tmp_path: Path, how: str) -> None:
    url = ledger_url(tmp_path)
    with writing_heard(url, WriterOptions(linger_seconds=0.01)) as (writer, ear):
        writer.append(an_intent())
        assert await writer.durable("bc-r1-1-e", 10)
        assert writer.flush(10)
        _gone(tmp_path, how)
        writer.append(numbered(an_intent(), 2))
        is_durable = await writer.durable("bc-r1-2-e", 10)
        if is_durable:  # then another program must find it there, whatever becomes of this one
            with LedgerReader(url, ACCOUNT) as reader:
                names = [row["client_order_id"] for row in reader.everything("intents")]
            assert "bc-r1-2-e" in names
        assert not is_durable
        assert "removed or replaced" in ear.waits_for(is_writable=False).reason
        assert writer.close() == 1
    assert b"bc-r1-2-e" in _kept(tmp_path)


@pytest.mark.requirement("F13")
def test_a_deposit_that_was_committed_after_all_is_not_counted_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, url = Held(monkeypatch), ledger_url(tmp_path)
    deposit = TransferRow(asset="USDT", amount=Decimal(1_000), reason="DEPOSIT", time_ms=NOW_MS + 1)
    with writing_heard(url) as (writer, _):
        writer.append(EquityRow(wallet=Decimal(5_000), unrealized=Decimal(0), time_ms=NOW_MS))
        writer.append(deposit)
        assert held.is_reached.wait(20)
        writer.close(0.01)  # the disk does not answer
        held.goes_on.set()  # and does in the end
        writer.close()
    written(url, [])
    assert recall(url, ACCOUNT, NOW_MS + 2).transfers_today == 1_000


@pytest.mark.requirement("F14")
async def test_an_import_that_a_crash_delayed_counts_no_deposit_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = ledger_url(tmp_path)
    written(url, [])
    real, is_kept = WriteSession.keep, threading.Event()

    def keep(session: WriteSession, groups: Sequence[Group]) -> list[Group]:
        real(session, groups)
        is_kept.set()
        raise OperationalError("COMMIT", None, Exception("disk I/O error"))

    deposit = TransferRow(asset="USDT", amount=Decimal(1_000), reason="DEPOSIT", time_ms=NOW_MS + 1)
    with monkeypatch.context() as patch:
        patch.setattr(WriteSession, "keep", keep)
        patch.setattr(
            WriteSession,
            "write",
            lambda *_: (_ for _ in ()).throw(OperationalError("x", None, Exception("disk"))),
        )
        with writing_heard(url) as (writer, _):
            writer.append(EquityRow(wallet=Decimal(5_000), unrealized=Decimal(0), time_ms=NOW_MS))
            writer.append(deposit)
            writer.append(an_intent())
            assert is_kept.wait(10)
            writer.close()
    assert b"DEPOSIT" in _kept(tmp_path)

    def crash(*_: object) -> int:
        raise KeyboardInterrupt

    tampered(url, "UPDATE lease SET born = 'another'")
    with monkeypatch.context() as patch:
        patch.setattr(WriteSession, "bring_in", crash)
        with pytest.raises(KeyboardInterrupt):
            LedgerWriter.open(url, ACCOUNT, "testnet")
    tampered(url, "UPDATE lease SET born = 'another'")
    written(url, [])
    assert recall(url, ACCOUNT, NOW_MS + 2).transfers_today == 1_000


@pytest.mark.requirement("G6")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE positions SET opened_ms = 0 WHERE symbol = 'ETHUSDT'",
        "UPDATE positions SET opened_ms = 5 WHERE symbol = 'ETHUSDT'",
        "UPDATE positions SET tag = 'adopted' WHERE symbol = 'ETHUSDT'",
        "UPDATE orders SET order_id = 77 WHERE state = 'filled'",
        "UPDATE orders SET algo_id = 77 WHERE state = 'filled'",
        "UPDATE orders SET sent_ms = 1 WHERE state = 'filled'",
        "UPDATE orders SET filled_quantity = '9' WHERE state = 'planned'",
        "UPDATE orders SET order_id = 77 WHERE state = 'planned'",
    ],
)
def test_an_edit_of_what_the_next_start_goes_by_is_found(tmp_path: Path, statement: str) -> None:
    url = ledger_url(tmp_path)
    written(
        url,
        [
            an_intent(),
            an_order(OrderState.IN_FLIGHT),
            an_order(OrderState.FILLED, filled="0.01"),
            numbered(an_intent(), 2),
            a_position("0.02", symbol="ETHUSDT"),
            a_position("0.03", symbol="ETHUSDT"),
        ],
    )
    assert verify(url).is_intact
    tampered(url, statement)
    assert not verify(url).is_intact


@pytest.mark.requirement("G6")
def test_an_account_whose_whole_chain_was_removed_is_found(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    written(url, [an_intent(), a_position()])
    tampered(
        url,
        *(f"DELETE FROM {name}" for name in ("heads", "runs", "intents", "position_events")),
        "DELETE FROM audit",
    )
    assert not verify(url).is_intact


@pytest.mark.requirement("F13")
def test_a_copy_for_which_there_is_no_room_is_told_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, path = ledger_url(tmp_path), tmp_path / "ledger.db"
    written(url, [an_intent()])
    tampered(url, "UPDATE alembic_version SET version_num = '0000'")
    real = sqlite3.connect

    def connect(place: Path) -> sqlite3.Connection:
        made = real(place)
        if "backup" in str(place):
            made.execute("PRAGMA page_size = 4096")
            made.execute("PRAGMA max_page_count = 4")  # "database or disk is full"
        return made

    full = SimpleNamespace(connect=connect, Error=sqlite3.Error)
    monkeypatch.setattr(migrating, "sqlite3", full)
    for _ in range(3):
        with pytest.raises(UnavailableError, match="cannot be written"):
            LedgerWriter.open(url, ACCOUNT, "testnet")
    assert list(tmp_path.glob("*.backup-*")) == []
    assert path.exists()


@pytest.mark.requirement("F20")
def test_rows_are_not_kept_in_a_file_that_another_program_took_away(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    with writing_heard(url) as (old, ear):
        assert old.flush(10)
        tampered(url, "DELETE FROM lease")  # as one that was asleep for too long
        with writing_heard(url) as (new, _):
            old.append(a_note(text="first"))
            ear.waits_for(is_writable=False)
            assert old.close() == 1
            new.append(a_note(text="second"))
            assert new.flush(10)
            new._bring_in()
            assert not list(tmp_path.glob("*.jsonl*"))
            old.append(a_note(text="third"))
    assert old.lost == 0
    written(url, [])
    assert "third" in foreign_texts(url)


@pytest.mark.requirement("F20")
def test_tables_are_not_upgraded_under_an_older_program_that_writes_them(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    with writing_heard(url) as (old, _):
        assert old.flush(10)
        tampered(url, "DROP TABLE intake", "UPDATE alembic_version SET version_num = '0003'")
        with pytest.raises(UnavailableError):
            LedgerWriter.open(url, ACCOUNT, "testnet")
        engine = reading_engine(url)
        with engine.connect() as connection:
            assert version_of(connection) == "0003", "the one that runs could not open it again"
        engine.dispose()


_KILLED = """
import os, signal, sys
from ledger_rows import *
from botcore_tui.ledger.writer import LedgerWriter

writer = LedgerWriter.open(sys.argv[1], ACCOUNT, "testnet")
for number in range(2000, 2300):
    writer.append(numbered(an_intent(), number))
writer.flush(20)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.slow
@pytest.mark.requirement("F14")
def test_an_older_copy_under_the_log_of_a_killed_program_is_not_written_on(tmp_path: Path) -> None:
    url, path = ledger_url(tmp_path), tmp_path / "ledger.db"
    written(url, [numbered(an_intent(), number) for number in range(200)])
    copy = path.read_bytes()
    written(url, [numbered(an_intent(), number) for number in range(200, 2000)])
    tests = Path(__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": f"{tests}{os.pathsep}{tests.parent}"}
    subprocess.run([sys.executable, "-c", _KILLED, url], env=environment, check=False)
    assert (tmp_path / "ledger.db-wal").stat().st_size
    path.write_bytes(copy)  # as the operator does, who sees one file only
    for _ in range(2):
        with pytest.raises(UnavailableError, match="damaged"):
            LedgerWriter.open(url, ACCOUNT, "testnet")
    with pytest.raises(UnavailableError, match="malformed"):
        verify(url)
