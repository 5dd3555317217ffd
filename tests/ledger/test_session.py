"""The writer's side of the database: runs, refused rows, commits that nobody confirmed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from builders import NOW_MS
from ledger_rows import (
    ACCOUNT,
    a_fill,
    a_note,
    a_position,
    an_intent,
    an_order,
    ledger_url,
    tampered,
    written,
)
from ledger_stage import begun
from msgspec import structs
from sqlalchemy.exc import OperationalError

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.batch import Written
from botcore_tui.ledger.chain import Head
from botcore_tui.ledger.direct import Direct
from botcore_tui.ledger.reader import LedgerReader
from botcore_tui.ledger.session import Run, WriteSession, _Job
from botcore_tui.ledger.spill import Entry, Spill
from botcore_tui.ledger.verify import verify
from botcore_tui.model.ledger import LedgerRow

_RUN = Run(run_id="", environment="testnet", version="1.2", config_hash="abc")


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Of a ledger with tables."""
    written(ledger_url(tmp_path), [], account="another")
    return ledger_url(tmp_path)


@pytest.fixture
def session(url: str) -> Iterator[WriteSession]:
    session = begun(url, _RUN)
    yield session
    session.close()


def _entries(*rows: LedgerRow) -> list[Entry]:
    return [Entry("r", row) for row in rows]


def _texts(url: str, table: str, column: str) -> list[str]:
    with LedgerReader(url, ACCOUNT) as reader:
        return [str(row[column]) for row in reader.everything(table)]


@pytest.mark.requirement("G2")
def test_a_run_says_which_program_with_which_configuration(url: str, session: WriteSession) -> None:
    session.end(NOW_MS + 5)
    with LedgerReader(url, ACCOUNT) as reader:
        (run,) = reader.everything("runs")
    assert (run["version"], run["config_hash"], run["environment"]) == ("1.2", "abc", "testnet")
    assert (run["started_ms"], run["ended_ms"]) == (NOW_MS, NOW_MS + 5)
    assert _texts(url, "audit", "code") == ["run.ended"]
    assert verify(url).is_intact


def test_runs_that_begin_in_one_moment_have_ids_of_their_own(url: str) -> None:
    ids = []
    for _ in range(3):
        session = begun(url, _RUN)
        ids.append(session.run_id)
        session.end(NOW_MS)
        session.close()
    assert len(set(ids)) == 3
    assert all(0 < len(run_id) <= 12 and run_id.isalnum() and run_id.islower() for run_id in ids)


def test_an_id_of_a_run_is_checked_and_used_once(url: str) -> None:
    session = begun(url, structs.replace(_RUN, run_id="mine1"))
    session.end(NOW_MS)
    session.close()
    for run_id in ("mine1", "UPPER", "a-b", "x" * 13):
        with pytest.raises(UnavailableError, match="run id"):
            begun(url, structs.replace(_RUN, run_id=run_id))


def test_a_row_that_the_database_refuses_holds_up_no_other(url: str, session: WriteSession) -> None:
    entries = _entries(a_note(), an_order(order_id=2**70), an_intent(), a_fill(2**70), a_fill(2))
    assert session.write(entries) == 5
    assert _texts(url, "intents", "client_order_id") == ["bc-r1-1-e"]
    assert _texts(url, "fills", "trade_id") == ["2"]
    assert _texts(url, "audit", "code") == ["order.foreign", "ledger.refused", "ledger.refused"]
    assert "bc-r1-1-e" in _texts(url, "audit", "text")[1]
    assert verify(url).is_intact


