"""Market data of the present: books, trades, tickers, mark prices, funding.

Source: Binance USD-M futures REST, pages of market data (2026-05), weights of its SDK 18.0.1;
``historicalTrades`` costs 200 since 2026-07-29.
"""

from collections.abc import Callable
from typing import Final

from botcore_tui.exchange.sim.endpoints.endpoint import Call, Endpoint, Security, by_symbol
from botcore_tui.exchange.sim.endpoints.spans import DAY_MS
from botcore_tui.exchange.sim.market import SymbolMarket
from botcore_tui.exchange.sim.market_views import (
    aggregate,
    book_ticker,
    day_ticker,
    depth,
    funding,
    open_interest,
    premium_index,
    price_ticker,
    trade,
)
from botcore_tui.exchange.sim.money import money_text
from botcore_tui.exchange.sim.order_views import View
from botcore_tui.exchange.sim.parameters import Parameters
from botcore_tui.exchange.sim.refusals import RefusalError

_DEPTHS: Final = {5: 2, 10: 2, 20: 2, 50: 2, 100: 5, 500: 10, 1_000: 20}
"""Weight by number of levels; no other number is allowed."""
_USUAL_DEPTH: Final = 500
_RPI_DEPTH: Final = 1_000
_HOUR_MS: Final = 3_600_000
_AGGREGATES_MS: Final = 2 * DAY_MS
_OLD_UPDATES: Final = 1_000_000
"""How far behind the stream an old snapshot is where none was asked for before."""


def get_depth(call: Call) -> View:
    """``GET depth``."""
    market = call.market()
    levels = call.parameters.integer("limit")
    if levels is None:
        levels = _USUAL_DEPTH
    if levels not in _DEPTHS:
        raise RefusalError(-4021, levels)
    symbol, depths = market.contract.symbol, call.backend.depths
    view = depth(market, levels, call.now_ms)
    if call.backend.faults.take("snapshot-old", symbol=symbol, endpoint="GET /fapi/v1/depth"):
        old: View = {**view, "lastUpdateId": market.update_id - _OLD_UPDATES}
        return depths.get(symbol, old)
    depths[symbol] = view
    return view


def get_rpi_depth(call: Call) -> View:
    """``GET rpiDepth``: nobody here has orders that only this one would show."""
    market = call.market()
    levels = call.parameters.integer("limit")
    if levels not in {None, _RPI_DEPTH}:
        raise RefusalError(-4021, levels)
    return depth(market, _RPI_DEPTH, call.now_ms)


def trades(call: Call) -> list[View]:
    """``GET trades``."""
    market = call.market()
    limit = call.parameters.limit(500, 1_000)
    return [trade(market.contract, one) for one in market.log.recent(limit)]


def old_trades(call: Call) -> list[View]:
    """``GET historicalTrades``, as far as they are kept."""
    market = call.market()
    limit = call.parameters.limit(100, 500)
    from_id = call.parameters.integer("fromId")
    return [trade(market.contract, one) for one in market.log.recent(limit, from_id=from_id)]


def aggregates(call: Call) -> list[View]:
    """``GET aggTrades``, of 48 hours."""
    market = call.market()
    limit = call.parameters.limit(500, 1_000)
    from_id = call.parameters.integer("fromId")
    start, end = call.parameters.span()
    if start is not None and end is not None and end - start > _HOUR_MS:
        raise RefusalError(-1127, 1)
    if start is not None:
        start = max(start, call.now_ms - _AGGREGATES_MS)
    found = market.log.aggregated(limit, from_id=from_id, start_ms=start, end_ms=end)
    return [aggregate(market.contract, one) for one in found]


def funding_rates(call: Call) -> list[View]:
    """``GET fundingRate``."""
    parameters = call.parameters
    limit = parameters.limit(100, 1_000)
    start, end = parameters.span()
    rows = [
        (item.time_ms, market.contract.symbol, item)
        for market in call.markets()
        for item in market.fundings.between(limit, start_ms=start, end_ms=end)
    ]
    rows.sort(key=lambda row: row[:2])
    rows = rows[:limit] if start is not None else rows[-limit:]
    return [funding(symbol, item) for _, symbol, item in rows]


def funding_info(call: Call) -> list[View]:  # noqa: ARG001 - as all endpoints
    """``GET fundingInfo``: contracts with limits or intervals of their own; there are none."""
    return []


def get_open_interest(call: Call) -> View:
    """``GET openInterest``."""
    return open_interest(call.market(), call.now_ms)


def adl_risk(call: Call) -> View | list[View]:
    """``GET symbolAdlRisk``: the insurance fund here never runs dry."""

    def view(market: SymbolMarket, now_ms: int) -> View:
        return {"symbol": market.contract.symbol, "adlRisk": "low", "updateTime": now_ms}

    return _one_or_all(call, view)


def insurance(call: Call) -> View:
    """``GET insuranceBalance``."""
    call.optional_market()
    floor = call.venue.floor
    return {
        "symbols": list(floor.markets),
        "assets": [
            {
                "asset": "USDT",
                "marginBalance": money_text(floor.house.insurance),
                "updateTime": call.now_ms,
            }
        ],
    }


def tickers_24h(call: Call) -> View | list[View]:
    """``GET ticker/24hr``."""
    return _one_or_all(call, day_ticker)


def price_tickers(call: Call) -> View | list[View]:
    """``GET ticker/price``."""
    return _one_or_all(call, price_ticker)


def book_tickers(call: Call) -> View | list[View]:
    """``GET ticker/bookTicker``."""
    return _one_or_all(call, book_ticker)


def premium_indexes(call: Call) -> View | list[View]:
    """``GET premiumIndex``."""
    return _one_or_all(call, premium_index)


def _one_or_all(call: Call, view: Callable[[SymbolMarket, int], View]) -> View | list[View]:
    market = call.optional_market()
    if market is not None:
        return view(market, call.now_ms)
    return [view(one, call.now_ms) for one in call.markets()]


def _depth_weight(parameters: Parameters) -> int:
    levels = parameters.integer("limit")
    return _DEPTHS.get(_USUAL_DEPTH if levels is None else levels, 1)


ENDPOINTS: Final = (
    Endpoint("GET", "/fapi/v1/depth", get_depth, _depth_weight),
    Endpoint("GET", "/fapi/v1/rpiDepth", get_rpi_depth, 20),
    Endpoint("GET", "/fapi/v1/trades", trades, 5),
    Endpoint("GET", "/fapi/v1/historicalTrades", old_trades, 200, Security.KEY),
    Endpoint("GET", "/fapi/v1/aggTrades", aggregates, 20),
    Endpoint("GET", "/fapi/v1/ticker/24hr", tickers_24h, by_symbol(1, 40)),
    Endpoint("GET", "/fapi/v1/ticker/price", price_tickers, by_symbol(1, 2)),
    Endpoint("GET", "/fapi/v2/ticker/price", price_tickers, by_symbol(1, 2)),
    Endpoint("GET", "/fapi/v1/ticker/bookTicker", book_tickers, by_symbol(2, 5)),
    Endpoint("GET", "/fapi/v1/premiumIndex", premium_indexes, by_symbol(1, 10)),
    Endpoint("GET", "/fapi/v1/fundingRate", funding_rates, 0, is_funding=True),
    Endpoint("GET", "/fapi/v1/fundingInfo", funding_info, 0, is_funding=True),
    Endpoint("GET", "/fapi/v1/openInterest", get_open_interest, 1),
    Endpoint("GET", "/fapi/v1/symbolAdlRisk", adl_risk, 1),
    Endpoint("GET", "/fapi/v1/insuranceBalance", insurance, 1),
)
