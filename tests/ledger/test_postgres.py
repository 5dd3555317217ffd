"""The same ledger in a real PostgreSQL."""

import tempfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from builders import NOW_MS
from ledger_rows import (
    ACCOUNT,
    a_fill,
    a_note,
    a_payment,
    a_position,
    an_intent,
    an_order,
    tampered,
)
from ledger_versions import make_earlier
from msgspec import structs
from postgres import running_postgres
from risk_rows import (
    a_call,
    a_drill,
    a_phase,
    a_strategy,
    a_stream,
    a_trip,
    an_anchor,
    an_equity,
    an_override,
)
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import SQLModel

from botcore_tui.core.checks import OrderCount
from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.checkup import Checkup
from botcore_tui.ledger.evidence import track_record
from botcore_tui.ledger.lease import ALIVE_MS
from botcore_tui.ledger.month import month_figures
from botcore_tui.ledger.reader import LedgerReader
from botcore_tui.ledger.recall import recall
from botcore_tui.ledger.spill import Entry, Spill, spill_path
from botcore_tui.ledger.store import reading_engine, writing_engine
from botcore_tui.ledger.verify import verify
from botcore_tui.ledger.writer import LedgerWriter, WriterOptions
from botcore_tui.model.account import LedgerHealth
from botcore_tui.model.ledger import KnownTrade, LedgerRow, TransferRow
from botcore_tui.model.order import OrderState

pytestmark = [
    pytest.mark.xdist_group("postgres"),
    pytest.mark.requirement("P22"),
    pytest.mark.slow,
]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with (
        tempfile.TemporaryDirectory(prefix="pg") as directory,
        running_postgres(Path(directory)) as url,
    ):
        yield url


@pytest.fixture
def url(server: str) -> Iterator[str]:
    yield server
    engine = writing_engine(server)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    engine.dispose()


def _open(url: str, spill_dir: Path, account: str = ACCOUNT) -> LedgerWriter:
    return LedgerWriter.open(url, account, "testnet", options=WriterOptions(spill_dir=spill_dir))


async def test_a_session_is_written_recalled_and_intact(url: str, tmp_path: Path) -> None:
    writer = _open(url, tmp_path)
    rows: list[LedgerRow] = [
        an_intent(),
        an_order(OrderState.IN_FLIGHT, time_ms=NOW_MS),
        an_order(OrderState.PARTLY_FILLED, order_id=9, filled="0.004"),
        a_fill(7, realized="0.1"),
        a_fill(7, realized="0.1"),
        a_payment(),
        a_payment(transaction_id=5),
        a_position("0.01", time_ms=5),
        a_position("0.02", time_ms=6),
        a_note(text="NUL \0 and half a pair \ud800"),
    ]
    for row in rows:
        writer.append(row)
    assert await writer.durable("bc-r1-1-e", 10)
    assert writer.flush(10)
    assert writer.doubles == 2
    found = recall(url, ACCOUNT, NOW_MS, run_id=writer.run_id)
    assert [(item.intent, item.state) for item in found.orders] == [
        (an_intent(), OrderState.PARTLY_FILLED)
    ]
    assert [(item.row.quantity, item.opened_ms) for item in found.positions] == [
        (Decimal("0.02"), 5)
    ]
    assert found.trades == (KnownTrade("BTCUSDT", 0, (7,)),)
    assert (found.realized_today, found.funding_today) == (Decimal("0.1"), Decimal("-0.12"))
    writer.close()
    verdict = verify(url)
    assert verdict.breaks == ()
    assert verdict.rows == 10
    with LedgerReader(url) as reader:
        assert [fill.trade_id for fill in reader.fills(0, NOW_MS)] == [7]
        for table in reader.tables():
            assert len(reader.page(table, 50).rows) == len(list(reader.everything(table)))


def test_tables_are_those_of_the_program(url: str, tmp_path: Path) -> None:
    _open(url, tmp_path).close()
    engine = reading_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
    engine.dispose()


@pytest.mark.requirement("G6")
@pytest.mark.parametrize("version", ["0001", "0002", "0003"])
async def test_a_ledger_of_an_earlier_version_is_upgraded(
    url: str, tmp_path: Path, version: str
) -> None:
    writer = _open(url, tmp_path)
    writer.append(an_intent())
    writer.append(a_fill())
    writer.close()
    make_earlier(url, version)
    writer = _open(url, tmp_path)
    for row in (an_anchor(), a_trip(), an_override(), a_phase(), a_stream(), a_drill()):
        writer.append(row)
    writer.append(a_strategy())
    writer.append(a_call())
    writer.append(an_equity(time_ms=NOW_MS - 1))
    writer.close()
    assert verify(url).is_intact
    with LedgerReader(url) as reader:
        (call,) = reader.everything("calls")
    assert (call["endpoint"], call["attempts"]) == ("depth", 100)
    found = recall(url, ACCOUNT, NOW_MS)
    assert len(found.orders) == 1
    assert found.risk.latched == (a_trip(),)
    assert found.risk.overrides == (an_override(),)
    assert found.risk.disabled == (a_strategy(),)
    assert (found.risk.day, found.risk.phase) == (an_anchor(), a_phase())
    assert found.risk.equity == (an_equity(time_ms=NOW_MS - 1),)
    engine = reading_engine(url)
    with engine.connect() as connection:
        record = track_record(connection, ACCOUNT, asset="USDT", now_ms=NOW_MS)
        checkup = Checkup(connection, ACCOUNT)
        (depth,), (public,) = checkup.calls(0, NOW_MS + 1), checkup.streams(0, NOW_MS + 1)
        assert (checkup.signed("daily"), checkup.trades(0, NOW_MS + 1)) == (None, ())
        month = month_figures(connection, ACCOUNT, NOW_MS - 9, NOW_MS + 9, asset="USDT")
    engine.dispose()
    assert (depth.attempts, public.up_ms, month.orders) == (100, 600_000, OrderCount(1, 0))
    assert (month.trips, month.fills, month.drills) == ({"A01": 1}, 1, {"breaker": (1, 1)})
    assert (record.trips, record.drill_ms, record.uptime_pct) == (1, NOW_MS, Decimal(100))


