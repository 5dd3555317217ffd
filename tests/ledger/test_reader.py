"""Pages of a ledger, for a screen and for the command line."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from builders import NOW_MS
from ledger_rows import (
    ACCOUNT,
    a_fill,
    a_note,
    a_payment,
    an_intent,
    an_order,
    ledger_url,
    numbered,
    writing,
    written,
)

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.reader import LedgerReader, newest_account
from botcore_tui.ledger.store import reading_engine
from botcore_tui.model.ledger import TransferRow
from botcore_tui.model.order import OrderState


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = ledger_url(tmp_path)
    notes = [a_note(text=str(number)) for number in range(5)]
    written(url, [an_intent(), an_order(OrderState.OPEN, order_id=9), *notes, a_fill()])
    return url


def test_pages_go_from_the_newest_row_back_to_the_first(url: str) -> None:
    with LedgerReader(url) as reader:
        texts: list[object] = []
        before: int | None = None
        while True:
            page = reader.page("audit", 2, before)
            if not page.rows:
                break
            texts += [row[page.columns.index("text")] for row in page.rows if row[2] != "run.ended"]
            before = page.before
        assert page.before is None
    assert texts == ["4", "3", "2", "1", "0"]


def test_a_page_names_its_columns_and_shows_no_hashes(url: str) -> None:
    with LedgerReader(url) as reader:
        page = reader.page("fills", 10)
    assert page.columns[:4] == ("sequence", "run_id", "symbol", "trade_id")
    assert not {"hash", "previous_hash", "account"} & set(page.columns)
    row = dict(zip(page.columns, page.rows[0], strict=True))
    assert (row["price"], row["fee"], row["is_maker"]) == ("61000.1", "0.305", False)


def test_every_table_has_pages_and_all_of_it(url: str) -> None:
    with LedgerReader(url) as reader:
        for table in reader.tables():
            page = reader.page(table, 5)
            assert page.columns[0] == "sequence"
            rows = list(reader.everything(table))
            assert len(rows) >= len(page.rows)
            kinds = reader.columns(table)
            for row in rows:
                assert list(row) == list(kinds)
                assert all(
                    value is None or type(value) is kinds[name] for name, value in row.items()
                )


def test_orders_are_intents_with_what_became_of_them(url: str) -> None:
    written(url, [numbered(an_intent(), 2)])
    with LedgerReader(url) as reader:
        page = reader.page("orders", 10)
    rows = [dict(zip(page.columns, row, strict=True)) for row in page.rows]
    assert [(row["client_order_id"], row["state"], row["order_id"]) for row in rows] == [
        ("bc-r1-2-e", "planned", 0),
        ("bc-r1-1-e", "open", 9),
    ]


def test_the_account_is_that_of_the_newest_run_or_the_one_named(url: str) -> None:
    written(url, [], account="another")
    with LedgerReader(url) as reader:
        assert reader.account == "another"
        assert reader.page("fills", 5).rows == ()
    with LedgerReader(url, ACCOUNT) as reader:
        assert len(reader.page("fills", 5).rows) == 1


def test_the_newest_account_is_that_of_all_runs_or_of_an_environment(url: str) -> None:
    written(url, [], account="testnet:new")
    engine = reading_engine(url)
    with engine.connect() as connection:
        assert newest_account(connection) == "testnet:new"
        assert newest_account(connection, "testnet") == "testnet:new"
        assert newest_account(connection, "production") == ""
    engine.dispose()


def test_a_reader_sees_what_is_written_meanwhile(url: str) -> None:
    with LedgerReader(url) as reader, writing(url) as writer:
        writer.append(a_fill(2))
        assert writer.flush(10)
        assert len(reader.page("fills", 5).rows) == 2


def test_rows_of_a_span_come_as_they_were_written(url: str) -> None:
    transfer = TransferRow(asset="USDT", amount=Decimal(5), reason="DEPOSIT", time_ms=NOW_MS)
    later = a_fill(2, time_ms=NOW_MS + 1)
    payment = a_payment(transaction_id=3)
    written(url, [transfer, later, payment])
    with LedgerReader(url) as reader:
        fills = reader.fills(NOW_MS + 1, NOW_MS + 1)
        assert [(fill.trade_id, fill.price) for fill in fills] == [(2, Decimal("61000.1"))]
        assert fills[0].client_order_id == "bc-r1-1-e"
        assert reader.funding(NOW_MS, NOW_MS) == [payment]
        assert reader.transfers(0, NOW_MS) == [transfer]
        assert reader.transfers(0, NOW_MS - 1) == []


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="no ledger"):
        LedgerReader(ledger_url(tmp_path))
    (tmp_path / "ledger.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(UnavailableError, match="not a database"):
        LedgerReader(ledger_url(tmp_path))


@pytest.mark.requirement("G6")
def test_a_damaged_table_is_told_in_one_line_by_whatever_reads_it(url: str, tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with closing(sqlite3.connect(path)) as database:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'fills'"
        (page,) = database.execute(query).fetchone()
        (size,) = database.execute("PRAGMA page_size").fetchone()
    content = bytearray(path.read_bytes())
    content[(page - 1) * size : page * size] = b"\xff" * size
    path.write_bytes(content)
    reads: list[Callable[[LedgerReader], object]] = [
        lambda reader: reader.page("fills", 5),
        lambda reader: list(reader.everything("fills")),
        lambda reader: reader.pnl("day"),
        lambda reader: reader.fills(0, NOW_MS),
    ]
    for read in reads:
        with (
            LedgerReader(url) as reader,
            pytest.raises(
                UnavailableError, match=r"cannot be read: database disk image is [^\n]*$"
            ),
        ):
            read(reader)
