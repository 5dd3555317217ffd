"""The writer: takes rows at once, says when they are durable, keeps them in order."""

import asyncio
import errno
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from ledger_rows import (
    ACCOUNT,
    a_fill,
    a_note,
    an_intent,
    an_order,
    ledger_url,
    numbered,
    writing,
    written,
)

from botcore_tui.clock import ManualClock, SystemClock
from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.queue import Group
from botcore_tui.ledger.reader import LedgerReader
from botcore_tui.ledger.session import WriteSession
from botcore_tui.ledger.spill import Spill
from botcore_tui.ledger.verify import verify
from botcore_tui.ledger.writer import LedgerWriter, WriterOptions

_ID = "bc-r1-1-e"


def _texts(url: str) -> list[str]:
    with LedgerReader(url, ACCOUNT) as reader:
        return [str(row["text"]) for row in reader.everything("audit") if row["text"]]


@pytest.mark.requirement("P22")
async def test_an_intent_reported_durable_can_be_read_by_another(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    with writing(url) as writer:
        writer.append(an_intent())
        assert await writer.durable(_ID, 10)
        assert await writer.durable(_ID, 0), "asked again"
        with closing(sqlite3.connect(tmp_path / "ledger.db")) as other:
            kept = other.execute("SELECT content FROM intake").fetchall()
            found = other.execute("SELECT client_order_id, price FROM intents").fetchall()
            assert found == [(_ID, "61000.1")] or _ID in kept[0][0]
            assert writer.flush(10)
            found = other.execute("SELECT client_order_id, price FROM intents").fetchall()
            assert found == [(_ID, "61000.1")]
            assert other.execute("SELECT * FROM intake").fetchall() == []


async def test_many_intents_become_durable_each_for_who_waits_for_it(tmp_path: Path) -> None:
    with writing(ledger_url(tmp_path)) as writer:
        for number in range(700):
            writer.append(numbered(an_intent(), number))
        ids = [f"bc-r1-{number}-e" for number in range(700)]
        assert all(await asyncio.gather(*(writer.durable(name, 10) for name in ids)))
    assert verify(writer.url).is_intact


@pytest.mark.requirement("P22")
async def test_an_intent_that_never_came_is_not_durable(tmp_path: Path) -> None:
    with writing(ledger_url(tmp_path)) as writer:
        assert not await writer.durable("bc-r1-9-e", 0.01)


def test_rows_from_many_threads_keep_each_ones_order(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    with writing(url) as writer:

        def append(name: str) -> None:
            for number in range(300):
                writer.append(a_note(text=f"{name} {number}"))

        threads = [threading.Thread(target=append, args=(name,)) for name in "abc"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert writer.flush(10)
        assert writer.waiting == 0
    texts = _texts(url)
    for name in "abc":
        own = [text for text in texts if text.startswith(name)]
        assert own == [f"{name} {number}" for number in range(300)]
    assert verify(url).is_intact


def test_closing_writes_what_waits_and_may_be_repeated(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    writer = LedgerWriter.open(url, ACCOUNT, "testnet")
    for number in range(2_000):
        writer.append(a_note(text=str(number)))
    writer.close()
    writer.close()
    assert _texts(url) == [*map(str, range(2_000)), writer.run_id]
    assert list(tmp_path.glob("*.jsonl*")) == []


@pytest.mark.requirement("F13")
async def test_a_row_after_the_end_is_kept_for_the_next_start(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    writer = LedgerWriter.open(url, ACCOUNT, "testnet")
    writer.close()
    writer.append(a_note(text="late"))
    writer.append(an_intent())
    assert not await writer.durable(_ID, 10)
    assert not writer.health.is_writable
    later = written(url, [])
    assert later != writer.run_id
    assert "late" in _texts(url)
    with LedgerReader(url, ACCOUNT) as reader:
        assert [row["run_id"] for row in reader.everything("intents")] == [writer.run_id]
    assert verify(url).is_intact


def test_a_run_has_the_id_that_it_is_given(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    writer = LedgerWriter.open(url, ACCOUNT, "testnet", run_id="abc")
    assert (writer.run_id, writer.account, writer.url) == ("abc", ACCOUNT, url)
    writer.close()
    with pytest.raises(UnavailableError, match="abc is in the ledger"):
        LedgerWriter.open(url, ACCOUNT, "testnet", run_id="abc")


@pytest.mark.requirement("F03")
def test_doubles_are_left_out_and_counted(tmp_path: Path) -> None:
    with writing(ledger_url(tmp_path)) as writer:
        for row in (a_fill(1), a_fill(1), an_order()):
            writer.append(row)
        assert writer.flush(10)
        assert writer.doubles == 1


def test_what_cannot_be_opened_says_why(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="unable to open database file"):
        LedgerWriter.open(ledger_url(tmp_path / "none"), ACCOUNT, "testnet")
    (tmp_path / "ledger.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(UnavailableError, match="not a database"):
        LedgerWriter.open(ledger_url(tmp_path), ACCOUNT, "testnet")
    with pytest.raises(UnavailableError, match="needs a directory"):
        LedgerWriter.open("postgresql+psycopg://localhost/l", ACCOUNT, "testnet")


@pytest.mark.requirement("F20")
def test_a_start_that_fails_late_leaves_the_account_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = ledger_url(tmp_path)
    LedgerWriter.open(url, ACCOUNT, "testnet").close()
    with monkeypatch.context() as patch:

        def full(_self: Spill) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        patch.setattr(Spill, "set_aside", full)
        with pytest.raises(UnavailableError, match="No space left"):
            LedgerWriter.open(url, ACCOUNT, "testnet")
    LedgerWriter.open(url, ACCOUNT, "testnet").close()
    assert verify(url).is_intact


class _Steps(SystemClock):
    """A clock whose monotonic time a test moves."""

    def __init__(self) -> None:
        self.ahead_ns = 0

    def monotonic_ns(self) -> int:
        return super().monotonic_ns() + self.ahead_ns


@pytest.mark.requirement("F20")
async def test_the_lease_is_kept_though_intents_press(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    refresh, keep = WriteSession.refresh, WriteSession.keep

    def refreshed(session: WriteSession, now_ms: int) -> None:
        calls.append("refresh")
        refresh(session, now_ms)

    def kept(session: WriteSession, groups: Sequence[Group]) -> list[Group]:
        calls.append("keep")
        return keep(session, groups)

    monkeypatch.setattr(WriteSession, "refresh", refreshed)
    monkeypatch.setattr(WriteSession, "keep", kept)
    clock = ManualClock()
    options = WriterOptions(clock=clock, linger_seconds=60)
    writer = LedgerWriter.open(ledger_url(tmp_path), ACCOUNT, "testnet", options=options)
    clock.advance(60)
    writer.append(an_intent())
    assert await writer.durable(_ID, 10)
    writer.close()
    assert calls[:2] == ["refresh", "keep"]


@pytest.mark.requirement("F20")
def test_a_writer_that_lost_its_lease_stops_and_loses_nothing(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    clock = _Steps()
    told = threading.Event()
    writer = LedgerWriter.open(
        url,
        ACCOUNT,
        "testnet",
        on_health=lambda _: told.set(),
        options=WriterOptions(clock=clock),
    )
    with sqlite3.connect(tmp_path / "ledger.db") as other:
        other.execute("UPDATE lease SET token = 'other', host = 'dead', refreshed_ms = 0")
    other.close()
    clock.ahead_ns = 60_000_000_000
    writer.append(a_note(text="mine"))
    assert told.wait(10)
    assert "taken by another" in writer.health.reason
    # One that is long gone came with another copy of the ledger: the account has nobody else.
    assert not writer.health.is_taken
    writer.close()
    assert verify(url).is_intact
    assert _texts(url) == []
    written(url, [])
    assert "mine" in _texts(url)


@pytest.mark.requirement("F20")
async def test_no_intent_is_durable_once_another_program_goes_on(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    writer = LedgerWriter.open(url, ACCOUNT, "testnet", run_id="r1")
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as other, other:
        other.execute("UPDATE lease SET born = 'another'")
    with writing(url) as later:
        writer.append(an_intent())
        assert not await writer.durable(_ID, 10)
        assert "another program" in writer.health.reason
        assert writer.health.is_taken
        writer.append(a_note(text="late"))
        assert "another program" in writer.health.reason
        writer.close()
        later.append(a_note(text="goes on"))
        assert later.flush(10)
    assert _texts(url)[0] == "goes on"
    with LedgerReader(url, ACCOUNT) as reader:
        assert list(reader.everything("intents")) == []
    written(url, [])  # the next start has it, from the file
    with LedgerReader(url, ACCOUNT) as reader:
        assert [row["client_order_id"] for row in reader.everything("intents")] == [_ID]
    assert verify(url).is_intact
