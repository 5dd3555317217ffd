"""The trading desk: everything that concerns the account, decided here, event by event."""

from typing import Final, assert_never

from botcore_tui.core.account_state import AccountState, DeskSettings
from botcore_tui.core.desk_commands import DeskCommands
from botcore_tui.core.desk_events import DeskEvents
from botcore_tui.core.desk_risk import RiskDesk
from botcore_tui.core.desk_start import lost_account, opened, recall, still_reduced
from botcore_tui.core.desk_strategy import StrategyDesk
from botcore_tui.core.desk_view import account_view
from botcore_tui.core.halting import Halting
from botcore_tui.core.market import Market
from botcore_tui.core.order_entry import OrderEntry
from botcore_tui.core.pilot import Pilot
from botcore_tui.core.reckoning import Reckoning
from botcore_tui.core.standing import Standing
from botcore_tui.core.strategy import Strategy
from botcore_tui.model.account import (
    AccountBound,
    AccountPicture,
    AccountUpdate,
    ClockHealth,
    DeadManFailed,
    DeadManSet,
    EngineLag,
    LedgerHealth,
    LeverageChange,
    ReconcileFailed,
    UserStreamDown,
    UserStreamUp,
)
from botcore_tui.model.command import (
    CancelOrder,
    ClosePosition,
    DeskCommand,
    EnableStrategy,
    Halt,
    MoveStop,
    PlaceOrder,
    Relax,
    ResetBreaker,
    Resume,
    SignOff,
)
from botcore_tui.model.event import AccountEvent, Effect, RulesUpdate, Tick
from botcore_tui.model.ledger import Recollection
from botcore_tui.model.market import Bar, MarkPrice
from botcore_tui.model.order import (
    AlgoReport,
    CancelFailed,
    Fill,
    OrderNotFound,
    OrderReport,
    OrderSent,
    QueryFailed,
    SubmitFailed,
)
from botcore_tui.model.trading import AccountView

_DAY_MS: Final = 86_400_000


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
        self._strategy = StrategyDesk(self.state, self._entry, self._pilot)
        self._events = DeskEvents(self.state, self._entry, self._reckoning, self._strategy)
        halting = Halting(self.state)
        self._risk = RiskDesk(self.state, halting)
        self._commands = DeskCommands(self.state, halting)
        self._day = self.state.time_ms // _DAY_MS

    # --- events ---------------------------------------------------------------------------------

    def on_recollection(self, recollection: Recollection) -> list[Effect]:
        """A session with a venue begins: what was known of an account before is void."""
        before = self.state
        time_ms = recollection.time_ms or before.time_ms
        self._begin(recollection)
        self.state.time_ms = time_ms
        # What has tripped is halted before anything else is done.
        effects = self.state.breakers.restore(recollection)
        effects += self._events.after(recall(self.state, recollection))
        self._strategy.on_reset()
        self._strategy.recall(recollection.entries)
        effects += lost_account(before, recollection.account, time_ms)
        effects += still_reduced(self.state, recollection)
        effects += self._risk.begin(recollection.risk)
        return [*effects, opened(recollection, time_ms)]

    def on_event(self, event: AccountEvent | RulesUpdate) -> list[Effect]:
        """Take what came back from the venue or the ledger."""
        return self._risk.armed(self._taken(event) + self._risk.watch())

    def _taken(self, event: AccountEvent | RulesUpdate) -> list[Effect]:
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
                step = self.state.register.process(event, self.state.time_ms)
                return self._events.after(step)
            case AccountUpdate():
                return self._events.on_update(event)
            case AccountPicture():
                return self._events.on_picture(event) + self._risk.on_picture(event)
            case ReconcileFailed():
                return self._reckoning.on_failed(event) + self._risk.on_reconcile_failed()
            case UserStreamUp() | UserStreamDown():
                return self._events.on_stream(event)
            case DeadManSet() | DeadManFailed():
                return self._risk.on_dead_man(event)
            case _:
                return self._settled(event)

    def _settled(
        self,
        event: LeverageChange | LedgerHealth | ClockHealth | AccountBound | EngineLag | RulesUpdate,
    ) -> list[Effect]:
        """How the account, the ledger and the clocks are."""
        match event:
            case LeverageChange():
                return self._events.on_leverage(event)
            case LedgerHealth():
                return self._events.on_ledger(event)
            case ClockHealth():
                self.state.clock = event
                return []
            case AccountBound():
                return self._events.on_bound(event)
            case EngineLag():
                return self._risk.on_lag(event)
            case RulesUpdate():
                self.state.learn_rules(event.rules)
                return []
            case _:
                assert_never(event)

    def on_command(self, command: DeskCommand) -> list[Effect]:
        """Take the wish of a person."""
        match command:
            case PlaceOrder() | ClosePosition() | CancelOrder() | MoveStop():
                return self._risk.armed(self._entry.on_command(command))
            case ResetBreaker() | Relax() | EnableStrategy():
                return self._commands.on_risk(command) + self._risk.watch()
            case SignOff():
                return self._commands.on_sign_off(command)
            case _:
                assert_never(command)

    def on_halt(self, halt: Halt, *, is_news: bool) -> list[Effect]:
        """Trading was halted: entries are cancelled, protective orders stay; all is verified."""
        effects = self._commands.on_halt(halt, is_news=is_news)
        self._risk.know_state()
        return effects

    def on_resume(self, resume: Resume) -> list[Effect]:
        """One step back towards trading, or why not."""
        effects = self._commands.on_resume(resume)
        self._risk.know_state()
        return effects

    def on_mark(self, mark: MarkPrice) -> list[Effect]:
        """A mark price moves equity, and may reach a watched price."""
        self.state.on_mark(mark)
        if not self.state.account:
            return []
        # The breaker first: what has tripped is latched before anything else is asked for.
        is_held = mark.symbol in self.state.portfolio.valued()
        effects = self._risk.watch() if is_held else []
        return effects + self._entry.review(mark.symbol)

    def on_bar(self, bar: Bar) -> list[Effect]:
        """A bar that has just closed is decided on at once; history is left to the next tick."""
        return self._risk.armed(self._strategy.on_bar(bar))

    def on_market_reset(self) -> None:
        """The market begins anew."""
        self._strategy.on_reset()

    def on_tick(self, tick: Tick) -> list[Effect]:
        """Time-outs fire here, and on nothing else."""
        state = self.state
        state.on_time(tick.time_ms)
        if not state.account:
            return []
        if tick.time_ms // _DAY_MS != self._day:
            self._day = tick.time_ms // _DAY_MS
            state.protection.unprotected_ms = 0
        effects = self._risk.watch()
        effects += state.overrides.on_time(tick.time_ms)
        effects += self._events.after(state.register.on_tick(tick.time_ms))
        held = {holding.symbol for holding in state.portfolio.holdings()}
        for symbol in sorted(held.union(state.protection.watched())):
            effects += self._entry.review(symbol)
        effects += self._reckoning.on_tick()
        effects += state.portfolio.on_time(tick.time_ms, state.marks())
        effects += self._strategy.open_market()
        effects += self._risk.armed(self._strategy.on_tick())
        return effects + self._risk.on_tick()

    # --- pictures -------------------------------------------------------------------------------

    def view(self, now_ms: int, symbol: str = "") -> AccountView:
        """The account for the screen; monotonic stamps are added by the engine.

        Args:
            now_ms: Of the picture.
            symbol: Contract that is shown; empty: none.
        """
        risk = self._risk.view(now_ms, symbol)
        return account_view(self.state, strategy=self._strategy.text(), risk=risk)
