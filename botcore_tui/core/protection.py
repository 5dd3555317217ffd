"""Keeps a verified stop at the venue for every position, and closes what cannot have one."""

from decimal import Decimal
from typing import Final

from msgspec import Struct

from botcore_tui.core.client_ids import ClientIds
from botcore_tui.core.exits import Exits
from botcore_tui.core.guard import CLOCKS_MS, Guard, Scene
from botcore_tui.core.holdings import Holding
from botcore_tui.core.money import signed
from botcore_tui.core.notes import note
from botcore_tui.core.orders import Order, OrderRegister
from botcore_tui.core.portfolio import Portfolio
from botcore_tui.core.stops import (
    EXECUTING,
    WHOLE_AGAIN_MS,
    WOULD_TRIGGER,
    Stops,
    covers,
    fits,
    is_passed,
    wanted_stop,
)
from botcore_tui.model.event import Effect, Reconcile, Record
from botcore_tui.model.instrument import ContractRules
from botcore_tui.model.ledger import IntentRow, OpenOrder
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderState, Purpose
from botcore_tui.model.severity import Severity
from botcore_tui.model.trading import Cover

_NO_POSITION: Final = -4509
_PAUSE_MS: Final = 500
"""After a stop of which nothing was done: nothing is known that would be better by then."""
_ABSENT_MS: Final = 1_000
"""A stop that a listing has not may be executing just now: so long the venue is asked first."""
_FORMS: Final = 2
_RECENT: Final = 100
_FLAT_GRACE_MS: Final = 1_000
"""The venue ends closePosition orders of a flat position by itself; it is given this long."""
_FLAT_DOUBT_MS: Final = 300_000
"""Flat by a listing alone, without a trade that did it: should it be wrong, the stop is there."""
_ACTOR: Final = "protection"


class ProtectionSettings(Struct, frozen=True, kw_only=True):
    """How positions are protected."""

    stop_pct: Decimal = Decimal("3.5")
    """Distance from the mark where nobody said where the stop belongs."""
    verify_ms: int = 5_000
    """A stop that is not confirmed by then is replaced by the other form, then by closing."""


