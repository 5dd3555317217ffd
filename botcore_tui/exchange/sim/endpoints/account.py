"""Questions about the account: balance, positions, fees, income.

Source: Binance USD-M futures REST, pages of account (2026-05), weights of its SDK 18.0.1.
"""

from collections.abc import Mapping
from typing import Final

from botcore_tui.exchange.sim import contract_views
from botcore_tui.exchange.sim.account import Income
from botcore_tui.exchange.sim.account_views import (
    account_config,
    account_v2,
    account_v3,
    balance,
    income,
    margin_move,
)
from botcore_tui.exchange.sim.contracts import Contract
from botcore_tui.exchange.sim.endpoints.endpoint import Call, Endpoint, Security, by_symbol
from botcore_tui.exchange.sim.endpoints.spans import DAY_MS, QUARTER_MS, Span
from botcore_tui.exchange.sim.floor import MAKER_RATE, TAKER_RATE
from botcore_tui.exchange.sim.money import scaled_text
from botcore_tui.exchange.sim.order_views import View
from botcore_tui.exchange.sim.position_views import adl_row, risk_v2, risk_v3, symbol_config
from botcore_tui.exchange.sim.refusals import RefusalError
from botcore_tui.exchange.sim.settings_desk import MarginMove

_RATE_DIGITS: Final = 6
_INCOME_DAYS: Final = 7
_MARGIN_DAYS: Final = 30
_KINDS: Final = (1, 2)


def get_balance(call: Call) -> list[View]:
    """``GET balance``, v2 and v3."""
    return balance(call.statement())


def get_v3(call: Call) -> View:
    """``GET /fapi/v3/account``."""
    return account_v3(call.statement())


def get_v2(call: Call) -> View:
    """``GET /fapi/v2/account``."""
    return account_v2(call.statement(), _contracts(call), fee_burn=call.backend.fee_burn)


def get_config(call: Call) -> View:
    """``GET accountConfig``."""
    return account_config(call.venue.floor.account)


def get_symbol_config(call: Call) -> list[View]:
    """``GET symbolConfig``."""
    account = call.venue.floor.account
    return [symbol_config(account, market.contract) for market in call.markets()]


def risk(call: Call) -> list[View]:
    """``GET /fapi/v3/positionRisk``: positions that are held or have orders."""
    market = call.optional_market()
    statement = call.statement()
    return [
        risk_v3(statement, held)
        for held in statement.shown()
        if market is None or held.contract.symbol == market.contract.symbol
    ]


def old_risk(call: Call) -> list[View]:
    """``GET /fapi/v2/positionRisk``: every contract, flat ones as well."""
    statement = call.statement()
    return [risk_v2(statement, market.contract) for market in call.markets()]


def adl_quantiles(call: Call) -> list[View]:
    """``GET adlQuantile``: positions that are held."""
    market = call.optional_market()
    statement = call.statement()
    return [
        adl_row(held, statement.marks[symbol])
        for symbol, held in sorted(statement.account.positions.items())
        if held.lots and (market is None or symbol == market.contract.symbol)
    ]


def commission(call: Call) -> View:
    """``GET commissionRate``."""
    maker = scaled_text(MAKER_RATE // 100, _RATE_DIGITS)
    return {
        "symbol": call.contract().symbol,
        "makerCommissionRate": maker,
        "takerCommissionRate": scaled_text(TAKER_RATE // 100, _RATE_DIGITS),
        # No RPI orders are taken here; theirs would be the maker's.
        "rpiCommissionRate": maker,
    }


def list_income(call: Call) -> list[View]:
    """``GET income``; ``page`` is ignored since 2026-10-16."""
    market = call.optional_market()
    parameters = call.parameters
    kind = parameters.text("incomeType")
    limit = parameters.limit(100, 1_000)
    start, end = parameters.span()
    last = call.now_ms if end is None else end
    first = last - _INCOME_DAYS * DAY_MS if start is None else start
    first = max(first, call.now_ms - QUARTER_MS)

    def is_wanted(item: Income) -> bool:
        return (
            first <= item.time_ms <= last
            and (not kind or item.kind == kind)
            and (market is None or item.symbol == market.contract.symbol)
        )

    found = list(filter(is_wanted, call.venue.floor.account.incomes))
    # Without a start the latest, like the other histories.
    found = found[-limit:] if start is None else found[:limit]
    return [income(item) for item in found]


def margin_history(call: Call) -> list[View]:
    """``GET positionMargin/history``."""
    symbol = call.contract().symbol
    kind = call.parameters.integer("type")
    if kind is not None and kind not in _KINDS:
        raise RefusalError(-1130, "type")
    limit = call.parameters.limit(500, 500)
    span = Span.read(call.parameters, _MARGIN_DAYS, call.now_ms)
    moves = [
        move
        for move in call.venue.settings.margin_moves
        if move.symbol == symbol and (kind is None or move.is_added is (kind == 1))
    ]
    return [margin_move(move) for move in span.select(moves, _moved, limit)]


def trading_status(call: Call) -> View:
    """``GET apiTradingStatus``: this venue watches no ratios, so none is broken."""
    call.optional_market()
    return {"indicators": {}, "updateTime": call.now_ms}


def order_limits(call: Call) -> list[View]:
    """``GET rateLimit/order``."""
    return contract_views.order_limits(call.backend.limits.quotas)


def _contracts(call: Call) -> Mapping[str, Contract]:
    return {symbol: market.contract for symbol, market in call.venue.floor.markets.items()}


def _moved(move: MarginMove) -> int:
    return move.time_ms


_SIGNED: Final = Security.SIGNED

ENDPOINTS: Final = (
    Endpoint("GET", "/fapi/v2/balance", get_balance, 5, _SIGNED),
    Endpoint("GET", "/fapi/v3/balance", get_balance, 5, _SIGNED),
    Endpoint("GET", "/fapi/v2/account", get_v2, 5, _SIGNED),
    Endpoint("GET", "/fapi/v3/account", get_v3, 5, _SIGNED),
    Endpoint("GET", "/fapi/v2/positionRisk", old_risk, 5, _SIGNED),
    Endpoint("GET", "/fapi/v3/positionRisk", risk, 5, _SIGNED),
    Endpoint("GET", "/fapi/v1/accountConfig", get_config, 5, _SIGNED),
    Endpoint("GET", "/fapi/v1/symbolConfig", get_symbol_config, 5, _SIGNED),
    Endpoint("GET", "/fapi/v1/adlQuantile", adl_quantiles, 5, _SIGNED),
    Endpoint("GET", "/fapi/v1/commissionRate", commission, 20, _SIGNED),
    Endpoint("GET", "/fapi/v1/income", list_income, 30, _SIGNED),
    Endpoint("GET", "/fapi/v1/positionMargin/history", margin_history, 1, _SIGNED),
    Endpoint("GET", "/fapi/v1/apiTradingStatus", trading_status, by_symbol(1, 10), _SIGNED),
    Endpoint("GET", "/fapi/v1/rateLimit/order", order_limits, 1, _SIGNED),
)
