"""The stop orders of a position: which of them count, where they belong, how they move.

Binance takes only one closePosition order of a type and direction (-4130): so that a new stop can
be there before the old one goes, the other form comes in between: reduce-only with the position's
quantity. It covers no more than that, so one that closes whatever is held takes its place again.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from botcore_tui.core.client_ids import ClientIds
from botcore_tui.core.exposure import protects
from botcore_tui.core.guard import Guard, Scene
from botcore_tui.core.money import ZERO
from botcore_tui.core.notes import note
from botcore_tui.core.orders import Order, OrderRegister
from botcore_tui.core.stop_reach import is_within_reach
from botcore_tui.model.event import Effect, Record
from botcore_tui.model.order import (
    AlgoReport,
    AlgoStatus,
    OrderRequest,
    OrderState,
    OrderType,
    Purpose,
)
from botcore_tui.model.severity import Severity

WOULD_TRIGGER: Final = -2021
EXECUTING: Final = frozenset({OrderState.TRIGGERED, OrderState.PARTLY_FILLED})

WHOLE_AGAIN_MS: Final = 60_000
"""After a stop for whatever is held was not to be had: one for the quantity covers it meanwhile."""
_AGAIN_MS: Final = 5_000
_HUNDRED: Final = Decimal(100)
_COARSE_DIGITS: Final = 3
"""Of a price: no contract's tick is more than a hundredth of it."""