@pytest.mark.requirement("F20")
def test_a_second_writer_is_refused(url: str, tmp_path: Path) -> None:
    writer = _open(url, tmp_path)
    with pytest.raises(UnavailableError, match="in use"):
        _open(url, tmp_path)
    _open(url, tmp_path, "testnet:other").close()
    writer.close()
    _open(url, tmp_path).close()


@pytest.mark.requirement("F20")
def test_a_writer_that_was_silent_learns_that_another_took_over(url: str, tmp_path: Path) -> None:
    told: list[LedgerHealth] = []
    options = WriterOptions(spill_dir=tmp_path)
    before = LedgerWriter.open(url, ACCOUNT, "testnet", on_health=told.append, options=options)
    tampered(url, "UPDATE lease SET refreshed_ms = 0, host = 'elsewhere'")
    (tmp_path / "other").mkdir()
    later = _open(url, tmp_path / "other")
    before.append(a_note(text="late"))
    before.close()
    assert told[-1].is_taken
    later.close()


@pytest.mark.requirement("G6")
def test_tampering_is_found(url: str, tmp_path: Path) -> None:
    writer = _open(url, tmp_path)
    writer.append(a_fill())
    writer.close()
    tampered(url, "UPDATE fills SET is_maker = true")
    (found,) = verify(url).breaks
    assert (found.table, found.sequence) == ("fills", 2)


@pytest.mark.requirement("F13")
def test_a_connection_that_is_cut_is_made_anew(url: str, tmp_path: Path) -> None:
    writer = _open(url, tmp_path)
    writer.append(a_note(text="before"))
    assert writer.flush(10)
    tampered(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        " AND application_name = 'botcore'",
    )
    writer.append(an_intent())
    writer.append(a_note(text="after"))
    assert writer.flush(20)
    writer.close()
    verdict = verify(url)
    assert verdict.is_intact
    assert verdict.rows == 5


@pytest.mark.requirement("F13")
@pytest.mark.parametrize("engine_of", [writing_engine, reading_engine])
def test_a_server_that_is_cut_off_is_given_up_before_its_lease_ends(
    url: str, engine_of: Callable[[str], Engine]
) -> None:
    engine = engine_of(url)
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        told = driver.info.get_parameters()
    engine.dispose()
    idle, pause, count = (int(told[f"keepalives_{name}"]) for name in ("idle", "interval", "count"))
    assert (idle + pause * count) * 1_000 < ALIVE_MS
    assert int(told["tcp_user_timeout"]) < ALIVE_MS


@pytest.mark.requirement("F13")
def test_what_is_kept_twice_is_counted_once(url: str, tmp_path: Path) -> None:
    deposit = TransferRow(asset="USDT", amount=Decimal(1_000), reason="DEPOSIT", time_ms=NOW_MS)
    rows: list[LedgerRow] = [deposit, a_stream(), a_call()]
    writer = _open(url, tmp_path)
    for row in rows:
        writer.append(row)
    writer.close()
    kept = Spill(spill_path(url, ACCOUNT, tmp_path))
    kept.add([Entry(writer.run_id, row) for row in (*rows, deposit)])
    _open(url, tmp_path).close()
    with LedgerReader(url) as reader:
        counts = [len(list(reader.everything(name))) for name in ("transfers", "streams", "calls")]
    assert counts == [2, 1, 1]
    assert verify(url).is_intact


def test_a_row_that_is_refused_holds_up_no_other(url: str, tmp_path: Path) -> None:
    writer = _open(url, tmp_path)
    writer.append(a_fill(2**70))
    writer.append(structs.replace(a_note(), text="x" * 100_000))
    assert writer.flush(10)
    writer.close()
    with LedgerReader(url) as reader:
        codes = [row["code"] for row in reader.everything("audit")]
    assert codes == ["ledger.refused", "order.foreign", "run.ended"]
    assert verify(url).is_intact


def test_a_reader_cannot_write(url: str, tmp_path: Path) -> None:
    _open(url, tmp_path).close()
    engine = reading_engine(url)
    with (
        engine.connect() as connection,
        connection.begin(),
        pytest.raises(SQLAlchemyError, match="read-only"),
    ):
        connection.exec_driver_sql("DELETE FROM runs")
    engine.dispose()


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="cannot be written"):
        _open(f"postgresql+psycopg://ada@/x?host={tmp_path}", tmp_path)


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("DELETE FROM orders", "orders, row 2: web-1 is missing"),
        ("UPDATE runs SET ended_ms = NULL", "runs, row 1: the end of run"),
        ("UPDATE position_events SET quantity = 'x' WHERE quantity = '0.01'", "row 3: its content"),
    ],
)
def test_tampering_is_named(url: str, tmp_path: Path, statement: str, what: str) -> None:
    writer = _open(url, tmp_path)
    for row in (an_order(client_order_id="web-1"), a_position("0.01"), a_position("0")):
        writer.append(row)
    writer.close()
    assert verify(url).is_intact
    tampered(url, statement)
    assert what in " ".join(map(str, verify(url).breaks))
