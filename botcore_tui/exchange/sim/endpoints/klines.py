"""Bars of trades, mark price, index and premium.

Source: Binance USD-M futures REST, pages of market data (2026-05).
"""

from typing import Final

from botcore_tui.exchange.sim.endpoints.endpoint import Call, Endpoint
from botcore_tui.exchange.sim.intervals import is_interval
from botcore_tui.exchange.sim.mark_bars import Kind
from botcore_tui.exchange.sim.market import SymbolMarket
from botcore_tui.exchange.sim.market_views import kline, price_kline
from botcore_tui.exchange.sim.parameters import Parameters
from botcore_tui.exchange.sim.refusals import RefusalError

_USUAL: Final = 500
_MOST: Final = 1_500
_OTHER_CONTRACTS: Final = frozenset({"CURRENT_QUARTER", "NEXT_QUARTER", "TRADIFI_PERPETUAL"})


def klines(call: Call) -> list[list[object]]:
    """``GET klines``."""
    return _trade_bars(call, call.market())


def mark_prices(call: Call) -> list[list[object]]:
    """``GET markPriceKlines``."""
    return _price_bars(call, call.market(), Kind.MARK)


def index_prices(call: Call) -> list[list[object]]:
    """``GET indexPriceKlines``."""
    return _price_bars(call, _of_pair(call), Kind.INDEX)


def premiums(call: Call) -> list[list[object]]:
    """``GET premiumIndexKlines``."""
    return _price_bars(call, call.market(), Kind.PREMIUM)


def continuous(call: Call) -> list[list[object]]:
    """``GET continuousKlines``: of a pair's perpetual, which is the only contract it has."""
    market = _of_pair(call)
    kind = call.parameters.required("contractType")
    if kind in _OTHER_CONTRACTS:
        raise RefusalError(-4144)
    if kind != "PERPETUAL":
        raise RefusalError(-4104, message="Invalid contract type")
    return _trade_bars(call, market)


def _trade_bars(call: Call, market: SymbolMarket) -> list[list[object]]:
    interval, limit, (start, end) = _wanted(call.parameters)
    bars = market.bars.klines(interval, now_ms=call.now_ms, start_ms=start, end_ms=end, limit=limit)
    return [kline(market.contract, bar) for bar in bars]


def _price_bars(call: Call, market: SymbolMarket, kind: Kind) -> list[list[object]]:
    interval, limit, (start, end) = _wanted(call.parameters)
    bars = market.mark_bars.klines(
        kind, interval, now_ms=call.now_ms, start_ms=start, end_ms=end, limit=limit
    )
    return [price_kline(bar) for bar in bars]


def _wanted(parameters: Parameters) -> tuple[str, int, tuple[int | None, int | None]]:
    return _interval(parameters), parameters.limit(_USUAL, _MOST), parameters.span()


def _of_pair(call: Call) -> SymbolMarket:
    market = call.venue.floor.markets.get(call.parameters.required("pair"))
    if market is None:
        raise RefusalError(-4144)
    return market


def _interval(parameters: Parameters) -> str:
    interval = parameters.required("interval")
    if not is_interval(interval):
        raise RefusalError(-1120)
    return interval


def _weight(parameters: Parameters) -> int:
    limit = parameters.integer("limit")
    if limit is None:
        limit = _USUAL
    if limit > 1_000:
        return 10
    if limit >= 500:
        return 5
    return 2 if limit >= 100 else 1


ENDPOINTS: Final = (
    Endpoint("GET", "/fapi/v1/klines", klines, _weight),
    Endpoint("GET", "/fapi/v1/continuousKlines", continuous, _weight),
    Endpoint("GET", "/fapi/v1/markPriceKlines", mark_prices, _weight),
    Endpoint("GET", "/fapi/v1/indexPriceKlines", index_prices, _weight),
    Endpoint("GET", "/fapi/v1/premiumIndexKlines", premiums, _weight),
)
