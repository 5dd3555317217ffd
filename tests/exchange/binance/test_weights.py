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
