"""The chain of hashes: whatever is changed afterwards is found."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
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
from property_examples import examples

from botcore_tui.ledger.chain import EMPTY, Break, accounts, first_break, head_of, link
from botcore_tui.ledger.encoding import Stored
from botcore_tui.ledger.store import reading_engine
from botcore_tui.ledger.tables import CHAINED
from botcore_tui.model.ledger import LedgerRow

_ROWS: list[LedgerRow] = [
    an_intent(),
    an_order(),
    a_fill(1),
    a_fill(2),
    a_position(),
    a_note(),
    a_note("breaker.tripped"),
]
_LAST = len(_ROWS) + 2
"""With the run's begin and its end."""


def _break(url: str) -> Break | None:
    engine = reading_engine(url)
    with engine.connect() as connection, connection.begin():
        found = first_break(connection, ACCOUNT)
    engine.dispose()
    return found


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = ledger_url(tmp_path)
    written(url, _ROWS)
    return url


@pytest.mark.requirement("G6")
def test_a_chain_that_nobody_touched_holds(url: str) -> None:
    assert _break(url) is None


def test_numbers_run_over_all_tables_without_a_gap(url: str) -> None:
    engine = reading_engine(url)
    with engine.connect() as connection:
        numbers = sorted(
            number
            for table in CHAINED
            for number in connection.exec_driver_sql(f"SELECT sequence FROM {table}").scalars()
        )
        assert numbers == list(range(1, _LAST + 1))
        head = head_of(connection, ACCOUNT)
        assert head is not None
        assert head.sequence == _LAST
        assert accounts(connection) == [ACCOUNT]
    engine.dispose()


@pytest.mark.requirement("G6")
@pytest.mark.parametrize(
    ("statement", "table", "sequence", "what"),
    [
        ("UPDATE fills SET price = '1' WHERE trade_id = 1", "fills", 4, "edited"),
        ("UPDATE fills SET price = '61000.10' WHERE trade_id = 1", "fills", 4, "edited"),
        ("UPDATE fills SET purpose = NULL WHERE trade_id = 1", "fills", 4, "edited"),
        ("UPDATE fills SET is_maker = 7 WHERE trade_id = 1", "fills", 4, "edited"),
        ("UPDATE runs SET version = 'x'", "runs", 1, "edited"),
        # Bytes that, as JSON has bytes, look like the text that was there: "USDT", and none.
        ("UPDATE fills SET fee_asset = X'5120d3'", "fills", 4, "neither text"),
        ("UPDATE fills SET tag = X'' WHERE trade_id = 1", "fills", 4, "neither text"),
        ("UPDATE fills SET sequence = 'x' WHERE trade_id = 1", "fills", 5, "4 to 4 are missing"),
        (f"UPDATE audit SET sequence = 'x' WHERE sequence = {_LAST}", "audit", _LAST, "is none"),
        ("UPDATE heads SET sequence = 'x'", "heads", 0, "not that of the last row"),
        ("UPDATE fills SET hash = 'x' WHERE trade_id = 2", "fills", 5, "edited"),
        ("DELETE FROM fills WHERE trade_id = 2", "position_events", 6, "5 to 5 are missing"),
        ("DELETE FROM runs", "intents", 2, "1 to 1 are missing"),
        (f"DELETE FROM audit WHERE sequence = {_LAST}", "heads", _LAST, "last 1 rows"),
        ("DELETE FROM heads", "heads", _LAST, "head of the chain is missing"),
        ("UPDATE heads SET hash = 'x'", "heads", _LAST, "not that of the last row"),
        ("UPDATE heads SET sequence = 3", "heads", 3, "not that of the last row"),
        (
            (
                "INSERT INTO audit SELECT account, 4, run_id, previous_hash, hash, code, severity,"
                " text, symbol, client_order_id, time_ms FROM audit WHERE sequence = 7"
            ),
            "audit",
            4,
            "two rows",
        ),
    ],
)
def test_tampering_is_found_where_it_was_done(
    url: str, statement: str, table: str, sequence: int, what: str
) -> None:
    tampered(url, statement)
    found = _break(url)
    assert found is not None
    # Of two rows under one number either may be looked at first.
    assert sequence == found.sequence
    assert table in (found.table, "audit")
    assert what in str(found) or table == "audit"


@pytest.mark.requirement("G6")
def test_two_rows_that_changed_places_are_found(url: str) -> None:
    tampered(
        url,
        "UPDATE fills SET sequence = 100 WHERE sequence = 4",
        "UPDATE fills SET sequence = 4 WHERE sequence = 5",
        "UPDATE fills SET sequence = 5 WHERE sequence = 100",
    )
    found = _break(url)
    assert found is not None
    assert (found.table, found.sequence) == ("fills", 4)


def test_the_end_of_a_run_may_be_filled_in_later(url: str) -> None:
    tampered(url, "UPDATE runs SET ended_ms = 5")
    assert _break(url) is None


def test_a_column_added_later_leaves_hashes_as_they_are() -> None:
    row: dict[str, Stored] = {"account": ACCOUNT, "sequence": 1, "symbol": "BTCUSDT"}
    assert link("fills", row, EMPTY.hash) == link("fills", {**row, "purpose": None}, EMPTY.hash)


def test_equal_content_in_two_tables_has_two_hashes() -> None:
    row: dict[str, Stored] = {"account": ACCOUNT, "sequence": 1, "text": "x"}
    assert link("audit", row, EMPTY.hash) != link("breaker_events", row, EMPTY.hash)


_COLUMNS = {
    name: sorted(column.name for column in table.columns if column.name != "ended_ms")
    for name, table in CHAINED.items()
}


@pytest.fixture(scope="module")
def pristine() -> bytes:
    with TemporaryDirectory() as directory:
        url = ledger_url(Path(directory))
        written(url, _ROWS)
        return (Path(directory) / "ledger.db").read_bytes()


@pytest.mark.requirement("G6")
@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=some.data())
def test_any_edit_removal_or_swap_is_found(pristine: bytes, data: some.DataObject) -> None:
    with TemporaryDirectory() as directory:
        (Path(directory) / "ledger.db").write_bytes(pristine)
        url = ledger_url(Path(directory))
        tampered(url, *data.draw(_changes()))
        assert _break(url) is not None


_PLACES = [
    ("runs", 1),
    ("intents", 2),
    ("order_events", 3),
    ("fills", 4),
    ("fills", 5),
    ("position_events", 6),
    ("audit", 7),
    ("breaker_events", 8),
    ("audit", 9),
]


@some.composite
def _changes(draw: some.DrawFn) -> list[str]:
    table, sequence = draw(some.sampled_from(_PLACES))
    where = f"WHERE sequence = {sequence}"
    match draw(some.sampled_from(["edit", "remove", "renumber", "swap"])):
        case "edit":
            column = draw(some.sampled_from(_COLUMNS[table]))
            value = draw(some.integers(10**6, 2**62))
            return [f"UPDATE {table} SET {column} = '{value}' {where}"]
        case "remove":
            return [f"DELETE FROM {table} {where}"]
        case "renumber":
            number = draw(some.integers(_LAST + 1, 1_000))
            return [f"UPDATE {table} SET sequence = {number} {where}"]
        case _:
            other, number = draw(some.sampled_from([p for p in _PLACES if p[1] != sequence]))
            return [
                f"UPDATE {table} SET sequence = -1 {where}",
                f"UPDATE {other} SET sequence = {sequence} WHERE sequence = {number}",
                f"UPDATE {table} SET sequence = {number} WHERE sequence = -1",
            ]