class Stops:
    """Places, compares and replaces stop orders.

    Args:
        register: Of all orders.
        ids: Makes client order ids.
    """

    def __init__(self, register: OrderRegister, ids: ClientIds) -> None:
        self._register = register
        self._ids = ids

    def standing(self, symbol: str, scene: Scene) -> list[Order]:
        """Ours that have not ended, on the side that lowers the position, oldest first."""
        return [
            order
            for order in self._register.open(symbol)
            if order.request.purpose is Purpose.STOP and order.request.side is scene.exit_side
        ]

    def foreign(self, symbol: str, scene: Scene) -> Decimal | None:
        """Trigger of a stop that somebody else placed and that protects all of the position.

        One that could raise a position, is too far away, or beyond liquidation, protects nothing:
        it is as if not there.
        """
        for report in self._foreign(symbol, scene):
            if protects(report, scene):
                return report.trigger_price
        return None

    def is_form_free(self, symbol: str, scene: Scene, stops: list[Order]) -> bool:
        """Whether the venue takes a closePosition stop: no such one stands, ours or another's.

        Args:
            symbol: Of the position.
            scene: See there.
            stops: Those of ours that stand.
        """
        is_ours = any(order.request.close_position for order in stops)
        return not is_ours and not any(
            report.close_position for report in self._foreign(symbol, scene)
        )

    def _foreign(self, symbol: str, scene: Scene) -> list[AlgoReport]:
        return [
            report
            for report in self._register.foreign.values()
            if isinstance(report, AlgoReport)
            and report.symbol == symbol
            and report.type == OrderType.STOP_MARKET
            and report.side is scene.exit_side
            and report.status is AlgoStatus.NEW
        ]

    def place(
        self, guard: Guard, scene: Scene, trigger: Decimal, *, close_position: bool
    ) -> tuple[str, list[Effect]]:
        """Ask for a stop; its client order id, and the effects."""
        client_order_id = self._ids.next(Purpose.STOP)
        request = OrderRequest(
            client_order_id=client_order_id,
            symbol=guard.symbol,
            side=scene.exit_side,
            type=OrderType.STOP_MARKET,
            purpose=Purpose.STOP,
            quantity=Decimal(0) if close_position else abs(scene.quantity),
            trigger_price=trigger,
            reduce_only=not close_position,
            close_position=close_position,
            entry_id=guard.entry_id,
            actor="protection",
            reason="protective stop",
            created_ms=scene.time_ms,
        )
        return client_order_id, self._register.plan(request)

    def arrange(
        self, guard: Guard, scene: Scene, stops: list[Order], covering: list[Order]
    ) -> list[Effect]:
        """Choose the stop that protects; cancel the others, or place what is wanted instead.

        Args:
            guard: Of the position.
            scene: See there.
            stops: Those of ours that stand.
            covering: Those of them that cover it; at least one.
        """
        guard.is_stop_borrowed = False
        if guard.stop_price is None:
            # Nobody said where it belongs: where it stands is as good as anywhere.
            guard.stop_price = _trigger(max(covering, key=lambda order: order.created_ms))
        wanted = _to_tick(guard, guard.stop_price, scene)
        # Of two that are alike the one that covers whatever the position becomes.
        keeper = max(
            covering,
            key=lambda order: (
                _trigger(order) == wanted,
                order.request.close_position,
                order.created_ms,
            ),
        )
        guard.verified_price = _trigger(keeper)
        if guard.verified_price != wanted:
            form = self.is_form_free(guard.symbol, scene, stops)
            return self._move(guard, scene, wanted, close_position=form)
        if keeper.request.close_position or keeper.client_order_id == guard.move_id:
            guard.move_id = ""
        successor = self._successor(guard, scene, wanted)
        effects = [
            effect
            for order in stops
            if order is not keeper and order is not successor and order.state not in EXECUTING
            for effect in self._register.cancel(order.client_order_id, scene.time_ms)
        ]
        if len(stops) == 1 and not keeper.request.close_position and not guard.closing:
            effects += self._make_whole(guard, scene, wanted, stops)
        return effects

    def _successor(self, guard: Guard, scene: Scene, wanted: Decimal) -> Order | None:
        """The stop for whatever is held that is to replace one for a quantity, if it may yet."""
        order = self._register.of(guard.move_id) if guard.move_id else None
        if order is None or not (order.request.close_position and _trigger(order) == wanted):
            # A move from before the position grew: nothing more would become of it.
            guard.move_id = ""
            return None
        if not order.is_terminal:
            return order
        # The present one will do; the venue may take another later.
        guard.move_id, guard.whole_retry_ms = "", scene.time_ms + WHOLE_AGAIN_MS
        return None

    def _make_whole(
        self, guard: Guard, scene: Scene, wanted: Decimal, stops: list[Order]
    ) -> list[Effect]:
        """Place one that covers whatever is added, where one for a quantity stands alone."""
        is_early = scene.time_ms < guard.whole_retry_ms
        if is_early or is_passed(wanted, scene):
            return []
        if not self.is_form_free(guard.symbol, scene, stops):
            return []
        guard.move_id, effects = self.place(guard, scene, wanted, close_position=True)
        return effects

    def borrow(self, guard: Guard, scene: Scene, foreign: Decimal) -> list[Effect]:
        """Only somebody else's stop covers: it is let be, and ours is placed where it is another.

        Args:
            guard: Of the position.
            scene: See there.
            foreign: Trigger of that stop.
        """
        guard.verified_price = foreign
        if guard.stop_price is None or guard.is_stop_borrowed:
            guard.stop_price, guard.is_stop_borrowed = foreign, True
            return []
        wanted = _to_tick(guard, guard.stop_price, scene)
        return [] if wanted == foreign else self._move(guard, scene, wanted, close_position=False)

    def _move(
        self, guard: Guard, scene: Scene, wanted: Decimal, *, close_position: bool
    ) -> list[Effect]:
        """Place one at the wanted price; what is there goes when that one is verified."""
        moving = self._register.of(guard.move_id) if guard.move_id else None
        if moving is not None and covers(moving, scene.quantity) and _trigger(moving) != wanted:
            # It has arrived where it was to be when it left; by now that is not enough.
            guard.move_id, moving = "", None
        if moving is not None and not moving.is_terminal:
            if moving.state in EXECUTING or fits(moving, scene.quantity):
                return []
            # The position is another by now: again with its quantity.
            guard.move_id = ""
            return self._register.cancel(moving.client_order_id, scene.time_ms)
        if moving is not None and guard.is_stop_by_hand:
            return self._refused(guard, scene, moving, wanted)
        is_refused = moving is not None and moving.code == WOULD_TRIGGER
        if not guard.is_stop_by_hand and (is_refused or is_passed(wanted, scene)):
            return self._passed(guard, scene, wanted)
        if moving is not None:
            return self._refused(guard, scene, moving, wanted)
        if scene.time_ms < guard.stop_retry_ms:
            return []
        guard.move_id, effects = self.place(guard, scene, wanted, close_position=close_position)
        return effects

    def _refused(self, guard: Guard, scene: Scene, moving: Order, wanted: Decimal) -> list[Effect]:
        """A person's move is over; what a plan wants is asked for again."""
        present = guard.verified_price or wanted
        guard.move_id, guard.stop_retry_ms = "", scene.time_ms + _AGAIN_MS
        if guard.is_stop_by_hand:
            guard.stop_price, guard.is_stop_by_hand = present, False
        text = (
            f"{guard.symbol}: stop not moved to {wanted:f}, it stays at {present:f}:"
            f" {moving.reason or moving.state}"
        )
        return [Record(Severity.ERROR, "protection.not_moved", text, scene.time_ms)]

    def _passed(self, guard: Guard, scene: Scene, wanted: Decimal) -> list[Effect]:
        """The stop that the plan wants would have triggered: what it was for is done at market."""
        if guard.closing:
            return []
        guard.closing, guard.closing_actor = f"the stop price {wanted:f} has been passed", "plan"
        text = f"{guard.symbol} is being closed at market: {guard.closing}"
        return note(
            Severity.CRITICAL,
            "protection.closing",
            text,
            time_ms=scene.time_ms,
            symbol=guard.symbol,
        )


