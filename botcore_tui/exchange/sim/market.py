"""One contract's market: its book, what is traded, its mark price, and who is told of it."""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from botcore_tui.exchange.sim.agenda import Agenda
from botcore_tui.exchange.sim.bars import Bars
from botcore_tui.exchange.sim.contracts import Contract
from botcore_tui.exchange.sim.dice import Dice, SeededDice
from botcore_tui.exchange.sim.funding import (
    FUNDING_MS,
    Funding,
    FundingLog,
    funding_rate,
    next_funding,
)
from botcore_tui.exchange.sim.history import Activity, made_up
from botcore_tui.exchange.sim.intervals import MINUTE_MS
from botcore_tui.exchange.sim.mark_bars import MarkBars, PastPremium
from botcore_tui.exchange.sim.marks import Mark
from botcore_tui.exchange.sim.matching import CROWD, Book, Match
from botcore_tui.exchange.sim.prints import TradeLog, TradePrint
from botcore_tui.model.market import Side

_SECOND_MS: Final = 1_000


class Ids:
    """The counter of updates, which all books of an exchange share.

    Attributes:
        update: The last update of any book.
    """

    def __init__(self, dice: Dice) -> None:
        self._random = dice.random
        self.update = 5_000_000_000_000 + dice.randrange(10**9)

    def next_update(self) -> int:
        """The next update of a book; those of one contract have gaps, as at the venue."""
        self.update += 1 + int(400 * self._random())
        return self.update


class MarketListener(Protocol):
    """Who is told of what happens in a market."""

    def book_changed(self, market: "SymbolMarket") -> None:
        """The book has a new update; its ``changed_bids`` and ``changed_asks`` say where."""

    def traded(self, market: "SymbolMarket", prints: Sequence[TradePrint]) -> None:
        """An order traded; all that it traded at one price is one print."""

    def marked(self, market: "SymbolMarket") -> None:
        """A second has passed: mark, index and funding rate are new."""

    def liquidated(
        self,
        market: "SymbolMarket",
        side: Side,
        ticks: int,
        lots: int,
        average: int,
        time_ms: int,
    ) -> None:
        """The venue closed a position: at which limit, and at which average price, atoms."""


class Participants(Protocol):
    """Everybody in a market but the accounts.

    Attributes:
        first_ticks: Price that the market begins with.
        activity: How much they trade in a usual minute.
        open_interest: Lots that are held long, and short.
    """

    first_ticks: int
    activity: Activity
    open_interest: int

    def start(self, market: "SymbolMarket") -> None:
        """Fill the book, and act from now on by way of the market's agenda."""

    def mark(self) -> Mark:
        """Mark price of this second; asked for once a second."""

    def funded(self) -> None:
        """A funding interval is over."""