class Protection:
    """Watches all positions; asked to look again whenever something may have changed.

    Args:
        register: Of all orders.
        portfolio: Of all positions.
        ids: Makes client order ids.
        settings: See there.
    """

    def __init__(
        self,
        register: OrderRegister,
        portfolio: Portfolio,
        ids: ClientIds,
        settings: ProtectionSettings,
    ) -> None:
        self._register = register
        self._portfolio = portfolio
        self._settings = settings
        self._stops = Stops(register, ids)
        self._exits = Exits(register, ids)
        self._guards: dict[str, Guard] = {}
        self.unprotected_ms = 0
        """Of all positions, since midnight UTC or the start; the desk starts it anew."""

    def guard(self, symbol: str) -> Guard:
        """What is known of a symbol's protection; made on first sight."""
        return self._guards.setdefault(symbol, Guard(symbol))

    def watched(self) -> list[str]:
        """Symbols that have or had a position, in this run or, by orders that are left, before."""
        left = (one.request for one in self._register.open() if one.request.purpose.is_reducing)
        return list(self._guards | dict.fromkeys(request.symbol for request in left))

    def adopt_plan(self, plan: IntentRow) -> None:
        """An entry was filled: its stop, target and trail are those of the position now.

        What is added to a position never loosens its stop.
        """
        guard, request = self.guard(plan.request.symbol), plan.request
        guard.turn_to(self._portfolio.holding(request.symbol))
        if signed(request.side, self._portfolio.quantity(request.symbol)) < 0:
            return  # it lowered a position of the other side, to which its plan does not belong
        guard.entry_id, guard.entry_ms = request.client_order_id, request.created_ms
        stop, known = plan.stop_price, guard.stop_price
        if stop is not None:
            tighter = max if request.side is Side.BUY else min
            is_first = known is None or guard.is_stop_borrowed or guard.is_guess_of(request)
            guard.stop_price = stop if is_first else tighter(stop, known or stop)
            guard.is_stop_borrowed = guard.is_stop_default = False
            guard.is_stop_by_hand &= guard.stop_price == known
        if plan.target_price is not None:
            guard.target_price = plan.target_price
        if plan.trail_pct is not None:
            guard.trail_pct = plan.trail_pct

    def hear(self, holding: Holding, since_ms: int) -> None:
        """An execution opened a position, by our clock at that time, and is heard of now."""
        self.guard(holding.symbol).hear(holding, since_ms)

    def recall_exit(self, order: OpenOrder) -> None:
        """A stop, target or trail of an earlier run, after all plans: as it stood it is wanted.

        Only the newest plan is remembered, and it is not all that an addition left in force.
        """
        request = order.intent.request
        holding = self._portfolio.holding(request.symbol)
        if holding is None or signed(request.side, holding.quantity) >= 0:
            return
        guard = self.guard(request.symbol)
        is_newer = request.created_ms >= guard.entry_ms
        if not is_newer and request.created_ms < holding.opened_ms - CLOCKS_MS:
            return  # of a position before this one
        if request.purpose is Purpose.STOP:
            wanted, trigger = guard.stop_price, request.trigger_price
            if not is_newer and wanted is not None and trigger is not None:
                # What was added did not loosen it, and a restart does not either.
                trigger = (max if request.side is Side.SELL else min)(trigger, wanted)
            guard.stop_price = trigger
        elif request.purpose is Purpose.TARGET and guard.target_price is None:
            guard.target_price = request.trigger_price
        elif request.purpose is Purpose.TRAIL and guard.trail_pct is None:
            guard.trail_pct = request.callback_pct

    def close(self, symbol: str, actor: str, reason: str, *, is_signal: bool = False) -> None:
        """Close a position at market with the next look; its stop stays until it is flat."""
        guard = self.guard(symbol)
        if not guard.closing or guard.closing_actor == _ACTOR:
            guard.closing, guard.closing_actor = reason, actor
        if not is_signal:
            guard.wish_closed(self._register.newest_trade(symbol))

    def move(self, symbol: str, stop_price: Decimal) -> None:
        """Want the stop elsewhere."""
        guard = self.guard(symbol)
        guard.stop_price, guard.move_id, guard.stop_retry_ms = stop_price, "", 0
        guard.is_stop_borrowed, guard.is_stop_by_hand = False, True
        guard.is_stop_default = False
        guard.wish_stop(self._register.newest_trade(symbol))

    def doubt_flat(self, symbol: str) -> None:
        """A listing no longer has the position, and no trade says why: its stop stays a while."""
        self.guard(symbol).flat_grace_ms = _FLAT_DOUBT_MS

    def doubtful(self) -> list[str]:
        """Symbols that are flat by a listing alone, while orders of the position still stand."""
        return [guard.symbol for guard in self._guards.values() if guard.flat_grace_ms]

    def renounce(self, order: Order) -> None:
        """A person cancels what takes profit: it is not placed again."""
        guard = self._guards.get(order.request.symbol)
        if guard is None:
            return
        if order.request.purpose is Purpose.TARGET:
            guard.target_price = None
        elif order.request.purpose is Purpose.TRAIL:
            guard.trail_pct = None

    def is_busy(self, symbol: str) -> bool:
        """Whether a flat symbol still has orders of its last position to get rid of."""
        return symbol in self._guards

    def review(
        self, symbol: str, mark: Decimal | None, rules: ContractRules | None, time_ms: int
    ) -> list[Effect]:
        """Look at a position and do what its protection needs now."""
        holding = self._portfolio.holding(symbol)
        if holding is None and symbol not in self.watched():
            return []
        guard = self.guard(symbol)
        guard.turn_to(holding)
        self.unprotected_ms += guard.pass_time(time_ms)
        if holding is None:
            return self._review_flat(guard, time_ms)
        guard.flat_since_ms = guard.flat_grace_ms = 0
        liquidation = holding.liquidation_price
        scene = Scene(holding.quantity, holding.entry_price, mark, rules, time_ms, liquidation)
        return self._review_held(guard, scene)

    # --- flat -----------------------------------------------------------------------------------

    def _review_flat(self, guard: Guard, time_ms: int) -> list[Effect]:
        effects = guard.end_nakedness("flat", time_ms)
        if not guard.flat_since_ms:
            guard.flat_since_ms = time_ms
            guard.forget()
        flat_ms = time_ms - guard.flat_since_ms
        if flat_ms < _FLAT_GRACE_MS:
            return effects
        orders = self._register.open(guard.symbol)
        leftovers = [
            order
            for order in orders
            if order.request.purpose.is_reducing and order.state is not OrderState.TRIGGERED
        ]
        if leftovers and flat_ms < guard.flat_grace_ms:
            return effects  # the venue ends its closePosition orders itself, were it really flat
        for order in leftovers:
            effects += self._register.cancel(order.client_order_id, time_ms)
        if not leftovers and not any(order.is_entry for order in orders):
            del self._guards[guard.symbol]
        return effects

    # --- held -----------------------------------------------------------------------------------

    def _review_held(self, guard: Guard, scene: Scene) -> list[Effect]:
        self._recall_plan(guard, scene)
        effects = self._cancel_strays(guard, scene)
        stops = self._stops.standing(guard.symbol, scene)
        covering = [order for order in stops if covers(order, scene.quantity)]
        foreign = self._stops.foreign(guard.symbol, scene)
        if covering:
            effects += self._stops.arrange(guard, scene, stops, covering)
            effects += self._covered(guard, scene)
        elif foreign is not None:
            effects += self._stops.borrow(guard, scene, foreign)
            effects += self._covered(guard, scene)
        else:
            effects += self._uncovered(guard, scene, stops)
        if guard.cover is not Cover.VERIFIED:
            guard.be_naked(scene.notional, scene.time_ms)
        if guard.closing:
            # What would open it again meanwhile, perhaps where no stop can be had.
            for order in self._register.entries(guard.symbol):
                effects += self._register.cancel(order.client_order_id, scene.time_ms)
            effects += self._exits.close(guard, scene)
        return effects

    def _recall_plan(self, guard: Guard, scene: Scene) -> None:
        """A position that the venue told of and that an entry of ours had made: its plan counts.

        After a crash the execution may be recorded and the position not; and one that came before
        its order was known by number belonged to nobody at first. What was learned of an entry
        before the position began does not belong to it.
        """
        holding = self._portfolio.holding(guard.symbol)
        if guard.entry_id or holding is None:
            return
        orders = (*self._register.recent(_RECENT), *self._register.open(guard.symbol))
        entries = (
            order
            for order in orders
            if order.is_entry
            and order.request.symbol == guard.symbol
            and order.filled_quantity
            and order.request.side is not scene.exit_side
            and order.changed_ms >= holding.opened_ms - CLOCKS_MS
        )
        entry = max(entries, key=lambda order: order.created_ms, default=None)
        if entry is None:
            return
        guard.entry_id, guard.entry_ms = entry.client_order_id, entry.created_ms
        is_unsaid = guard.stop_price is None or guard.is_stop_default
        stop = entry.stop_price if is_unsaid else None
        guard.stop_price = stop or guard.stop_price
        guard.is_stop_default &= stop is None
        guard.target_price = guard.target_price or entry.target_price
        guard.trail_pct = guard.trail_pct or entry.trail_pct

    def _cancel_strays(self, guard: Guard, scene: Scene) -> list[Effect]:
        """What was to lower a position of the other side has nothing to do here."""
        return [
            effect
            for order in self._register.open(guard.symbol)
            if order.request.purpose.is_reducing
            and order.request.side is not scene.exit_side
            and order.state not in EXECUTING
            for effect in self._register.cancel(order.client_order_id, scene.time_ms)
        ]

    def _covered(self, guard: Guard, scene: Scene) -> list[Effect]:
        effects: list[Effect] = []
        if guard.cover is not Cover.VERIFIED:
            waited = guard.naked_for_ms(scene.time_ms) / 1000
            guard.cover = Cover.VERIFIED
            guard.begin_stop_anew()
            effects += guard.end_nakedness("verified", scene.time_ms)
            where = f"stop at {guard.verified_price:f} verified after {waited:.1f} s"
            text = f"{guard.symbol} is protected: {where}"
            effects.append(Record(Severity.INFO, "protection.verified", text, scene.time_ms))
        if guard.is_emergency:
            guard.is_emergency = False
            if guard.closing_actor == _ACTOR:
                guard.closing = ""
        if not guard.closing:
            effects += self._exits.attach(guard, scene)
        return effects

    def _uncovered(self, guard: Guard, scene: Scene, stops: list[Order]) -> list[Effect]:
        was_verified = guard.cover is Cover.VERIFIED
        was_settling = guard.cover is Cover.CLOSING and not guard.is_emergency
        guard.verified_price = None
        if was_verified:
            guard.begin_stop_anew()
            guard.stop_retry_ms = 0
        if self._is_settling(guard, stops, scene.time_ms):
            guard.cover = Cover.CLOSING
            return []
        guard.cover = Cover.CLOSING if guard.is_emergency else Cover.NAKED
        effects: list[Effect] = []
        if was_verified or was_settling:
            text = f"{guard.symbol} is no longer protected: its stop is gone or does not cover it"
            effects += _alarm("protection.lost", text, guard.symbol, scene.time_ms)
        last = self._register.of(guard.stop_id) if guard.stop_id else None
        if last is not None and not last.is_terminal and not fits(last, scene.quantity):
            # The position is another by now: nothing that is waited for would cover it.
            guard.begin_stop_anew()
            last = None
        if last is not None and not last.is_terminal:
            if scene.time_ms - last.created_ms < self._settings.verify_ms:
                guard.cover = Cover.PLACING
                return effects
        elif last is not None and self._may_work_later(guard, last, scene.time_ms):
            guard.begin_stop_anew()
            guard.stop_retry_ms = scene.time_ms + _PAUSE_MS
            if last.code == _NO_POSITION:
                effects.append(Reconcile(reason="mismatch", symbols=(guard.symbol,)))
            return effects
        return effects + self._next_step(guard, scene, stops, last)

    def _may_work_later(self, guard: Guard, last: Order, time_ms: int) -> bool:
        """Whether the last one says nothing of the next, and there is time to ask again.

        Nothing was done about it, or the venue does not know of the position yet, or no longer.
        """
        is_early = guard.known_naked_for_ms(time_ms) < self._settings.verify_ms
        return is_early and (last.state is OrderState.NOT_PLACED or last.code == _NO_POSITION)

    def _is_settling(self, guard: Guard, stops: list[Order], time_ms: int) -> bool:
        """Whether the position is about to be another: a stop executes, or fills are missing.

        What that leaves is looked at when it has ended, or is too slow.
        """
        verify_ms = self._settings.verify_ms
        executing = [order for order in stops if order.state in EXECUTING]
        if executing:
            return all(time_ms - order.changed_ms < verify_ms for order in executing)
        naked_ms = guard.known_naked_for_ms(time_ms)
        if any(order.is_absent for order in stops) and naked_ms < _ABSENT_MS:
            return True
        return naked_ms < verify_ms and self._register.misses_exits(guard.symbol)

    def _next_step(
        self, guard: Guard, scene: Scene, stops: list[Order], last: Order | None
    ) -> list[Effect]:
        if scene.time_ms < guard.stop_retry_ms:
            return []
        wanted = wanted_stop(guard, scene, self._settings.stop_pct)
        if wanted is None:
            return []
        known_ms = guard.known_naked_for_ms(scene.time_ms)
        if scene.rules is None and known_ms < self._settings.verify_ms:
            # A trigger that is off the tick would be refused; the rules come within moments.
            return []
        if is_passed(wanted, scene) or (last is not None and last.code == WOULD_TRIGGER):
            return self._give_up(guard, scene, f"the stop price {wanted:f} has been passed")
        if guard.attempts >= _FORMS:
            why = "not confirmed in time" if last is None else last.reason or str(last.state)
            return self._give_up(guard, scene, f"no stop could be had: {why}")
        guard.attempts += 1
        form = self._stops.is_form_free(guard.symbol, scene, stops)
        form &= last is None or not last.request.close_position
        if not form:
            guard.whole_retry_ms = scene.time_ms + WHOLE_AGAIN_MS
        guard.stop_id, effects = self._stops.place(guard, scene, wanted, close_position=form)
        guard.cover = Cover.PLACING
        return effects

    def _give_up(self, guard: Guard, scene: Scene, why: str) -> list[Effect]:
        guard.begin_stop_anew()
        is_news, guard.is_emergency = not guard.is_emergency, True
        # The order that closes may be in doubt for long: meanwhile a stop is better than none.
        guard.stop_retry_ms = scene.time_ms + self._settings.verify_ms
        guard.cover = Cover.CLOSING
        if not guard.closing:
            guard.closing, guard.closing_actor = why, _ACTOR
        text = f"{guard.symbol} is being closed at market: {why}"
        alarm = _alarm("protection.closing", text, guard.symbol, scene.time_ms)
        return alarm if is_news else []


def _alarm(code: str, text: str, symbol: str, time_ms: int) -> list[Effect]:
    return note(Severity.CRITICAL, code, text, time_ms=time_ms, symbol=symbol)
