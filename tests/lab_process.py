"""One life of the program in the order lab, from its start to its end or its death."""

import asyncio
from collections import deque
from random import Random
from typing import Final, Protocol

from lab_ledger import Disk, LabLedger, RealLedger
from lab_line import BASE, LabTime, LabUsdm, Line
from lab_market import SYMBOLS, LabFeed
from lab_strategy import Whim
from sim_rest import KEY, SECRET

from botcore_tui.core.account_state import DeskSettings
from botcore_tui.core.standing import Standing
from botcore_tui.core.trader import Trader
from botcore_tui.engine.answers import Answers
from botcore_tui.engine.performer import Performer
from botcore_tui.engine.session import SessionSettings, TradingSession
from botcore_tui.exchange.binance.account import AccountSettings, BinanceAccount
from botcore_tui.exchange.binance.keys import load_credentials
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.sim.exchange import Exchange
from botcore_tui.model.account import LedgerHealth
from botcore_tui.model.event import Effect, Event, Tick
from botcore_tui.model.ledger import Recollection

_TICK_SECONDS: Final = 0.25


class World(Protocol):
    """What outlives a process."""

    dice: Random
    disk: Disk
    exchange: Exchange
    line: Line
    real: RealLedger | None
    settings: DeskSettings
    time: LabTime

    def now_ms(self) -> int:
        """By this machine's clock."""

    def recollection(self, run_id: str) -> Recollection:
        """What the ledger knows."""

    def new_strategy(self) -> Whim | None:
        """Trades by itself, if anything does."""

    def observe(self, event: Event, effects: list[Effect]) -> None:
        """Look at each event with what followed."""

    def fail(self, problem: str) -> None:
        """Note what must not be."""


class Process:
    """One life of the program: trader, session, ledger; performs effects as the engine does.

    Args:
        lab: What is around it.
        run_id: Of its session.
        standing: The trading state that it begins with.
    """

    def __init__(self, lab: World, run_id: str, standing: Standing) -> None:
        self._lab = lab
        self._inbox: deque[Event] = deque()
        self._is_due = False
        self._is_over = False
        self.trader = Trader(
            SYMBOLS, standing=standing, desk=lab.settings, strategy=lab.new_strategy()
        )
        real = None if lab.real is None else lab.real.open(run_id)
        self.ledger = LabLedger(lab.disk, lab.dice, self._on_health, real)
        recollection = lab.recollection(run_id)
        self.account = self._account()
        self.feed = LabFeed(lab.exchange)
        self.session = TradingSession(
            self.account,
            self.feed,
            self.ledger,
            recollection,
            lab.time,
            settings=SessionSettings(SYMBOLS),
            overseer=self,
        )
        self._performer = Performer(
            self.session, lab.time, Answers(), self.deliver, latch=None, redraw=_nothing
        )
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin."""
        self._tasks = [
            asyncio.create_task(self.session.run(self)),
            asyncio.create_task(self._tick()),
        ]

    async def stop(self, *, is_killed: bool) -> None:
        """End, in order or by force."""
        if is_killed:
            self._is_over = True
            self.ledger.die()
        for task in self._tasks:
            task.cancel()
        for ended in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                self._lab.fail(f"defect: {ended!r}")
        if not is_killed:
            self._drain()
            self._is_over = True
            self.ledger.close()
        await self.account.close()

    # --- Overseer, Sink -------------------------------------------------------------------------

    @property
    def bars_entries(self) -> bool:
        return not self.trader.is_active

    def on_death(self, name: str, error: Exception) -> None:
        self._lab.fail(f"defect: {name}: {error!r}")

    def deliver(self, event: Event, received_ns: int) -> None:
        self._inbox.append(event)
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._drain)

    async def room(self) -> None:
        """There always is."""

    def process(self, event: Event) -> None:
        """Take one event and perform what follows."""
        if self._is_over:
            return
        effects = self.trader.process(event)
        self._lab.observe(event, effects)
        for effect in effects:
            self._performer.perform(effect)

    def settle(self) -> None:
        """Take what has come, and write what is to be recorded."""
        self._drain()
        self.ledger.commit()

    def _drain(self) -> None:
        self._is_due = False
        while self._inbox:
            self.process(self._inbox.popleft())

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK_SECONDS)  # of the lab's virtual time
            self.deliver(Tick(self._lab.now_ms()), 0)

    def _on_health(self, trouble: str) -> None:
        self.session.tell_health(LedgerHealth(not trouble, trouble, self._lab.now_ms()))

    def _account(self) -> BinanceAccount:
        lab = self._lab
        settings = AccountSettings(rest=BASE, ws_private=f"{BASE}/private", symbols=SYMBOLS)
        account = BinanceAccount(
            settings,
            load_credentials(KEY, SECRET),
            clock=lab.time,
            rng=lab.dice,
            limiter=Limiter(2_400, lab.time),
        )
        account._rest._usdm._usdm = LabUsdm(lab.line)
        return account


def _nothing() -> None:
    """Nobody looks."""
