import pytest

from botcore_tui.exchange.sim.endpoints.endpoint import Security
from botcore_tui.exchange.sim.endpoints.routes import ROUTES

V1 = "/fapi/v1"


def test_routes_are_found_by_method_and_path() -> None:
    assert all(key == (one.method, one.path) for key, one in ROUTES.items())


@pytest.mark.parametrize(
    "path",
    [
        "ping", "time", "exchangeInfo", "depth", "rpiDepth", "trades", "historicalTrades",
        "aggTrades", "klines", "continuousKlines", "markPriceKlines", "indexPriceKlines",
        "premiumIndexKlines", "premiumIndex", "fundingRate", "fundingInfo", "ticker/24hr",
        "ticker/price", "ticker/bookTicker", "openInterest", "leverageBracket", "accountConfig",
        "symbolConfig", "positionSide/dual", "multiAssetsMargin", "positionMargin/history", "order",
        "openOrder", "openOrders", "allOrders", "orderAmendment", "algoOrder", "openAlgoOrders",
        "allAlgoOrders", "userTrades", "income", "commissionRate", "rateLimit/order", "forceOrders",
        "adlQuantile", "apiTradingStatus", "feeBurn",
    ],
)  # fmt: skip
def test_a_question_can_be_asked(path: str) -> None:
    assert ("GET", f"{V1}/{path}") in ROUTES


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "order"), ("PUT", "order"), ("DELETE", "order"), ("POST", "order/test"),
        ("POST", "batchOrders"), ("PUT", "batchOrders"), ("DELETE", "batchOrders"),
        ("DELETE", "allOpenOrders"), ("POST", "countdownCancelAll"), ("POST", "algoOrder"),
        ("DELETE", "algoOrder"), ("DELETE", "algoOpenOrders"), ("POST", "leverage"),
        ("POST", "marginType"), ("POST", "positionMargin"), ("POST", "positionSide/dual"),
        ("POST", "multiAssetsMargin"), ("POST", "feeBurn"),
    ],
)  # fmt: skip
def test_changing_something_is_signed(method: str, path: str) -> None:
    assert ROUTES[method, f"{V1}/{path}"].security is Security.SIGNED


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_listen_key_wants_the_key_only(method: str) -> None:
    assert ROUTES[method, f"{V1}/listenKey"].security is Security.KEY


@pytest.mark.parametrize(
    "path", ["/fapi/v2/account", "/fapi/v3/account", "/fapi/v2/balance", "/fapi/v3/balance",
             "/fapi/v2/positionRisk", "/fapi/v3/positionRisk", "/fapi/v2/ticker/price",
             "/api/v3/ping", "/api/v3/time", "/api/v3/exchangeInfo", "/dapi/v1/exchangeInfo"],
)  # fmt: skip
def test_other_versions_and_markets_are_answered(path: str) -> None:
    assert ("GET", path) in ROUTES
