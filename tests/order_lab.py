"""The order lab: engine side and venue in one process, in simulated time, with everything failing.

A run is a seed. For some minutes random commands, markets, faults and restarts; then the faults
end, and after a minute the venue is compared with what we believe and have recorded.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest
from lab_hands import Hands
from lab_ledger import Disk, RealLedger
from lab_line import LabTime, Line
from lab_market import SYMBOLS, Wanderer
from lab_oracle import Evidence, Watch, differences, exposure_gaps, missed_payments
from lab_process import Process
from lab_strategy import Whim
from msgspec import Struct
from msgspec.structs import replace
from sim_exchange import CREDENTIALS

from botcore_tui.core.account_state import DeskSettings
from botcore_tui.core.gate import Limits
from botcore_tui.core.standing import Standing
from botcore_tui.core.trader import Trader
from botcore_tui.exchange.binance import link
from botcore_tui.exchange.sim.contracts import contract
from botcore_tui.exchange.sim.exchange import Exchange, ExchangeSettings
from botcore_tui.exchange.sim.fault_specs import parse_spec
from botcore_tui.exchange.sim.money import ATOMS
from botcore_tui.model.command import Command
from botcore_tui.model.event import Append, Effect, Event, Record, Tick, TradingState
from botcore_tui.model.ledger import Recollection
from botcore_tui.model.market import MarkPrice, Trade

HEAL_SECONDS: Final = 60.0
_STEP_SECONDS: Final = 0.1
_LOOK_SECONDS: Final = 3.0
_BEFORE_MS: Final = 5_000
_START_MS: Final = 1_767_233_000_000
_SETTINGS: Final = DeskSettings(
    symbols=SYMBOLS,
    is_trading_enabled=True,
    limits=Limits(
        risk_pct=Decimal(5),
        max_leverage=Decimal(8),
        max_positions=4,
        max_order_notional=Decimal(0),
        fee_rate=Decimal("0.0005"),
    ),
)


class Outcome(Struct):
    """What became of a run."""

    seed: int
    problems: list[str]
    orders: int = 0
    fills: int = 0
    events: int = 0
    faults: int = 0
    restarts: int = 0
    seconds: float = 0.0
    """Simulated."""
    naked_ms: int = 0
    """Longest time on end in which a position had no stop at the venue, for whatever reason."""
    naked_from: float = 0.0
    """When that began, seconds."""


_COMPARED: Final = (
    "orders",
    "positions",
    "trades",
    "realized_today",
    "fees_today",
    "funding_today",
    "funding",
    "transfers",
    "since_ms",
)
Story = Callable[[str], None]


class Lab:
    """One run.

    Args:
        seed: Decides everything.
        is_brief: A shorter time, as full of events, that ends as soon as all is well.
        real: Where to keep a ledger in SQLite beside the one in memory; None: nowhere.
        story: Told what happens, line by line.
    """

    def __init__(
        self,
        seed: int,
        *,
        is_brief: bool = False,
        real: Path | None = None,
        story: Story | None = None,
    ) -> None:
        self.dice = dice = random.Random(seed)
        self.outcome = Outcome(seed, [])
        self.disk = Disk()
        self._story = story
        start_ms = _START_MS + dice.randrange(3_600_000)
        skew_ms = dice.choice((0, 0, dice.randrange(-3_000, 3_000)))
        self.time = LabTime(start_ms)
        self.real = None if real is None else RealLedger(real, self.time)
        self.disk.since_ms = start_ms
        self.wanderers = {
            symbol: Wanderer(symbol, random.Random(f"{seed} {symbol}")) for symbol in SYMBOLS
        }
        # The account had its money before we came.
        self._began_ms = began_ms = start_ms + skew_ms - _BEFORE_MS
        settings = ExchangeSettings(
            credentials=CREDENTIALS, balance=5_000 * ATOMS, start_ms=began_ms, seed=seed
        )
        crowds = [(contract(symbol), wanderer) for symbol, wanderer in self.wanderers.items()]
        self.exchange = Exchange(settings, crowds, random.Random)
        self.line = Line(self.exchange, self.time, random.Random(f"{seed} line"), skew_ms=skew_ms)
        if story is not None:
            self.line.story = self.tell
        self._watch = Watch(self.exchange)
        self._runs = 0
        self._is_calm = False
        self._is_brief = is_brief
        self._pace = dice.choice((0.3, 0.6, 0.9) if is_brief else (0.4, 0.8, 1.5, 1.5, 3.0))
        self._has_strategy = dice.random() < 0.3
        self.settings = replace(
            _SETTINGS,
            target_pct=Decimal(dice.choice(("0", "0.8", "2"))),
            trail_pct=Decimal(dice.choice(("0", "0", "0.5"))),
        )
        self._history = self._made_history()

    @property
    def trader(self) -> Trader:
        """Of the present process."""
        return self._process.trader

    def now_ms(self) -> int:
        """By this machine's clock."""
        return self.time.now_ms()

    def run(self) -> Outcome:
        """Run to the end."""
        start_ms = self.exchange.now_ms
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(link, "dial", self.line.dial)
            # What is logged is told by the story; writing it would take longer than the run.
            patch.setattr(logging.root.manager, "disable", logging.CRITICAL)
            self.time.run(self._run)
        self.outcome.seconds = self.time.elapsed()
        self.outcome.orders = sum(self.line.submits.values())
        self.outcome.naked_ms = self._watch.longest_ms
        self.outcome.naked_from = (self._watch.since_ms - start_ms) / 1000
        self.outcome.fills = len(self.exchange.venue.floor.account.fills)
        return self.outcome

    def new_strategy(self) -> Whim | None:
        """For the next process."""
        return Whim(self.dice, lambda: self._is_calm) if self._has_strategy else None

    def recollection(self, run_id: str) -> Recollection:
        """What the ledger knows; both ledgers must know the same."""
        memory = self.disk.recollection(run_id, self.line.venue_ms())
        if self.real is None:
            return memory
        told = self.real.recollection(run_id, self.line.venue_ms())
        for name in _COMPARED:
            recalled, true = getattr(told, name), getattr(memory, name)
            if recalled != true:
                self.fail(f"ledger: {name} recalled as {recalled}, is {true}")
        return told

    def command(self, command: Command) -> None:
        """Give a command, as a person does."""
        self._process.process(command)

    def fail(self, problem: str) -> None:
        """Note what must not be."""
        self.tell(f"!! {problem}")
        if len(self.outcome.problems) < 20:
            self.outcome.problems.append(f"{self.time.elapsed():.3f} {problem}")

    def tell(self, text: str) -> None:
        """Add a line to the story."""
        if self._story is not None:
            self._story(f"{self.time.elapsed():9.3f} {text}")

    def observe(self, event: Event, effects: list[Effect]) -> None:
        """Look at each event with what followed."""
        self.outcome.events += 1
        if self._story is not None:
            self._narrate(event, effects)
        if isinstance(event, Tick | MarkPrice | Trade):
            return
        desk = self.trader.desk
        assert desk is not None
        if desk.state.account:
            for gap in exposure_gaps(self.exchange, desk, self.line.submits):
                self.fail(gap)

    def _narrate(self, event: Event, effects: list[Effect]) -> None:
        if not isinstance(event, Tick | MarkPrice | Trade):
            self.tell(f"> {_short(event)}")
        for effect in effects:
            if isinstance(effect, Record):
                self.tell(f"    {effect.severity.name} {effect.code}: {effect.text}")
            elif not isinstance(effect, Append):
                self.tell(f"    {_short(effect)}")

    # --- the run --------------------------------------------------------------------------------

    def _made_history(self) -> int:
        """What the account may have done before our time; how many executions that were."""
        if self.dice.random() < 0.2:
            specs = ("foreign-position=notional:400", "foreign-order=away_bps:50", "manual-close")
            for spec in self.dice.sample(specs, 2):
                for fault in parse_spec(spec):
                    self.exchange.venue.acts.perform(fault)
        return len(self.exchange.venue.floor.account.fills)

    async def _run(self) -> None:
        self._process = self._new_process(Standing())
        self._process.start()
        pump = asyncio.create_task(self._pump())
        await self._rough_time()
        self._end_faults()
        await self._heal(self._problems)
        for problem in self._problems():
            self.fail(problem)
        self.tell("** the user stream is cut once more")
        self.exchange.hub.cut(None)
        await self._heal(self._all_problems)
        for problem in self._all_problems():
            self.fail(problem)
        await self._process.stop(is_killed=False)
        pump.cancel()
        if self.real is not None:
            for problem in self.real.problems():
                self.fail(problem)

    async def _heal(self, problems: Callable[[], list[str]]) -> None:
        if not self._is_brief:
            return await asyncio.sleep(HEAL_SECONDS)  # virtual, as all time of the lab
        for _ in range(round(HEAL_SECONDS / _LOOK_SECONDS)):
            await asyncio.sleep(_LOOK_SECONDS)  # the same
            if not problems():
                break
        return None

    async def _pump(self) -> None:
        while True:
            await asyncio.sleep(_STEP_SECONDS)  # the same
            self.exchange.advance(self.line.venue_ms())
            self._watch.look()

    async def _rough_time(self) -> None:
        dice = self.dice
        hands = Hands(self, dice)
        seconds = dice.uniform(10, 35) if self._is_brief else dice.uniform(60, 240)
        end = self.time.elapsed() + seconds
        await asyncio.sleep(dice.uniform(0.5, 4))  # the same
        while self.time.elapsed() < end:
            await asyncio.sleep(min(8.0, dice.expovariate(1 / self._pace)))  # the same
            if dice.random() < 0.025:
                await self._break()
            else:
                self.tell(f"** {hands.act()}")

    async def _break(self) -> None:
        dice = self.dice
        kind = dice.choice(("kill", "kill", "restart", "stall", "cut", "sleep"))
        seconds = dice.uniform(0.5, 15)
        self.tell(f"** {kind} for {seconds:.1f} s")
        loop = asyncio.get_running_loop()
        if kind == "stall":
            self._process.ledger.stall()
            loop.call_later(seconds, self._process.ledger.recover)
        elif kind == "sleep":
            self.time.suspend(seconds)
        elif kind == "cut":
            self.line.cut()
            self._process.feed.is_cut = True
            loop.call_later(seconds, self._mend)
        else:
            await self._restart(is_killed=kind == "kill", pause=dice.choice((0.0, seconds)))

    async def _restart(self, *, is_killed: bool, pause: float) -> None:
        state, halt = self.trader.state, self.trader.halt
        self.outcome.restarts += 1
        await self._process.stop(is_killed=is_killed)
        await asyncio.sleep(pause)  # the same
        is_halted = state is TradingState.HALTED
        standing = Standing(TradingState.HALTED, halt) if is_halted else Standing()
        self._process = self._new_process(standing)
        self._process.start()

    def _new_process(self, standing: Standing) -> Process:
        self._runs += 1
        return Process(self, f"r{self._runs}", standing)

    def _mend(self) -> None:
        self.line.mend()
        self._process.feed.is_cut = False

    def _end_faults(self) -> None:
        self.outcome.faults = sum(int(number) for number in self.exchange.faults._taken.values())
        self.tell("** all faults end, the markets stand still")
        self._is_calm = True
        self.exchange.faults.clear()
        self._mend()
        self._process.ledger.recover()
        for wanderer in self.wanderers.values():
            wanderer.volatility = 0.0

    def _evidence(self) -> Evidence:
        self._process.settle()
        desk = self.trader.desk
        assert desk is not None
        return Evidence(
            self.exchange, desk, self.disk, self.line.submits, self._history, self._began_ms
        )

    def _all_problems(self) -> list[str]:
        return [*self._problems(), *missed_payments(self._evidence())]

    def _problems(self) -> list[str]:
        evidence = self._evidence()
        desk = evidence.desk
        problems = differences(evidence)
        if not desk.state.is_reconciled or desk.state.trouble():
            problems.append(f"trouble: {desk.state.trouble() or 'not reconciled'}")
        return problems


def run_seed(
    seed: int, *, is_brief: bool = False, story: Story | None = None, real: Path | None = None
) -> Outcome:
    """One run.

    Args:
        seed: Decides everything.
        is_brief: See ``Lab``.
        story: Told what happens, line by line.
        real: Where to keep a ledger in SQLite beside the one in memory; None: nowhere.
    """
    return Lab(seed, is_brief=is_brief, real=real, story=story).run()


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) < 600 else f"{text[:600]}..."
