"""The trading desk: everything that concerns the account, decided here, event by event."""

from typing import Final, assert_never

from botcore_tui.core.account_state import AccountState, DeskSettings
from botcore_tui.core.desk_view import account_view
from botcore_tui.core.market import Market
from botcore_tui.core.order_entry import OrderEntry
from botcore_tui.core.orders import NewFill, Order, Step
from botcore_tui.core.pilot import Pilot, direction
from botcore_tui.core.reckoning import Reckoning
from botcore_tui.core.standing import Standing
from botcore_tui.core.strategy import Strategy
from botcore_tui.model.account import (
    AccountPicture,
    AccountUpdate,
    LedgerHealth,
    LeverageChange,
    ReconcileFailed,
    UserStreamDown,
    UserStreamUp,
)
from botcore_tui.model.command import Halt, OrderCommand, Resume
from botcore_tui.model.event import (
    AccountEvent,
    Append,
    Effect,
    OpenMarket,
    Record,
    RulesUpdate,
    Tick,
)
from botcore_tui.model.ledger import AuditRow, CommandRow, IntentRow, Recollection
from botcore_tui.model.market import Bar, MarkPrice
from botcore_tui.model.order import (
    AlgoReport,
    CancelFailed,
    Fill,
    OrderNotFound,
    OrderReport,
    OrderSent,
    OrderState,
    QueryFailed,
    SubmitFailed,
)
from botcore_tui.model.severity import Severity
from botcore_tui.model.trading import AccountView, Cover, FillView

_OPEN_AFTER_MS: Final = 6_000
"""So long the market waits for positions to be protected, after the first reconciliation."""
_DAY_MS: Final = 86_400_000
_AGAIN_MS: Final = 5_000
_FRESH_MS: Final = 5_000
_KEY_CODES: Final = frozenset({-1022, -2008, -2014, -2015})
"""Signature or key refused: nothing will pass until a person has seen to it."""


