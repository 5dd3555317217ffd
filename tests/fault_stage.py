"""The program, put together as its command line does, on an exchange in which faults strike."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Final, TypeVar

import pytest
from fault_config import a_config
from fault_diary import SECONDS, Diary
from sim_process import Sim

from botcore_tui.cli.workplace import Builder, Workplace
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Environment
from botcore_tui.core.client_ids import is_ours
from botcore_tui.core.desk import TradingDesk
from botcore_tui.core.orders import Order
from botcore_tui.core.trader import Trader
from botcore_tui.engine.engine import Engine
from botcore_tui.engine.log_ring import LogRing
from botcore_tui.model.account import UserStreamUp
from botcore_tui.model.command import (
    CancelOrder,
    ClosePosition,
    DeskCommand,
    PlaceOrder,
    ResetBreaker,
)
from botcore_tui.model.event import Answer, Effect, Event, Submit, TradingState
from botcore_tui.model.ledger import FillRow, IntentRow
from botcore_tui.model.market import BookState, Side
from botcore_tui.model.order import OrderState, OrderType, Purpose
from botcore_tui.model.trading import Cover

T = TypeVar("T")
BTC: Final = "BTCUSDT"
ETH: Final = "ETHUSDT"
LOTS: Final = {BTC: Decimal("0.010"), ETH: Decimal("0.200")}
"""About six hundred USDT."""
_NUMBERS: Final = count(1)
_TRIES: Final = 10
"""Of an order that the gate denies for want of fresh data."""


class Bot:
    """One run of the program, without its screen.

    Attributes:
        sim: The exchange.
        diary: What the engine did.
    """

    def __init__(self, sim: Sim, workplace: Workplace) -> None:
        self.sim = sim
        self.diary = Diary()
        self._history = self._past()
        self._has_lost_news = False
        self.workplace = workplace
        # One more pair of eyes: what the program itself counts, it goes on counting.
        tally = workplace.trading
        assert tally is not None
        counts, sees = tally.tally.observe, self.diary.observe

        def both(event: Event, effects: Sequence[Effect], trader: Trader) -> None:
            counts(event, effects, trader)
            sees(event, effects, trader)

        self.engine._processor._observer = both

    @property
    def engine(self) -> Engine:
        """Of the program."""
        return self.workplace.engine

    def until(self, says: Callable[[TradingDesk], T], seconds: float = SECONDS) -> T:
        """The first true answer of the desk, from the next event on."""
        return self.diary.until(says, seconds)

    def ready(self) -> None:
        """Return when new risk may be taken."""
        symbols = self.sim.symbols

        def is_ready(desk: TradingDesk) -> bool:
            state = desk.state
            fresh = [state.mark_age_ms(symbol) for symbol in symbols]
            known = all(symbol in state.rules for symbol in symbols) and state.clock is not None
            return not state.trouble() and known and all(age is not None for age in fresh)

        self.until(is_ready)

    def arm(self, name: str, **values: object) -> None:
        """Arm a fault."""
        self._has_lost_news |= name in {"user-lost", "user-silent"}
        self.sim.control("POST", "/sim/faults", {"name": name, **values})

    def disarm(self) -> None:
        """No fault any more."""
        self.sim.control("DELETE", "/sim/faults")

    def reconnect(self) -> None:
        """Have the user stream cut: what it brings is asked for over REST."""
        self.arm("disconnect", route="private")

    def strikes(self, name: str) -> int:
        """How often a fault has struck, since the exchange began."""
        report = self.sim.control("GET", "/sim/faults")
        assert isinstance(report, dict)
        taken = report["taken"]
        assert isinstance(taken, dict)
        return int(taken.get(name, 0))

    # --- commands -------------------------------------------------------------------------------

    def send(self, command: DeskCommand) -> Answer:
        """Send a command; the answer to it."""
        self.engine.send(command)

        def answer(desk: TradingDesk) -> Answer | None:
            answers = (each for each in desk.state.answers)
            return next((each for each in answers if each.command_id == command.command_id), None)

        told = self.until(answer)
        assert told is not None
        return told

    def order(
        self,
        symbol: str = BTC,
        *,
        side: Side = Side.BUY,
        away: str = "",
        stop_away: str = "0.03",
        lots: Decimal | None = None,
        reduce_only: bool = False,
    ) -> PlaceOrder:
        """An order that fits the market.

        Args:
            symbol: Of the contract.
            side: Of the order.
            away: How far a LIMIT order is from the best price that it does not cross, as a
                fraction; empty for a MARKET order.
            stop_away: The same of its stop.
            lots: About six hundred USDT if None.
            reduce_only: Whether it must not raise the position.
        """
        order_type = OrderType.LIMIT if away else OrderType.MARKET
        # The same wish within a second would count as a slip of the hand (P16).
        self.until(
            lambda desk: all(
                (each.symbol, each.type, each.purpose) != (symbol, order_type, Purpose.ENTRY)
                for each in desk.state.requests
            )
        )
        bid, ask = self.sim.best(symbol)
        tick = self.until(lambda desk: desk.state.rules[symbol].tick)
        sign, near = (-1, bid) if side is Side.BUY else (1, ask)

        def distant(share: str) -> Decimal:
            price = near * (1 + sign * Decimal(share))
            return price - price % tick

        return PlaceOrder(
            command_id=f"c{next(_NUMBERS)}",
            actor="anna",
            symbol=symbol,
            side=side,
            type=order_type,
            quantity=LOTS[symbol] if lots is None else lots,
            price=distant(away) if away else None,
            stop_price=None if reduce_only else distant(stop_away),
            reduce_only=reduce_only,
            time_ms=SystemClock().now_ms(),
        )

    def buy(self, symbol: str = BTC, *, away: str = "") -> str:
        """Buy, by a MARKET order unless it is to rest; the client order id."""
        answer = self.send(self.order(symbol, away=away))
        tries = 1
        while answer.code == "P09" and tries < _TRIES:
            # Where there is much else to do, a feed pauses as well.
            self.until(
                lambda desk: desk.state.market.by_symbol[symbol].book.state is BookState.LIVE
            )
            answer = self.send(self.order(symbol, away=away))
            tries += 1
        assert answer.is_accepted, answer
        return answer.client_order_id

    def cancel(self, client_order_id: str) -> Answer:
        """Cancel an order."""
        now_ms, number = SystemClock().now_ms(), f"c{next(_NUMBERS)}"
        return self.send(
            CancelOrder(
                command_id=number, actor="anna", client_order_id=client_order_id, time_ms=now_ms
            )
        )

    def close(self, symbol: str) -> Answer:
        """Close a position."""
        now_ms, number = SystemClock().now_ms(), f"c{next(_NUMBERS)}"
        return self.send(
            ClosePosition(command_id=number, actor="anna", symbol=symbol, time_ms=now_ms)
        )

    # --- what it came to ------------------------------------------------------------------------

    def reached(self, client_order_id: str, *states: OrderState) -> Order:
        """The order, when it is in one of these states and all its fills are seen."""

        def found(desk: TradingDesk) -> Order | None:
            order = desk.state.register.of(client_order_id)
            if order is None or order.state not in states:
                return None
            return None if desk.state.register.misses_fills(order.request.symbol) else order

        order = self.until(found)
        assert order is not None
        return order

    def protected(self, symbol: str = BTC) -> Decimal:
        """The quantity of a position, when the venue confirms a stop for all of it."""

        def held(desk: TradingDesk) -> Decimal:
            if desk.state.protection.guard(symbol).cover is not Cover.VERIFIED:
                return Decimal(0)
            return desk.state.portfolio.quantity(symbol)

        return self.until(held)

    def flat(self, symbol: str = BTC) -> None:
        """Return when there is no position, no order of ours and nothing left to get rid of."""

        def is_flat(desk: TradingDesk) -> bool:
            state = desk.state
            is_busy = state.protection.is_busy(symbol) or state.register.open(symbol)
            return not (state.portfolio.quantity(symbol) or is_busy)

        self.until(is_flat)

    def venue(self) -> dict[str, object]:
        """What the venue really has."""
        state = self.sim.control("GET", "/sim/state")
        assert isinstance(state, dict)
        return state

    def held_at_venue(self) -> dict[str, Decimal]:
        """Positions that the venue really has."""
        positions = self.venue()["positions"]
        assert isinstance(positions, list)
        return {row["symbol"]: Decimal(row["quantity"]) for row in positions}

    def orders_at_venue(self, symbol: str) -> list[str]:
        """Client order ids of ours that the venue ever had in its book, one for each order."""
        orders = self.sim.ask_signed("GET", "/fapi/v1/allOrders", symbol=symbol, limit=1000)
        assert isinstance(orders, list)
        return [row["clientOrderId"] for row in orders if is_ours(row["clientOrderId"])]

    def trades_at_venue(self, symbol: str) -> set[int]:
        """Ids of all executions that the account ever had."""
        trades = self.sim.ask_signed("GET", "/fapi/v1/userTrades", symbol=symbol, limit=1000)
        assert isinstance(trades, list)
        return {int(row["id"]) for row in trades}

    def stops_at_venue(self, symbol: str) -> list[str]:
        """Client order ids of the conditional orders that the venue has."""
        rows = self.venue()["open_algo_orders"]
        assert isinstance(rows, list)
        return [row["client_id"] for row in rows if row["symbol"] == symbol]

    def submitted(self) -> list[str]:
        """Client order ids of all orders that were handed to the venue's client."""
        pages = tuple(self.diary.pages)
        effects = [effect for _, effects in pages for effect in effects]
        return [each.request.client_order_id for each in effects if isinstance(each, Submit)]

    def _past(self) -> set[object]:
        """Orders and trades that the venue has."""
        past: set[object] = set()
        for symbol in self.sim.symbols:
            past.update(self.orders_at_venue(symbol))
            past.update(self.trades_at_venue(symbol))
        return past

    def put_in_order(self) -> None:
        """End faults, close everything, and see that nothing was lost, doubled or made up."""
        self.disarm()
        for symbol in self.sim.symbols:
            self.sim.ask_signed("DELETE", "/fapi/v1/allOpenOrders", symbol=symbol)
        self._renew_stream()
        self.ready()
        self._be_active()
        held = self.until(lambda desk: [desk.state.portfolio.holdings()])[0]
        for holding in held:
            self.close(holding.symbol)
        self.until(lambda desk: not (desk.state.portfolio.holdings() or desk.state.register.open()))
        self.compare()

    def _be_active(self) -> None:
        """Whatever tripped was meant to: several orders in doubt are what these tests are about."""

        def tripped(desk: TradingDesk) -> list[tuple[str, ...]]:
            # What one test left in doubt is not for the next one; nor is a halt under way.
            desk.state.breakers._unknown_orders.clear()
            return [tuple(desk.state.breakers.latched)] if desk._risk._halting.is_over else []

        latched = self.until(tripped)[0]
        for code in latched:
            reset = ResetBreaker(
                command_id=f"c{next(_NUMBERS)}",
                actor="anna",
                code=code,
                reason="on with the tests",
                time_ms=SystemClock().now_ms(),
            )
            answer = self.send(reset)
            assert answer.is_accepted, answer
        for _ in range(2):
            self.engine.resume("anna", "on with the tests")
        self.until(lambda desk: desk._standing.state is TradingState.ACTIVE)

    def _renew_stream(self) -> None:
        """A stream that kept silent about an order is given up seconds later: have that now."""
        if self._has_lost_news:
            self._has_lost_news = False
            before = len(self.diary.events(UserStreamUp))
            self.reconnect()
            self.until(lambda _desk: len(self.diary.events(UserStreamUp)) > before)

    def compare(self) -> None:
        """Orders once at most, executions once each, positions the same: here and at the venue."""
        intents = [row.request.client_order_id for row in self.diary.rows(IntentRow)]
        submitted = self.submitted()
        assert len(set(submitted)) == len(submitted)
        booked = [row.fill.trade_id for row in self.diary.rows(FillRow)]
        assert len(set(booked)) == len(booked)
        for symbol in self.sim.symbols:
            orders = self.orders_at_venue(symbol)
            assert len(set(orders)) == len(orders), "a duplicate at the venue"
            unheard = set(orders) - self._history - set(intents)
            assert not unheard, "an order that nobody recorded"
            rows = [row for row in self.diary.rows(FillRow) if row.fill.symbol == symbol]
            trades = self.trades_at_venue(symbol) - self._history
            assert {row.fill.trade_id for row in rows} == trades
        held = self.until(lambda desk: [desk.state.portfolio.holdings()])[0]
        ours = {holding.symbol: holding.quantity for holding in held}
        assert ours == self.held_at_venue()


@contextmanager
def a_workplace(
    sim: Sim, state_dir: Path, config: Config | None = None, *, log: LogRing | None = None
) -> Iterator[Workplace]:
    """Everything that the program puts together on this exchange, not started; closed in the end.

    Raises:
        UnavailableError: The account is taken, or its ledger cannot be written.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOTCORE_TESTNET_API_KEY", sim.api_key)
        patch.setenv("BOTCORE_TESTNET_API_SECRET", sim.api_secret)
        builder = Builder(config or a_config(sim), log or LogRing(), state_dir=state_dir)
        workplace = builder.build(Environment.TESTNET, TradingState.ACTIVE)
    try:
        yield workplace
    finally:
        workplace.close()


@contextmanager
def a_bot(sim: Sim, state_dir: Path, config: Config | None = None) -> Iterator[Bot]:
    """The program, ready to trade."""
    with a_workplace(sim, state_dir, config) as workplace:
        bot = Bot(sim, workplace)
        workplace.engine.start()
        bot.ready()
        yield bot
