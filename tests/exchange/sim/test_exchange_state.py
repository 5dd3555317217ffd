"""The summary is true and fit for JSON, and the fingerprint notices every change."""

import json

import msgspec
from sim_exchange import an_exchange, ask, buy, connect, wait
from sim_rest import A_BID

from botcore_tui.exchange.sim.exchange import Exchange

REST = {**A_BID, "price": "60000", "newClientOrderId": "rest"}
STOP = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "type": "STOP_MARKET",
    "algoType": "CONDITIONAL",
    "triggerPrice": "60000",
    "closePosition": "true",
    "clientAlgoId": "stop",
}


def a_busy_exchange() -> Exchange:
    exchange = an_exchange()
    buy(exchange)
    ask(exchange, "POST", "order", **REST)
    ask(exchange, "POST", "algoOrder", **STOP)
    return exchange


def test_a_summary_has_everything_that_is_open() -> None:
    exchange = a_busy_exchange()
    connect(exchange, "/market/ws/btcusdt@aggTrade")
    state = json.loads(msgspec.json.encode(exchange.state()))
    [position], [order], [algo] = (
        state["positions"],
        state["open_orders"],
        state["open_algo_orders"],
    )
    assert (position["symbol"], position["quantity"], position["leverage"]) == (
        "BTCUSDT",
        "0.010",
        20,
    )
    assert (order["client_id"], order["price"], order["executed"]) == ("rest", "60000.00", "0.000")
    assert (algo["client_id"], algo["trigger"], algo["close_position"]) == (
        "stop",
        "60000.00",
        True,
    )
    assert state["connections"] == [
        {
            "route": "market",
            "combined": False,
            "half_open": False,
            "streams": ["btcusdt@aggTrade"],
        }
    ]
    assert (state["fills"], state["imbalance"], state["time_ms"]) == (1, 0, exchange.now_ms)
    [market] = state["markets"]
    assert float(market["bid"]) < float(market["ask"])


def test_the_fingerprint_is_that_of_what_is_there_and_of_nothing_else() -> None:
    first, second = a_busy_exchange(), a_busy_exchange()
    assert first.state_hash() == second.state_hash()
    connect(first, "/market/ws/btcusdt@aggTrade")
    assert first.state_hash() == second.state_hash()


def test_the_fingerprint_notices_every_change() -> None:
    exchange = a_busy_exchange()
    seen = {exchange.state_hash()}
    ask(exchange, "DELETE", "order", symbol="BTCUSDT", origClientOrderId="rest")
    seen.add(exchange.state_hash())
    ask(exchange, "DELETE", "algoOrder", clientAlgoId="stop")
    seen.add(exchange.state_hash())
    ask(exchange, "POST", "leverage", symbol="BTCUSDT", leverage=3)
    seen.add(exchange.state_hash())
    wait(exchange, 1)
    seen.add(exchange.state_hash())
    assert len(seen) == 5
