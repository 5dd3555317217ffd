"""A ledger in memory: what was appended, and what a new session would be told of it."""

from collections import Counter
from decimal import Decimal

from order_builders import NOW_MS

from botcore_tui.model.event import Append
from botcore_tui.model.ledger import (
    AuditRow,
    FillRow,
    IntentRow,
    KnownTrade,
    OpenOrder,
    OpenPosition,
    OrderRow,
    PositionRow,
    Recollection,
)
from botcore_tui.model.order import OrderState

ZERO = Decimal(0)
WINDOW_MS = 5_000
"""recvWindow."""


class RoughLedger:
    """What was appended, and what a new session would be told of it."""

    def __init__(self) -> None:
        self.intents: dict[str, IntentRow] = {}
        self.orders: dict[str, OrderRow] = {}
        self.fills: dict[tuple[str, int], FillRow] = {}
        self.positions: dict[str, PositionRow] = {}
        self.audits: Counter[str] = Counter()
        self.fresh: Counter[tuple[str, int]] = Counter()
        """Rows of executions in this session."""

    def append(self, effect: Append) -> None:
        row = effect.row
        match row:
            case IntentRow():
                self.intents[row.request.client_order_id] = row
            case OrderRow():
                self._check_transition(row)
                self.orders[row.client_order_id] = row
            case FillRow():
                self.fresh[row.fill.symbol, row.fill.trade_id] += 1
                self.fills.setdefault((row.fill.symbol, row.fill.trade_id), row)
            case PositionRow():
                self.positions[row.symbol] = row
            case AuditRow():
                self.audits[row.code] += 1
            case _:
                pass

    def _check_transition(self, row: OrderRow) -> None:
        before = self.orders.get(row.client_order_id)
        if before is None or row.previous is None:
            return
        assert row.previous is before.state
        assert before.state is not OrderState.FILLED
        if before.state is OrderState.CANCELED:
            assert row.state is OrderState.FILLED

    def recall(self, run_id: str, time_ms: int) -> Recollection:
        known: dict[str, list[int]] = {}
        for symbol, trade_id in sorted(self.fills):
            known.setdefault(symbol, []).append(trade_id)
        return Recollection(
            account="demo:rough",
            run_id=run_id,
            orders=tuple(self._open(name, row, time_ms) for name, row in self._unfinished()),
            positions=tuple(
                OpenPosition(row=row, opened_ms=NOW_MS) for row in self.positions.values()
            ),
            trades=tuple(
                KnownTrade(symbol, ids[0] - 1, tuple(ids)) for symbol, ids in known.items()
            ),
            time_ms=time_ms,
        )

    def _unfinished(self) -> list[tuple[str, OrderRow]]:
        return [
            (name, row)
            for name, row in self.orders.items()
            if name in self.intents and not row.state.is_terminal
        ]

    def _open(self, name: str, row: OrderRow, time_ms: int) -> OpenOrder:
        return OpenOrder(
            intent=self.intents[name],
            state=row.state,
            order_id=row.order_id,
            algo_id=row.algo_id,
            filled_quantity=row.filled_quantity,
            expires_ms=time_ms + WINDOW_MS,
        )
