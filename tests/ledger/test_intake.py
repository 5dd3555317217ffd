"""The intake: what an order waited for is in its tables once, whatever fails and whenever."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from builders import NOW_MS
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_rows import ACCOUNT, a_note, an_intent, ledger_url, numbered, tampered, written
from ledger_stage import begun
from msgspec import Struct, field, structs
from property_examples import examples
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.direct import Direct
from botcore_tui.ledger.intake import storable
from botcore_tui.ledger.queue import Group, Queue
from botcore_tui.ledger.reader import LedgerReader
from botcore_tui.ledger.session import Run, WriteSession
from botcore_tui.ledger.spill import Entry, Spill
from botcore_tui.ledger.verify import verify
from botcore_tui.model.ledger import AuditRow, IntentRow, LedgerRow

_RUN = Run(run_id="r1", environment="testnet", version="", config_hash="")


def _begun(url: str, run_id: str) -> WriteSession:
    return begun(url, structs.replace(_RUN, run_id=run_id))


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Of a ledger with tables."""
    written(ledger_url(tmp_path), [], account="another")
    return ledger_url(tmp_path)


@pytest.fixture
def session(url: str) -> Iterator[WriteSession]:
    session = _begun(url, "r1")
    yield session
    session.close()


def _group(number: int, *texts: str, run_id: str = "r1") -> Group:
    notes = [Entry(run_id, a_note(text=text)) for text in texts]
    return Group([Entry(run_id, numbered(an_intent(), number)), *notes], number)


def _texts(url: str, code: str = "order.foreign") -> list[str]:
    with LedgerReader(url, ACCOUNT) as reader:
        rows = [row for row in reader.everything("audit") if row["code"] == code]
    return [str(row["text"]) for row in rows]


def _ids(url: str) -> list[str]:
    with LedgerReader(url, ACCOUNT) as reader:
        return [str(row["client_order_id"]) for row in reader.everything("intents")]


def _die(url: str, session: WriteSession) -> None:
    """End as a crash does: with nothing said, and the lease nobody's."""
    session.close()
    tampered(url, "UPDATE lease SET born = 'another'")


@pytest.mark.requirement("F14")
def test_what_a_crash_left_is_in_its_tables_after_the_next_start(
    url: str, session: WriteSession
) -> None:
    groups = [_group(1, "a", "b"), _group(2)]
    assert session.keep(groups) == groups
    assert _ids(url) == []
    _die(url, session)
    later = _begun(url, "r2")
    assert _ids(url) == ["bc-r1-1-e", "bc-r1-2-e"]
    assert _texts(url) == ["a", "b"]
    assert _texts(url, "ledger.completed") == [
        "run r1 ended before 4 rows, 0 damaged were in their tables"
    ]
    with LedgerReader(url, ACCOUNT) as reader:
        assert [row["run_id"] for row in reader.everything("intents")] == ["r1", "r1"]
    _die(url, later)
    _begun(url, "r3").close()
    assert len(_texts(url, "ledger.completed")) == 1
    assert verify(url).is_intact


@pytest.mark.requirement("F14")
def test_what_is_in_its_tables_is_not_in_the_intake(url: str, session: WriteSession) -> None:
    groups = [_group(number) for number in (1, 2, 3)]
    session.keep(groups)
    session.write([*groups[0].entries, *groups[1].entries], 2)
    _die(url, session)
    _begun(url, "r2").close()
    assert _ids(url) == ["bc-r1-1-e", "bc-r1-2-e", "bc-r1-3-e"]
    assert _texts(url, "ledger.completed") == [
        "run r1 ended before 1 rows, 0 damaged were in their tables"
    ]


def test_another_accounts_rows_stay_where_they_are(url: str, session: WriteSession) -> None:
    session.keep([_group(1)])
    written(url, [], account="another")
    session.write(_group(1).entries, 1)
    assert _ids(url) == ["bc-r1-1-e"]


