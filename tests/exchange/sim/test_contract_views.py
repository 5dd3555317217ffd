from itertools import pairwise

from sim_stage import BTC

from botcore_tui.exchange.sim.contract_views import (
    brackets,
    exchange_info,
    no_symbols,
    order_limits,
    rate_limits,
    symbol,
)
from botcore_tui.exchange.sim.contracts import contract
from botcore_tui.exchange.sim.limits import Quotas


def test_a_contract_is_shown_with_its_rules() -> None:
    view = symbol(contract(BTC))
    assert (view["contractType"], view["status"], view["baseAsset"]) == (
        "PERPETUAL",
        "TRADING",
        "BTC",
    )
    assert (view["pricePrecision"], view["quantityPrecision"]) == (2, 3)
    assert (view["triggerProtect"], view["liquidationFee"], view["marketTakeBound"]) == (
        "0.0500",
        "0.012500",
        "0.05",
    )
    assert view["filters"] == [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": "0.10",
            "maxPrice": "4624477.50",
            "tickSize": "0.10",
        },
        {
            "filterType": "LOT_SIZE",
            "minQty": "0.001",
            "maxQty": contract(BTC).quantity_text(contract(BTC).max_lots),
            "stepSize": "0.001",
        },
        {
            "filterType": "MARKET_LOT_SIZE",
            "minQty": "0.001",
            "maxQty": contract(BTC).quantity_text(contract(BTC).market_max_lots),
            "stepSize": "0.001",
        },
        {"filterType": "MAX_NUM_ORDERS", "limit": 200},
        {"filterType": "MIN_NOTIONAL", "notional": "100"},
        {
            "filterType": "PERCENT_PRICE",
            "multiplierUp": "1.0500",
            "multiplierDown": "0.9500",
            "multiplierDecimal": "4",
        },
    ]


def test_all_order_types_are_offered() -> None:
    # ccxt refuses conditional orders locally where their type is not listed.
    view = symbol(contract(BTC))
    assert isinstance(view["orderTypes"], tuple)
    names = "LIMIT MARKET STOP STOP_MARKET TAKE_PROFIT TAKE_PROFIT_MARKET TRAILING_STOP_MARKET"
    assert " ".join(sorted(view["orderTypes"])) == names
    assert view["timeInForce"] == ("GTC", "IOC", "FOK", "GTX", "GTD")


def test_limits_are_those_in_force() -> None:
    info = exchange_info([contract(BTC)], Quotas(weight=9), 5)
    assert info["rateLimits"] == rate_limits(Quotas(weight=9))
    assert rate_limits(Quotas()) == [
        {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 2400},
        {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": 1200},
        {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 300},
    ]
    assert info["serverTime"] == 5


def test_the_limits_of_orders_have_the_shorter_interval_first() -> None:
    assert order_limits(Quotas()) == rate_limits(Quotas())[:0:-1]


def test_other_markets_list_nothing() -> None:
    assert no_symbols(5)["symbols"] == []


def test_brackets_are_json_numbers() -> None:
    rows = brackets(contract(BTC))["brackets"]
    assert isinstance(rows, list)
    assert rows[0] == {
        "bracket": 1,
        "initialLeverage": 125,
        "notionalCap": 1_000_000,
        "notionalFloor": 0,
        "maintMarginRatio": 0.004,
        "cum": 0.0,
    }
    for before, after in pairwise(rows):
        # The margin has no jump where one step ends and the next begins.
        cap = before["notionalCap"]
        assert cap == after["notionalFloor"]
        assert cap * before["maintMarginRatio"] - before["cum"] == (
            cap * after["maintMarginRatio"] - after["cum"]
        )
