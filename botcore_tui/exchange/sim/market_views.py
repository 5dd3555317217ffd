"""Books, trades, bars and tickers as the venue's replies show them.

Source: Binance USD-M futures REST, pages of market data (2026-05), and the models of its SDK
18.0.1.
"""

from collections.abc import Sequence
from typing import Final

from botcore_tui.exchange.sim.bars import Bar
from botcore_tui.exchange.sim.contracts import Contract
from botcore_tui.exchange.sim.funding import INTEREST, Funding
from botcore_tui.exchange.sim.mark_bars import PriceBar
from botcore_tui.exchange.sim.market import SymbolMarket
from botcore_tui.exchange.sim.money import money_text, rounded, scaled_text
from botcore_tui.exchange.sim.order_views import View
from botcore_tui.exchange.sim.prints import TradePrint
from botcore_tui.model.market import Side

_PERCENT_DIGITS: Final = 3


def depth(market: SymbolMarket, levels: int, now_ms: int) -> View:
    """``GET depth``."""
    return {
        "lastUpdateId": market.update_id,
        "E": now_ms,
        "T": now_ms,
        "bids": _levels(market.contract, market.book.top(Side.BUY, levels)),
        "asks": _levels(market.contract, market.book.top(Side.SELL, levels)),
    }


def trade(contract: Contract, one: TradePrint) -> View:
    """A row of ``GET trades`` and ``historicalTrades``."""
    return {
        "id": one.trade_id,
        "price": contract.price_text(one.ticks),
        "qty": contract.quantity_text(one.lots),
        "quoteQty": contract.worth_text(contract.notional(one.ticks, one.lots)),
        "time": one.time_ms,
        "isBuyerMaker": one.is_sell,
        "isRPITrade": False,
    }


def aggregate(contract: Contract, one: TradePrint) -> View:
    """A row of ``GET aggTrades``; nobody here has orders that ``nq`` would leave out."""
    quantity = contract.quantity_text(one.lots)
    return {
        "a": one.aggregate_id,
        "p": contract.price_text(one.ticks),
        "q": quantity,
        "nq": quantity,
        "f": one.first_id,
        "l": one.last_id,
        "T": one.time_ms,
        "m": one.is_sell,
    }


def kline(contract: Contract, bar: Bar) -> list[object]:
    """A row of ``GET klines``."""
    return [
        bar.open_ms,
        contract.price_text(bar.open),
        contract.price_text(bar.high),
        contract.price_text(bar.low),
        contract.price_text(bar.close),
        contract.quantity_text(bar.lots),
        bar.end_ms - 1,
        contract.worth_text(bar.quote * contract.unit),
        bar.trades,
        contract.quantity_text(bar.buy_lots),
        contract.worth_text(bar.buy_quote * contract.unit),
        "0",
    ]


def price_kline(bar: PriceBar) -> list[object]:
    """A row of ``GET markPriceKlines``, ``indexPriceKlines`` or ``premiumIndexKlines``."""
    texts = [money_text(value) for value in (bar.open, bar.high, bar.low, bar.close)]
    return [bar.open_ms, *texts, "0", bar.end_ms - 1, "0", bar.count, "0", "0", "0"]


def day_ticker(market: SymbolMarket, now_ms: int) -> View:
    """``GET ticker/24hr``."""
    contract, day = market.contract, market.bars.day(now_ms)
    change = day.close - day.open
    percent = rounded(change * 10 ** (_PERCENT_DIGITS + 2), day.open)
    return {
        "symbol": contract.symbol,
        "priceChange": contract.price_text(change),
        "priceChangePercent": scaled_text(percent, _PERCENT_DIGITS),
        "weightedAvgPrice": contract.average_text(day.quote * contract.unit, day.lots),
        "lastPrice": contract.price_text(market.last_ticks),
        "lastQty": contract.quantity_text(market.last_lots),
        "openPrice": contract.price_text(day.open),
        "highPrice": contract.price_text(day.high),
        "lowPrice": contract.price_text(day.low),
        "volume": contract.quantity_text(day.lots),
        "quoteVolume": contract.worth_text(day.quote * contract.unit),
        "openTime": day.open_ms,
        "closeTime": now_ms,
        "firstId": day.first_id,
        "lastId": day.last_id,
        "count": day.trades,
    }


def price_ticker(market: SymbolMarket, now_ms: int) -> View:
    """``GET ticker/price``, v1 and v2."""
    contract = market.contract
    return {
        "symbol": contract.symbol,
        "price": contract.price_text(market.last_ticks),
        "time": now_ms,
    }


def book_ticker(market: SymbolMarket, now_ms: int) -> View:
    """``GET ticker/bookTicker``."""
    contract = market.contract
    bid, bid_quantity = _best(contract, market.book.top(Side.BUY, 1))
    ask, ask_quantity = _best(contract, market.book.top(Side.SELL, 1))
    return {
        "symbol": contract.symbol,
        "bidPrice": bid,
        "bidQty": bid_quantity,
        "askPrice": ask,
        "askQty": ask_quantity,
        "time": now_ms,
    }


def premium_index(market: SymbolMarket, now_ms: int) -> View:
    """``GET premiumIndex``."""
    index = money_text(market.index)
    return {
        "symbol": market.contract.symbol,
        "markPrice": money_text(market.mark),
        "indexPrice": index,
        # Only of meaning in the last hour before a settlement, which perpetuals do not have.
        "estimatedSettlePrice": index,
        "lastFundingRate": scaled_text(market.funding_rate, 8),
        "interestRate": scaled_text(INTEREST, 8),
        "nextFundingTime": market.next_funding_ms,
        "time": now_ms,
    }


def open_interest(market: SymbolMarket, now_ms: int) -> View:
    """``GET openInterest``."""
    contract = market.contract
    return {
        "openInterest": contract.quantity_text(market.open_interest),
        "symbol": contract.symbol,
        "time": now_ms,
    }


def funding(symbol: str, item: Funding) -> View:
    """A row of ``GET fundingRate``."""
    return {
        "symbol": symbol,
        "fundingRate": scaled_text(item.rate, 8),
        "fundingTime": item.time_ms,
        "markPrice": money_text(item.mark),
        "rateType": "NORMAL",
    }


def _levels(contract: Contract, levels: Sequence[tuple[int, int]]) -> list[tuple[str, str]]:
    price, quantity = contract.price_text, contract.quantity_text
    return [(price(ticks), quantity(lots)) for ticks, lots in levels]


def _best(contract: Contract, levels: Sequence[tuple[int, int]]) -> tuple[str, str]:
    ticks, lots = levels[0] if levels else (0, 0)
    return contract.price_text(ticks), contract.quantity_text(lots)