@pytest.mark.requirement("F20")
@pytest.mark.parametrize("count", [1, 2])
def test_a_writer_that_another_took_over_from_keeps_nothing(
    url: str, session: WriteSession, count: int
) -> None:
    tampered(url, "UPDATE lease SET born = 'another'")
    later = _begun(url, "r2")
    with pytest.raises(UnavailableError, match="another program writes"):
        session.keep([_group(number) for number in range(count)])
    _die(url, later)
    _begun(url, "r3").close()
    assert _ids(url) == []


@pytest.mark.requirement("F13")
def test_a_group_that_is_there_already_is_kept_once(url: str, session: WriteSession) -> None:
    group = _group(1, "a")
    for _ in range(2):
        assert session.keep([group]) == [group]
    assert session.keep([group, _group(2)])
    _die(url, session)
    _begun(url, "r2").close()
    assert _ids(url) == ["bc-r1-1-e", "bc-r1-2-e"]
    assert _texts(url) == ["a"]


@pytest.mark.requirement("F13")
def test_what_its_tables_would_refuse_is_not_kept_nor_what_comes_behind(
    session: WriteSession,
) -> None:
    good, behind = _group(1), _group(3)
    bad = Group([Entry("r1", an_intent(created_ms=2**70))], 2)
    assert session.keep([good, bad, behind]) == [good]
    assert session.keep([bad, behind]) == []


class _Word(str):
    __slots__ = ()


@pytest.mark.parametrize(
    "wrong",
    [
        an_intent(created_ms=2**63),
        an_intent(created_ms=-(2**63)),
        structs.replace(an_intent(), stop_price=1.5),
        structs.replace(an_intent(), request=structs.replace(an_intent().request, reason=None)),
        structs.replace(a_note(), text=_Word("of a kind that no row may be of")),
    ],
)
def test_what_cannot_be_stored_is_told(wrong: LedgerRow) -> None:
    # Such rows can only come of a fault of ours; no order may count on them.
    assert storable(_group(1, "a").entries) is not None
    assert storable([*_group(1, "a").entries, Entry("r1", wrong)]) is None


@pytest.mark.requirement("F14")
def test_rows_that_cannot_be_read_hold_up_nothing_and_are_shown(
    url: str, session: WriteSession
) -> None:
    session.keep([_group(1), _group(2)])
    _die(url, session)
    tampered(url, "UPDATE intake SET content = 'of another version' WHERE number = 1")
    _begun(url, "r2").close()
    assert _ids(url) == ["bc-r1-2-e"]
    assert "1 rows, 1 damaged" in _texts(url, "ledger.completed")[0]
    assert _texts(url, "ledger.unreadable") == ["of another version"]


@pytest.mark.requirement("F13")
def test_an_intent_in_the_intake_and_in_a_file_is_written_once(
    url: str, session: WriteSession, tmp_path: Path
) -> None:
    group = _group(1)
    session.keep([group])
    spill = Spill(tmp_path / "s.jsonl")
    spill.add(list(group.entries))
    spill.set_aside()
    _die(url, session)
    later = _begun(url, "r2")
    later.bring_in(spill.waiting()[0], NOW_MS)
    later.close()
    assert _ids(url) == ["bc-r1-1-e"]
    assert _texts(url, "ledger.refused") == []


# --- whatever fails, and whenever -------------------------------------------------------------

_FAULT = st.sampled_from(["", "", "before", "after"])
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.integers(0, 2), st.just("")),
        st.tuples(st.just("note"), st.integers(1, 2), st.just("")),
        st.tuples(st.just("keep"), st.integers(1, 3), _FAULT),
        st.tuples(st.just("write"), st.integers(1, 6), _FAULT),
        st.tuples(st.just("crash"), st.integers(0, 1), _FAULT),
    ),
    min_size=12,
    max_size=25,
)


