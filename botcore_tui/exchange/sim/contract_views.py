"""Contracts and their rules as the venue's replies show them.

Source: Binance USD-M futures REST, "Exchange Information" and "Notional and Leverage Brackets"
(2026-05); the filter MAX_NUM_ALGO_ORDERS is gone since 2025-12-29.
"""

from collections.abc import Iterable
from typing import Final

from botcore_tui.exchange.sim.contracts import DELIVERY_MS, ONBOARD_MS, RATE, Contract
from botcore_tui.exchange.sim.limits import Quotas
from botcore_tui.exchange.sim.money import ATOMS, scaled_text
from botcore_tui.exchange.sim.order_checks import MOST_ORDERS
from botcore_tui.exchange.sim.order_views import View
from botcore_tui.exchange.sim.orders import CONDITIONAL, OrderType, TimeInForce

_ORDER_TYPES: Final = (
    OrderType.LIMIT,
    OrderType.MARKET,
    *(kind for kind in OrderType if kind in CONDITIONAL),
)
_TIMES_IN_FORCE: Final = tuple(one for one in TimeInForce if one is not TimeInForce.GTE_GTC)


def exchange_info(contracts: Iterable[Contract], quotas: Quotas, now_ms: int) -> View:
    """``GET exchangeInfo``."""
    return {
        "timezone": "UTC",
        "serverTime": now_ms,
        "rateLimits": rate_limits(quotas),
        "exchangeFilters": [],
        "assets": [{"asset": "USDT", "marginAvailable": True, "autoAssetExchange": "0"}],
        "symbols": [symbol(contract) for contract in contracts],
    }


def no_symbols(now_ms: int) -> View:
    """``GET exchangeInfo`` of markets that this venue does not have: spot, coin-margined."""
    return {
        "timezone": "UTC",
        "serverTime": now_ms,
        "rateLimits": [],
        "exchangeFilters": [],
        "symbols": [],
    }


def rate_limits(quotas: Quotas) -> list[View]:
    """Limits of an address and of the account."""
    # exchangeInfo has the longer interval first, rateLimit/order the shorter one.
    return [
        _limit("REQUEST_WEIGHT", "MINUTE", 1, quotas.weight),
        *reversed(order_limits(quotas)),
    ]


def order_limits(quotas: Quotas) -> list[View]:
    """``GET rateLimit/order``."""
    return [
        _limit("ORDERS", "SECOND", 10, quotas.orders_10s),
        _limit("ORDERS", "MINUTE", 1, quotas.orders_1m),
    ]


def symbol(contract: Contract) -> View:
    """A row of ``symbols`` of ``GET exchangeInfo``."""
    return {
        "symbol": contract.symbol,
        "pair": contract.symbol,
        "contractType": "PERPETUAL",
        "deliveryDate": DELIVERY_MS,
        "onboardDate": ONBOARD_MS,
        "status": contract.status,
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": contract.base,
        "quoteAsset": "USDT",
        "marginAsset": "USDT",
        "pricePrecision": contract.price_decimals,
        "quantityPrecision": contract.quantity_decimals,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": [],
        "settlePlan": 0,
        "triggerProtect": scaled_text(contract.trigger_protect // 10**4, 4),
        "liquidationFee": scaled_text(contract.liquidation_fee // 10**2, 6),
        "marketTakeBound": scaled_text(contract.market_take_bound // 10**6, 2),
        "filters": _filters(contract),
        "orderTypes": _ORDER_TYPES,
        "timeInForce": _TIMES_IN_FORCE,
    }


def brackets(contract: Contract) -> View:
    """A row of ``GET leverageBracket``; its figures are JSON numbers."""
    return {
        "symbol": contract.symbol,
        "brackets": [
            {
                "bracket": step.number,
                "initialLeverage": step.leverage,
                "notionalCap": step.cap,
                "notionalFloor": step.floor,
                "maintMarginRatio": step.maintenance / RATE,
                "cum": step.cum / ATOMS,
            }
            for step in contract.brackets
        ],
    }


def _filters(contract: Contract) -> list[View]:
    tick = contract.price_text(contract.tick_multiple)
    step = contract.quantity_text(contract.step_multiple)
    return [
        {
            # First: some clients look for it there (cryptofeed).
            "filterType": "PRICE_FILTER",
            "minPrice": tick,
            "maxPrice": contract.price_text(contract.max_price),
            "tickSize": tick,
        },
        {
            "filterType": "LOT_SIZE",
            "minQty": step,
            "maxQty": contract.quantity_text(_whole(contract.max_lots, contract)),
            "stepSize": step,
        },
        {
            "filterType": "MARKET_LOT_SIZE",
            "minQty": step,
            "maxQty": contract.quantity_text(_whole(contract.market_max_lots, contract)),
            "stepSize": step,
        },
        {"filterType": "MAX_NUM_ORDERS", "limit": MOST_ORDERS},
        {"filterType": "MIN_NOTIONAL", "notional": str(contract.min_notional)},
        {
            "filterType": "PERCENT_PRICE",
            "multiplierUp": scaled_text((RATE + contract.band) // 10**4, 4),
            "multiplierDown": scaled_text((RATE - contract.band) // 10**4, 4),
            "multiplierDecimal": "4",
        },
    ]


def _whole(lots: int, contract: Contract) -> int:
    return lots - lots % contract.step_multiple


def _limit(kind: str, interval: str, number: int, limit: int) -> View:
    return {
        "rateLimitType": kind,
        "interval": interval,
        "intervalNum": number,
        "limit": limit,
    }
