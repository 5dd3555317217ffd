"""Ping, time, and what is listed; also for clients that ask other markets than this one at start.

Source: Binance USD-M futures REST, pages of market data (2026-05).
"""

from typing import Final

from botcore_tui.exchange.sim.contract_views import brackets, exchange_info, no_symbols
from botcore_tui.exchange.sim.endpoints.endpoint import Call, Endpoint, Security
from botcore_tui.exchange.sim.order_views import View


def ping(call: Call) -> View:  # noqa: ARG001 - as all endpoints
    """``GET ping``."""
    return {}


def time(call: Call) -> View:
    """``GET time``."""
    return {"serverTime": call.now_ms + call.backend.clock_step_ms()}


def get_exchange_info(call: Call) -> View:
    """``GET exchangeInfo``; a ``symbol`` is ignored, as at the venue."""
    contracts = [market.contract for market in call.venue.floor.markets.values()]
    return exchange_info(contracts, call.backend.limits.quotas, call.now_ms)


def get_no_symbols(call: Call) -> View:
    """``GET exchangeInfo`` of spot and of coin-margined contracts: none are listed here."""
    return no_symbols(call.now_ms)


def get_brackets(call: Call) -> View | list[View]:
    """``GET leverageBracket``."""
    market = call.optional_market()
    if market is not None:
        return brackets(market.contract)
    return [brackets(one.contract) for one in call.markets()]


def index_info(call: Call) -> list[View]:  # noqa: ARG001 - as all endpoints
    """``GET indexInfo``: contracts on a composite index; none are listed here."""
    return []


def trading_schedule(call: Call) -> View:
    """``GET tradingSchedule``: sessions of traditional underlyings; none are listed here."""
    return {"updateTime": call.now_ms, "marketSchedules": {}}


ENDPOINTS: Final = (
    Endpoint("GET", "/fapi/v1/ping", ping),
    Endpoint("GET", "/fapi/v1/time", time),
    Endpoint("GET", "/fapi/v1/exchangeInfo", get_exchange_info),
    Endpoint("GET", "/fapi/v1/leverageBracket", get_brackets, 1, Security.SIGNED),
    Endpoint("GET", "/fapi/v1/indexInfo", index_info),
    Endpoint("GET", "/fapi/v1/tradingSchedule", trading_schedule, 5),
    Endpoint("GET", "/api/v3/ping", ping),
    Endpoint("GET", "/api/v3/time", time),
    Endpoint("GET", "/api/v3/exchangeInfo", get_no_symbols, 20),
    Endpoint("GET", "/dapi/v1/ping", ping),
    Endpoint("GET", "/dapi/v1/time", time),
    Endpoint("GET", "/dapi/v1/exchangeInfo", get_no_symbols),
)