class _Faulty:
    """Fails a transaction, before it is committed or after."""

    def __init__(self) -> None:
        self.next = ""

    @contextmanager
    def installed(self) -> Iterator[None]:
        transaction, run_alone = Direct.transaction, Direct.run_alone

        @contextmanager
        def faulty(direct: Direct) -> Iterator[None]:
            fault, self.next = self.next, ""
            with transaction(direct):
                yield
                self._fail(fault == "before")
            self._fail(fault == "after")

        def alone(direct: Direct, statement: str, row: dict[str, str | int | None]) -> int:
            fault, self.next = self.next, ""
            self._fail(fault == "before")
            done = run_alone(direct, statement, row)
            self._fail(fault == "after")
            return done

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Direct, "transaction", faulty)
            patch.setattr(Direct, "run_alone", alone)
            yield

    def _fail(self, does_fail: object) -> None:
        if does_fail:
            raise OperationalError("COMMIT", None, RuntimeError("the connection broke"))


class _Writer(Struct):
    """What a writer does, one step after the other, and what it has to account for."""

    url: str
    fault: _Faulty
    queue: Queue = field(default_factory=Queue)
    session: WriteSession | None = None
    runs: int = 0
    rows: int = 0
    groups: list[list[Entry]] = field(default_factory=list)
    reported: list[Entry] = field(default_factory=list)

    def begin(self) -> None:
        while self.session is None:
            self.runs += 1
            try:
                self.session = _begun(self.url, f"r{self.runs}")
            except SQLAlchemyError:
                tampered(self.url, "UPDATE lease SET born = 'another'")

    def put(self, notes: int, *, asks: bool) -> None:
        self.rows += 1
        run_id = f"r{self.runs}"
        entries = [Entry(run_id, a_note(text=f"{self.rows:03}/{each}")) for each in range(notes)]
        if asks:
            intent = an_intent(f"bc-{run_id}-{self.rows}-e")
            entries.insert(0, Entry(run_id, intent))
        self.groups.append(entries)
        self.queue.put(entries)

    def keep(self, most: int) -> None:
        assert self.session is not None
        if groups := [] if self.session.is_unsure else self.queue.pressing(most):
            assert self.session.keep(groups) == groups
            self.queue.keep(groups)
            self.reported += [entry for group in groups for entry in group.entries]

    def write(self, rows: int) -> None:
        assert self.session is not None
        if batch := self.queue.batch(rows):
            entries = [entry for group in batch for entry in group.entries]
            done = self.session.write(entries, batch[-1].number)
            self.reported += self.queue.take(done)

    def crash(self) -> None:
        assert self.session is not None
        _die(self.url, self.session)
        self.session, self.queue = None, Queue()

    def do(self, step: str, number: int, fault: str) -> None:
        self.fault.next = fault
        match step:
            case "ask" | "note":
                self.put(number, asks=step == "ask")
            case "crash":
                self.crash()
                self.begin()
            case _:
                assert self.session is not None
                try:
                    getattr(self, step)(number)
                except SQLAlchemyError:
                    self.session.drop()
        self.fault.next = ""


def _name(entry: Entry) -> str:
    match entry.row:
        case IntentRow(request=request):
            return request.client_order_id
        case AuditRow(text=text):
            return text
        case _:
            raise AssertionError(entry)


@pytest.mark.requirement("F13")
@pytest.mark.requirement("F14")
@settings(max_examples=examples(25), deadline=None)
@given(_STEPS)
def test_what_was_reported_is_written_once_and_nothing_by_halves(
    steps: list[tuple[str, int, str]],
) -> None:
    fault = _Faulty()
    with TemporaryDirectory() as directory, fault.installed():
        url = ledger_url(Path(directory))
        written(url, [], account="another")
        writer = _Writer(url, fault)
        writer.begin()
        for step in steps:
            writer.do(*step)
        writer.do("crash", 0, "")
        assert writer.session is not None
        writer.session.close()

        with LedgerReader(url, ACCOUNT) as reader:
            intents = [str(row["client_order_id"]) for row in reader.everything("intents")]
            audit = list(reader.everything("audit"))
        texts = [str(row["text"]) for row in audit if row["code"] == "order.foreign"]
        found = [*intents, *texts]
        assert len(found) == len(set(found)), "once"
        assert {_name(entry) for entry in writer.reported} <= set(found), "not lost"
        for entries in writer.groups:
            own = {_name(entry) for entry in entries}
            assert own <= set(found) or not own & set(found), "whole or not at all"
        assert texts == sorted(texts), "in their order"
        assert verify(url).is_intact