def test_rows_beside_one_that_is_refused_are_not_committed_without_it(
    url: str, session: WriteSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = _entries(a_note(), a_fill(3), a_fill(2**70), a_position())
    with monkeypatch.context() as patch:

        def broken(*_: object) -> None:
            raise OperationalError("", None, RuntimeError("the disk is full"))

        patch.setattr(WriteSession, "_refused", broken)
        with pytest.raises(OperationalError, match="full"):
            session.write(entries)
    assert _texts(url, "fills", "trade_id") == []
    assert session.write(entries) == 4
    assert session.refused == entries[2:3]
    assert _texts(url, "fills", "trade_id") == ["3"]
    assert _texts(url, "position_events", "symbol") == ["BTCUSDT"]
    assert _texts(url, "audit", "code") == ["order.foreign", "ledger.refused"]
    assert verify(url).is_intact


def test_what_is_not_a_number_is_kept_as_such(url: str, session: WriteSession) -> None:
    session.write(_entries(structs.replace(an_order(), filled_quantity=Decimal("NaN"))))
    assert _texts(url, "order_events", "filled_quantity") == ["NaN"]
    assert verify(url).is_intact


@pytest.mark.requirement("F13")
@pytest.mark.parametrize("was_committed", [True, False])
def test_a_commit_that_nobody_confirmed_is_neither_lost_nor_done_twice(
    url: str, session: WriteSession, monkeypatch: pytest.MonkeyPatch, *, was_committed: bool
) -> None:
    real = WriteSession._commit

    def commit(self: WriteSession, job: _Job, write: Callable[[Direct, Head], Written]) -> None:
        head = self._head
        if was_committed:
            real(self, job, write)
            assert self._head is not None
            self._intended, self._head = (self._head, 2), head
        else:
            assert head is not None
            self._intended = structs.replace(head, sequence=head.sequence + 2), 2
        raise OperationalError("", None, RuntimeError("the connection broke"))

    entries = _entries(a_note(text="one"), a_note(text="two"), a_note(text="three"))
    with monkeypatch.context() as patch:
        patch.setattr(WriteSession, "_commit", commit)
        with pytest.raises(OperationalError, match="broke"):
            session.write(entries[:2])
    session.drop()
    left = list(entries)
    while left:
        left = left[session.write(left) :]
    assert _texts(url, "audit", "text") == ["one", "two", "three"]
    assert verify(url).is_intact


@pytest.mark.requirement("F13")
def test_rows_after_an_import_that_nobody_confirmed_are_not_taken_for_those_of_it(
    url: str, session: WriteSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Direct.transaction

    @contextmanager
    def unconfirmed(self: Direct) -> Iterator[None]:
        with real(self):
            yield
        raise OperationalError("COMMIT", None, RuntimeError("the connection broke"))

    spill = Spill(tmp_path / "s.jsonl")
    spill.add(_entries(a_note(text="one"), a_note(text="two")))
    spill.set_aside()
    (path,) = spill.waiting()
    with monkeypatch.context() as patch:
        patch.setattr(Direct, "transaction", unconfirmed)
        with pytest.raises(OperationalError, match="broke"):
            session.bring_in(path, NOW_MS)
    session.drop()
    left = _entries(a_note(text="three"), a_note(text="four"), a_note(text="five"))
    while left:
        left = left[session.write(left) :]
    session.bring_in(path, NOW_MS)
    texts = [text for text in _texts(url, "audit", "text") if "rows" not in str(text)]
    assert texts == ["one", "two", "three", "four", "five"]
    assert verify(url).is_intact


@pytest.mark.requirement("F20")
def test_a_lease_that_was_taken_over_ends_all_writing(url: str, session: WriteSession) -> None:
    tampered(url, "UPDATE lease SET token = 'other'")
    with pytest.raises(UnavailableError, match="taken by another"):
        session.refresh(NOW_MS)


@pytest.mark.requirement("F20")
def test_a_head_that_is_neither_ours_nor_the_intended_is_another_programs(
    url: str, session: WriteSession
) -> None:
    assert session._head is not None
    session._intended = structs.replace(session._head, sequence=99), 1
    tampered(url, "UPDATE heads SET sequence = 50")
    with pytest.raises(UnavailableError, match="another program"):
        session.write(_entries(a_note()))


@pytest.mark.requirement("F13")
def test_a_file_of_rows_is_brought_in_once_with_the_run_that_they_are_of(
    url: str, session: WriteSession, tmp_path: Path
) -> None:
    spill = Spill(tmp_path / "s.jsonl")
    spill.add([Entry("before", a_note(text="kept")), Entry("before", an_intent())])
    spill.set_aside()
    (path,) = spill.waiting()
    content = path.read_bytes()
    assert session.bring_in(path, NOW_MS) == 2
    assert not path.exists()
    path.write_bytes(content)  # as a crash between commit and removal leaves it
    session.bring_in(path, NOW_MS)
    assert not path.exists()
    assert _texts(url, "audit", "code") == ["order.foreign", "ledger.imported"]
    assert _texts(url, "audit", "run_id") == ["before", session.run_id]
    assert "2 rows, 0 damaged" in _texts(url, "audit", "text")[1]


def test_a_file_without_a_row_leaves_no_trace(
    url: str, session: WriteSession, tmp_path: Path
) -> None:
    (tmp_path / "s.jsonl.1").touch()
    assert session.bring_in(tmp_path / "s.jsonl.1", NOW_MS) == 0
    assert list(tmp_path.glob("s.jsonl*")) == []
    assert _texts(url, "audit", "code") == []


def test_a_file_with_a_row_that_is_refused_is_brought_in_all_the_same(
    url: str, session: WriteSession, tmp_path: Path
) -> None:
    session.write(_entries(an_intent()))
    spill = Spill(tmp_path / "s.jsonl")
    spill.add([Entry("before", a_fill(2**62 * 2)), Entry("before", a_fill(3))])
    spill.set_aside()
    session.bring_in(spill.waiting()[0], NOW_MS)
    assert _texts(url, "fills", "trade_id") == ["3"]
    assert _texts(url, "audit", "code") == ["ledger.refused", "ledger.imported"]
