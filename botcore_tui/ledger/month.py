"""What the ledger shows of a month: money, costs, trades, and what the controls did (R67, G5)."""

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Table, func, not_, select

from botcore_tui.core.anchors import CLOCKS_MS, NEAR
from botcore_tui.core.checks import Delivery, OrderCount, Sums
from botcore_tui.core.performance import Performance
from botcore_tui.ledger.checkup import Checkup
from botcore_tui.ledger.money import is_capital, money, streamed
from botcore_tui.ledger.risk_tables import DRILLS, OVERRIDES, RESETS, TRIPS
from botcore_tui.ledger.tables import (
    AUDIT,
    BREAKER_EVENTS,
    COMMANDS,
    EQUITY,
    FILLS,
    FUNDING,
    INTENTS,
    PROTECTION,
    RUNS,
    TRANSFERS,
)
from botcore_tui.model.check import JournalTrade
from botcore_tui.model.instrument import settles_in
from botcore_tui.model.market import Side
from botcore_tui.model.severity import Severity

_BPS: Final = Decimal(10_000)
_ZERO: Final = Decimal(0)
_ALARMS: Final = tuple(
    str(grade) for grade in (Severity.WARNING, Severity.ERROR, Severity.CRITICAL)
)


class Slippage(Struct, frozen=True, kw_only=True):
    """How far conditional orders were filled from their trigger; positive is worse."""

    fills: int
    bps: Decimal
    """Of the triggers' notional."""
    cost: Decimal
    """Quote units."""


class MonthFigures(Struct, frozen=True, kw_only=True):
    """Of one account and month; amounts in the settlement asset, percents of equity."""

    first_equity: Decimal | None
    last_equity: Decimal | None
    transfers: Decimal
    return_pct: Decimal | None
    """Day by day, without transfers."""
    drawdown_pct: Decimal | None
    sharpe: Decimal | None
    realized: Decimal
    """Without fees and funding."""
    fees: Decimal
    """Paid is positive; with what the venue charges or gives beside its fees for executions, such
    as for a liquidation."""
    other_fees: int
    """Fills whose fee was taken in another asset, and is not in ``fees``."""
    funding: Decimal
    """Received is positive."""
    fills: int
    slippage: Slippage | None
    """None: no conditional order was filled."""
    trades: tuple[JournalTrade, ...]
    orders: OrderCount
    streams: tuple[Delivery, ...]
    calls: tuple[Sums, ...]
    unprotected_ms: int
    denied: Mapping[str, int]
    """Commands and entries that were refused, by the code of the control."""
    trips: Mapping[str, int]
    """By the code of the breaker."""
    resets: int
    overrides: int
    halts: int
    drills: Mapping[str, tuple[int, int]]
    """By name: how many, and how many of them passed."""
    runs: int
    versions: tuple[str, ...]
    configurations: tuple[str, ...]
    alarms: Mapping[str, int]
    """Audit rows that are not merely informative, by code."""

    @property
    def net(self) -> Decimal:
        """What trading earned after fees and funding."""
        return self.realized - self.fees + self.funding

    @property
    def costs(self) -> Decimal:
        """Fees, less funding received."""
        return self.fees - self.funding

    @property
    def wins(self) -> int:
        """Trades with a profit after all costs."""
        return sum(trade.net > 0 for trade in self.trades)


