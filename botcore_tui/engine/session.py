"""A session with one account: what comes from it, what is asked of it, and its market."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Final, Protocol, assert_never, runtime_checkable

from msgspec import Struct

from botcore_tui.clock import Clock
from botcore_tui.engine.bound import bound
from botcore_tui.engine.executor import Executor, IntentLog, OrderTimings
from botcore_tui.engine.leverages import lower_leverages
from botcore_tui.engine.reconciler import Reconciler, held_in, remembered
from botcore_tui.engine.rulebook import Rulebook
from botcore_tui.engine.supervisor import keep_running
from botcore_tui.exchange.base import MarketFeed, OrderError, Sink, VenueAccount
from botcore_tui.exchange.broker import AccountStamps, BrokerEffect, failure_of
from botcore_tui.model.account import (
    AccountPicture,
    AccountUpdate,
    Binding,
    LedgerHealth,
    UserStreamDown,
    UserStreamUp,
)
from botcore_tui.model.event import (
    Append,
    ArmDeadMan,
    Cancel,
    CancelAll,
    Event,
    FeedDown,
    Query,
    Reconcile,
    RequestSnapshot,
    Submit,
)
from botcore_tui.model.ledger import Recollection
from botcore_tui.model.order import Fill, OrderRequest, Outcome, SubmitFailed
from botcore_tui.model.snapshot import FeedState

logger = logging.getLogger(__name__)

_OF_RULES: Final = frozenset(
    {-1013, -1111, -4003, -4004, -4005, -4013, -4014, -4023, -4140, -4141, -4164}
)
"""Refusals of a price, a quantity or a contract: the rules that we know may have changed (F19)."""
_TAKEN: Final = "another program trades this account"
_BARRED: Final = "halted or reducing before sending"

_Deed = Submit | Cancel | CancelAll | ArmDeadMan
"""What changes something at the venue."""


class Overseer(Protocol):
    """Who watches over a session; the engine is one.

    A session may be made before its engine: whoever makes both hands over one that asks the other.
    """

    @property
    def bars_entries(self) -> bool:
        """Whether nothing may raise a position: halted, from that very moment on, or reducing."""

    def on_death(self, name: str, error: Exception) -> None:
        """Hear of a task that died; must not raise."""


@runtime_checkable
class _Watched(Protocol):
    """An account that has rows for the feeds pane."""

    def states(self, now_ns: int) -> tuple[FeedState, ...]: ...

    def counters(self) -> tuple[int, int]: ...


class SessionSettings(Struct, frozen=True):
    """What a session is told."""

    symbols: tuple[str, ...]
    """Followed: their positions, trades and rules are asked for in any case."""
    binding: Binding | None = None
    """What it was opened with; the venue is asked whose account that is. None: nobody asks."""
    leverage: int | None = None
    """Contracts that the venue has set to more are lowered to this; None: nobody looks."""


class TradingSession:
    """A ``MarketFeed`` that is also the ``Broker`` of an account.

    The first event it delivers is the recollection, once; if it is run again after a defect the
    core still knows all it knew. The market waits for ``open_market``.

    Args:
        account: At the venue.
        market: The same venue's market.
        ledger: Takes rows, and says when intents are durable.
        recollection: What the ledger knows.
        clock: All waiting goes through it.
        settings: See there.
        overseer: Says whether entries may leave, hears of defects.
        timings: Of an earlier session, which go on.

    Attributes:
        timings: Where the time of orders goes.
    """

    owns_time = False

    def __init__(  # noqa: PLR0913 - each is a port of its own
        self,
        account: VenueAccount,
        market: MarketFeed,
        ledger: IntentLog,
        recollection: Recollection,
        clock: Clock,
        *,
        settings: SessionSettings,
        overseer: Overseer,
        timings: OrderTimings | None = None,
    ) -> None:
        self._account = account
        self._watched = account if isinstance(account, _Watched) else None
        self._market = market
        self._ledger = ledger
        self._recollection: Recollection | None = recollection
        self._clock = clock
        self._settings = settings
        self._overseer = overseer
        self._sink: Sink | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._health: LedgerHealth | None = None
        self._may_open = asyncio.Event()
        self._stamps = AccountStamps()
        self._executor = Executor(
            account,
            ledger,
            self._tell,
            self._barred,
            clock,
            on_death=overseer.on_death,
            timings=timings,
        )
        self.timings = self._executor.timings
        held = remembered(recollection)
        self._rulebook = Rulebook(account, clock, self._tell, followed=settings.symbols, held=held)
        self._reconciler = Reconciler(
            account,
            clock,
            self._tell,
            followed=settings.symbols,
            known_trades={trade.symbol: trade.trade_id for trade in recollection.trades},
            oldest_trades={one.symbol: one.later[0] for one in recollection.trades if one.later},
            since_ms=recollection.since_ms or recollection.time_ms,
            held=held,
            payments_ms=recollection.payments_ms,
        )

    # --- MarketFeed ---------------------------------------------------------------------------

    async def run(self, sink: Sink) -> None:
        """Deliver until cancelled, or until the market has ended for good."""
        self._sink = sink
        self._loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as group:
            # Before the first event: its effects may come before any task has had its turn.
            self._executor.start(group)
            self._reconciler.start()
            self._introduce(sink)
            tasks = [
                group.create_task(self._kept("rules", self._rulebook.run)),
                group.create_task(self._kept("account", self._run_account)),
                group.create_task(self._kept("reconciler", self._reconciler.run)),
                group.create_task(self._kept("binding", self._bind)),
                group.create_task(self._kept("leverages", self._lower_leverages)),
            ]
            try:
                await self._kept("market", self._run_market)
            finally:
                self._executor.stop()
                self._reconciler.stop()
            for task in tasks:
                task.cancel()

    def request_snapshot(self, request: RequestSnapshot) -> None:
        """Pass it on to the market; void while that is closed, as no book has begun."""
        if self._may_open.is_set():
            self._market.request_snapshot(request)

    def states(self, now_ns: int) -> tuple[FeedState, ...]:
        """The account's rows, then the market's."""
        rows = self._market.states(now_ns)
        return (*self._watched.states(now_ns), *rows) if self._watched is not None else rows

    def counters(self) -> tuple[int, int]:
        """Unreadable frames and frames of unknown types, of account and market together."""
        errors, unknown = self._market.counters()
        if self._watched is None:
            return errors, unknown
        more_errors, more_unknown = self._watched.counters()
        return errors + more_errors, unknown + more_unknown

    # --- Broker -------------------------------------------------------------------------------

    def perform(self, effect: BrokerEffect) -> None:
        """Start what is asked for; the outcome is delivered as an event."""
        if self._is_taken and isinstance(effect, _Deed):
            self._refuse(effect)
            return
        match effect:
            case Append():
                self._ledger.append(effect.row, *effect.more)
            case Submit():
                self._executor.submit(effect)
            case Cancel():
                self._executor.cancel(effect)
            case CancelAll():
                self._executor.cancel_all(effect)
            case ArmDeadMan():
                self._executor.arm(effect)
            case Query():
                self._executor.query(effect)
            case Reconcile():
                self._reconciler.ask(effect)
            case _:
                assert_never(effect)

    @property
    def _is_taken(self) -> bool:
        return self._health is not None and self._health.is_taken

    def _barred(self, request: OrderRequest | None) -> str:
        """Asked of what was on its way when it became so, too; None is no order."""
        if self._is_taken:
            return _TAKEN
        is_entry = request is not None and not request.purpose.is_reducing
        return _BARRED if is_entry and self._overseer.bars_entries else ""

    def _refuse(self, effect: _Deed) -> None:
        # Whoever has the lease protects the positions. Two would each cancel the other's stop as
        # one too many and place its own, until neither has a request left in the minute.
        failure = failure_of(effect, _TAKEN, self._clock.now_ms())
        if failure is not None:
            self._tell(failure)

    def open_market(self) -> None:
        """Start the market's data; idempotent."""
        self._may_open.set()

    def stamps(self) -> AccountStamps:
        """When the venue last confirmed what is shown."""
        return self._stamps

    def tell_health(self, health: LedgerHealth) -> None:
        """Take the ledger's health, from any thread; the newest one is told when this starts."""
        self._health = health
        loop = self._loop
        if loop is not None:
            try:
                loop.call_soon_threadsafe(self._tell, health)
            except RuntimeError:
                logger.debug("the session's loop has ended; its ledger's health is left out")

    # --- tasks --------------------------------------------------------------------------------

    def _introduce(self, sink: Sink) -> None:
        if self._recollection is not None:
            sink.deliver(self._recollection, 0)
            self._recollection = None
        if self._health is not None:
            sink.deliver(self._health, 0)

    async def _kept(self, name: str, run: Callable[[], Coroutine[None, None, None]]) -> None:
        await keep_running(name, run, self._clock, on_death=self._on_death)

    def _on_death(self, name: str, error: Exception) -> None:
        reason, now_ms = f"{name} died: {error}", self._clock.now_ms()
        if name == "account":
            self._tell(UserStreamDown(reason, now_ms))
        elif name == "market":
            self._tell(FeedDown(self._settings.symbols, reason, now_ms))
        self._overseer.on_death(name, error)

    async def _run_account(self) -> None:
        await self._account.run(_AccountSink(self._tell, self._room))

    async def _bind(self) -> None:
        binding = self._settings.binding
        if binding is not None:
            self._tell(await bound(self._account, binding, self._clock))

    async def _lower_leverages(self) -> None:
        most, symbols = self._settings.leverage, self._settings.symbols
        if most is not None:
            leave, tell, clock = self._leaving, self._tell, self._clock
            await lower_leverages(self._account, symbols, most, tell, clock, leaving=leave)

    def _leaving(self) -> None:
        if self._is_taken:
            raise OrderError(Outcome.FAILED, 0, _TAKEN)

    async def _run_market(self) -> None:
        await self._may_open.wait()
        assert self._sink is not None
        await self._market.run(self._sink)

    # --- what comes ---------------------------------------------------------------------------

    def _tell(self, event: Event, received_ns: int = 0) -> None:
        if isinstance(event, AccountPicture | AccountUpdate):
            self._stamp(event)
            for symbol in held_in(event):
                self._hold(symbol)
        elif isinstance(event, Fill):
            self._hold(event.symbol)
        elif isinstance(event, UserStreamUp | UserStreamDown):
            self._reconciler.interrupt()
        elif isinstance(event, SubmitFailed) and event.code in _OF_RULES:
            self._rulebook.doubt()
        if self._sink is not None:  # before the recollection nothing that is told would count
            self._sink.deliver(event, received_ns)

    async def _room(self) -> None:
        assert self._sink is not None
        await self._sink.room()

    def _hold(self, symbol: str) -> None:
        """There is or was a position in it: its trades and rules are needed, followed or not."""
        self._reconciler.hold(symbol)
        self._rulebook.hold(symbol)

    def _stamp(self, event: AccountPicture | AccountUpdate) -> None:
        now_ns = self._clock.monotonic_ns()
        stamps = self._stamps
        if isinstance(event, AccountPicture):
            told = {account.position.symbol: now_ns for account in event.symbols}
            # The balance is the one question that may have had no answer.
            wallet_ns = stamps.wallet_ns if event.balance is None else now_ns
            whole_ns = stamps.reconciled_ns if event.is_sighting else now_ns
            self._stamps = AccountStamps(whole_ns, wallet_ns, {**stamps.positions_ns, **told})
            return
        told = {position.symbol: now_ns for position in event.positions}
        self._stamps = AccountStamps(
            stamps.reconciled_ns,
            now_ns if event.balances else stamps.wallet_ns,
            {**stamps.positions_ns, **told},
        )


class _AccountSink:
    """The account's way in: the session sees each event before the engine does."""

    def __init__(
        self,
        take: Callable[[Event, int], None],
        room: Callable[[], Coroutine[None, None, None]],
    ) -> None:
        self._take = take
        self._room = room

    def deliver(self, event: Event, received_ns: int) -> None:
        self._take(event, received_ns)

    async def room(self) -> None:
        await self._room()
