"""What watches the account all the time: breakers, dead-man, halts; and acts when one speaks."""

from typing import Final

from botcore_tui.core.account_state import AccountState
from botcore_tui.core.breaker import DAY_START_UNKNOWN
from botcore_tui.core.halting import Halting
from botcore_tui.core.notes import note
from botcore_tui.core.orders import Order
from botcore_tui.core.risk_view import risk_view
from botcore_tui.core.standing import BREAKER
from botcore_tui.model.account import AccountPicture, DeadManFailed, DeadManSet, EngineLag
from botcore_tui.model.event import Append, Effect, Reconcile, Record, Submit, TradingState
from botcore_tui.model.ledger import RiskMemory, TripRow
from botcore_tui.model.order import OrderRequest, OrderType, TimeInForce
from botcore_tui.model.risk import RiskView
from botcore_tui.model.severity import Severity

WALLET: Final = "wallet"
"""Reason of the question why the wallet changed."""
_SECOND_LOOK_MS: Final = 10_000
"""A05: by then a change of the wallet counts, explained or not."""


class RiskDesk:
    """Of one session.

    Args:
        state: Of the account.
        halting: Carries halts out.
    """

    def __init__(self, state: AccountState, halting: Halting) -> None:
        self._state = state
        self._halting = halting
        self._seen = TradingState.ACTIVE
        self._rules = state.tenure.rules
        self._strange_since_ms: int | None = None
        self._is_listed = False
        self._was_balanced = True

    def begin(self, memory: RiskMemory) -> list[Effect]:
        """A session begins: what is halted is proven to be so, whatever came in between.

        Args:
            memory: Of the ledger. A wish for no positions that was not done with goes on with the
                halt, and a trip that is not in it costs the phase what it would have then.
        """
        effects = self._demote(memory.trips)
        flattens = memory.is_flattening
        if flattens and self._state.standing.state is TradingState.HALTED:
            self._state.breakers.wants_flat = True
        if self._state.breakers.anchors.is_day_unknown:
            effects += self._state.standing.reduce(BREAKER, DAY_START_UNKNOWN, self._state.time_ms)
        return effects + self._follow_state()

    def know_state(self) -> None:
        """Somebody has moved the trading state, and done what that entails."""
        self._seen = self._state.standing.state

    def watch(self) -> list[Effect]:
        """After whatever may have moved equity or the trading state; cheap if nothing has."""
        if not self._state.account:
            return []
        effects = self._take_transfers()
        effects += self._wallet()
        effects += self._evaluate()
        return effects + self._follow_state()

    def on_tick(self) -> list[Effect]:
        """Time-outs fire here."""
        state = self._state
        self._limit()
        effects = self.watch()
        if state.standing.state is not TradingState.ACTIVE:
            effects += self._cancel_entries()
        effects += self._halting.on_tick()
        effects += state.dead_men.on_tick(self._resting(), state.time_ms)
        effects += self._dead()
        return effects + self._balance()

    def on_picture(self, picture: AccountPicture) -> list[Effect]:
        """The venue told of the whole account, and it was taken into the books."""
        if picture.income is not None and self._strange_since_ms is not None:
            self._is_listed = True
        return self._halting.on_picture(picture)

    def on_reconcile_failed(self) -> list[Effect]:
        """A question found no answer."""
        self._halting.on_failed()
        return []

    def on_lag(self, event: EngineLag) -> list[Effect]:
        """The engine stood still (A14)."""
        state = self._state
        return state.breakers.on_lag(event.seconds, state.time_ms)

    def on_dead_man(self, event: DeadManSet | DeadManFailed) -> list[Effect]:
        """The venue confirmed a countdown, or did not (A16)."""
        state = self._state
        if isinstance(event, DeadManSet):
            return state.dead_men.on_set(event)
        return state.dead_men.on_failed(event, state.time_ms) + self._dead()

    def armed(self, effects: list[Effect]) -> list[Effect]:
        """The same, with the dead-man begun before each entry that will rest."""
        if not any(isinstance(effect, Submit) and _rests(effect.request) for effect in effects):
            return effects
        state, told = self._state, list[Effect]()
        for effect in effects:
            if isinstance(effect, Submit) and _rests(effect.request):
                told += state.dead_men.arm(effect.request.symbol, state.time_ms)
            told.append(effect)
        return told

    # --- equity ---------------------------------------------------------------------------------

    def _take_transfers(self) -> list[Effect]:
        state = self._state
        booked = state.portfolio.booked_transfers
        if not booked:
            return []
        tolerance = state.portfolio.worth.tolerance()
        effects: list[Effect] = []
        first_ms = state.portfolio.first_wallet_ms
        # The history may come where the balance did not: what it tells is in the first wallet.
        is_first = state.portfolio.worth.wallet is None
        for amount, time_ms in booked:
            older_ms = time_ms if is_first or time_ms <= first_ms else None
            state.tenure.on_transfer(amount, older_ms)
            rows = state.breakers.anchors.transfer(amount, tolerance, older_ms=older_ms)
            effects += [Append(row) for row in rows]
        booked.clear()
        return effects

    def _wallet(self) -> list[Effect]:
        """A wallet that changed for no known reason is asked about, and counts after a while."""
        state, worth = self._state, self._state.portfolio.worth
        if not worth.unexplained:
            self._strange_since_ms = None
            return []
        now = state.time_ms
        if self._strange_since_ms is None:
            self._strange_since_ms, self._is_listed = now, False
            text = f"the wallet changed by {worth.unexplained:.2f}, no reason is known: asking"
            return [
                Record(Severity.WARNING, "wallet.unexplained", text, now),
                Reconcile(reason=WALLET),
            ]
        is_late = now - self._strange_since_ms >= _SECOND_LOOK_MS
        if worth.is_absurd or not (self._is_listed or is_late):
            return []  # no result makes a wallet absurd: equity is unknown meanwhile (A05)
        self._strange_since_ms = None
        amount = worth.accept()
        state.breakers.anchors.cut(amount, now)
        text = f"the wallet changed by {amount:.2f} without a known reason: it counts as result"
        return note(Severity.WARNING, "wallet.accepted", text, time_ms=now)

    def _evaluate(self) -> list[Effect]:
        state, breakers = self._state, self._state.breakers
        now, before = state.time_ms, breakers.trips
        effects = breakers.evaluate(state.reading(), now, is_expected=state.has_picture)
        phase = state.tenure.on_equity(breakers.equity, now)
        if phase is not None:
            effects.append(Append(phase))
        return effects if breakers.trips is before else effects + self._demote(before)

    def _demote(self, before: tuple[TripRow, ...]) -> list[Effect]:
        """What tripped may cost the phase; its lower limits hold at once."""
        state, effects = self._state, list[Effect]()
        for trip in state.breakers.trips:
            if trip in before:
                break
            row = state.tenure.on_trip(trip.code, state.breakers.equity, state.time_ms)
            if row is not None:
                text = f"phase {row.previous} -> {row.phase}: {row.reason}"
                effects += [
                    Append(row),
                    Record(Severity.CRITICAL, "phase.demoted", text, state.time_ms),
                ]
        self._limit()
        return effects

    def _limit(self) -> None:
        """The phase may be another than before."""
        state, rules = self._state, self._state.tenure.rules
        if rules != self._rules:
            self._rules = rules
            state.breakers.limit(state.settings.breakers.within(rules))

    def view(self, now_ms: int, symbol: str) -> RiskView | None:
        """For the screen, with the controls as an entry into that contract would meet them."""
        return risk_view(self._state, self._halting, now_ms, symbol)

    # --- the trading state ----------------------------------------------------------------------

    def _follow_state(self) -> list[Effect]:
        """Whoever lowered it: entries that rest add risk, and a halt is proven."""
        state, breakers = self._state, self._state.breakers
        present = state.standing.state
        if present is self._seen and not breakers.wants_flat:
            return []
        self._seen = present
        if present is TradingState.ACTIVE:
            return []
        if present is TradingState.REDUCING:
            return self._cancel_entries()
        flattens, breakers.wants_flat = breakers.wants_flat, False
        halt = state.standing.halt
        actor, reason = ("", "") if halt is None else (halt.actor, halt.reason)
        return self._halting.begin(actor, reason, flattens=flattens)

    def _cancel_entries(self) -> list[Effect]:
        register, now = self._state.register, self._state.time_ms
        return [
            effect
            for order in register.entries()
            for effect in register.cancel(order.client_order_id, now)
        ]

    # --- dead-man and balance -------------------------------------------------------------------

    def _resting(self) -> set[str]:
        entries = self._state.register.entries()
        return {order.request.symbol for order in entries if _may_rest(order)}

    def _dead(self) -> list[Effect]:
        state, dead = self._state, self._state.dead_men.dead()
        if dead is None:
            return []
        symbol, missed, reason = dead
        effects = state.breakers.on_dead_man(symbol, missed, reason, state.time_ms)
        return effects + self._follow_state()

    def _balance(self) -> list[Effect]:
        """A11: every order that went out came back, in one way or another."""
        counts = self._state.register.counts
        was_balanced, self._was_balanced = self._was_balanced, counts.is_balanced
        if counts.is_balanced or not was_balanced:
            return []
        text = (
            f"A11 {counts.sent} orders went out, and {counts.acknowledged} acknowledged,"
            f" {counts.rejected} rejected, {counts.not_placed} not placed,"
            f" {counts.unknown} UNKNOWN, {counts.in_flight} in flight are not as many"
        )
        return note(Severity.CRITICAL, "order.balance", text, time_ms=self._state.time_ms)


def _rests(request: OrderRequest) -> bool:
    is_resting = request.time_in_force in {TimeInForce.GTC, TimeInForce.GTX, None}
    return not request.purpose.is_reducing and request.type is OrderType.LIMIT and is_resting


def _may_rest(order: Order) -> bool:
    return _rests(order.request)
