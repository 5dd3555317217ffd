"""How strategies and the account behave: rates, repeats, losing streaks, slippage.

A strategy that misbehaves is disabled until a person enables it by name (P19, A15); that outlives
a restart. Counters begin anew with a session.
"""

from collections import deque
from collections.abc import Iterable
from decimal import Decimal
from operator import itemgetter
from typing import Final

from msgspec import Struct

from botcore_tui.core.buckets import Bucket
from botcore_tui.core.gate_terms import Denial, Limits
from botcore_tui.core.order_life import Order
from botcore_tui.model.command import EnableStrategy
from botcore_tui.model.event import Append, Effect, Record
from botcore_tui.model.ledger import PositionRow, RiskMemory, StrategyRow
from botcore_tui.model.market import Side
from botcore_tui.model.order import Fill, OrderRequest
from botcore_tui.model.severity import Severity

TEN_MINUTES_MS: Final = 600_000
MOST_FILLS: Final = 10
"""Filled entries of a strategy in five minutes (P19)."""
MOST_LOSSES: Final = 5
"""Losing trades of a strategy in a row (P19)."""
MOST_SLIPS: Final = 3
"""Orders of a strategy in a day that were filled too far from the mid price of their decision."""
_FILLS_MS: Final = 300_000
_DAY_MS: Final = 86_400_000
_RESERVE: Final = Decimal("0.2")
_HUNDRED: Final = Decimal(100)
_KEPT: Final = 1_000


class _Record(Struct):
    """What is remembered of a strategy."""

    filled_ms: deque[int]
    slipped_ms: deque[int]
    losses: int = 0
    bucket: Bucket | None = None