def fits(order: Order, quantity: Decimal) -> bool:
    """Whether it is for all of a position.

    Reduce-only with more than the position may be refused when it triggers; with less it leaves a
    rest.
    """
    return order.request.close_position or order.request.quantity == abs(quantity)


def covers(order: Order, quantity: Decimal) -> bool:
    """Whether it protects all of a position now, by the venue's word."""
    is_there = order.state is OrderState.OPEN and order.is_verified and not order.is_absent
    is_stop = order.request.trigger_price is not None
    return is_there and is_stop and not order.is_cancel_requested and fits(order, quantity)


def is_near(trigger: Decimal, scene: Scene) -> bool:
    """Whether a stop that is not ours counts as protection, by where it stands."""
    return is_within_reach(
        trigger,
        scene.quantity,
        entry_price=scene.entry_price,
        mark=scene.mark,
        liquidation_price=scene.liquidation_price,
    )


def rounded(price: Decimal, scene: Scene) -> Decimal:
    """To the tick, as far as that is known."""
    return price if scene.rules is None else scene.rules.round_trigger(price, scene.exit_side)


def wanted_stop(guard: Guard, scene: Scene, stop_pct: Decimal) -> Decimal | None:
    """Where the stop belongs, to the tick; None while nothing is known to go by.

    Args:
        guard: Of the position; learns a default where nobody said.
        scene: See there.
        stop_pct: Distance of the default.
    """
    if guard.is_stop_borrowed and not is_near(guard.stop_price or ZERO, scene):
        # Where somebody else's stop counts for nothing, ours would not do better.
        guard.stop_price, guard.is_stop_borrowed = None, False
    if guard.stop_price is None:
        base = scene.mark or scene.entry_price
        if not base:
            return None
        sign = -1 if scene.quantity > 0 else 1
        guard.stop_price = base * (1 + sign * stop_pct / _HUNDRED)
        guard.is_stop_default, guard.guessed_ms = True, scene.time_ms
    return _to_tick(guard, guard.stop_price, scene)


def _to_tick(guard: Guard, price: Decimal, scene: Scene) -> Decimal:
    if scene.rules is None and guard.is_stop_default:
        # Refused for its digits it would be no stop, and the position sold for it.
        return coarse(price, scene)
    return rounded(price, scene)


def coarse(price: Decimal, scene: Scene) -> Decimal:
    """With as few digits as every tick takes, away from the mark."""
    unit = Decimal(1).scaleb(price.adjusted() - _COARSE_DIGITS + 1)
    away = ROUND_FLOOR if scene.quantity > 0 else ROUND_CEILING
    rough = Decimal(f"{price.quantize(unit, away):f}")
    return price if price == rough else rough


def is_passed(trigger: Decimal, scene: Scene) -> bool:
    """Whether the mark is there already, or beyond."""
    if scene.mark is None:
        return False
    return scene.mark <= trigger if scene.quantity > 0 else scene.mark >= trigger


def _trigger(order: Order) -> Decimal:
    trigger = order.request.trigger_price
    assert trigger is not None
    return trigger
