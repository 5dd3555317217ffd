"""What the ledger shows of a deployment phase: counted by the database or row by row, never held.

A phase's record begins with the row by which a person or a breaker began it: after a demotion, or
a restart by name, everything is shown anew.
"""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct, structs
from sqlalchemy import Column, ColumnElement, Connection, Table, func, or_, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from botcore_tui.core.performance import Performance
from botcore_tui.core.promotion import TrackRecord
from botcore_tui.ledger.encoding import row_of
from botcore_tui.ledger.lease import is_held
from botcore_tui.ledger.money import money, streamed
from botcore_tui.ledger.risk_tables import DRILLS, PHASES, STREAMS, TRIPS
from botcore_tui.ledger.tables import (
    AUDIT,
    BREAKER_EVENTS,
    COMMANDS,
    EQUITY,
    INTENTS,
    ORDERS,
    POSITION_EVENTS,
    PROTECTION,
    RUNS,
    TRANSFERS,
)
from botcore_tui.model.ledger import PhaseRow

REVIEW: Final = "phase.review"
"""Code of the audit row by which a person signs the review of a phase (R76)."""
_DAY_MS: Final = 86_400_000
_HALF_DAY_MS: Final = _DAY_MS // 2
_DEFECTS: Final = ("strategy.failed", "ledger.refused")
_BY_ENGINE: Final = "% by engine: %"
"""Of a halt: a task died or an event could not be processed."""
_GATE_ERROR: Final = "GATE_ERROR"
_BREAKS: Final = (
    "position.adopted",
    "order.vanished",
    "order.untraced",
    "order.overfill",
    "order.resurrected",
)
_DRILL: Final = "breaker"
_SLOWEST_MS: Final = 60_000
_HUNDRED: Final = Decimal(100)


class Standing(Struct, frozen=True):
    """The newest gate row of an account, and where its phase's record begins."""

    row: PhaseRow | None
    since: int
    """Sequence in the account's chain; rows after it belong to the record. 0: all do."""


def standing_of(connection: Connection, account: str) -> Standing:
    """The phase that an account's ledger says it is in."""
    table = PHASES.c
    query = select(PHASES).where(table.account == account).order_by(table.sequence.desc())
    row = connection.execute(query.limit(1)).mappings().first()
    if row is None:
        return Standing(None, 0)
    newest = row_of(row, PhaseRow)
    # A row that nobody signed only adds the equity to the one before it.
    begun = connection.execute(query.where(table.actor != "").limit(1)).first()
    return Standing(newest, 0 if begun is None else begun.sequence)


def track_record(
    connection: Connection, account: str, *, asset: str, now_ms: int, since: int = 0
) -> TrackRecord:
    """Everything that promotion asks for.

    Args:
        connection: Of a reader.
        account: Environment and key.
        asset: In which money is counted.
        now_ms: Whether a session that has not ended is alive.
        since: Rows after this one count; drills count whenever they were, of any account.
    """
    looking = _Looking(connection, account, since)
    performance = Performance()
    for time_ms, amount, is_equity in looking.money(asset):
        (performance.on_equity if is_equity else performance.on_transfer)(time_ms, amount)
    trades, wins = looking.trades()
    worst, uptime = looking.uptime()
    return TrackRecord(
        days=looking.days(),
        trades=trades,
        win_rate_pct=_HUNDRED * wins / trades if trades else None,
        monthly_return_pct=performance.monthly_return_pct,
        sharpe=performance.sharpe,
        drawdown_pct=performance.drawdown_pct,
        uptime_pct=uptime,
        worst_stream=worst,
        execution_ms=looking.execution_ms(),
        unhandled_errors=looking.defects() + looking.deaths(now_ms),
        unexplained_breaks=looking.count(AUDIT, AUDIT.c.code.in_(_BREAKS)),
        unprotected_ms=looking.unprotected_ms(),
        trips=looking.count(TRIPS),
        drill_ms=newest_drill_ms(connection),
        reviewed_ms=looking.reviewed_ms(),
    )


def newest_drill_ms(connection: Connection) -> int | None:
    """When a breaker drill was last passed, in whichever account of this ledger; None: never."""
    table = DRILLS.c
    query = select(func.max(table.time_ms)).where(table.drill == _DRILL, table.is_passed)
    found: int | None = connection.execute(query).scalar()
    return found


def with_drill(record: TrackRecord, drill_ms: int | None) -> TrackRecord:
    """The record with a drill that another ledger has, if that is newer."""
    newest = max((each for each in (record.drill_ms, drill_ms) if each is not None), default=None)
    return structs.replace(record, drill_ms=newest)