class TradingDesk:
    """Orders, positions and their protection, on one account.

    Silent until a session with a venue begins, which a ``Recollection`` tells; each further one
    begins anew.

    Args:
        settings: See there.
        standing: The trading state, shared with the trader.
        market: For prices and bars.
        strategy: Trades by itself; None: only people do.
    """

    def __init__(
        self,
        settings: DeskSettings,
        standing: Standing,
        market: Market,
        strategy: Strategy | None = None,
    ) -> None:
        self._settings = settings
        self._standing = standing
        self._market = market
        self._pilot = None if strategy is None else Pilot(strategy, market)
        self._begin(Recollection(account="", run_id="0"))

    def _begin(self, recollection: Recollection) -> None:
        self.state = AccountState(self._settings, self._standing, self._market, recollection)
        self._entry = OrderEntry(self.state)
        self._reckoning = Reckoning(self.state)
        self._is_market_open = False
        self._market_waits_from_ms: int | None = None
        self._day = self.state.time_ms // _DAY_MS
        self._acted: dict[str, int] = {}
        """Direction in which a strategy's present wish was carried out."""
        self._not_before_ms: dict[str, int] = {}
        self._has_told_pilot_trouble = False

    # --- events ---------------------------------------------------------------------------------

    def on_recollection(self, recollection: Recollection) -> list[Effect]:
        """A session with a venue begins: what was known of an account before is void."""
        time_ms = recollection.time_ms or self.state.time_ms
        self._begin(recollection)
        self.state.time_ms = time_ms
        self.state.portfolio.restore(recollection)
        self.state.protection.unprotected_ms = recollection.unprotected_ms_today
        effects: list[Effect] = []
        self.state.register.since_ms = recollection.since_ms
        for trade in recollection.trades:
            self.state.register.recall(trade)
        for order in recollection.orders:
            effects += self._after(self.state.register.restore(order, time_ms))
            if order.filled_quantity and not order.intent.request.purpose.is_reducing:
                self.state.protection.adopt_plan(order.intent)
        for position in recollection.positions:
            if position.plan is not None:
                self.state.protection.adopt_plan(position.plan)
        for order in recollection.orders:
            self.state.protection.recall_stop(order)
        if self._pilot is not None:
            self._pilot.reset()
        text = (
            f"account {recollection.account}, run {recollection.run_id}:"
            f" {len(recollection.orders)} orders and {len(recollection.positions)} positions"
            " remembered"
        )
        return [*effects, Record(Severity.INFO, "account.open", text, time_ms)]

    def on_event(self, event: AccountEvent | RulesUpdate) -> list[Effect]:
        """Take what came back from the venue or the ledger."""
        match event:
            case (
                OrderSent()
                | OrderReport()
                | AlgoReport()
                | Fill()
                | SubmitFailed()
                | CancelFailed()
                | OrderNotFound()
                | QueryFailed()
            ):
                return self._after(self.state.register.process(event, self.state.time_ms))
            case AccountUpdate():
                return self._on_update(event)
            case AccountPicture():
                return self._on_picture(event)
            case ReconcileFailed():
                return self._reckoning.on_failed(event)
            case UserStreamUp():
                self.state.is_stream_up = True
                return self._reckoning.begin("reconnect" if self._is_market_open else "start")
            case UserStreamDown():
                return self._on_stream_down(event)
            case LeverageChange():
                return self._on_leverage(event)
            case LedgerHealth():
                return self._on_ledger(event)
            case RulesUpdate():
                self.state.rules[event.rules.symbol] = event.rules
                return []
            case _:
                assert_never(event)

    def on_command(self, command: OrderCommand) -> list[Effect]:
        """Take the wish of a person."""
        return self._entry.on_command(command)

    def on_halt(self, halt: Halt, *, is_news: bool) -> list[Effect]:
        """Trading was halted: entries are cancelled, protective orders stay."""
        effects = self._commanded(halt, is_news=is_news)
        for order in self.state.register.open():
            if order.is_entry:
                effects += self.state.register.cancel(
                    order.request.client_order_id, self.state.time_ms
                )
        return effects

    def on_resume(self, resume: Resume) -> list[Effect]:
        """Note who resumed, and why."""
        return self._commanded(resume, is_news=True)

    def on_mark(self, mark: MarkPrice) -> list[Effect]:
        """A mark price moves unrealized profit, and may reach a watched price."""
        self.state.on_mark(mark)
        return self._entry.review(mark.symbol)

    def on_bar(self, bar: Bar) -> list[Effect]:
        """A bar that has just closed is decided on at once; history is left to the next tick."""
        is_fresh = self.state.time_ms - bar.open_time_ms - bar.interval_ms < _FRESH_MS
        is_news = bar.is_closed and is_fresh
        is_awaited = self._pilot is not None and self._pilot.is_warm(bar.symbol)
        return self._pilot_on_tick() if is_news and is_awaited else []

    def on_market_reset(self) -> None:
        """The market begins anew."""
        if self._pilot is not None:
            self._pilot.reset()

    def on_tick(self, tick: Tick) -> list[Effect]:
        """Time-outs fire here, and on nothing else."""
        state = self.state
        state.on_time(tick.time_ms)
        if not state.account:
            return []
        if tick.time_ms // _DAY_MS != self._day:
            self._day = tick.time_ms // _DAY_MS
            state.protection.unprotected_ms = 0
        effects = self._after(state.register.on_tick(tick.time_ms))
        held = {holding.symbol for holding in state.portfolio.holdings()}
        for symbol in sorted(held.union(state.protection.watched())):
            effects += self._entry.review(symbol)
        effects += self._reckoning.on_tick()
        effects += state.portfolio.on_time(tick.time_ms, state.marks())
        effects += self._open_market()
        return effects + self._pilot_on_tick()

    # --- what follows ---------------------------------------------------------------------------

    def _after(self, step: Step) -> list[Effect]:
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
        for symbol in symbols:
            effects += self._entry.review(symbol)
        return effects

    def _on_fill(self, new: NewFill) -> list[Effect]:
        state, fill, order = self.state, new.fill, new.order
        reason = "" if order is None else order.request.reason
        effects = state.portfolio.fill(fill, reason=reason)
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
            if self._pilot is not None and order.request.actor == self._pilot.name:
                self._acted[fill.symbol] = 1 if fill.side.value == "BUY" else -1
        return effects

    def _on_failed_order(self, order: Order) -> list[Effect]:
        self.state.rejected += order.state is OrderState.REJECTED
        request = order.request
        is_wish = self._pilot is not None and request.actor == self._pilot.name
        if is_wish and order.is_entry and order.state is OrderState.NOT_PLACED:
            # Nothing was done: a strategy's wish may be carried out yet, after a pause.
            self._acted.pop(request.symbol, None)
            self._not_before_ms[request.symbol] = self.state.time_ms + _AGAIN_MS
        why = f"{order.reason} ({order.code})" if order.code else order.reason
        text = f"order {request.client_order_id} ({request.purpose}) {order.state}: {why}"
        record = Record(
            Severity.WARNING, f"order.{order.state.name.lower()}", text, order.changed_ms
        )
        if order.code not in _KEY_CODES:
            return [record]
        reason = f"the venue refuses our key: {why}"
        return [record, *self._standing.on_halt(Halt("venue", reason, self.state.time_ms))]

    def _on_update(self, update: AccountUpdate) -> list[Effect]:
        effects = self.state.portfolio.update(update)
        self._reckoning.doubt(update)
        return effects

    def _on_picture(self, picture: AccountPicture) -> list[Effect]:
        effects = self._after(self._reckoning.read(picture))
        effects += self._reckoning.settle(picture)
        for symbol in sorted({holding.symbol for holding in self.state.portfolio.holdings()}):
            effects += self._entry.review(symbol)
        return effects + self._open_market()

    def _on_stream_down(self, event: UserStreamDown) -> list[Effect]:
        self.state.is_stream_up = False
        self._reckoning.end()
        text = f"user stream is down, no new risk until it is back: {event.reason}"
        return [Record(Severity.ERROR, "stream.down", text, self.state.time_ms)]

    def _on_leverage(self, change: LeverageChange) -> list[Effect]:
        known = self.state.leverages.get(change.symbol)
        self.state.leverages[change.symbol] = change.leverage
        if known is None or known == change.leverage:
            return []
        text = f"leverage of {change.symbol} was changed at the venue: {known} -> {change.leverage}"
        row = AuditRow(
            code="account.leverage",
            severity=Severity.WARNING,
            text=text,
            symbol=change.symbol,
            time_ms=self.state.time_ms,
        )
        return [Record(Severity.WARNING, row.code, text, self.state.time_ms), Append(row)]

    def _on_ledger(self, health: LedgerHealth) -> list[Effect]:
        state = self.state
        was_writable = state.is_ledger_writable
        state.is_ledger_writable, state.ledger_trouble = health.is_writable, health.reason
        if was_writable == health.is_writable:
            return []
        if health.is_writable:
            text = "the ledger can be written again"
            return [Record(Severity.WARNING, "ledger.writable", text, state.time_ms)]
        text = f"the ledger cannot be written, no new risk until it can: {health.reason}"
        return [Record(Severity.CRITICAL, "ledger.not_writable", text, state.time_ms)]

    def _commanded(self, command: Halt | Resume, *, is_news: bool) -> list[Effect]:
        row = CommandRow(
            command_id="",
            command=type(command).__name__,
            actor=command.actor,
            arguments="{}",
            reason=command.reason,
            is_accepted=True,
            code="",
            text="" if is_news else "already halted",
            time_ms=command.time_ms,
        )
        return [Append(row)]

    # --- start and strategy ---------------------------------------------------------------------

    def _open_market(self) -> list[Effect]:
        """Let bars and strategies begin once positions are protected, or that takes too long."""
        state = self.state
        if self._is_market_open or not state.is_reconciled:
            return []
        if self._market_waits_from_ms is None:
            self._market_waits_from_ms = state.time_ms
        covers = [
            state.protection.guard(holding.symbol).cover for holding in state.portfolio.holdings()
        ]
        is_late = state.time_ms - self._market_waits_from_ms >= _OPEN_AFTER_MS
        if not (is_late or all(cover is Cover.VERIFIED for cover in covers)):
            return []
        self._is_market_open = True
        return [OpenMarket(state.time_ms)]

    def _pilot_on_tick(self) -> list[Effect]:
        pilot, state = self._pilot, self.state
        if pilot is None or not self._is_market_open or not self._settings.is_trading_enabled:
            return []
        effects: list[Effect] = []
        for signal in pilot.on_tick(self._settings.symbols):
            text = f"{signal.strategy} wants {signal.symbol} at {signal.target:f}: {signal.reason}"
            effects.append(Record(Severity.INFO, "signal", text, state.time_ms))
            if self._acted.get(signal.symbol) != direction(signal.target):
                self._acted.pop(signal.symbol, None)
        if pilot.trouble and not self._has_told_pilot_trouble:
            self._has_told_pilot_trouble = True
            text = f"strategy left out from here on, positions keep their stops: {pilot.trouble}"
            row = AuditRow(
                code="strategy.failed", severity=Severity.CRITICAL, text=text, time_ms=state.time_ms
            )
            effects += [Record(Severity.CRITICAL, row.code, text, state.time_ms), Append(row)]
        if pilot.trouble:
            return effects
        for symbol in self._settings.symbols:
            effects += self._follow(pilot, symbol)
        return effects

    def _follow(self, pilot: Pilot, symbol: str) -> list[Effect]:
        signal, state = pilot.signals.get(symbol), self.state
        if signal is None or self._standing.is_halted:
            return []
        if state.time_ms < self._not_before_ms.get(symbol, 0):
            return []
        wanted = direction(signal.target)
        # Stopped out while the wish is the same: not again before it has changed.
        if self._acted.get(symbol) == wanted and not state.portfolio.quantity(symbol):
            return []
        effects, is_settled = self._entry.follow(signal)
        if is_settled:
            self._acted[symbol] = wanted
        return effects

    # --- pictures -------------------------------------------------------------------------------

    def view(self, now_ms: int) -> AccountView:
        """The account for the screen; monotonic stamps are added by the engine."""
        strategy = ""
        if self._pilot is not None:
            reasons = [signal.reason for signal in self._pilot.signals.values()]
            strategy = f"{self._pilot.name}: {self._pilot.trouble or '; '.join(reasons) or 'waits'}"
        return account_view(self.state, strategy=strategy, now_ms=now_ms)
