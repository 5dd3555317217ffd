"""What the venue and the ledger told, taken into the books, and what that entails."""

from typing import Final

from botcore_tui.core.account_state import AccountState
from botcore_tui.core.client_ids import run_of
from botcore_tui.core.desk_strategy import StrategyDesk
from botcore_tui.core.notes import note
from botcore_tui.core.order_entry import OrderEntry
from botcore_tui.core.orders import NewFill, Order, Step
from botcore_tui.core.reckoning import Reckoning
from botcore_tui.model.account import (
    AccountBound,
    AccountPicture,
    AccountUpdate,
    Binding,
    LedgerHealth,
    LeverageChange,
    UserStreamDown,
    UserStreamUp,
)
from botcore_tui.model.command import Halt
from botcore_tui.model.event import Effect, Record
from botcore_tui.model.ledger import IntentRow
from botcore_tui.model.order import OrderState, Source
from botcore_tui.model.severity import Severity
from botcore_tui.model.trading import FillView

_KEY_CODES: Final = frozenset({-1022, -2008, -2014, -2015, -2017})
"""Signature or key refused, or keys locked: nothing will pass until a person has seen to it."""


class DeskEvents:
    """Of one session.

    Args:
        state: Of the account.
        entry: For looking at the protection of a symbol.
        reckoning: Schedule and reading of reconciliations.
        strategy: Hears of its orders.
    """

    def __init__(
        self,
        state: AccountState,
        entry: OrderEntry,
        reckoning: Reckoning,
        strategy: StrategyDesk,
    ) -> None:
        self._state = state
        self._entry = entry
        self._reckoning = reckoning
        self._strategy = strategy

    # --- orders ---------------------------------------------------------------------------------

    def after(self, step: Step) -> list[Effect]:
        """What fills and changed orders entail: the book of positions, then protection."""
        effects = list(step.effects)
        symbols: dict[str, None] = {}
        for new in step.fills:
            effects += self._on_fill(new)
            symbols[new.fill.symbol] = None
        for order in step.changed:
            symbols[order.request.symbol] = None
            if order.state in {OrderState.REJECTED, OrderState.NOT_PLACED}:
                effects += self._on_failed_order(order)
            effects += self._count_unknown(order)
        for symbol in symbols:
            effects += self._entry.review(symbol)
        return effects

    def _on_fill(self, new: NewFill) -> list[Effect]:
        state, fill, order = self._state, new.fill, new.order
        reason = "" if order is None else order.request.reason
        before = state.portfolio.holding(fill.symbol)
        effects = state.portfolio.fill(fill, reason=reason)
        holding = state.portfolio.holding(fill.symbol)
        if holding is not None and holding is not before and holding.opened_ms == fill.time_ms:
            late_ms = state.market.venue.late_ms(fill.time_ms)
            state.protection.hear(holding, state.time_ms - late_ms)
        if state.has_picture or fill.source is not Source.STREAM:
            state.breakers.anchors.trade(fill.time_ms)
        purpose = None if order is None else order.request.purpose
        state.note_fill(
            FillView(
                symbol=fill.symbol,
                side=fill.side,
                price=fill.price,
                quantity=fill.quantity,
                purpose=purpose,
                time_ms=fill.time_ms,
            )
        )
        whose = "foreign" if purpose is None else str(purpose)
        text = f"{fill.side} {fill.quantity:f} {fill.symbol} at {fill.price:f} filled ({whose})"
        effects.append(Record(Severity.INFO, "order.filled", text, state.time_ms))
        if order is not None and order.is_entry:
            plan = IntentRow(order.request, order.stop_price, order.target_price, order.trail_pct)
            state.protection.adopt_plan(plan)
            self._strategy.on_fill(order, fill)
        return effects + state.conduct.on_fill(order, fill, effects, state.time_ms)

    def _count_unknown(self, order: Order) -> list[Effect]:
        """A13: each time that one becomes UNKNOWN; those of earlier runs say nothing of this."""
        state, name = self._state, order.client_order_id
        if order.state is not OrderState.UNKNOWN:
            state.unknown_names.discard(name)
            return []
        if name in state.unknown_names or run_of(name) != state.run_id:
            return []
        state.unknown_names.add(name)
        return state.breakers.on_unknown_order(state.time_ms)

    def _on_failed_order(self, order: Order) -> list[Effect]:
        self._state.rejected += order.state is OrderState.REJECTED
        self._strategy.on_failed(order)
        request = order.request
        why = f"{order.reason} ({order.code})" if order.code else order.reason
        text = f"order {request.client_order_id} ({request.purpose}) {order.state}: {why}"
        record = Record(
            Severity.WARNING, f"order.{order.state.name.lower()}", text, order.changed_ms
        )
        if order.code not in _KEY_CODES:
            return [record]
        reason = f"the venue refuses our key: {why}"
        halt = Halt("venue", reason, self._state.time_ms)
        return [record, *self._state.standing.on_halt(halt)]

    # --- the account ----------------------------------------------------------------------------

    def on_update(self, update: AccountUpdate) -> list[Effect]:
        """Something of the account changed."""
        effects = self._state.portfolio.update(update)
        for report in update.positions:
            self._state.learn_margin_type(report)
        self._reckoning.doubt(update)
        return effects

    def on_picture(self, picture: AccountPicture) -> list[Effect]:
        """The venue told of the whole account, or of what is held and open alone."""
        if picture.is_sighting:
            effects = self.after(self._reckoning.sight(picture))
            effects += self._reckoning.presume(picture)
        else:
            effects = self.after(self._reckoning.read(picture))
            effects += self._reckoning.settle(picture)
        for symbol in sorted({holding.symbol for holding in self._state.portfolio.holdings()}):
            effects += self._entry.review(symbol)
        return effects + self._strategy.open_market()

    def on_stream(self, event: UserStreamUp | UserStreamDown) -> list[Effect]:
        """The user stream delivers, or no longer."""
        state = self._state
        state.leverages_ms.clear()
        state.margin_types_ms.clear()
        if isinstance(event, UserStreamUp):
            state.is_stream_up = True
            return self._reckoning.begin("reconnect" if self._strategy.is_market_open else "start")
        state.is_stream_up = False
        self._reckoning.end()
        text = f"user stream is down, no new risk until it is back: {event.reason}"
        return [Record(Severity.ERROR, "stream.down", text, state.time_ms)]

    def on_leverage(self, change: LeverageChange) -> list[Effect]:
        """A contract is set up otherwise than before."""
        state, known = self._state, self._state.leverages.get(change.symbol)
        state.learn_setting(change)
        if known is None or known == change.leverage:
            return []
        text = f"leverage of {change.symbol} was changed at the venue: {known} -> {change.leverage}"
        return note(
            Severity.WARNING,
            "account.leverage",
            text,
            time_ms=state.time_ms,
            symbol=change.symbol,
        )

    def on_ledger(self, health: LedgerHealth) -> list[Effect]:
        """Whether intents can be recorded."""
        state = self._state
        was_writable = state.is_ledger_writable
        state.is_ledger_writable, state.ledger_trouble = health.is_writable, health.reason
        if health.is_taken:
            return self._taken_over(health)
        if was_writable == health.is_writable:
            return []
        if health.is_writable:
            text = "the ledger can be written again"
            return [Record(Severity.WARNING, "ledger.writable", text, state.time_ms)]
        text = f"the ledger cannot be written, no new risk until it can: {health.reason}"
        return [Record(Severity.CRITICAL, "ledger.not_writable", text, state.time_ms)]

    def _taken_over(self, health: LedgerHealth) -> list[Effect]:
        """F20: two programs on one account undo each other's stops; this one is the second."""
        state = self._state
        state.binding_trouble = f"another program trades this account: {health.reason}"
        text = f"{state.binding_trouble}; no order leaves in this session"
        return [
            *state.standing.on_halt(Halt("ledger", state.binding_trouble, state.time_ms)),
            *note(Severity.CRITICAL, "account.taken", text, time_ms=state.time_ms),
        ]

    def on_bound(self, event: AccountBound) -> list[Effect]:
        """P02: the session moves the money that was confirmed, or nothing."""
        state, wanted = self._state, self._state.settings.binding
        if wanted is None:
            return []
        differing = _differing(wanted, event.binding)
        if not differing:
            state.is_bound = True
            return []
        state.binding_trouble = f"P02 this is not what was confirmed: {'; '.join(differing)}"
        halt = Halt("binding", state.binding_trouble, state.time_ms)
        return [
            *state.standing.on_halt(halt),
            *note(
                Severity.CRITICAL,
                "account.not_confirmed",
                f"{state.binding_trouble}; no order leaves in this session",
                time_ms=state.time_ms,
            ),
        ]


def _differing(wanted: Binding, found: Binding) -> list[str]:
    return [
        f"{name} is {getattr(found, name)}, confirmed was {getattr(wanted, name)}"
        for name in Binding.__struct_fields__
        if getattr(found, name) != getattr(wanted, name)
    ]
