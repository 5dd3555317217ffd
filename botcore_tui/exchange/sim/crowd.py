"""The crowd of a synthetic market: makers and takers who trade around a fair price.

They trade with each other and with whatever else rests in the book, so orders of accounts fill.
The same dice give the same crowd.
"""

from itertools import islice
from typing import Final

from botcore_tui.exchange.sim.contracts import Contract
from botcore_tui.exchange.sim.dice import Dice
from botcore_tui.exchange.sim.history import small_order, usual_activity
from botcore_tui.exchange.sim.market import SymbolMarket
from botcore_tui.exchange.sim.marks import Mark, Premium
from botcore_tui.exchange.sim.matching import BookSide
from botcore_tui.exchange.sim.prices import MOVE_MS, FairPrice
from botcore_tui.model.market import Side

_FEWEST: Final = 600
"""Levels a side at least, and half as many more at most; kept so every few seconds."""
_REACH: Final = 2_000
"""Ticks from the best price to the last level."""
_STEP: Final = 12
"""Most levels that one order makes or takes."""
_AT_TOUCH, _BEHIND = 60, 8
"""Usual size of a level, small orders."""
_BURSTS: Final = 8
"""In a slot, about."""
_BURST: Final = 3
"""Orders that arrive together: the book is numbered and told of once for all of them."""
_DRAWS: Final = 4096
"""Distances and sizes that are drawn in advance: one throw then chooses among them."""
_LIQUIDATIONS: Final = 0.01
"""Share of those who sweep levels that are being liquidated."""
_TEND_SLOTS: Final = 10