def month_figures(
    connection: Connection, account: str, from_ms: int, to_ms: int, *, asset: str
) -> MonthFigures:
    """Read them.

    Args:
        connection: Of a reader.
        account: Environment and key.
        from_ms: Begin of the month, UTC.
        to_ms: Its end, not included.
        asset: In which money is counted.
    """
    month, checkup = _Month(connection, account, from_ms, to_ms), Checkup(connection, account)
    performance, first, last, moved = month.performance(asset)
    realized, fees, others, fills = month.fills(asset)
    runs, versions, configurations = month.runs()
    return MonthFigures(
        first_equity=first,
        last_equity=last,
        transfers=moved,
        return_pct=performance.return_pct,
        drawdown_pct=performance.drawdown_pct,
        sharpe=performance.sharpe,
        realized=realized,
        fees=fees + month.charges(asset),
        other_fees=others,
        funding=month.funding(asset),
        fills=fills,
        slippage=month.slippage(),
        trades=checkup.trades(from_ms, to_ms),
        orders=checkup.orders(from_ms, to_ms),
        streams=checkup.streams(from_ms, to_ms),
        calls=checkup.calls(from_ms, to_ms),
        unprotected_ms=month.unprotected_ms(),
        denied=month.counted(COMMANDS, "code", ~COMMANDS.c.is_accepted),
        trips=month.counted(TRIPS, "code"),
        resets=month.count(RESETS),
        overrides=month.count(OVERRIDES),
        halts=month.count(BREAKER_EVENTS, BREAKER_EVENTS.c.code == "state.halted"),
        drills=month.drills(),
        runs=runs,
        versions=versions,
        configurations=configurations,
        alarms=month.counted(AUDIT, "code", AUDIT.c.severity.in_(_ALARMS)),
    )