class SymbolMarket:
    """The market of one contract.

    Whoever changes the book does so by these methods, so that all is numbered, printed and told.

    Args:
        contract: What is traded.
        agenda: Time.
        ids: Counter of updates.
        participants: Everybody but the accounts.
        listener: Is told of everything.
        seed: Of the past before the beginning.

    Attributes:
        book: Who wants what; read it, do not change it.
        bars: Its bars and those before its beginning.
        mark_bars: The same of mark price, index and premium.
        log: Its latest trades.
        fundings: What funding was due, and before its beginning.
        update_id: Of the last change of the book.
        last_ticks: Price of the last trade.
        last_lots: Size of the last trade.
        mark: Mark price, atoms.
        index: Index price, atoms.
        funding_rate: As it stands now, 10**-8.
        next_funding_ms: When it is due.
        on_maker_fill: Told of each trade with an account's resting order, before the listener.
        on_mark: Told of each mark price, after the listener.
        on_trade: Told that there were trades, after the listener.
        on_funding: Told that funding is due at the present mark and rate.
        guard: Asked for each account's order in the way of the crowd: whether it must stop there.
    """

    def __init__(
        self,
        contract: Contract,
        agenda: Agenda,
        ids: Ids,
        participants: Participants,
        listener: MarketListener,
        *,
        seed: int = 0,
    ) -> None:
        self.contract = contract
        self.agenda = agenda
        self.book = Book()
        first = participants.first_ticks
        start = agenda.now_ms
        dice = SeededDice(seed)
        self.log = TradeLog(5_000_000_000 + dice.randrange(10**6), 2_000_000_000)
        past = made_up(
            dice,
            end_ms=start // MINUTE_MS * MINUTE_MS,
            ticks=first,
            next_trade_id=self.log.last_id + 1,
            activity=participants.activity,
        )
        self.bars = Bars(start, first, self.log.last_id + 1, past)
        self._past_premium = PastPremium(start, SeededDice(~seed))
        self.mark_bars = MarkBars(start, self.bars, self._past_premium, contract.price_atoms)
        self.fundings = FundingLog(start, self._past_funding)
        self.update_id = ids.next_update()
        self.last_ticks = first
        self.last_lots = 1
        self.mark = self.index = first * contract.price_atoms
        self.funding_rate = 0
        self.next_funding_ms = next_funding(start)
        self.on_maker_fill: Callable[[SymbolMarket, Match], None] = _ignore
        self.on_mark: Callable[[SymbolMarket], None] = _ignore
        self.on_trade: Callable[[SymbolMarket], None] = _ignore
        self.on_funding: Callable[[SymbolMarket], None] = _ignore
        self.guard: Callable[[int], bool] | None = None
        self._ids = ids
        self._participants = participants
        self._listener = listener

    def start(self) -> None:
        """Let the participants begin."""
        self._participants.start(self)
        self._set_mark()
        self._schedule_mark()

    @property
    def open_interest(self) -> int:
        """Lots that are held long, and short."""
        return self._participants.open_interest

    def best(self, *, opposite: Side) -> int | None:
        """Best price that an order of a side would trade at, ticks; None if there is nobody."""
        return self.book.opposite(opposite).best

    # --- orders of accounts --------------------------------------------------------------------

    def take(
        self,
        side: Side,
        lots: int,
        limit: int | None,
        blocked: Callable[[int], bool] | None = None,
    ) -> list[Match]:
        """Trade at once what can be traded; see ``Book.take``. Told to everybody but the taker."""
        matches = self.book.take(side, lots, limit, blocked=blocked)
        if matches:
            self.publish(side, matches)
        return matches

    def rest(self, side: Side, ticks: int, order_id: int, lots: int) -> None:
        """Put an order to the back of the queue at its price; it must not cross."""
        self.book.rest(side, ticks, order_id, lots)
        self.touched()

    def remove(self, order_id: int) -> int:
        """Take an order out of the book; returns the lots that were left, 0 if it was not there."""
        if order_id not in self.book:
            return 0
        lots = self.book.remove(order_id)
        self.touched()
        return lots

    def reduce(self, order_id: int, lots: int) -> None:
        """Take lots off a resting order, which keeps its place in the queue."""
        self.book.reduce(order_id, lots)
        self.touched()

    def trade_with(self, order_id: int, lots: int) -> None:
        """Let somebody of the crowd trade with a resting order, whatever its turn."""
        side, ticks = self.book.where(order_id)
        self.book.reduce(order_id, lots)
        self.publish(side.opposite, [Match(ticks, lots, order_id)])

    def private_match(self, ticks: int, lots: int) -> Match:
        """Number a trade that the venue makes outside the book and does not publish."""
        return Match(ticks, lots, CROWD, self.log.next_id())

    def tell_liquidation(self, side: Side, ticks: int, lots: int, quote: int) -> None:
        """Tell that the venue closed a position: its order, and what it was worth in atoms."""
        average = self.contract.average(quote, lots)
        self._listener.liquidated(self, side, ticks, lots, average, self.agenda.now_ms)

    # --- the crowd -----------------------------------------------------------------------------

    def crowd_take(self, side: Side, lots: int, limit: int | None) -> list[Match]:
        """Let an order of the crowd trade at once what it can."""
        return self.take(side, lots, limit, self.guard)

    def touched(self) -> None:
        """Number a change of the book and tell of it."""
        self.update_id = self._ids.next_update()
        self._listener.book_changed(self)

    def publish(self, side: Side, matches: list[Match], *, is_book_changed: bool = True) -> None:
        """Print trades that an order of ``side`` made, and tell of them and of the book."""
        prints = self._print(matches, is_sell=side is Side.SELL, time_ms=self.agenda.now_ms)
        last = matches[-1]
        self.last_ticks, self.last_lots = last.ticks, last.lots
        for match in matches:
            if match.maker != CROWD:
                self.on_maker_fill(self, match)
        self._listener.traded(self, prints)
        if is_book_changed:
            self.touched()
        self.on_trade(self)

    # --- inside --------------------------------------------------------------------------------

    def _print(self, matches: list[Match], *, is_sell: bool, time_ms: int) -> list[TradePrint]:
        prints: list[TradePrint] = []
        start = 0
        for end in range(1, len(matches) + 1):
            if end < len(matches) and matches[end].ticks == matches[start].ticks:
                continue
            whole = self.log.add(matches[start:end], is_sell=is_sell, time_ms=time_ms)
            self.bars.add(whole)
            prints.append(whole)
            start = end
        return prints

    def _schedule_mark(self) -> None:
        second = self.agenda.now_ms // _SECOND_MS
        self.agenda.at((second + 1) * _SECOND_MS, self._tick)

    def _tick(self) -> None:
        self._schedule_mark()
        now_ms = self.agenda.now_ms
        if now_ms >= self.next_funding_ms:
            self.fundings.add(Funding(self.next_funding_ms, self.funding_rate, self.mark))
            self.on_funding(self)
            self.next_funding_ms = next_funding(now_ms)
            self._participants.funded()
        self._set_mark()
        self._listener.marked(self)
        self.on_mark(self)

    def _past_funding(self, time_ms: int) -> Funding:
        (bar,) = self.bars.klines("8h", now_ms=self.agenda.now_ms, start_ms=time_ms, limit=1)
        rate = funding_rate(self._past_premium.average(time_ms - FUNDING_MS, time_ms))
        return Funding(time_ms, rate, bar.open * self.contract.price_atoms)

    def _set_mark(self) -> None:
        mark = self._participants.mark()
        self.mark, self.index, self.funding_rate = mark.price, mark.index, mark.rate
        self.mark_bars.add(mark, self.agenda.now_ms)


def _ignore(*_: object) -> None:
    """Nobody listens."""
