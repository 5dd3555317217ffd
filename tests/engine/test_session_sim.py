"""A whole session on the embedded exchange: entry, stop, sudden end, and the next session."""

import random
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from engine_fakes import SETTINGS, Observed
from msgspec.structs import replace
from sim_process import Sim, running_sim

from botcore_tui.clock import SystemClock
from botcore_tui.core.account_state import DeskSettings
from botcore_tui.core.gate import Limits
from botcore_tui.core.trader import Trader
from botcore_tui.engine.engine import Engine
from botcore_tui.engine.session import SessionSettings, TradingSession
from botcore_tui.exchange.account_feed import AccountFeed
from botcore_tui.exchange.base import MarketFeed
from botcore_tui.exchange.binance.account import AccountSettings, BinanceAccount
from botcore_tui.exchange.binance.feed import BinanceFeed, FeedSettings
from botcore_tui.exchange.binance.keys import Credentials
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.binance.receiver import Receiver
from botcore_tui.exchange.binance.stream import StreamSettings
from botcore_tui.ledger.recall import recall
from botcore_tui.ledger.store import default_url
from botcore_tui.ledger.writer import LedgerWriter, WriterOptions
from botcore_tui.model.command import PlaceOrder
from botcore_tui.model.event import Answer, Submit
from botcore_tui.model.market import MarkPrice, Side
from botcore_tui.model.order import OrderType, Purpose
from botcore_tui.model.trading import AccountView, Cover, PositionView

BTC, ETH = "BTCUSDT", "ETHUSDT"
ACCOUNT = "demo:test"
SECONDS = 20.0
"""Never waited for in a passing test."""

pytestmark = pytest.mark.xdist_group("session_sim")


@pytest.fixture(scope="module")
def sim() -> Iterator[Sim]:
    arguments = ("--seed", 9, "--symbols", f"{BTC},{ETH}", "--balance", 100_000, "--no-limits")
    with running_sim(*arguments) as exchange:
        yield exchange


class Program:
    """One run of the program, without its command line."""

    def __init__(self, sim: Sim, ledger: LedgerWriter) -> None:

        self.observed = Observed()
        self.answers: list[Answer] = []
        self._clock = SystemClock()
        limiter = Limiter(1_200, self._clock)
        recollection = recall(ledger.url, ACCOUNT, self._clock.now_ms(), run_id=ledger.run_id)
        account = BinanceAccount(
            AccountSettings(rest=sim.rest, ws_private=sim.ws_private, symbols=(BTC,)),
            Credentials(sim.api_key, sim.api_secret),
            clock=self._clock,
            rng=random.Random(3),
            limiter=limiter,
        )
        receiver = Receiver()
        market = BinanceFeed(
            FeedSettings(
                rest=sim.rest,
                ws_public=sim.ws_public,
                ws_market=sim.ws_market,
                symbols=(BTC,),
                streams=StreamSettings(),
            ),
            self._clock,
            random.Random(4),
            limiter=limiter,
            receiver=receiver,
        )
        session = TradingSession(
            account,
            market,
            ledger,
            recollection,
            self._clock,
            settings=SessionSettings(symbols=(BTC,)),
            overseer=self,
        )
        limits = Limits(
            risk_pct=Decimal(5),
            max_leverage=Decimal(1),
            max_positions=3,
            max_order_notional=Decimal(0),
            fee_rate=Decimal("0.0005"),
        )
        desk = DeskSettings(symbols=(BTC,), is_trading_enabled=True, limits=limits)
        self.engine = Engine(
            Trader((BTC,), desk=desk),
            AccountFeed(lambda _receiver: opened(session, account), receiver, self._clock),
            self._clock,
            # Under uvloop a connection that is cut off while aiohttp makes it warns of its socket.
            replace(SETTINGS, trading_enabled=True, uses_uvloop=False),
            observer=self.observed,
        )
        self.engine.serve("eyes", self._watch)
        self.engine.answers.subscribe(self.answers.append)
        self._views: list[AccountView] = []
        self._changed = threading.Condition()

    @property
    def bars_entries(self) -> bool:
        return self.engine.bars_entries

    def on_death(self, name: str, error: Exception) -> None:
        self.engine.on_death(name, error)

    async def _watch(self) -> None:
        while True:
            account = self.engine.status().account
            assert account is not None
            with self._changed:
                self._views.append(account)
                self._changed.notify_all()
            await self._clock.sleep(0.02)

    def until(self, claim: Callable[[AccountView], object]) -> AccountView:
        """The first view from now on of which the claim is true."""
        with self._changed:
            told = self._changed.wait_for(lambda: self._views and claim(self._views[-1]), SECONDS)
            assert told, (self._views[-1], self.answers, self.engine.failure)
            return self._views[-1]