class Conduct:
    """Counters of the account and of each strategy.

    Args:
        limits: Rates and slippage; what is relaxed changes none of them.
        memory: What the ledger knows.
        strategies: Names that are known to be strategies'; more are learnt.

    Attributes:
        disabled: Strategies that wait to be enabled, with the row that says why.
    """

    def __init__(self, limits: Limits, memory: RiskMemory, strategies: Iterable[str] = ()) -> None:
        self.disabled: dict[str, StrategyRow] = {
            row.strategy: row for row in memory.disabled if not row.is_enabled
        }
        self._limits = limits
        self._records: dict[str, _Record] = {}
        rate = limits.account_rate
        self._bucket = None if rate is None else Bucket(rate)
        self._sent_ms: deque[int] = deque(maxlen=_KEPT)
        self._filled_ms: deque[int] = deque(maxlen=_KEPT)
        self._counted: deque[str] = deque(maxlen=_KEPT)
        """Orders whose first execution was counted."""
        self._mids: dict[str, Decimal] = {}
        """At the decision, of orders not filled yet."""
        self._entered: dict[str, deque[tuple[int, str]]] = {}
        """When the position of a symbol was raised, by the venue's clock, and who did it."""
        for name in (*strategies, *self.disabled):
            self.know(name)

    # --- what is told ---------------------------------------------------------------------------

    def know(self, strategy: str) -> None:
        """That is the name of a strategy."""
        if strategy and strategy not in self._records:
            rate = self._limits.strategy_rate
            bucket = None if rate is None else Bucket(rate)
            self._records[strategy] = _Record(deque(maxlen=_KEPT), deque(maxlen=_KEPT), 0, bucket)

    def on_request(self, request: OrderRequest, mid: Decimal | None, time_ms: int) -> None:
        """An order is being sent.

        Args:
            request: The order.
            mid: Between best bid and ask, when it was decided; None where that is not known.
            time_ms: Now.
        """
        self._sent_ms.append(time_ms)
        if self._bucket is not None:
            self._bucket.take(time_ms)
        record = self._records.get(request.actor)
        if record is None:
            return
        if record.bucket is not None and not request.purpose.is_reducing:
            record.bucket.take(time_ms)
        if mid is not None:
            self._mids[request.client_order_id] = mid
            if len(self._mids) > _KEPT:
                del self._mids[next(iter(self._mids))]

    def on_fill(
        self, order: Order | None, fill: Fill, effects: Iterable[Effect], time_ms: int
    ) -> list[Effect]:
        """An order was executed.

        Args:
            order: Of ours; None of others.
            fill: The execution.
            effects: What the position's book made of it: a trade that ended is among them.
            time_ms: Now.
        """
        told: list[Effect] = []
        if order is not None:
            told += self._count(order, fill, time_ms)
        for effect in effects:
            if isinstance(effect, Append) and isinstance(effect.row, PositionRow):
                told += self._on_position(effect.row, time_ms)
        return told

    def enable(self, command: EnableStrategy, time_ms: int) -> tuple[list[Effect], Denial | None]:
        """Let a strategy trade again, or say why not."""
        name = command.strategy
        if not (command.actor.strip() and command.reason.strip()):
            text = "a strategy is enabled by name only"
            return [], Denial("P19", text, remedy="give actor and reason")
        if self.disabled.pop(name, None) is None:
            return [], Denial("P19", f"strategy {name} is not disabled", observed="enabled")
        del self._records[name]
        self.know(name)
        text = f"strategy {name} was enabled by {command.actor}: {command.reason}"
        row = StrategyRow(
            strategy=name,
            is_enabled=True,
            code="P19",
            actor=command.actor,
            reason=command.reason,
            time_ms=time_ms,
        )
        return [Append(row), Record(Severity.WARNING, "strategy.enabled", text, time_ms)], None

    # --- what is asked --------------------------------------------------------------------------

    def is_strategy(self, actor: str) -> bool:
        """Whether that is the name of a strategy."""
        return actor in self._records

    def trouble(self, actor: str) -> str:
        """Why a strategy is disabled; empty if it is not one, or not disabled."""
        row = self.disabled.get(actor)
        return "" if row is None else f"{row.code} {row.reason}"

    def disabled_texts(self) -> tuple[str, ...]:
        """Each with its reason, for the screen."""
        return tuple(f"{name}: {self.trouble(name)}" for name in sorted(self.disabled))

    def strategy_tokens(self, actor: str, time_ms: int) -> Decimal | None:
        """Orders that a strategy may send now; None where that is not limited."""
        record = self._records.get(actor)
        bucket = None if record is None else record.bucket
        return None if bucket is None else bucket.tokens(time_ms)

    def account_tokens(self, time_ms: int) -> Decimal | None:
        """Orders that may be sent now; None where that is not limited."""
        return None if self._bucket is None else self._bucket.tokens(time_ms)

    @property
    def reserve(self) -> Decimal:
        """What of those is kept for orders that reduce."""
        return Decimal(0) if self._bucket is None else self._bucket.size * _RESERVE

    def orders_10min(self, time_ms: int) -> int:
        """Sent in the last ten minutes; of the last thousand."""
        return _since(self._sent_ms, time_ms - TEN_MINUTES_MS)

    def fills_10min(self, time_ms: int) -> int:
        """Orders that were filled in the last ten minutes, wholly or in part."""
        return _since(self._filled_ms, time_ms - TEN_MINUTES_MS)

    # --- within ---------------------------------------------------------------------------------

    def _count(self, order: Order, fill: Fill, time_ms: int) -> list[Effect]:
        actor, name = order.request.actor, order.client_order_id
        if order.is_entry:
            entered = self._entered.setdefault(fill.symbol, deque(maxlen=_KEPT))
            entered.append((fill.time_ms, actor))
        if name in self._counted:
            return []
        # Many executions of one order are one: the book's depth is nothing a strategy repeats.
        self._counted.append(name)
        self._filled_ms.append(time_ms)
        mid = self._mids.pop(name, None)
        record = self._records.get(actor)
        if record is None:
            return []
        effects: list[Effect] = []
        if order.is_entry:
            record.filled_ms.append(time_ms)
            count = _since(record.filled_ms, time_ms - _FILLS_MS)
            if count > MOST_FILLS:
                text = f"{count} entries filled in 5 minutes, at most {MOST_FILLS}"
                effects += self._disable(actor, "P19", text, time_ms)
        if mid is not None:
            effects += self._watch_slippage(record, fill, mid, actor, time_ms)
        return effects

    def _watch_slippage(
        self, record: _Record, fill: Fill, mid: Decimal, actor: str, time_ms: int
    ) -> list[Effect]:
        limit = self._limits.fill_slippage_pct
        if limit is None:
            return []
        worse = fill.price - mid if fill.side is Side.BUY else mid - fill.price
        if worse * _HUNDRED <= limit * mid:
            return []
        record.slipped_ms.append(time_ms)
        count = _since(record.slipped_ms, time_ms - _DAY_MS)
        if count < MOST_SLIPS:
            return []
        text = f"{count} orders in a day filled more than {limit:f} % from the mid price"
        return self._disable(actor, "A15", text, time_ms)

    def _on_position(self, row: PositionRow, time_ms: int) -> list[Effect]:
        if row.quantity:
            return []
        actor = self._take_entered(row)
        record = self._records.get(actor)
        if record is None:
            return []
        is_lost = not row.realized_pnl - row.fees + row.funding > 0
        record.losses = record.losses + 1 if is_lost else 0
        if record.losses < MOST_LOSSES:
            return []
        return self._disable(actor, "P19", f"{record.losses} losing trades in a row", time_ms)

    def _take_entered(self, end: PositionRow) -> str:
        """Who raised the position last before that end; one that is told late has more after it."""
        entered = self._entered.pop(end.symbol, deque())
        later = [one for one in entered if one[0] > end.time_ms]
        if later:
            self._entered[end.symbol] = deque(later, maxlen=_KEPT)
        before = [one for one in reversed(entered) if one[0] <= end.time_ms]
        return max(before, key=itemgetter(0), default=(0, ""))[1]

    def _disable(self, strategy: str, code: str, reason: str, time_ms: int) -> list[Effect]:
        if strategy in self.disabled:
            return []
        row = StrategyRow(
            strategy=strategy,
            is_enabled=False,
            code=code,
            actor="gate",
            reason=reason,
            time_ms=time_ms,
        )
        self.disabled[strategy] = row
        text = (
            f"strategy {strategy} is disabled ({code}): {reason}; positions keep their stops;"
            f" enable it by name: botcore enable-strategy {strategy} --reason TEXT"
        )
        return [Append(row), Record(Severity.CRITICAL, "strategy.disabled", text, time_ms)]


def _since(times: deque[int], from_ms: int) -> int:
    while times and times[0] <= from_ms:
        times.popleft()
    return len(times)
