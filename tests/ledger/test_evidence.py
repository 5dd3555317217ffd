"""The record of a phase, as the ledger shows it."""

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

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
    writing,
    written,
)
from msgspec import structs
from risk_rows import (
    a_drill,
    a_phase,
    a_stream,
    a_transfer,
    a_trip,
    an_equity,
)

from botcore_tui.core.promotion import TrackRecord
from botcore_tui.ledger.evidence import (
    REVIEW,
    newest_drill_ms,
    standing_of,
    track_record,
    with_drill,
)
from botcore_tui.ledger.store import reading_engine
from botcore_tui.model.ledger import CommandRow, LedgerRow, PhaseRow, ProtectionRow
from botcore_tui.model.order import OrderState

_DAY_MS = 86_400_000
_MIDNIGHT = NOW_MS - NOW_MS % _DAY_MS


@pytest.fixture
def url(tmp_path: Path) -> str:
    return ledger_url(tmp_path)


def _shown(url: str, *, since: int = 0, now_ms: int = NOW_MS) -> TrackRecord:
    engine = reading_engine(url)
    with engine.connect() as connection:
        record = track_record(connection, ACCOUNT, asset="USDT", now_ms=now_ms, since=since)
    engine.dispose()
    return record


def _record(url: str, rows: Iterable[LedgerRow]) -> TrackRecord:
    written(url, rows)
    return _shown(url)


def _standing(url: str) -> tuple[PhaseRow | None, int]:
    engine = reading_engine(url)
    with engine.connect() as connection:
        standing = standing_of(connection, ACCOUNT)
    engine.dispose()
    return standing.row, standing.since


def test_a_session_without_anything_shows_nothing(url: str) -> None:
    assert _record(url, []) == TrackRecord()


def test_another_account_shows_nothing_but_its_drills(url: str) -> None:
    rows: list[LedgerRow] = [
        a_trip(),
        a_stream(),
        an_equity(),
        a_position("0"),
        a_note("order.vanished"),
        a_drill(time_ms=5),
    ]
    written(url, rows, account="another")
    assert _record(url, []) == TrackRecord(drill_ms=5)


@pytest.mark.requirement("R22")
def test_a_day_counts_if_it_ran_for_half_of_it(url: str) -> None:
    hour_ms = 3_600_000
    rows = [
        a_stream(span_ms=hour_ms, up_ms=hour_ms, time_ms=_MIDNIGHT + hour * hour_ms)
        for hour in [*range(12), *range(24, 35), *range(48, 71)]
    ]
    assert _record(url, rows).days == 2


@pytest.mark.requirement("R61")
def test_the_uptime_is_that_of_the_worst_stream(url: str) -> None:
    record = _record(
        url,
        [
            a_stream("public"),
            a_stream("user data", up_ms=500_000),
            a_stream("user data", up_ms=550_000),
        ],
    )
    assert record.worst_stream == "user data"
    assert record.uptime_pct == Decimal("87.5")


def test_trades_win_after_all_costs(url: str) -> None:
    won = structs.replace(a_position("0", realized="0.4"), funding=Decimal("0.2"))
    even = a_position("0", realized="0.305")
    lost = structs.replace(a_position("0", realized="0.4"), funding=Decimal("-0.2"))
    record = _record(url, [a_position("0.1", realized="9"), won, even, lost, lost])
    assert (record.trades, record.win_rate_pct) == (4, Decimal(25))


def test_money_that_was_moved_is_neither_won_nor_lost(url: str) -> None:
    rows: list[LedgerRow] = [
        an_equity("1000", time_ms=_MIDNIGHT),
        an_equity("2000", "100", time_ms=_MIDNIGHT + 2 * _DAY_MS),
        # Learned of late: it came before that equity.
        a_transfer("1000", time_ms=_MIDNIGHT + _DAY_MS),
        a_transfer("7", asset="BNB", time_ms=_MIDNIGHT + _DAY_MS),
        an_equity("1890", time_ms=_MIDNIGHT + 2 * _DAY_MS + 1),
        a_transfer("500", time_ms=_MIDNIGHT + 3 * _DAY_MS),
    ]
    record = _record(url, rows)
    assert record.monthly_return_pct == Decimal("-5.5") * 10
    assert record.drawdown_pct == 10


def test_orders_leave_within_the_time_of_all_but_one_in_a_hundred(url: str) -> None:
    rows: list[LedgerRow] = []
    for number in range(100):
        took_ms = 5_000 if number == 7 else number % 9
        rows += [
            numbered(an_intent(), number),
            an_order(
                OrderState.IN_FLIGHT,
                client_order_id=f"bc-r1-{number}-e",
                time_ms=NOW_MS + took_ms,
            ),
            an_order(OrderState.OPEN, client_order_id=f"bc-r1-{number}-e", time_ms=NOW_MS + 9_999),
        ]
    assert _record(url, rows).execution_ms == 8


def test_a_decision_later_than_its_order_took_no_time(url: str) -> None:
    order = an_order(OrderState.IN_FLIGHT, time_ms=NOW_MS - 3)
    assert _record(url, [an_intent(), order]).execution_ms == 0


