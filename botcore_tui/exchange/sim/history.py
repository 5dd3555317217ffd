"""What a market did before it began: made up when it is first asked for, from the end backwards."""

from collections.abc import Iterator
from math import exp, sqrt
from typing import Final

from botcore_tui.exchange.sim.bars import Bar, Era
from botcore_tui.exchange.sim.contracts import Contract
from botcore_tui.exchange.sim.dice import Dice
from botcore_tui.exchange.sim.intervals import DAY_MS, MINUTE_MS
from botcore_tui.exchange.sim.money import ATOMS
from botcore_tui.exchange.sim.prices import VOLATILITY

_ERAS: Final = (
    # Minutes of a bar, and for how many days before the start. Every interval up to a day has
    # more than 1,500 bars of which each consists of whole ones of these. The first is all that
    # a market is asked for at its start: the last 24 hours.
    (1, 1),
    (1, 2),
    (1, 7),
    (15, 16),
    (30, 32),
    (60, 63),
    (120, 126),
    (120, 378),
    (240, 504),
    (720, 756),
    (1_440, 1_600),
)
_MINUTE: Final = 4e-4
"""Standard deviation of a minute, a fraction of the price."""
_GROWTH_MINUTES: Final = 400 * 1_440
"""In which what is traded grew e-fold."""
_SMALL: Final = 300
"""Worth of a small order, USDT."""
_LOWEST, _HIGHEST = 0.3, 3.0
"""Of the price at the start."""


class Activity:
    """How much is traded in a usual minute.

    Args:
        lots: Traded.
        trades: They were made of.
    """

    __slots__ = ("lots", "trades")

    def __init__(self, lots: int, trades: int) -> None:
        self.lots = max(1, lots)
        self.trades = max(1, trades)


def usual_activity(contract: Contract, intensity: float = 1.0) -> Activity:
    """How much a crowd trades in a contract; a larger ``intensity`` means more of it."""
    # Measured: the more ticks the fair price moves at once, the more is swept out of its way.
    step = contract.first_price * VOLATILITY
    return Activity(
        lots=round((1_300 + 18_000 * step) * small_order(contract) * intensity),
        trades=round((750 + 500 * step) * intensity),
    )


def small_order(contract: Contract) -> int:
    """Lots of a small order: of the same worth whatever the price."""
    return max(1, _SMALL * ATOMS // contract.notional(contract.first_price, 1))


def made_up(
    dice: Dice, *, end_ms: int, ticks: int, next_trade_id: int, activity: Activity
) -> Iterator[Era]:
    """A past, newest part first, in which every bar opens where the one before closed.

    Args:
        dice: Decides everything.
        end_ms: When it ends, a whole minute.
        ticks: Price that it ends with.
        next_trade_id: Number of the first trade after it; large enough for all before.
        activity: In its last minutes.
    """
    walk = _Walk(dice, ticks, next_trade_id, activity)
    midnight = end_ms // DAY_MS * DAY_MS
    for minutes, days in _ERAS:
        first_ms = midnight - days * DAY_MS
        yield walk.era(minutes, first_ms, end_ms)
        end_ms = first_ms


class _Walk:
    """A walk from the present into the past."""

    def __init__(self, dice: Dice, ticks: int, trade_id: int, activity: Activity) -> None:
        self._dice = dice
        self._close = ticks
        self._trade_id = trade_id
        self._activity = activity
        self._lowest = max(1, int(ticks * _LOWEST))
        self._highest = int(ticks * _HIGHEST)
        self._heat = 0.0
        self._past = 0

    def era(self, minutes: int, first_ms: int, end_ms: int) -> Era:
        era = Era(minutes * MINUTE_MS, first_ms)
        for open_ms in range(end_ms - era.length_ms, first_ms - 1, -era.length_ms):
            era.append(self._bar(minutes, open_ms))
        era.reverse()
        return era

    def _bar(self, minutes: int, open_ms: int) -> Bar:
        dice = self._dice
        self._heat = 0.98 * self._heat + dice.gauss(0, 0.1)
        usual = _MINUTE * sqrt(minutes) * exp(self._heat)
        change = dice.gauss(0, usual)
        close = self._close
        start = round(close * exp(-change))
        if not self._lowest <= start <= self._highest:
            start = round(close * exp(change))
        wick = 0.6 * usual * close
        high = max(start, close) + int(abs(dice.gauss(0, wick)))
        low = max(1, min(start, close) - int(abs(dice.gauss(0, wick))))
        busy = minutes * exp(0.8 * self._heat) * (0.4 + abs(change) / usual)
        self._past += minutes
        busy *= exp(-self._past / _GROWTH_MINUTES)
        lots = 1 + int(self._activity.lots * busy * (0.5 + dice.random()))
        # Numbers of trades must not run out before the past does.
        most = max(1, self._trade_id // 1_000)
        trades = min(lots, most, 1 + int(self._activity.trades * busy))
        bought = max(0.05, min(0.95, 0.5 + 0.1 * change / usual + dice.gauss(0, 0.06)))
        quote = lots * (start + high + low + close) // 4
        buy_lots = int(lots * bought)
        self._close = start
        self._trade_id -= trades
        end_ms = open_ms + minutes * MINUTE_MS
        return Bar(
            open_ms,
            end_ms,
            start,
            high,
            low,
            close,
            lots,
            quote,
            buy_lots,
            quote * buy_lots // lots,
            trades,
            self._trade_id,
        )
