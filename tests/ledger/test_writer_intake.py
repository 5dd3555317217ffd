"""A writer whose rows are in the intake: what they wait for, and what becomes of them."""

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
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
from ledger_stage import Held, foreign_texts, locked, writing_heard
from msgspec import structs
from sqlalchemy.exc import OperationalError

from botcore_tui.clock import ManualClock
from botcore_tui.ledger.queue import Group
from botcore_tui.ledger.reader import LedgerReader
from botcore_tui.ledger.session import WriteSession
from botcore_tui.ledger.spill import Entry, read
from botcore_tui.ledger.verify import verify
from botcore_tui.ledger.writer import WriterOptions
from botcore_tui.model.ledger import LedgerRow
from botcore_tui.model.order import OrderState

_ID = "bc-r1-1-e"


def _patient() -> WriterOptions:
    """Rows wait for intents as long as it takes, however slow the machine is."""
    return WriterOptions(linger_seconds=60, clock=ManualClock())


def _spilled(directory: Path) -> list[LedgerRow]:
    (path,) = directory.glob("*.jsonl")
    return [entry.row for entry in read(path).entries]


@pytest.mark.slow
@pytest.mark.requirement("F13")
async def test_what_is_in_the_intake_when_it_ends_is_left_to_the_next_start(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    with writing_heard(url, _patient()) as (writer, _):
        writer.append(an_intent(), a_note(text="1"))
        assert await writer.durable(_ID, 10)
        writer.append(a_note(text="2"))
        with locked(tmp_path / "ledger.db"):
            assert writer.close() == 3
    assert _spilled(tmp_path) == [a_note(text="2")]
    tampered(url, "UPDATE lease SET born = 'another'")
    written(url, [a_note(text="next")])
    assert foreign_texts(url) == ["1", "2", "next"]
    with LedgerReader(url, ACCOUNT) as reader:
        assert len(list(reader.everything("intents"))) == 1
    assert verify(url).is_intact


@pytest.mark.slow
@pytest.mark.requirement("F14")
async def test_states_do_not_go_back_when_it_ends_without_its_database(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    with writing_heard(url, _patient()) as (writer, _):
        writer.append(a_position("0.01"), an_order(OrderState.OPEN))
        writer.append(an_intent(), a_position("0.02"), an_order(OrderState.FILLED))
        assert await writer.durable(_ID, 10)
        writer.append(a_position("0.03"))
        with locked(tmp_path / "ledger.db"):
            assert writer.close() == 6
    tampered(url, "UPDATE lease SET born = 'another'")
    written(url, [])
    with LedgerReader(url, ACCOUNT) as reader:
        found = [str(row["quantity"]) for row in reader.everything("position_events")]
    assert found == ["0.01", "0.02", "0.03"]
    assert verify(url).is_intact


@pytest.mark.requirement("F13")
async def test_what_the_intake_may_have_is_written_once_from_there_or_from_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = ledger_url(tmp_path)
    keep = WriteSession.keep

    def unconfirmed(session: WriteSession, groups: Sequence[Group]) -> list[Group]:
        keep(session, groups)
        raise OperationalError("COMMIT", None, RuntimeError("the connection broke"))

    with monkeypatch.context() as patch, writing_heard(url, _patient()) as (writer, _):
        patch.setattr(WriteSession, "keep", unconfirmed)
        writer.append(a_note(text="1"))
        writer.append(an_intent(), a_note(text="2"))
        assert not await writer.durable(_ID, 10)
        writer.append(a_note(text="3"))
        writer.close()
    assert len(_spilled(tmp_path)) == 4
    written(url, [a_note(text="next")])
    assert foreign_texts(url) == ["1", "2", "3", "next"]
    with LedgerReader(url, ACCOUNT) as reader:
        assert len(list(reader.everything("intents"))) == 1
    assert verify(url).is_intact


class _Word(str):
    __slots__ = ()


@pytest.mark.requirement("F13")
def test_a_row_that_no_file_takes_is_told_and_costs_no_other_way_out(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    note = structs.replace(a_note(), symbol=_Word("X"))  # as a fault of ours might
    with writing_heard(url) as (writer, ear):
        writer.append(an_intent(), note)
        assert writer.flush(10)
        assert writer.health.is_writable
        with locked(tmp_path / "ledger.db"):
            writer.append(note)
            assert ear.waits_for(is_writable=False).reason
            writer.close()
        assert writer.lost == 1
    assert not writer.health.is_writable


@pytest.mark.requirement("F13")
async def test_an_intent_does_not_wait_for_rows_before_it(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    with writing_heard(url, _patient()) as (writer, _):
        writer.append(a_note(text="1"))
        writer.append(an_intent())
        assert await writer.durable(_ID, 10)
        assert foreign_texts(url) == [], "they come later"
        for number in range(2, 1_000):
            writer.append(a_note(text=str(number)))
        assert writer.flush(10)
        assert len(foreign_texts(url)) == 999


@pytest.mark.requirement("F13")
async def test_intents_without_a_pause_do_not_keep_rows_from_their_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[str, int]] = []
    goes_on = threading.Event()
    keep, write = WriteSession.keep, WriteSession.write

    def kept(session: WriteSession, groups: Sequence[Group]) -> list[Group]:
        assert goes_on.wait(20)
        calls.append(("keep", len(groups)))
        return keep(session, groups)

    def wrote(session: WriteSession, entries: list[Entry], number: int) -> int:
        calls.append(("write", len(entries)))
        return write(session, entries, number)

    monkeypatch.setattr(WriteSession, "keep", kept)
    monkeypatch.setattr(WriteSession, "write", wrote)
    with writing_heard(ledger_url(tmp_path), _patient()) as (writer, _):
        for number in range(1_200):
            writer.append(numbered(an_intent(), number))
        goes_on.set()
        assert await writer.durable("bc-r1-1199-e", 20)
    told = calls.index(("write", 500))
    assert calls[told + 1 :], "not only when all of them are kept"
    assert verify(writer.url).rows == 1_202


@pytest.mark.requirement("F13")
def test_rows_go_to_their_tables_in_small_pieces_while_orders_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(monkeypatch)
    with writing_heard(ledger_url(tmp_path), _patient()) as (writer, _):
        for number in range(150):
            writer.append(numbered(an_intent(), number))
        assert held.is_reached.wait(20)
        held.goes_on.set()
        assert writer.flush(20)
    assert held.sizes[0] == 16
    assert sum(held.sizes) == 150