class _Looking:
    """Questions about one account's rows after a number."""

    def __init__(self, connection: Connection, account: str, since: int) -> None:
        self._connection, self._account, self._since = connection, account, since

    def days(self) -> int:
        """UTC days on which it ran for half of them: a glimpse a day shows nothing."""
        table = STREAMS.c
        day = table.time_ms // _DAY_MS
        spans = (
            select(day.label("day"), func.sum(table.span_ms).label("span_ms"))
            .where(*self._of(table))
            .group_by(day, table.name)
            .subquery()
        )
        query = select(func.count(spans.c.day.distinct())).where(spans.c.span_ms >= _HALF_DAY_MS)
        return int(self._connection.execute(query).scalar() or 0)

    def uptime(self) -> tuple[str, Decimal | None]:
        table = STREAMS.c
        query = (
            select(table.name, func.sum(table.up_ms), func.sum(table.span_ms))
            .where(*self._of(table))
            .group_by(table.name)
        )
        shares = [
            (_HUNDRED * int(up) / int(span), name)
            for name, up, span in self._connection.execute(query)
            if span
        ]
        share, name = min(shares, default=(None, ""))
        return name, share

    def money(self, asset: str) -> Iterator[tuple[int, Decimal, bool]]:
        """Equity and transfers in their order: when, how much, whether it is equity."""
        transfer, equity = TRANSFERS.c, EQUITY.c
        transfers = (*self._of(transfer), transfer.asset == asset)
        yield from money(self._connection, transfers, self._of(equity), equity.sequence)

    def trades(self) -> tuple[int, int]:
        """How many ended flat, and how many of them with a profit after all costs."""
        table = POSITION_EVENTS.c
        query = select(table.realized_pnl, table.fees, table.funding).where(
            *self._of(table), table.quantity == Decimal(0)
        )
        count = wins = 0
        for row in streamed(self._connection, query):
            count += 1
            wins += row.realized_pnl - row.fees + row.funding > 0
        return count, wins

    def execution_ms(self) -> int | None:
        """Within what time 99 % of orders left, from decision to wire; None without orders."""
        # By the present states: SQLite would not look the events up by the order's name.
        intent, order = INTENTS.c, ORDERS.c
        same = (order.account == intent.account) & (order.client_order_id == intent.client_order_id)
        query = (
            select(order.sent_ms - intent.created_ms)
            .select_from(INTENTS.join(ORDERS, same))
            .where(*self._of(intent), order.sent_ms != 0)
        )
        counts: Counter[int] = Counter()
        for (took_ms,) in streamed(self._connection, query):
            counts[min(max(took_ms, 0), _SLOWEST_MS)] += 1
        left = counts.total() * 99
        for took_ms in sorted(counts):
            left -= counts[took_ms] * 100
            if left <= 0:
                return took_ms
        return None

    def defects(self) -> int:
        """What was caught at the edge: defects of a strategy, the engine, the gate, a row."""
        halt = BREAKER_EVENTS.c
        by_engine = (halt.code == "state.halted") & halt.text.like(_BY_ENGINE)
        return (
            self.count(AUDIT, AUDIT.c.code.in_(_DEFECTS))
            + self.count(BREAKER_EVENTS, by_engine)
            + self.count(COMMANDS, COMMANDS.c.code == _GATE_ERROR)
        )

    def deaths(self, now_ms: int) -> int:
        """Sessions that never ended, the one aside that goes on."""
        table = RUNS.c
        # The session in which the phase began is of the phase as well, hence not by number.
        query = select(func.count()).where(
            table.account == self._account,
            table.ended_ms.is_(None),
            or_(table.sequence > self._since, table.sequence == self._run_before()),
        )
        found = int(self._connection.execute(query).scalar() or 0)
        is_running = is_held(self._connection, self._account, now_ms)
        return max(0, found - is_running)

    def unprotected_ms(self) -> int:
        table = PROTECTION.c
        query = select(func.sum(table.to_ms - table.from_ms)).where(*self._of(table))
        return int(self._connection.execute(query).scalar() or 0)

    def reviewed_ms(self) -> int | None:
        table = AUDIT.c
        query = select(func.max(table.time_ms)).where(*self._of(table), table.code == REVIEW)
        found: int | None = self._connection.execute(query).scalar()
        return found

    def count(self, table: Table, *conditions: ColumnElement[bool]) -> int:
        """Rows of a table, under conditions."""
        query = select(func.count()).select_from(table).where(*self._of(table.c), *conditions)
        return int(self._connection.execute(query).scalar() or 0)

    def _run_before(self) -> Any:  # noqa: ANN401 - a scalar subquery
        table = RUNS.c
        return (
            select(func.max(table.sequence))
            .where(table.account == self._account, table.sequence <= self._since)
            .scalar_subquery()
        )

    def _of(
        self, columns: ReadOnlyColumnCollection[str, Column[Any]]
    ) -> tuple[ColumnElement[bool], ...]:
        return columns.account == self._account, columns.sequence > self._since