@asynccontextmanager
async def opened(session: TradingSession, account: BinanceAccount) -> AsyncIterator[MarketFeed]:
    try:
        yield session
    finally:
        await account.close()


@contextmanager
def a_program(sim: Sim, directory: Path) -> Iterator[Program]:
    with ExitStack() as stack:
        ledger = LedgerWriter.open(
            default_url(directory, "demo"), ACCOUNT, "demo", options=WriterOptions()
        )
        stack.callback(ledger.close)
        program = Program(sim, ledger)
        program.engine.start()
        stack.callback(program.engine.stop, SECONDS)
        yield program


def a_purchase(mark: Decimal) -> PlaceOrder:
    return PlaceOrder(
        command_id="c1",
        actor="anna",
        symbol=BTC,
        side=Side.BUY,
        type=OrderType.MARKET,
        quantity=Decimal("0.010"),
        stop_price=(mark * Decimal("0.95")).quantize(Decimal("0.1")),
        time_ms=1,
    )


def verified(view: AccountView) -> PositionView | None:
    return next((held for held in view.positions if held.cover is Cover.VERIFIED), None)


@pytest.mark.requirement("F14")
def test_position_and_its_stop_outlast_the_session_that_made_them(sim: Sim, tmp_path: Path) -> None:
    with a_program(sim, tmp_path) as first:
        first.until(lambda view: view.is_reconciled and not view.trouble)
        first.observed.wait_for(MarkPrice)
        bid, _ = sim.best(BTC)
        first.engine.send(a_purchase(bid))
        position = verified(first.until(verified))
        assert position is not None
        assert position.quantity == Decimal("0.010")
        assert first.answers[0].is_accepted
        assert not first.engine.is_halted

    with a_program(sim, tmp_path) as second:
        again = verified(second.until(lambda view: view.is_reconciled and verified(view)))
        assert again is not None
        assert (again.quantity, again.entry_price) == (position.quantity, position.entry_price)
        assert again.stop_price == position.stop_price
        assert again.confirmed_ns > 0
        submits = [effect for effect in second.observed.effects if isinstance(effect, Submit)]
        assert [submit for submit in submits if submit.request.purpose is Purpose.ENTRY] == []
        assert not second.engine.is_halted

    orders = sim.ask_signed("GET", "/fapi/v1/openAlgoOrders")
    assert isinstance(orders, list)
    assert len(orders) == 1


@pytest.mark.requirement("K3")
@pytest.mark.requirement("F10")
def test_flatten_passes_a_take_profit_that_a_person_rests_in_the_book(
    sim: Sim, tmp_path: Path
) -> None:
    with a_program(sim, tmp_path) as program:
        program.until(lambda view: view.is_reconciled and not view.trouble)
        program.observed.wait_for(MarkPrice)
        bid, _ = sim.best(BTC)
        program.engine.send(a_purchase(bid))
        program.until(verified)
        sim.ask_signed(
            "POST",
            "/fapi/v1/order",
            symbol=BTC,
            side="SELL",
            type="LIMIT",
            timeInForce="GTC",
            price=str((bid * Decimal("1.02")).quantize(Decimal("0.1"))),
            quantity="0.010",
            reduceOnly="true",
            newClientOrderId="web_2",
        )
        program.until(lambda view: any(each.client_order_id == "web_2" for each in view.orders))
        program.engine.halt("anna", "flatten", flattens=True)
        program.until(lambda view: all(held.symbol != BTC for held in view.positions))
