"""An engine that trades, on fakes; tests play upon it from inside its loop."""

from abc import ABC, abstractmethod
from decimal import Decimal

from engine_fakes import SETTINGS, SYMBOL, Observed, ScriptedFeed, run_to_end
from fake_account import NOW_MS, FakeAccount
from fake_ledger import FakeLedger
from msgspec.structs import replace
from session_stage import the_rules
from virtual_time import VirtualTime

from botcore_tui.core.account_state import DeskSettings
from botcore_tui.core.gate import Limits
from botcore_tui.core.trader import Trader
from botcore_tui.engine.engine import Engine
from botcore_tui.engine.latch import HaltLatch
from botcore_tui.engine.session import SessionSettings, TradingSession
from botcore_tui.exchange.base import Sink
from botcore_tui.model.command import PlaceOrder
from botcore_tui.model.event import (
    Answer,
    Effect,
)
from botcore_tui.model.ledger import Recollection
from botcore_tui.model.market import MarkPrice, Side
from botcore_tui.model.order import OrderType
from botcore_tui.model.trading import AccountView

DESK = DeskSettings(
    symbols=(SYMBOL,),
    is_trading_enabled=True,
    limits=Limits(
        risk_pct=Decimal(5),
        max_leverage=Decimal(1),
        max_positions=3,
        max_order_notional=Decimal(0),
        fee_rate=Decimal("0.0005"),
    ),
)
PLACE = PlaceOrder(
    command_id="c1",
    actor="anna",
    symbol=SYMBOL,
    side=Side.BUY,
    type=OrderType.MARKET,
    quantity=Decimal(1),
    stop_price=Decimal(95),
    time_ms=NOW_MS,
)


class Late:
    """Asks an engine that is made later."""

    engine: Engine

    @property
    def bars_entries(self) -> bool:
        return self.engine.bars_entries

    def on_death(self, name: str, error: Exception) -> None:
        self.engine.on_death(name, error)


class Stage(ABC):
    """An engine, a desk and a session on a fake account; plays a script within its loop."""

    def __init__(
        self, time: VirtualTime, *, latch: HaltLatch | None = None, is_enabled: bool = True
    ) -> None:
        self.time = time
        self.account = FakeAccount()
        self.account.rules_of = {SYMBOL: the_rules()}
        self.ledger = FakeLedger()
        self.observed = Observed()
        self.market = ScriptedFeed(self._trade, owns_time=False)
        overseer = Late()
        self.session = TradingSession(
            self.account,
            self.market,
            self.ledger,
            Recollection(account="demo:1", run_id="1", time_ms=NOW_MS),
            time,
            settings=SessionSettings(symbols=(SYMBOL,)),
            overseer=overseer,
        )
        self.engine = overseer.engine = Engine(
            Trader((SYMBOL,), desk=DESK),
            self.session,
            time,
            replace(SETTINGS, trading_enabled=is_enabled),
            observer=self.observed,
            latch=latch,
        )
        self.answers: list[Answer] = []
        self.sink: Sink | None = None

    def run(self) -> None:
        """Play ``script`` to its end."""
        self.engine.answers.subscribe(self.answers.append)
        run_to_end(self.engine, self.market)

    async def _trade(self, sink: Sink) -> None:
        self.sink = sink
        await self.script()

    @abstractmethod
    async def script(self) -> None:
        """What happens."""

    def mark(self, price: str) -> None:
        assert self.sink is not None
        time_ms = self.time.now_ms()
        mark = MarkPrice(SYMBOL, Decimal(price), Decimal(price), None, 0, time_ms)
        self.sink.deliver(mark, 0)

    def view(self) -> AccountView:
        account = self.engine.status().account
        assert account is not None
        return account

    def effects(self, kind: type) -> list[Effect]:
        return [effect for effect in self.observed.effects if isinstance(effect, kind)]