def test_defects_and_deaths_are_unhandled_errors(url: str) -> None:
    halts = ("ACTIVE -> HALTED by engine: feed failed: x", "ACTIVE -> HALTED by ada: key f12")
    refused = CommandRow(
        command_id="c1",
        command="place",
        actor="ada",
        arguments="{}",
        reason="",
        is_accepted=False,
        code="GATE_ERROR",
        text="",
        time_ms=1,
    )
    rows: list[LedgerRow] = [
        *(a_note("state.halted", text) for text in halts),
        a_note("strategy.failed"),
        a_note("ledger.refused"),
        refused,
        structs.replace(refused, code="P01"),
    ]
    assert _record(url, rows).unhandled_errors == 4
    tampered(url, "UPDATE runs SET ended_ms = NULL")
    assert _shown(url).unhandled_errors == 5


def test_a_session_that_goes_on_has_not_died(url: str) -> None:
    with writing(url) as writer:
        writer.append(a_note())
        assert writer.flush(10)
        lives_ms = writer.health.time_ms or NOW_MS
        tampered(url, f"UPDATE lease SET refreshed_ms = {lives_ms}")
        assert _shown(url, now_ms=lives_ms).unhandled_errors == 0
    tampered(url, "UPDATE runs SET ended_ms = NULL")
    assert _shown(url).unhandled_errors == 1


@pytest.mark.parametrize(
    "code",
    ["position.adopted", "order.vanished", "order.untraced", "order.overfill", "order.resurrected"],
)
def test_what_the_venue_says_otherwise_is_a_difference(url: str, code: str) -> None:
    assert _record(url, [a_note(code), a_note("order.foreign")]).unexplained_breaks == 1


def test_time_without_a_stop_is_added_up(url: str) -> None:
    span = ProtectionRow(
        symbol="BTCUSDT",
        from_ms=5,
        to_ms=1_005,
        notional_seconds=Decimal(1),
        reason="verified",
        time_ms=1_005,
    )
    assert _record(url, [span, span]).unprotected_ms == 2_000


@pytest.mark.requirement("R65")
@pytest.mark.requirement("K8")
def test_only_a_breaker_drill_that_was_passed_counts_the_newest(url: str) -> None:
    rows = [
        a_drill(time_ms=5),
        a_drill(time_ms=3),
        a_drill(is_passed=False, time_ms=8),
        a_drill("halt", time_ms=9),
    ]
    assert _record(url, rows).drill_ms == 5


@pytest.mark.parametrize(
    ("own", "other", "newest"), [(None, None, None), (5, None, 5), (None, 7, 7), (5, 7, 7)]
)
def test_a_drill_of_another_ledger_counts_if_it_is_newer(
    own: int | None, other: int | None, newest: int | None
) -> None:
    assert with_drill(TrackRecord(drill_ms=own), other).drill_ms == newest


@pytest.mark.requirement("G1")
@pytest.mark.requirement("R76")
def test_what_was_before_the_phase_shows_nothing_of_it(url: str) -> None:
    before: list[LedgerRow] = [
        a_trip(),
        a_note(REVIEW, time_ms=5),
        a_note("strategy.failed"),
        a_stream(up_ms=0),
        an_equity("1"),
        a_position("0"),
        a_drill(time_ms=6),
    ]
    written(url, [*before, a_phase()])
    row, since = _standing(url)
    assert row == a_phase()
    assert _shown(url, since=since) == TrackRecord(drill_ms=6)
    written(url, [a_trip(), a_note(REVIEW, time_ms=9)])
    record = _shown(url, since=since)
    assert (record.trips, record.reviewed_ms) == (1, 9)


def test_the_session_in_which_a_phase_began_may_die_in_it(url: str) -> None:
    written(url, [a_note()])
    written(url, [a_phase()])
    tampered(url, "UPDATE runs SET ended_ms = NULL")
    _, since = _standing(url)
    assert _shown(url, since=since).unhandled_errors == 1


@pytest.mark.requirement("G1")
def test_a_record_begins_with_the_newest_row_that_somebody_signed(url: str) -> None:
    assert written(url, [])
    assert _standing(url) == (None, 0)
    unsigned = structs.replace(a_phase("testnet", "", equity="4000"), actor="")
    written(url, [unsigned])
    assert _standing(url) == (unsigned, 0)
    signed = a_phase("scale", "conservative", equity=None)
    written(url, [a_phase(), signed, structs.replace(signed, actor="", equity=Decimal(7))])
    row, since = _standing(url)
    assert row is not None
    assert (row.phase, row.equity) == ("scale", Decimal(7))
    engine = reading_engine(url)
    with engine.connect() as connection:
        query = "SELECT sequence FROM phases WHERE actor <> '' ORDER BY sequence DESC"
        assert connection.exec_driver_sql(query).scalar() == since
    engine.dispose()


def test_the_newest_drill_is_found_whosever_it_was(url: str) -> None:
    written(url, [a_drill(time_ms=4)], account="testnet:old")
    written(url, [], account="testnet:new")
    engine = reading_engine(url)
    with engine.connect() as connection:
        assert newest_drill_ms(connection) == 4
    engine.dispose()
