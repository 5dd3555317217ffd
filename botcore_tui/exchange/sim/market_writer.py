"""Market events of one contract in the venue's shapes, written from whole numbers.

Source: Binance USD-M futures, "Websocket Market Streams" (2026-05), with the ``st`` and ``ps``
keys that it sends since 2026-06-30.
"""

from collections.abc import Iterable
from typing import Final

from botcore_tui.exchange.sim.bars import Bar
from botcore_tui.exchange.sim.contracts import DELIVERY_MS, ONBOARD_MS, Contract
from botcore_tui.exchange.sim.money import ATOMS, money_text, rounded, scaled_text
from botcore_tui.exchange.sim.prints import TradePrint
from botcore_tui.model.market import Side

_MOST_TEXTS: Final = 20_000
_RATE_DECIMALS: Final = 8

Levels = Iterable[tuple[int, int]]
"""Ticks and lots."""


class MarketWriter:
    """Writes events; every time is the venue's, milliseconds.

    Args:
        contract: Whose market it is.
    """

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._keys = f'"s":"{contract.symbol}","ps":"{contract.symbol}","st":1'
        # The same numbers come again and again; writing one takes ten times as long.
        self._prices: dict[int, str] = {}
        self._quantities: dict[int, str] = {}

    def price(self, ticks: int) -> str:
        """A price."""
        known = self._prices
        return known.get(ticks) or _remember(known, ticks, self._contract.price_text(ticks))

    def quantity(self, lots: int) -> str:
        """A quantity."""
        known = self._quantities
        return known.get(lots) or _remember(known, lots, self._contract.quantity_text(lots))

    def levels(self, levels: Levels) -> str:
        """Levels as a JSON array, in the given order."""
        prices, quantities = self._prices.get, self._quantities.get
        pairs = [
            f'["{prices(ticks) or self.price(ticks)}","{quantities(lots) or self.quantity(lots)}"]'
            for ticks, lots in levels
        ]
        return f"[{','.join(pairs)}]"

    def depth(
        self, ids: tuple[int, int, int], sides: tuple[str, str], *, time_ms: int, sent_ms: int
    ) -> str:
        """``depthUpdate``.

        Args:
            ids: U, u and pu.
            sides: Bids and asks, written.
            time_ms: Of the last update.
            sent_ms: Of the event.
        """
        return (
            f'{{"e":"depthUpdate","E":{sent_ms},"T":{time_ms},{self._keys},"U":{ids[0]},'
            f'"u":{ids[1]},"pu":{ids[2]},"b":{sides[0]},"a":{sides[1]}}}'
        )

    def best(
        self,
        update_id: int,
        bid: tuple[int, int],
        ask: tuple[int, int],
        *,
        time_ms: int,
        sent_ms: int,
    ) -> str:
        """``bookTicker``.

        Args:
            update_id: Of the last update.
            bid: Best one, ticks and lots.
            ask: The same.
            time_ms: Of the last update.
            sent_ms: Of the event.
        """
        quantity = self.quantity
        return (
            f'{{"e":"bookTicker","u":{update_id},"E":{sent_ms},"T":{time_ms},{self._keys},'
            f'"b":"{self.price(bid[0])}","B":"{quantity(bid[1])}",'
            f'"a":"{self.price(ask[0])}","A":"{quantity(ask[1])}"}}'
        )

    def aggregate(self, trade: TradePrint, ticks: int) -> str:
        """``aggTrade`` at a price."""
        quantity = self.quantity(trade.lots)
        return (
            f'{{"e":"aggTrade","E":{trade.time_ms},"s":"{self._contract.symbol}","st":1,'
            f'"a":{trade.aggregate_id},"p":"{self.price(ticks)}","q":"{quantity}",'
            f'"nq":"{quantity}","f":{trade.first_id},"l":{trade.last_id},"T":{trade.time_ms},'
            f'"m":{"true" if trade.is_sell else "false"}}}'
        )

    def trade(self, trade: TradePrint, ticks: int) -> str:
        """``trade`` at a price; not documented any more, in the shape that clients read."""
        return (
            f'{{"e":"trade","E":{trade.time_ms},"T":{trade.time_ms},'
            f'"s":"{self._contract.symbol}","st":1,"t":{trade.trade_id},'
            f'"p":"{self.price(ticks)}","q":"{self.quantity(trade.lots)}",'
            f'"X":"MARKET","m":{"true" if trade.is_sell else "false"}}}'
        )

    def mark(self, mark: int, index: int, rate: int, *, next_funding_ms: int, time_ms: int) -> str:
        """``markPriceUpdate``; prices in atoms, the rate in 10**-8."""
        price = money_text(mark)
        return (
            f'{{"e":"markPriceUpdate","E":{time_ms},"s":"{self._contract.symbol}","st":1,'
            f'"p":"{price}","ap":"{price}","i":"{money_text(index)}","P":"{money_text(index)}",'
            f'"r":"{scaled_text(rate, _RATE_DECIMALS)}","T":{next_funding_ms}}}'
        )

    def kline(self, bar: Bar, interval: str, *, is_closed: bool, time_ms: int) -> str:
        """``kline``."""
        symbol = self._contract.symbol
        return (
            f'{{"e":"kline","E":{time_ms},"s":"{symbol}","k":{{"t":{bar.open_ms},'
            f'"T":{bar.end_ms - 1},"s":"{symbol}",'
            f"{self._bar(bar, interval, is_closed=is_closed)}}}}}"
        )

    def continuous_kline(self, bar: Bar, interval: str, *, is_closed: bool, time_ms: int) -> str:
        """``continuous_kline``."""
        return (
            f'{{"e":"continuous_kline","E":{time_ms},"ps":"{self._contract.symbol}",'
            f'"ct":"PERPETUAL","k":{{"t":{bar.open_ms},"T":{bar.end_ms - 1},'
            f"{self._bar(bar, interval, is_closed=is_closed)}}}}}"
        )

    def _bar(self, bar: Bar, interval: str, *, is_closed: bool) -> str:
        contract = self._contract
        price, quantity = self.price, contract.quantity_text
        worth, unit = contract.worth_text, contract.unit
        first, last = (bar.first_id, bar.last_id) if bar.trades else (-1, -1)
        return (
            f'"i":"{interval}","f":{first},"L":{last},"o":"{price(bar.open)}",'
            f'"c":"{price(bar.close)}","h":"{price(bar.high)}","l":"{price(bar.low)}",'
            f'"v":"{quantity(bar.lots)}","n":{bar.trades},"x":{"true" if is_closed else "false"},'
            f'"q":"{worth(bar.quote * unit)}","V":"{quantity(bar.buy_lots)}",'
            f'"Q":"{worth(bar.buy_quote * unit)}","B":"0"'
        )

    def mini_ticker(self, day: Bar, *, time_ms: int) -> str:
        """``24hrMiniTicker``."""
        price = self.price
        return (
            f'{{"e":"24hrMiniTicker","E":{time_ms},{self._keys},"c":"{price(day.close)}",'
            f'"o":"{price(day.open)}","h":"{price(day.high)}","l":"{price(day.low)}",'
            f'"v":"{self._contract.quantity_text(day.lots)}","q":"{self._turnover(day)}"}}'
        )

    def ticker(self, day: Bar, last_lots: int, *, time_ms: int) -> str:
        """``24hrTicker``."""
        contract, price = self._contract, self.price
        change = day.close - day.open
        percent = scaled_text(rounded(change * 100_000, day.open), 3)
        # An average is between ticks: it has as many digits, not the steps.
        average = rounded(day.quote * contract.tick, day.lots) if day.lots else 0
        weighted = scaled_text(average, contract.price_decimals)
        return (
            f'{{"e":"24hrTicker","E":{time_ms},{self._keys},"p":"{contract.price_text(change)}",'
            f'"P":"{percent}","w":"{weighted}","c":"{price(day.close)}",'
            f'"Q":"{contract.quantity_text(last_lots)}","o":"{price(day.open)}",'
            f'"h":"{price(day.high)}","l":"{price(day.low)}",'
            f'"v":"{contract.quantity_text(day.lots)}","q":"{self._turnover(day)}",'
            f'"O":{day.open_ms},"C":{time_ms},"F":{day.first_id},"L":{day.last_id},'
            f'"n":{day.trades}}}'
        )

    def _turnover(self, day: Bar) -> str:
        return scaled_text(rounded(day.quote * self._contract.unit, ATOMS // 100), 2)

    def liquidation(
        self, side: Side, ticks: int, lots: int, *, average: int, time_ms: int, sent_ms: int
    ) -> str:
        """``forceOrder``: limit price in ticks, average price in atoms."""
        contract = self._contract
        quantity = contract.quantity_text(lots)
        return (
            f'{{"e":"forceOrder","E":{sent_ms},"st":1,"ps":"{contract.symbol}","o":{{'
            f'"s":"{contract.symbol}","S":"{side}","o":"LIMIT","f":"IOC","q":"{quantity}",'
            f'"p":"{self.price(ticks)}","ap":"{money_text(average)}","X":"FILLED",'
            f'"l":"{quantity}","z":"{quantity}","T":{time_ms}}}}}'
        )

    def contract_info(self, status: str, *, time_ms: int) -> str:
        """``contractInfo`` of a new status: the leverage table comes with a new table only."""
        return (
            f'{{"e":"contractInfo","E":{time_ms},"s":"{self._contract.symbol}","ct":"PERPETUAL",'
            f'"dt":{DELIVERY_MS},"ot":{ONBOARD_MS},"cs":"{status}","st":1}}'
        )


def _remember(known: dict[int, str], number: int, text: str) -> str:
    if len(known) == _MOST_TEXTS:
        known.clear()
    known[number] = text
    return text