class Crowd:
    """Many participants at once.

    Args:
        dice: Decides everything.
        contract: What they trade.
        intensity: Multiple of the usual number of orders.

    Attributes:
        first_ticks: Price that they begin with.
        activity: How much they trade in a usual minute.
        open_interest: Lots that are held long, and short.
    """

    def __init__(self, dice: Dice, contract: Contract, *, intensity: float = 1.0) -> None:
        self.first_ticks = contract.first_price
        self._small = small_order(contract)
        self.open_interest = 1_000_000 * self._small
        self.activity = usual_activity(contract, intensity)
        self._dice = dice
        self._price_atoms = contract.price_atoms
        self._unit = contract.unit
        self._intensity = intensity
        self._fair = FairPrice(dice, contract.first_price)
        self._premium = Premium(dice)
        # A price of few ticks leaves no room for a deep ladder.
        self._reach = max(8, min(_REACH, contract.first_price // 4))
        self._fewest = min(_FEWEST, self._reach * 2 // 5)
        self._slot = 0
        self._times: list[int] = []
        self._distances = _distances(dice, self._reach)
        self._sizes = [dice.random() * dice.paretovariate(1.3) for _ in range(_DRAWS)]

    def start(self, market: SymbolMarket) -> None:
        """Fill the book, and act from now on by way of the market's agenda."""
        self._market = market
        self._book = market.book
        self._tend()
        market.touched()
        self._play_slot()

    def mark(self) -> Mark:
        """Mark price of this second."""
        drift = self._dice.gauss(0, 2e-5) * self.open_interest
        self.open_interest = max(1, self.open_interest + round(drift))
        return self._premium.mark(self._fair.smooth * self._price_atoms)

    def funded(self) -> None:
        """A funding interval is over."""
        self._premium.settle()

    # --- time ----------------------------------------------------------------------------------

    def _play_slot(self) -> None:
        agenda = self._market.agenda
        start_ms = agenda.now_ms
        random = self._dice.random
        if self._slot % _TEND_SLOTS == 0 and self._slot:
            self._tend()
            self._market.touched()
        self._slot += 1
        activity = self._intensity * self._fair.move()
        count = 1 + int(_BURSTS * activity * (0.5 + random()))
        # Latest first: the next one is popped off the end.
        self._times = sorted([int(random() * MOVE_MS) for _ in range(count)], reverse=True)
        self._times = [start_ms + offset for offset in self._times]
        agenda.at(self._times[-1], self._act)
        agenda.at(start_ms + MOVE_MS, self._play_slot)

    def _act(self) -> None:
        times, agenda = self._times, self._market.agenda
        now_ms = agenda.now_ms
        while times and times[-1] <= now_ms:
            times.pop()
            untold = [self._happen() for _ in range(_BURST)]
            if any(untold):
                self._market.touched()
        if times:
            agenda.at(times[-1], self._act)

    # --- what happens --------------------------------------------------------------------------

    def _happen(self) -> bool:
        """Let one order come; whether the book changed and that is still to be told."""
        book = self._book
        bid, ask = book.bids.best, book.asks.best
        if bid is None or ask is None:
            self._tend()
            return True
        gap = ask - bid
        pull = self._fair.ticks - (bid + ask) / 2
        chance = self._dice.random()
        if gap > 1 and chance < 0.9:
            self._quote_inside(Side.BUY if pull > 0 else Side.SELL, gap)
        elif abs(pull) > 1.5 and chance < 0.5:
            taker = Side.BUY if pull > 0 else Side.SELL
            levels = 1 + int(min(abs(pull), _STEP - 1))
            if chance < 0.35:
                self._sweep(taker, levels)
                return False
            self._withdraw(taker, levels)
        elif chance < 0.05:
            self._trade_small(Side.BUY if self._dice.random() < 0.5 + pull / 8 else Side.SELL)
            return False
        elif chance < 0.12:
            side = Side.BUY if self._dice.random() < 0.5 else Side.SELL
            best = bid if side is Side.BUY else ask
            book.crowd_set(side, best, self._size(best, _AT_TOUCH))
        else:
            self._change_deep()
        return True

    def _quote_inside(self, side: Side, gap: int) -> None:
        book, random = self._book, self._dice.random
        quoted = book.side(side)
        start, sign = quoted.best, quoted.sign
        assert start is not None
        wanted = int((self._fair.ticks - start) * sign)
        count = max(1, min(wanted, gap - 1, _STEP))
        for distance in range(1, count):
            if random() < 0.8:
                ticks = start + distance * sign
                book.crowd_set(side, ticks, self._size(ticks, _BEHIND))
        ticks = start + count * sign
        book.crowd_set(side, ticks, self._size(ticks, _AT_TOUCH))

    def _sweep(self, taker: Side, levels: int) -> None:
        """Take some levels whole; of an account's order as much as is usual at the best price."""
        facing = self._book.opposite(taker)
        wanted, limit = 0, 0
        for ticks, lots in islice(facing.walk(), min(levels, self._spare(facing))):
            limit = ticks
            if ticks in facing.queues:
                wanted += min(lots, self._size(ticks, _AT_TOUCH))
                break
            wanted += lots
        matches = self._market.crowd_take(taker, wanted, limit) if wanted else []
        if matches and self._dice.random() < _LIQUIDATIONS:
            lots = sum([match.lots for match in matches])
            quote = sum([match.ticks * match.lots for match in matches])
            self._market.tell_liquidation(taker, limit, lots, quote * self._unit)

    def _withdraw(self, taker: Side, levels: int) -> None:
        """Those leave whom the fair price has left behind."""
        book = self._book
        side = taker.opposite
        facing = book.side(side)
        for _ in range(min(levels, self._spare(facing))):
            best = facing.best
            assert best is not None
            book.crowd_set(side, best, 0)
            if facing.best == best:
                return  # an account's order stays

    def _spare(self, side: BookSide) -> int:
        """Levels that may go before the side gets too thin for a market."""
        return max(0, len(side.levels) - self._fewest // 4)

    def _trade_small(self, taker: Side) -> None:
        best = self._book.opposite(taker).best
        self._market.crowd_take(taker, self._size(1, 1), best)

    def _change_deep(self) -> None:
        draw = int(self._dice.random() * _DRAWS**3)
        side = Side.BUY if draw & 1 else Side.SELL
        changed = self._book.side(side)
        best = changed.best
        assert best is not None
        ticks = best - changed.sign * self._distances[(draw >> 1) % _DRAWS]
        if ticks < 1:
            return
        is_removed = (draw >> 13) % 5 < 2 and ticks in changed.levels
        size = self._sizes[(draw >> 24) % _DRAWS]
        lots = 0 if is_removed else self._scaled(ticks, _BEHIND, size)
        if ticks in changed.queues:
            self._book.crowd_set(side, ticks, lots)
        else:
            changed.put_behind(ticks, lots)

    def _tend(self) -> None:
        """Keep both sides deep enough, and no deeper."""
        self._deepen(Side.BUY)
        self._deepen(Side.SELL)

    def _deepen(self, side: Side) -> None:
        book, random = self._book, self._dice.random
        deep, facing = book.side(side), book.opposite(side)
        sign = deep.sign
        best = deep.best
        if best is None:
            best = round(self._fair.ticks) + (sign < 0)
            if facing.best is not None and (facing.best - best) * sign <= 0:
                best = facing.best - sign
            if best < 1:
                return
            book.crowd_set(side, best, self._size(best, _AT_TOUCH))
        missing = self._fewest - len(deep.levels)
        for _ in range(4 * missing):  # not for ever: there may be no room
            ticks = best - sign * (1 + int(self._reach * random() ** 2))
            if ticks >= 1 and ticks not in deep.levels:
                book.crowd_set(side, ticks, self._size(ticks, _BEHIND))
                missing -= 1
                if not missing:
                    break
        most = self._fewest * 3 // 2
        if len(deep.levels) > most:
            for ticks, _ in list(deep.walk())[most:]:
                book.crowd_set(side, ticks, 0)

    def _size(self, ticks: int, multiple: int) -> int:
        return self._scaled(ticks, multiple, self._sizes[int(self._dice.random() * _DRAWS)])

    def _scaled(self, ticks: int, multiple: int, size: float) -> int:
        # People like round prices: walls stand there.
        if ticks % 50 == 0:
            multiple *= 12 if ticks % 500 == 0 else 4
        return 1 + min(int(size * multiple * self._small), 10_000 * self._small)


def _distances(dice: Dice, reach: int) -> list[int]:
    """Ticks behind the best price, most of them near it."""
    distances = (int(dice.paretovariate(0.6)) for _ in range(_DRAWS))
    return [far if far <= reach else 1 + dice.randrange(reach) for far in distances]
