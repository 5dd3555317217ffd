"""A venue in a rough market, and a customer who does anything at all: for what must always hold."""

import random
from collections.abc import Sequence
from decimal import Decimal

from sim_market import Heard

from botcore_tui.exchange.sim.agenda import Agenda
from botcore_tui.exchange.sim.contracts import contract
from botcore_tui.exchange.sim.fault_specs import parse_spec
from botcore_tui.exchange.sim.faults import Faults
from botcore_tui.exchange.sim.floor import closing_side
from botcore_tui.exchange.sim.history import Activity
from botcore_tui.exchange.sim.market import Ids, SymbolMarket
from botcore_tui.exchange.sim.marks import Mark
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
from botcore_tui.exchange.sim.refusals import RefusalError
from botcore_tui.exchange.sim.venue import Venue
from botcore_tui.model.market import Side

SYMBOLS = ("BTCUSDT", "ADAUSDT")
START_MS = 1_723_161_590_000
"""Ten seconds before a funding time."""
_STEP_MS = 100
_LEVELS = 25
_CONDITIONAL = (
    OrderType.STOP,
    OrderType.STOP_MARKET,
    OrderType.TAKE_PROFIT,
    OrderType.TAKE_PROFIT_MARKET,
    OrderType.TRAILING_STOP_MARKET,
)
_ANY_TIME = [one for one in TimeInForce if one is not TimeInForce.GTE_GTC]
_FINAL = frozenset({Execution.CANCELED, Execution.EXPIRED})