class _Month:
    def __init__(self, connection: Connection, account: str, from_ms: int, to_ms: int) -> None:
        self._connection, self._account = connection, account
        self._from_ms, self._to_ms = from_ms, to_ms

    def performance(
        self, asset: str
    ) -> tuple[Performance, Decimal | None, Decimal | None, Decimal]:
        """With the first and the last equity, and the net transfers."""
        performance = Performance()
        first: Decimal | None = None
        last: Decimal | None = None
        moved, came = _ZERO, list[Decimal]()
        for time_ms, amount, is_equity in self._money(asset):
            if not is_equity:
                came.append(amount)
                continue
            if time_ms >= self._to_ms:
                break
            if time_ms < self._from_ms:
                # What the month before ended with is what this one begins with; what came is in it.
                first = amount
                came.clear()
                continue
            if last is None and first is not None:
                performance.on_equity(self._from_ms, first)
            for each in came:
                performance.on_transfer(time_ms, each)
            performance.on_equity(time_ms, amount)
            moved += sum(came, _ZERO)
            came.clear()
            first, last = amount if first is None else first, amount
        if last is None:  # that the month before ended with something says nothing of this one
            return Performance(), None, None, moved
        return performance, first, last, moved

    def _money(self, asset: str) -> Iterator[tuple[int, Decimal, bool]]:
        """With some of the months beside it: which one has a transfer in it, wallets show."""
        transfer, equity = TRANSFERS.c, EQUITY.c
        is_ours = equity.account == self._account
        before = select(equity.time_ms).where(is_ours, equity.time_ms < self._from_ms)
        after = select(equity.time_ms).where(is_ours, equity.time_ms >= self._to_ms)
        times = self._connection.execute(
            before.order_by(equity.time_ms.desc(), equity.sequence.desc()).limit(2 * NEAR)
        )
        since_ms = min(times.scalars(), default=self._from_ms)
        times = self._connection.execute(
            after.order_by(equity.time_ms, equity.sequence).limit(NEAR)
        )
        until_ms = max(times.scalars(), default=self._to_ms)
        transfers = (
            transfer.account == self._account,
            transfer.asset == asset,
            transfer.time_ms >= since_ms,
            transfer.time_ms < self._to_ms + CLOCKS_MS,
        )
        equities = (is_ours, equity.time_ms >= since_ms, equity.time_ms <= until_ms)
        order = (equity.time_ms, equity.sequence)
        return money(self._connection, transfers, equities, *order)

    def fills(self, asset: str) -> tuple[Decimal, Decimal, int, int]:
        """Realized, fees in the asset, fills with another one, fills."""
        realized, fees, others, count = _ZERO, _ZERO, 0, 0
        table = FILLS.c
        columns = (table.symbol, table.realized_pnl, table.fee, table.fee_asset)
        query = select(*columns).where(*self._of(FILLS))
        for row in streamed(self._connection, query):
            count += 1
            realized += row.realized_pnl if settles_in(row.symbol, asset) else _ZERO
            is_ours = row.fee_asset == asset
            fees += row.fee if is_ours else _ZERO
            others += not is_ours and bool(row.fee)
        return realized, fees, others, count

    def charges(self, asset: str) -> Decimal:
        """What is neither capital nor of an execution, nor funding: no transfer tells of it."""
        table = TRANSFERS.c
        query = select(table.amount).where(
            *self._of(TRANSFERS), table.asset == asset, not_(is_capital())
        )
        return -sum((row.amount for row in streamed(self._connection, query)), _ZERO)

    def funding(self, asset: str) -> Decimal:
        query = select(FUNDING.c.amount).where(*self._of(FUNDING), FUNDING.c.asset == asset)
        return sum((row.amount for row in streamed(self._connection, query)), _ZERO)

    def slippage(self) -> Slippage | None:
        """Against the trigger; what a market order was decided at is not on record."""
        fill, intent = FILLS.c, INTENTS.c
        same = (fill.account == intent.account) & (fill.client_order_id == intent.client_order_id)
        query = (
            select(fill.side, fill.price, fill.quantity, intent.trigger_price)
            .select_from(FILLS.join(INTENTS, same))
            # A trailing stop moves its trigger, which only the venue knows.
            .where(
                *self._of(FILLS), intent.trigger_price.is_not(None), intent.callback_pct.is_(None)
            )
        )
        count, cost, notional = 0, _ZERO, _ZERO
        for row in streamed(self._connection, query):
            count += 1
            worse = row.trigger_price - row.price
            cost += (worse if row.side == Side.SELL else -worse) * row.quantity
            notional += row.trigger_price * row.quantity
        if not notional:
            return None
        return Slippage(fills=count, bps=_BPS * cost / notional, cost=cost)

    def unprotected_ms(self) -> int:
        table = PROTECTION.c
        query = select(func.sum(table.to_ms - table.from_ms)).where(*self._of(PROTECTION))
        return int(self._connection.execute(query).scalar() or 0)

    def drills(self) -> Mapping[str, tuple[int, int]]:
        table = DRILLS.c
        # A rehearsal has an account of its own, on the exchange that it brings along.
        query = select(table.drill, table.is_passed).where(
            table.time_ms >= self._from_ms, table.time_ms < self._to_ms
        )
        held, passed = Counter[str](), Counter[str]()
        for row in self._connection.execute(query):
            held[row.drill] += 1
            passed[row.drill] += row.is_passed
        return {name: (held[name], passed[name]) for name in sorted(held)}

    def runs(self) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
        """How many, their versions and configurations (G2)."""
        table = RUNS.c
        query = select(table.version, table.config_hash).where(
            table.account == self._account,
            table.started_ms >= self._from_ms,
            table.started_ms < self._to_ms,
        )
        rows = self._connection.execute(query).all()
        versions = sorted({row.version for row in rows if row.version})
        hashes = sorted({row.config_hash for row in rows if row.config_hash})
        return len(rows), tuple(versions), tuple(hashes)

    def counted(
        self, table: Table, name: str, *conditions: ColumnElement[bool]
    ) -> Mapping[str, int]:
        """Rows by a column."""
        column = table.c[name]
        query = select(column, func.count()).where(*self._of(table), *conditions)
        rows = self._connection.execute(query.group_by(column).order_by(column))
        return {str(code): int(count) for code, count in rows}

    def count(self, table: Table, *conditions: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(table).where(*self._of(table), *conditions)
        return int(self._connection.execute(query).scalar() or 0)

    def _of(self, table: Table) -> tuple[ColumnElement[bool], ...]:
        columns = table.c
        return (
            columns.account == self._account,
            columns.time_ms >= self._from_ms,
            columns.time_ms < self._to_ms,
        )
