"""A venue for tests on markets in which nobody acts but the test."""

from collections.abc import Sequence
from typing import Final

from sim_market import START_MS, Still, a_still_market, levels_around

from botcore_tui.exchange.sim.agenda import Agenda
from botcore_tui.exchange.sim.dice import SeededDice
from botcore_tui.exchange.sim.fault_specs import parse_spec
from botcore_tui.exchange.sim.faults import Faults
from botcore_tui.exchange.sim.market import SymbolMarket
from botcore_tui.exchange.sim.money import ATOMS
from botcore_tui.exchange.sim.orders import (
    AlgoOrder,
    AlgoTicket,
    Execution,
    Fill,
    Order,
    OrderType,
    SelfTrade,
    Ticket,
    TimeInForce,
    WorkingType,
)
from botcore_tui.exchange.sim.position_views import Statement
from botcore_tui.exchange.sim.venue import Venue
from botcore_tui.model.market import Side

BTC: Final = "BTCUSDT"
BID: Final = 616_597
"""Best bid of the still market, ticks; the first price."""
ASK: Final = 616_598
BUY, SELL = Side.BUY, Side.SELL


class User:
    """Hears what the user's stream would tell; one line a piece of news."""

    def __init__(self) -> None:
        self.news: list[str] = []
        self.fills: list[Fill] = []

    def order_updated(self, order: Order, execution: Execution, fill: Fill | None) -> None:
        """Note it."""
        line = f"{order.client_id} {execution} {order.status} {order.executed}/{order.lots}"
        self.news.append(line + (f" er={order.ending}" if order.ending != "0" else ""))
        if fill is not None:
            self.fills.append(fill)

    def account_updated(
        self, reason: str, symbols: Sequence[str], *, has_balance: bool, change: int = 0
    ) -> None:
        """Note it."""
        self.news.append(f"account {reason} {','.join(symbols)} {has_balance} {change}")

    def algo_updated(self, algo: AlgoOrder) -> None:
        """Note it."""
        self.news.append(f"algo {algo.client_id} {algo.status}")

    def leverage_updated(self, symbol: str, leverage: int) -> None:
        """Note it."""
        self.news.append(f"leverage {symbol} {leverage}")

    def margin_called(self, symbols: Sequence[str]) -> None:
        """Note it."""
        self.news.append(f"margin call {','.join(symbols)}")

    def orders(self) -> list[str]:
        """News of orders and conditional orders, without those of the account."""
        return [line for line in self.news if not line.startswith("account ")]


class Stage:
    """A venue, its market and everything that a test wants to look at."""

    def __init__(self, *, balance: int = 5_000, lots: int = 1_000, symbols: int = 1) -> None:
        names = (BTC, "ETHUSDT")[:symbols]
        self.agenda = Agenda(START_MS)
        self.user = User()
        self.faults = Faults(SeededDice(3), self.agenda)
        self.markets = {
            name: a_still_market(
                *levels_around(_first(name), lots), symbol=name, agenda=self.agenda
            )
            for name in names
        }
        self.venue = Venue(
            self.agenda,
            self.markets,
            balance * ATOMS,
            dice=SeededDice(5),
            faults=self.faults,
            user=self.user,
        )

    @property
    def market(self) -> SymbolMarket:
        """The market of bitcoin."""
        return self.markets[BTC]

    @property
    def held(self) -> int:
        """Position in bitcoin, lots."""
        return self.venue.floor.held(BTC)

    @property
    def wallet(self) -> int:
        """Of the account, atoms."""
        return self.venue.floor.account.wallet

    def statement(self) -> Statement:
        """The account as its views are written from."""
        floor = self.venue.floor
        busy = frozenset(order.contract.symbol for order in floor.orders.open())
        return Statement(floor.account, floor.marks(), floor.exposures(), busy)

    def arm(self, spec: str) -> None:
        """Arm faults."""
        for fault in parse_spec(spec):
            self.faults.add(fault)

    def act(self, spec: str) -> str:
        """Let an act happen now; why it could not, or nothing."""
        return self.venue.acts.perform(parse_spec(spec)[0])

    def limit(
        self,
        side: Side,
        lots: int,
        ticks: int,
        *,
        client_id: str = "a",
        time_in_force: TimeInForce = TimeInForce.GTC,
        reduce_only: bool = False,
        self_trade: SelfTrade = SelfTrade.EXPIRE_MAKER,
        good_till_ms: int = 0,
    ) -> Order:
        """Place a limit order in bitcoin."""
        return self.venue.desk.place(
            BTC,
            Ticket(
                side=side,
                type=OrderType.LIMIT,
                lots=lots,
                ticks=ticks,
                client_id=client_id,
                time_in_force=time_in_force,
                reduce_only=reduce_only,
                self_trade=self_trade,
                good_till_ms=good_till_ms,
            ),
        )

    def at_market(
        self, side: Side, lots: int, *, client_id: str = "m", reduce_only: bool = False
    ) -> Order:
        """Place a market order in bitcoin."""
        return self.venue.desk.place(
            BTC,
            Ticket(
                side=side,
                type=OrderType.MARKET,
                lots=lots,
                client_id=client_id,
                reduce_only=reduce_only,
            ),
        )

    def algo(
        self,
        kind: OrderType,
        side: Side,
        *,
        lots: int = 0,
        trigger: int = 0,
        ticks: int = 0,
        client_id: str = "s",
        on_last: bool = False,
        activate: int = 0,
        callback: int = 0,
        reduce_only: bool = False,
        price_protect: bool = False,
        time_in_force: TimeInForce = TimeInForce.GTC,
        good_till_ms: int = 0,
    ) -> AlgoOrder:
        """Place a conditional order in bitcoin; without lots it closes the position."""
        return self.venue.algo_desk.place(
            BTC,
            AlgoTicket(
                side=side,
                type=kind,
                lots=lots,
                ticks=ticks,
                trigger_ticks=trigger,
                activate_ticks=activate,
                callback=callback,
                client_id=client_id,
                close_position=not lots,
                reduce_only=reduce_only,
                price_protect=price_protect,
                working_type=WorkingType.CONTRACT_PRICE if on_last else WorkingType.MARK_PRICE,
                time_in_force=time_in_force,
                good_till_ms=good_till_ms,
            ),
        )

    def mark(self, ticks: int, symbol: str = BTC) -> None:
        """Let the mark price be this from the next second on, which comes at once."""
        market = self.markets[symbol]
        still = market._participants
        assert isinstance(still, Still)
        still.price = ticks * market.contract.price_atoms
        self.agenda.advance(self.agenda.now_ms + 1_000)

    def last(self, ticks: int) -> None:
        """Let one lot of the crowd trade at this price, and time go on."""
        side = BUY if ticks >= ASK else SELL
        market = self.market
        resting = SELL if side is BUY else BUY
        for level, lots in market.book.top(resting, 20):
            if (ticks - level) * (1 if side is BUY else -1) > 0:
                market.crowd_take(side, lots, level)
        market.book.crowd_set(resting, ticks, 1_000)
        market.crowd_take(side, 1, ticks)
        self.agenda.advance(self.agenda.now_ms + 1)


def _first(symbol: str) -> int:
    return {"BTCUSDT": BID, "ETHUSDT": 263_451}[symbol]