class Rough:
    """Participants who move a thin book about, with leaps that no stop survives."""

    def __init__(self, symbol: str, dice: random.Random) -> None:
        terms = contract(symbol)
        self.first_ticks = terms.first_price
        self.activity = Activity(1_000, 100)
        self.open_interest = 10**9
        self._fair = float(terms.first_price)
        self._typical = max(1, terms.max_lots // 20_000)
        self._spacing = max(1, terms.first_price // 5_000)
        self._dice = dice

    def start(self, market: SymbolMarket) -> None:
        self._market = market
        self._quote()
        self._schedule()

    def mark(self) -> Mark:
        atoms = self._market.contract.price_atoms
        price = max(1, int(self._fair * atoms) + self._dice.randrange(-atoms, atoms))
        return Mark(price, price, self._dice.randrange(-300_000, 300_000))

    def funded(self) -> None:
        pass

    def leap(self, share: float) -> None:
        self._fair = max(self._spacing * 100.0, self._fair * (1 + share))

    def _schedule(self) -> None:
        agenda = self._market.agenda
        agenda.at(agenda.now_ms + _STEP_MS, self._step)

    def _step(self) -> None:
        self._schedule()
        self._fair *= 1 + self._dice.gauss(0, 0.0005)
        self._sweep(Side.SELL, int(self._fair) + 2)
        self._sweep(Side.BUY, int(self._fair) - 2)
        self._quote()
        if self._dice.random() < 0.7:
            side = self._dice.choice([Side.BUY, Side.SELL])
            self._market.crowd_take(side, self._dice.randrange(1, 3 * self._typical), None)

    def _sweep(self, side: Side, limit: int) -> None:
        """Trade away what is quoted beyond the fair price."""
        while self._market.crowd_take(side, 10**9, limit):
            pass

    def _quote(self) -> None:
        book, dice = self._market.book, self._dice
        fair = int(self._fair)
        for _ in range(_LEVELS):
            away = 1 + dice.randrange(20 * self._spacing)
            lots = dice.randrange(2 * self._typical) if dice.random() < 0.9 else 0
            bid, ask = fair - away, fair + away
            best_bid, best_ask = book.bids.best, book.asks.best
            if dice.random() < 0.5 and (best_ask is None or bid < best_ask):
                book.crowd_set(Side.BUY, bid, lots)
            elif best_bid is None or ask > best_bid:
                book.crowd_set(Side.SELL, ask, lots)
        self._market.touched()


class Told:
    """What the user's stream told, and whether it could be true."""

    def __init__(self) -> None:
        self.fills: list[Fill] = []
        self.reasons: list[str] = []
        self.calls = 0
        self._state: dict[int, Execution] = {}

    def order_updated(self, order: Order, execution: Execution, fill: Fill | None) -> None:
        before = self._state.get(order.order_id)
        assert (before is None) is (execution is Execution.NEW), (before, execution, order)
        assert before not in _FINAL, f"{execution} after {before} of {order}"
        assert (fill is not None) is (execution in {Execution.TRADE, Execution.CALCULATED})
        self._state[order.order_id] = execution
        if fill is not None:
            assert fill.order is order
            is_worse = (
                fill.ticks > order.ticks if order.side is Side.BUY else fill.ticks < order.ticks
            )
            assert not order.ticks or not is_worse
            self.fills.append(fill)

    def account_updated(
        self, reason: str, symbols: Sequence[str], *, has_balance: bool, change: int = 0
    ) -> None:
        assert has_balance or not change
        assert symbols or has_balance
        self.reasons.append(reason)

    def algo_updated(self, algo: AlgoOrder) -> None:
        pass

    def leverage_updated(self, symbol: str, leverage: int) -> None:
        pass

    def margin_called(self, symbols: Sequence[str]) -> None:
        assert symbols
        self.calls += 1


class RoughSession:
    """A customer who trades at random.

    Args:
        seed: The same does the same.

    Attributes:
        refused: How often each refusal came.
    """

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.agenda = Agenda(START_MS)
        self.told = Told()
        self.refused: dict[int, int] = {}
        self.participants = {
            symbol: Rough(symbol, random.Random(seed + number))
            for number, symbol in enumerate(SYMBOLS, 1)
        }
        ids = Ids(self.dice)
        self.markets = {
            symbol: SymbolMarket(contract(symbol), self.agenda, ids, rough, Heard(), seed=seed)
            for symbol, rough in self.participants.items()
        }
        self.faults = Faults(self.dice, self.agenda)
        self.venue = Venue(
            self.agenda,
            self.markets,
            5_000 * ATOMS,
            dice=self.dice,
            faults=self.faults,
            user=self.told,
        )
        for market in self.markets.values():
            market.start()

    def act(self) -> None:
        """Do one thing, refused or not."""
        actions = (
            (self._order, 40),
            (self._algo, 6),
            (self._cancel, 12),
            (self._amend, 10),
            (self._cancel_all, 1),
            (self._count_down, 1),
            (self._set, 6),
            (self._move_margin, 3),
            (self._fault, 2),
            (self._leap, 2),
            (self._wait, 17),
        )
        action = self.dice.choices([one for one, _ in actions], [odds for _, odds in actions])[0]
        try:
            action()
        except RefusalError as refusal:
            self.refused[refusal.code] = self.refused.get(refusal.code, 0) + 1

    def _symbol(self) -> str:
        return self.dice.choice(SYMBOLS)

    def _size(self, market: SymbolMarket) -> int:
        smallest = (
            market.contract.min_notional * ATOMS // market.contract.notional(market.last_ticks, 1)
        )
        held = abs(self.venue.floor.held(market.contract.symbol))
        sizes = [*((smallest + 1) * many for many in (1, 10, 200, 800)), held or 1, held // 2 + 1]
        return self.dice.choice(sizes)

    def _price(self, market: SymbolMarket, share: float = 0.002) -> int:
        return max(1, int(market.last_ticks * (1 + self.dice.gauss(0, share))))

    def _order(self) -> None:
        symbol = self._symbol()
        market = self.markets[symbol]
        choose = self.dice.choice
        is_market = self.dice.random() < 0.3
        tif = TimeInForce.GTC if is_market or self.dice.random() < 0.5 else choose(_ANY_TIME)
        reduces = self.dice.random() < 0.4
        side = choose([Side.BUY, Side.SELL])
        if reduces and self.dice.random() < 0.9:
            side = closing_side(self.venue.floor.held(symbol))
        ticket = Ticket(
            side=side,
            type=OrderType.MARKET if is_market else OrderType.LIMIT,
            lots=self._size(market),
            ticks=0 if is_market else self._price(market),
            time_in_force=tif,
            reduce_only=reduces,
            self_trade=choose(list(SelfTrade)),
            good_till_ms=self.agenda.now_ms + 601_000 if tif is TimeInForce.GTD else 0,
        )
        before = self._state()
        try:
            self.venue.desk.place(symbol, ticket)
        except RefusalError:
            assert self._state() == before
            raise

    def _state(self) -> tuple[object, ...]:
        floor = self.venue.floor
        books = [(market.update_id, market.log.last_id) for market in self.markets.values()]
        return floor.account.wallet, len(floor.orders), floor.orders.count_open(), books

    def _algo(self) -> None:
        symbol = self._symbol()
        market = self.markets[symbol]
        choose = self.dice.choice
        kind = choose(_CONDITIONAL)
        closes = self.dice.random() < 0.4
        trails = kind is OrderType.TRAILING_STOP_MARKET
        side = choose([Side.BUY, Side.SELL])
        if closes:
            side = closing_side(self.venue.floor.held(symbol))
        ticket = AlgoTicket(
            side=side,
            type=kind,
            lots=0 if closes else self._size(market),
            ticks=self._price(market) if kind in {OrderType.STOP, OrderType.TAKE_PROFIT} else 0,
            trigger_ticks=0 if trails else self._price(market, 0.004),
            callback=choose([100_000, 500_000]) if trails else 0,
            reduce_only=not closes and self.dice.random() < 0.5,
            close_position=closes,
            working_type=choose(list(WorkingType)),
            price_protect=self.dice.random() < 0.2,
        )
        self.venue.algo_desk.place(symbol, ticket)

    def _cancel(self) -> None:
        algos, orders = self.venue.floor.algos.open(), self.venue.floor.orders.open()
        if algos and self.dice.random() < 0.3:
            self.venue.algo_desk.cancel(self.dice.choice(algos))
        elif orders:
            self.venue.desk.cancel(self.dice.choice(orders))

    def _amend(self) -> None:
        orders = self.venue.floor.orders.open()
        if orders:
            order = self.dice.choice(orders)
            market = self.markets[order.contract.symbol]
            self.venue.desk.amend(order, self._size(market), self._price(market))

    def _cancel_all(self) -> None:
        self.venue.desk.cancel_all(self._symbol())

    def _count_down(self) -> None:
        self.venue.desk.count_down(self._symbol(), self.dice.choice([0, 250, 2_000]))

    def _set(self) -> None:
        symbol = self._symbol()
        if self.dice.random() < 0.5:
            self.venue.settings.set_leverage(symbol, self.dice.choice([1, 5, 20, 50, 75, 125]))
        else:
            is_isolated = self.dice.random() < 0.5
            self.venue.settings.set_margin_type(symbol, is_isolated=is_isolated)

    def _move_margin(self) -> None:
        amount = self.dice.randrange(-ATOMS, 200 * ATOMS)
        is_added = self.dice.random() < 0.6
        self.venue.settings.move_margin(self._symbol(), amount, is_added=is_added)

    def _fault(self) -> None:
        amount = Decimal(self.dice.randrange(1, 2_000_000)) / 1_000
        spec = self.dice.choice(
            [
                "liquidation",
                "adl",
                "manual-close",
                "foreign-position",
                "partial-fill=count:1",
                "cancel-race=count:1",
                f"transfer=amount:{amount}",
            ]
        )
        for fault in parse_spec(spec):
            if fault.kind.is_act:
                self.venue.acts.perform(fault)
            else:
                self.faults.add(fault)

    def _leap(self) -> None:
        self.participants[self._symbol()].leap(self.dice.choice([-0.2, -0.03, 0.03, 0.2]))

    def _wait(self) -> None:
        self.agenda.advance(self.agenda.now_ms + self.dice.choice([1, 60, 400, 1_500]))
