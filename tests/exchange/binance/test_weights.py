"""What requests cost, as the venue documents it."""

import pytest

from botcore_tui.exchange.binance.allowance import Cost
from botcore_tui.exchange.binance.weights import cost_of


@pytest.mark.requirement("R03")
@pytest.mark.parametrize(
    ("endpoint", "limit", "weight"),
    [
        *[("depth", limit, 2) for limit in (5, 10, 20, 50)],
        ("depth", 100, 5),
        ("depth", 500, 10),
        ("depth", 1000, 20),
        *[("klines", limit, 1) for limit in (1, 99)],
        *[("klines", limit, 2) for limit in (100, 499)],
        *[("klines", limit, 5) for limit in (500, 1000)],
        *[("klines", limit, 10) for limit in (1001, 1500)],
    ],
)
def test_weight_grows_with_what_is_asked_for(endpoint: str, limit: int, weight: int) -> None:
    assert cost_of(endpoint, {"symbol": "BTCUSDT", "limit": limit}) == Cost(weight)


def test_exchange_info_weighs_one_and_without_a_limit_the_venues_default_counts() -> None:
    assert cost_of("exchangeInfo", {}) == Cost(1)
    assert cost_of("depth", {}) == Cost(10)
    assert cost_of("klines", {}) == Cost(5)


@pytest.mark.requirement("P18")
@pytest.mark.parametrize("endpoint", ["POST order", "POST algoOrder"])
def test_order_weighs_nothing_and_counts_in_both_windows(endpoint: str) -> None:
    assert cost_of(endpoint, {}) == Cost(weight=0, orders_10s=1, orders_1m=1)


@pytest.mark.parametrize(
    ("endpoint", "weight"),
    [
        ("DELETE order", 1),
        ("DELETE algoOrder", 1),
        ("DELETE allOpenOrders", 1),
        ("DELETE algoOpenOrders", 1),
        ("POST leverage", 1),
        ("POST countdownCancelAll", 10),
        ("order", 1),
        ("algoOrder", 1),
        ("time", 1),
        ("POST listenKey", 1),
        ("userTrades", 5),
        ("income", 30),
        ("symbolConfig", 5),
        ("positionSide/dual", 30),
        ("balance", 5),
        ("positionRisk", 5),
    ],
)
def test_question_weighs_what_its_page_says(endpoint: str, weight: int) -> None:
    assert cost_of(endpoint, {"symbol": "BTCUSDT"}) == Cost(weight)


@pytest.mark.parametrize("endpoint", ["openOrders", "openAlgoOrders"])
def test_listing_of_the_whole_account_weighs_forty(endpoint: str) -> None:
    assert cost_of(endpoint, {"symbol": "BTCUSDT"}) == Cost(1)
    assert cost_of(endpoint, {}) == Cost(40)
