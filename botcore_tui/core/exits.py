"""Closing a position at market, and what takes profit beside its stop."""

from decimal import Decimal
from typing import Final

from botcore_tui.core.client_ids import ClientIds
from botcore_tui.core.guard import Guard, Scene
from botcore_tui.core.notes import note
from botcore_tui.core.orders import Order, OrderRegister
from botcore_tui.core.stops import EXECUTING
from botcore_tui.model.event import Cancel, Effect, Reconcile, Record
from botcore_tui.model.instrument import ContractRules
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderReport, OrderRequest, OrderState, OrderType, Purpose
from botcore_tui.model.severity import Severity
from botcore_tui.model.trading import Cover

_COVERED_BY_OTHERS: Final = (-2022, -4118)
"""Reduce-only refused: no position, or resting reduce-only orders take all of it."""
_FIRST_PAUSE_MS: Final = 1_000
_LONGEST_PAUSE_MS: Final = 30_000
_AGAIN_MS: Final = 5_000
_FILLS_MS: Final = 15_000
"""So long executions that the venue told of are waited for before more is closed."""
_NEAR: Final = Decimal("0.0005")
"""Share of the mark: as near as a trigger can be and still not be passed at once, mostly."""
_HUNDRED: Final = Decimal(100)


class Exits:
    """Orders that end a position in another way than by its stop.

    Args:
        register: Of all orders.
        ids: Makes client order ids.
    """

    def __init__(self, register: OrderRegister, ids: ClientIds) -> None:
        self._register = register
        self._ids = ids

    # --- at market ------------------------------------------------------------------------------

    def close(self, guard: Guard, scene: Scene) -> list[Effect]:
        """Send the next market order that closes; one at a time, until the position is flat.

        While one is under way or UNKNOWN no second is sent, whatever the clock says.
        """
        under_way = [
            order
            for order in self._register.open(guard.symbol)
            if order.request.purpose is Purpose.EXIT and order.request.type is OrderType.MARKET
        ]
        time_ms = scene.time_ms
        if under_way or self._waits_for_fills(guard, time_ms):
            return []
        last = self._register.of(guard.exit_id) if guard.exit_id else None
        effects: list[Effect] = []
        if last is not None and last.state is not OrderState.FILLED:
            effects += self._failed(guard, last, time_ms)
        guard.exit_id = ""
        if time_ms < guard.exit_retry_ms:
            return effects
        size, rules = abs(scene.quantity), scene.rules
        if rules is not None:
            # The step may be coarser than that by which the position was made.
            size = rules.round_quantity(min(size, rules.market_max_quantity), is_market=True)
            if size < max(rules.market_min_quantity, rules.market_step):
                return effects + self._close_rest(guard, scene, rules)
        guard.exit_id = self._ids.next(Purpose.EXIT)
        request = OrderRequest(
            client_order_id=guard.exit_id,
            symbol=guard.symbol,
            side=scene.exit_side,
            type=OrderType.MARKET,
            purpose=Purpose.EXIT,
            quantity=size,
            reduce_only=True,
            entry_id=guard.entry_id,
            actor=guard.closing_actor,
            reason=guard.closing,
            created_ms=time_ms,
        )
        return effects + self._register.plan(request)

    def _close_rest(self, guard: Guard, scene: Scene, rules: ContractRules) -> list[Effect]:
        """Close what is too little for an order at market, by one for whatever is held.

        The stop is such a one, where it protects; of the other type one waits as near as it can.
        """
        side, mark, time_ms = scene.exit_side, scene.mark, scene.time_ms
        if mark is None:
            return []
        guard.target_price = rules.round_price(mark * (1 - side.sign * _NEAR), side)
        last = self._register.of(guard.target_id) if guard.target_id else None
        if last is not None and last.is_terminal:
            guard.target_id = ""
        guard.is_target_watched = False  # the venue refused another one
        before = guard.target_id
        effects = self._target(guard, guard.target_price, scene)
        is_placed = guard.target_id != before
        guard.exit_retry_ms = time_ms + (_LONGEST_PAUSE_MS if is_placed else _FIRST_PAUSE_MS)
        if guard.is_rest:
            return effects
        guard.is_rest = True
        text = (
            f"{guard.symbol}: {abs(scene.quantity):f} is less than the venue takes at market:"
            f" it is closed by an order at {guard.target_price:f}, which follows the mark"
        )
        return [*effects, Record(Severity.WARNING, "exit.rest", text, time_ms)]

    def _waits_for_fills(self, guard: Guard, time_ms: int) -> bool:
        """Whether executions that the venue told of are waited for: less may be held by now.

        Not for ever: while nobody can tell of them, what is known is closed; it only reduces.
        """
        if not self._register.misses_fills(guard.symbol):
            guard.fills_missed_ms = 0
            return False
        guard.fills_missed_ms = guard.fills_missed_ms or time_ms
        last = self._register.of(guard.exit_id) if guard.exit_id else None
        since_ms = max(guard.fills_missed_ms, 0 if last is None else last.changed_ms)
        return time_ms - since_ms < _FILLS_MS

    def _failed(self, guard: Guard, last: Order, time_ms: int) -> list[Effect]:
        guard.exit_failures += 1
        pause_ms = min(_FIRST_PAUSE_MS << min(guard.exit_failures - 1, 10), _LONGEST_PAUSE_MS)
        guard.exit_retry_ms = time_ms + pause_ms
        # Between two tries a stop is asked for once more: better late than never.
        guard.begin_stop_anew()
        guard.stop_retry_ms = 0
        if guard.is_emergency:
            guard.is_emergency, guard.cover = False, Cover.NAKED
        text = (
            f"{guard.symbol} not closed, again in {pause_ms / 1000:g} s:"
            f" {last.reason or last.state}"
        )
        cleared: list[Effect] = []
        if last.code in _COVERED_BY_OTHERS:
            for order in self._register.open(guard.symbol):
                if order.request.purpose in {Purpose.TARGET, Purpose.TRAIL, Purpose.EXIT}:
                    cleared += self._register.cancel(order.request.client_order_id, time_ms)
            cleared += self._cancel_theirs(last.request, time_ms)
        # What was in the way is on its way out: nobody has to be called for that.
        is_expected = bool(cleared) and guard.exit_failures == 1
        severity = Severity.WARNING if is_expected else Severity.CRITICAL
        return [
            Record(severity, "exit.failed", text, time_ms),
            Reconcile(reason="mismatch", symbols=(guard.symbol,)),
            *cleared,
        ]

    def _cancel_theirs(self, request: OrderRequest, time_ms: int) -> list[Effect]:
        """Resting exits of others, which nobody else would cancel: the position goes first."""
        effects: list[Effect] = []
        for report in list(self._register.foreign.values()):
            name = report.client_order_id
            is_of_book = isinstance(report, OrderReport) and report.reduce_only
            is_in_the_way = report.symbol == request.symbol and report.side is request.side
            if not (name and is_of_book and is_in_the_way):
                continue
            text = f"{request.symbol}: order {name} of others keeps it from being closed: cancelled"
            effects += note(
                Severity.WARNING,
                "exit.foreign",
                text,
                time_ms=time_ms,
                symbol=request.symbol,
                client_order_id=name,
            )
            effects.append(Cancel(client_order_id=name, symbol=request.symbol, is_algo=False))
        return effects

    # --- beside the stop ------------------------------------------------------------------------

    def attach(self, guard: Guard, scene: Scene) -> list[Effect]:
        """See to target and trailing stop: at the venue, in the engine where it refuses them."""
        effects = self._cancel_left(guard, scene) if guard.has_left_exits else []
        if guard.target_price is not None:
            effects += self._target(guard, guard.target_price, scene)
        if guard.trail_pct is not None:
            effects += self._trail(guard, guard.trail_pct, scene)
        return effects

    def _cancel_left(self, guard: Guard, scene: Scene) -> list[Effect]:
        """Of a trade before this one, which was never seen flat in between: not of this one."""
        guard.has_left_exits = False
        return [
            effect
            for order in self._register.open(guard.symbol)
            if order.state not in EXECUTING and _is_unwanted(guard, order.request)
            for effect in self._register.cancel(order.client_order_id, scene.time_ms)
        ]

    def _target(self, guard: Guard, price: Decimal, scene: Scene) -> list[Effect]:
        side, mark = scene.exit_side, scene.mark
        if guard.is_target_watched:
            if mark is not None and (mark >= price if side is Side.SELL else mark <= price):
                guard.closing, guard.closing_actor = f"target {price:f} reached", "target"
            return []
        trigger = price if scene.rules is None else scene.rules.round_trigger(price, side)
        last = self._last(guard.target_id, guard.symbol, Purpose.TARGET, scene)
        if last is not None:
            if last.state is OrderState.REJECTED:
                guard.is_target_watched = True
                return [_watched(guard.symbol, "target", last, scene.time_ms)]
            if last.state is OrderState.OPEN and last.request.trigger_price != trigger:
                return self._register.cancel(last.client_order_id, scene.time_ms)
            if _is_pending(last, scene.time_ms):
                return []
        guard.target_id = self._ids.next(Purpose.TARGET)
        request = OrderRequest(
            client_order_id=guard.target_id,
            symbol=guard.symbol,
            side=side,
            type=OrderType.TAKE_PROFIT_MARKET,
            purpose=Purpose.TARGET,
            trigger_price=trigger,
            close_position=True,
            entry_id=guard.entry_id,
            actor="protection",
            reason="target",
            created_ms=scene.time_ms,
        )
        return self._register.plan(request)

    def _trail(self, guard: Guard, distance_pct: Decimal, scene: Scene) -> list[Effect]:
        if guard.is_trail_watched:
            return self._watch_trail(guard, distance_pct, scene)
        last = self._last(guard.trail_id, guard.symbol, Purpose.TRAIL, scene)
        if last is not None:
            if last.state is OrderState.REJECTED:
                guard.is_trail_watched = True
                return [_watched(guard.symbol, "trailing stop", last, scene.time_ms)]
            if last.state is OrderState.OPEN and last.request.quantity != abs(scene.quantity):
                return self._register.cancel(last.client_order_id, scene.time_ms)
            if _is_pending(last, scene.time_ms):
                return []
        guard.trail_id = self._ids.next(Purpose.TRAIL)
        request = OrderRequest(
            client_order_id=guard.trail_id,
            symbol=guard.symbol,
            side=scene.exit_side,
            type=OrderType.TRAILING_STOP_MARKET,
            purpose=Purpose.TRAIL,
            quantity=abs(scene.quantity),
            callback_pct=distance_pct,
            reduce_only=True,
            entry_id=guard.entry_id,
            actor="protection",
            reason="trailing stop",
            created_ms=scene.time_ms,
        )
        return self._register.plan(request)

    def _last(
        self, client_order_id: str, symbol: str, purpose: Purpose, scene: Scene
    ) -> Order | None:
        """The one that we placed, or one of an earlier run that is still there."""
        if client_order_id:
            return self._register.of(client_order_id)
        found = (
            one
            for one in self._register.open(symbol)
            if one.request.purpose is purpose and one.request.side is scene.exit_side
        )
        return next(found, None)

    def _watch_trail(self, guard: Guard, distance_pct: Decimal, scene: Scene) -> list[Effect]:
        mark = scene.mark
        if mark is None:
            return []
        is_long = scene.quantity > 0
        best = mark if guard.best_mark is None else (max if is_long else min)(mark, guard.best_mark)
        guard.best_mark = best
        away = (best - mark if is_long else mark - best) / best * _HUNDRED
        if away >= distance_pct:
            guard.closing = f"{distance_pct:f} % from the best mark {best:f}"
            guard.closing_actor = "trailing stop"
        return []


def _is_unwanted(guard: Guard, request: OrderRequest) -> bool:
    """Whether it takes profit where nobody wants that; a target elsewhere is replaced anyway."""
    if request.purpose is Purpose.TARGET:
        return guard.target_price is None
    return request.purpose is Purpose.TRAIL and request.callback_pct != guard.trail_pct


def _is_pending(order: Order, time_ms: int) -> bool:
    """Whether it may still come true, or has failed too short a while ago to ask again."""
    is_replaced = order.state is OrderState.CANCELED and order.is_cancel_requested
    is_fresh = time_ms - order.changed_ms < _AGAIN_MS
    return not order.is_terminal or (is_fresh and not is_replaced)


def _watched(symbol: str, what: str, last: Order, time_ms: int) -> Record:
    text = f"{symbol}: the venue refuses the {what}, the engine watches it: {last.reason}"
    return Record(Severity.WARNING, "protection.watched", text, time_ms)
