"""Ledgers of the order lab: in memory and as slow as a disk, or the real one beside it."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from random import Random

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from botcore_tui.clock import Clock
from botcore_tui.ledger.recall import recall
from botcore_tui.ledger.verify import verify
from botcore_tui.ledger.writer import LedgerWriter, WriterOptions
from botcore_tui.model.account import is_transfer
from botcore_tui.model.ledger import (
    CommandRow,
    FillRow,
    FundingRow,
    IntentRow,
    KnownTrade,
    LedgerRow,
    OpenOrder,
    OpenPosition,
    OrderRow,
    PositionRow,
    Recollection,
    TransferRow,
)
from botcore_tui.model.order import OrderState, Purpose

ACCOUNT = "demo:lab"
_WINDOW_MS = 5_000
_UNPROVEN = 200


class Present(Struct):
    """An order as the rows so far tell it."""

    intent: IntentRow | None = None
    state: OrderState = OrderState.PLANNED
    order_id: int = 0
    algo_id: int = 0
    filled_quantity: Decimal = Decimal(0)
    sent_ms: int = 0
    rows: int = 0


class Disk:
    """What was committed, over all sessions."""

    def __init__(self) -> None:
        self.rows: list[LedgerRow] = []
        self.orders: dict[str, Present] = {}
        self.fills: dict[tuple[str, int], FillRow] = {}
        self.positions: dict[str, OpenPosition] = {}
        self.doubles: list[tuple[str, int]] = []
        self.funding: list[FundingRow] = []
        self.transfers: list[TransferRow] = []
        self.cancels: list[tuple[int, str]] = []
        """When somebody cancelled which order, as accepted."""
        self.since_ms = 0
        self.lost: set[str] = set()
        """Orders whose intents were in memory when the process was killed."""

    def write(self, row: LedgerRow) -> None:
        self.rows.append(row)
        match row:
            case IntentRow():
                order = self.orders.setdefault(row.request.client_order_id, Present())
                order.intent = order.intent or row
            case OrderRow():
                self._order(row)
            case FillRow():
                key = (row.fill.symbol, row.fill.trade_id)
                if key in self.fills:
                    self.doubles.append(key)
                else:
                    self.fills[key] = row
            case PositionRow():
                self._position(row)
            case FundingRow():
                self.funding.append(row)
            case TransferRow():
                self.transfers.append(row)
            case CommandRow(command="CancelOrder", is_accepted=True):
                name = msgspec.json.decode(row.arguments)["client_order_id"]
                self.cancels.append((row.time_ms, name))
            case _:
                pass

    def recollection(self, run_id: str, now_ms: int) -> Recollection:
        """What ``ledger.recall`` would tell."""
        newest: dict[str, list[int]] = {}
        for symbol, trade_id in sorted(self.fills):
            newest.setdefault(symbol, []).append(trade_id)
        return Recollection(
            account=ACCOUNT,
            run_id=run_id,
            orders=tuple(
                OpenOrder(
                    intent=order.intent,
                    state=order.state,
                    order_id=order.order_id,
                    algo_id=order.algo_id,
                    filled_quantity=order.filled_quantity,
                    expires_ms=max(order.sent_ms or now_ms, order.intent.request.created_ms)
                    + _WINDOW_MS,
                )
                for order in self.orders.values()
                if order.intent is not None and not order.state.is_terminal
            ),
            positions=tuple(
                replace(position, plan=self._plan(symbol, position.opened_ms))
                for symbol, position in sorted(self.positions.items())
                if position.row.quantity
            ),
            trades=tuple(
                KnownTrade(symbol, 0 if len(ids) < _UNPROVEN else ids[0] - 1, tuple(ids))
                for symbol, ids in ((symbol, ids[-_UNPROVEN:]) for symbol, ids in newest.items())
            ),
            realized_today=sum((row.fill.realized_pnl for row in self.fills.values()), Decimal(0)),
            funding_today=sum((row.amount for row in self.funding), Decimal(0)),
            funding=tuple(self.funding),
            transfers=tuple(self.transfers),
            fees_today=self._fees(),
            since_ms=self.since_ms,
            time_ms=now_ms,
        )

    def _fees(self) -> Decimal:
        costs = (-row.amount for row in self.transfers if not is_transfer(row.reason))
        return sum((*(row.fill.fee for row in self.fills.values()), *costs), Decimal(0))

    def _plan(self, symbol: str, opened_ms: int) -> IntentRow | None:
        entries = [
            row.client_order_id
            for key, row in sorted(self.fills.items())
            if key[0] == symbol
            and row.purpose is Purpose.ENTRY
            and row.fill.time_ms >= opened_ms
            and self.orders[row.client_order_id].intent is not None
        ]
        plan = self.orders[entries[-1]].intent if entries else None
        return None if plan is None else self._still_wanted(plan)

    def _still_wanted(self, plan: IntentRow) -> IntentRow:
        since_ms = plan.request.created_ms
        for time_ms, name in self.cancels:
            canceled = self.orders.get(name, Present()).intent
            if canceled is None or min(time_ms, canceled.request.created_ms) < since_ms:
                continue
            if canceled.request.symbol != plan.request.symbol:
                continue
            if canceled.request.purpose is Purpose.TARGET:
                plan = replace(plan, target_price=None)
            elif canceled.request.purpose is Purpose.TRAIL:
                plan = replace(plan, trail_pct=None)
        return plan

    def _order(self, row: OrderRow) -> None:
        order = self.orders.setdefault(row.client_order_id, Present())
        order.state = row.state
        order.order_id = row.order_id or order.order_id
        order.algo_id = row.algo_id or order.algo_id
        order.filled_quantity = row.filled_quantity
        order.rows += 1
        if row.state is OrderState.IN_FLIGHT:
            order.sent_ms = row.time_ms

    def _position(self, row: PositionRow) -> None:
        known = self.positions.get(row.symbol)
        is_same = known is not None and known.row.quantity * row.quantity > 0
        opened_ms = known.opened_ms if known is not None and is_same else row.time_ms
        self.positions[row.symbol] = OpenPosition(row=row, opened_ms=opened_ms)


class LabLedger:
    """Implements ``IntentLog``: commits in groups, after a while; may stall, and die.

    Args:
        disk: Gets what is committed.
        dice: Decide how long a commit takes.
        on_health: Told why it cannot be written; nothing: it can.
        real: Gets the same; None: there is none.
    """

    def __init__(
        self, disk: Disk, dice: Random, on_health: Callable[[str], None], real: LedgerWriter | None
    ) -> None:
        self._disk = disk
        self._dice = dice
        self._on_health = on_health
        self._real = real
        self._waiting: list[LedgerRow] = []
        self._waiters: dict[str, asyncio.Future[bool]] = {}
        self._durable: set[str] = set()
        self._is_due = False
        self._is_stalled = False
        self._is_dead = False

    def append(self, row: LedgerRow, *more: LedgerRow) -> None:
        if self._is_dead:
            return
        self._waiting += [row, *more]
        self._commit_soon()

    async def durable(self, client_order_id: str, seconds: float) -> bool:
        if client_order_id in self._durable:
            return True
        if self._is_stalled or self._is_dead:
            return False
        loop = asyncio.get_running_loop()
        waiter = self._waiters.setdefault(client_order_id, loop.create_future())
        return await asyncio.shield(waiter)

    def stall(self) -> None:
        """The disk takes nothing."""
        self._is_stalled = True
        for waiter in self._waiters.values():
            waiter.set_result(False)
        self._waiters.clear()
        self._on_health("disk is full")

    def recover(self) -> None:
        """The disk takes everything again."""
        if self._is_stalled:
            self._is_stalled = False
            self._on_health("")
            self._commit_soon()

    def die(self) -> None:
        """The process is killed: what is not committed is lost."""
        self._is_dead = True
        self._disk.lost |= {
            row.request.client_order_id for row in self._waiting if isinstance(row, IntentRow)
        }
        self._waiting.clear()
        if self._real is not None:
            self._real.close()

    def close(self) -> None:
        """The process ends in order."""
        self.commit()
        self.die()

    def _commit_soon(self) -> None:
        if not self._is_due and not self._is_stalled:
            self._is_due = True
            pause = self._dice.uniform(0.001, 0.02)
            asyncio.get_running_loop().call_later(pause, self.commit)

    def commit(self) -> None:
        """Write what waits, now."""
        self._is_due = False
        if self._is_stalled or self._is_dead:
            return
        for row in self._waiting:
            self._disk.write(row)
            if self._real is not None:
                self._real.append(row)
        if self._real is not None:
            assert self._real.flush(20), "the real ledger does not take rows"
        for row in self._waiting:
            if isinstance(row, IntentRow):
                name = row.request.client_order_id
                self._durable.add(name)
                waiter = self._waiters.pop(name, None)
                if waiter is not None and not waiter.done():
                    waiter.set_result(True)
        self._waiting.clear()


class RealLedger:
    """A ledger in SQLite beside the one in memory, which must tell the same."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._clock = clock
        self._url = f"sqlite:///{path}"

    def open(self, run_id: str) -> LedgerWriter:
        options = WriterOptions(synchronous="NORMAL", slow_seconds=60, clock=self._clock)
        return LedgerWriter.open(self._url, ACCOUNT, "demo", run_id=run_id, options=options)

    def recollection(self, run_id: str, now_ms: int) -> Recollection:
        return recall(self._url, ACCOUNT, now_ms, run_id=run_id)

    def problems(self) -> list[str]:
        verdict = verify(self._url)
        return [] if verdict.is_intact else [f"ledger: {verdict}"]
