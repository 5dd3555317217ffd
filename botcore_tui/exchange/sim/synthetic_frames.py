"""What the venue would send: frames in its exact shapes, written from integers.

Prices are counted in ticks and quantities in lots, so that nothing is ever rounded.
Source: Binance USD-M futures, "Websocket Market Streams", with the ``st`` and ``ps`` keys that it
sends since 2026-06-30.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from msgspec import Struct

LOT_DECIMALS: Final = 3
"""A lot is 0.001 base units."""
_LOTS: Final = 10**LOT_DECIMALS
_FUNDING_MS: Final = 8 * 3_600_000


class Best(Struct, frozen=True):
    """Best bid and ask, ticks and lots."""

    bid: int
    bid_lots: int
    ask: int
    ask_lots: int


class DayStatistics(Struct, frozen=True):
    """The last 24 hours: ticks, lots, lots x ticks, trade ids."""

    open: int
    high: int
    low: int
    last: int
    last_lots: int
    volume: int
    turnover: int
    first_trade_id: int
    last_trade_id: int


class Frames:
    """Writes combined stream frames of one symbol; every time is the venue's, milliseconds."""

    def __init__(self, symbol: str, tick: str) -> None:
        size = Decimal(tick)
        self._decimals = max(0, -int(size.as_tuple().exponent))
        self._scale = 10**self._decimals
        self._units = int(size * self._scale)
        self._symbol = symbol.upper()
        self._stream = symbol.lower()
        self._keys = f'"s":"{self._symbol}","ps":"{self._symbol}","st":1'

    def price(self, tick: int) -> str:
        """A price as the venue writes it."""
        whole, rest = divmod(tick * self._units, self._scale)
        return f"{whole}.{rest:0{self._decimals}d}" if self._decimals else str(whole)

    def quantity(self, lots: int) -> str:
        """A quantity as the venue writes it."""
        return f"{lots // _LOTS}.{lots % _LOTS:0{LOT_DECIMALS}d}"

    def depth(
        self, ids: tuple[int, int, int], sides: tuple[str, str], *, time_ms: int, sent_ms: int
    ) -> bytes:
        """``depthUpdate``; ``ids`` are U, u and pu, ``sides`` the changed bids and asks."""
        return self._combined(
            "depth@100ms",
            f'{{"e":"depthUpdate","E":{sent_ms},"T":{time_ms},{self._keys},"U":{ids[0]},'
            f'"u":{ids[1]},"pu":{ids[2]},"b":{sides[0]},"a":{sides[1]}}}',
        )

    def snapshot(self, update_id: int, sides: tuple[str, str], *, time_ms: int) -> bytes:
        """REST depth reply, wrapped so that its symbol is known; best levels first."""
        return self._combined(
            "depth@snapshot",
            f'{{"lastUpdateId":{update_id},"E":{time_ms},"T":{time_ms},'
            f'"bids":{sides[0]},"asks":{sides[1]}}}',
        )

    def levels(self, levels: Iterable[tuple[int, int]]) -> str:
        """Levels (tick, lots) as a JSON array, in the given order."""
        price, quantity = self.price, self.quantity
        pairs = [f'["{price(tick)}","{quantity(lots)}"]' for tick, lots in levels]
        return f"[{','.join(pairs)}]"

    def best(self, update_id: int, best: Best, *, time_ms: int) -> bytes:
        """``bookTicker``."""
        return self._combined(
            "bookTicker",
            f'{{"e":"bookTicker","u":{update_id},"E":{time_ms},"T":{time_ms},{self._keys},'
            f'"b":"{self.price(best.bid)}","B":"{self.quantity(best.bid_lots)}",'
            f'"a":"{self.price(best.ask)}","A":"{self.quantity(best.ask_lots)}"}}',
        )

    def trade(
        self, ids: tuple[int, int, int], level: tuple[int, int], *, is_sell: bool, time_ms: int
    ) -> bytes:
        """``aggTrade``; ``ids`` are a, f and l, ``level`` tick and lots, the taker sold or not."""
        quantity = self.quantity(level[1])
        return self._combined(
            "aggTrade",
            f'{{"e":"aggTrade","E":{time_ms},"s":"{self._symbol}","st":1,"a":{ids[0]},'
            f'"p":"{self.price(level[0])}","q":"{quantity}","nq":"{quantity}","f":{ids[1]},'
            f'"l":{ids[2]},"T":{time_ms},"m":{"true" if is_sell else "false"}}}',
        )

    def mark(self, ticks: float, *, premium: float, time_ms: int) -> bytes:
        """``markPriceUpdate``; ``premium`` is the mark's distance from the index, a fraction."""
        mark = ticks * self._units / self._scale
        index = mark / (1 + premium)
        # Funding: premium plus the interest rate's pull, kept within 0.05 % of it (Binance,
        # "Introduction to Binance Futures Funding Rates").
        rate = premium + max(-0.0005, min(0.0005, 0.0001 - premium))
        return self._combined(
            "markPrice@1s",
            f'{{"e":"markPriceUpdate","E":{time_ms},"s":"{self._symbol}","st":1,'
            f'"p":"{mark:.8f}","ap":"{mark:.8f}","i":"{index:.8f}","P":"{mark:.8f}",'
            f'"r":"{rate:.8f}","T":{(time_ms // _FUNDING_MS + 1) * _FUNDING_MS}}}',
        )

    def day(self, day: DayStatistics, *, time_ms: int) -> bytes:
        """``24hrTicker``."""
        change = day.last - day.open
        sign = "-" if change < 0 else ""
        turnover = f"{day.turnover * self._units / (_LOTS * self._scale):.2f}"
        return self._combined(
            "ticker",
            f'{{"e":"24hrTicker","E":{time_ms},{self._keys},"p":"{sign}{self.price(abs(change))}",'
            f'"P":"{100 * change / day.open:.3f}","w":"{self.price(day.turnover // day.volume)}",'
            f'"c":"{self.price(day.last)}","Q":"{self.quantity(day.last_lots)}",'
            f'"o":"{self.price(day.open)}","h":"{self.price(day.high)}",'
            f'"l":"{self.price(day.low)}","v":"{self.quantity(day.volume)}","q":"{turnover}",'
            f'"O":{time_ms - 86_400_000},"C":{time_ms},"F":{day.first_trade_id},'
            f'"L":{day.last_trade_id},"n":{day.last_trade_id - day.first_trade_id + 1}}}',
        )

    def _combined(self, stream: str, data: str) -> bytes:
        return f'{{"stream":"{self._stream}@{stream}","data":{data}}}'.encode()
