"""Orders in the venue's words."""

from decimal import Decimal
from typing import Final

import pytest
from msgspec.structs import replace

from botcore_tui.exchange.base import OrderError
from botcore_tui.exchange.binance.order_requests import asking, cancelling, placing
from botcore_tui.model.event import Cancel, Query
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderRequest, OrderType, Outcome, Purpose, TimeInForce

MARKET: Final = OrderRequest(
    client_order_id="bc-1-1-e",
    symbol="BTCUSDT",
    side=Side.BUY,
    type=OrderType.MARKET,
    purpose=Purpose.ENTRY,
    quantity=Decimal("0.010"),
)
STOP: Final = OrderRequest(
    client_order_id="bc-1-2-s",
    symbol="BTCUSDT",
    side=Side.SELL,
    type=OrderType.STOP_MARKET,
    purpose=Purpose.STOP,
    trigger_price=Decimal("60000.10"),
    close_position=True,
)


def a_request(**changes: object) -> OrderRequest:
    return replace(MARKET, **changes)


def a_stop(**changes: object) -> OrderRequest:
    return replace(STOP, **changes)


def test_market_order_asks_for_what_became_of_it() -> None:
    assert placing(a_request()) == (
        "POST order",
        {
            "symbol": "BTCUSDT",
            "side": "BUY",
            "type": "MARKET",
            "newClientOrderId": "bc-1-1-e",
            "quantity": "0.010",
            "newOrderRespType": "RESULT",
        },
    )


def test_limit_order_carries_price_and_time_in_force() -> None:
    name, parameters = placing(
        a_request(
            type=OrderType.LIMIT,
            price=Decimal("61000.10"),
            time_in_force=TimeInForce.GTX,
            reduce_only=True,
        )
    )
    assert name == "POST order"
    assert {key: parameters[key] for key in ("price", "timeInForce", "reduceOnly")} == {
        "price": "61000.10",
        "timeInForce": "GTX",
        "reduceOnly": "true",
    }


def test_stop_that_closes_the_position_names_neither_quantity_nor_reduce_only() -> None:
    assert placing(a_stop(reduce_only=True)) == (
        "POST algoOrder",
        {
            "symbol": "BTCUSDT",
            "side": "SELL",
            "type": "STOP_MARKET",
            "algoType": "CONDITIONAL",
            "clientAlgoId": "bc-1-2-s",
            "workingType": "MARK_PRICE",
            "triggerPrice": "60000.10",
            "closePosition": "true",
        },
    )


def test_stop_of_the_other_form_has_quantity_and_reduce_only() -> None:
    _, parameters = placing(
        a_stop(close_position=False, reduce_only=True, quantity=Decimal("0.010"))
    )
    assert parameters["quantity"] == "0.010"
    assert parameters["reduceOnly"] == "true"
    assert "closePosition" not in parameters


def test_take_profit_triggers_on_the_last_price() -> None:
    _, parameters = placing(
        a_stop(type=OrderType.TAKE_PROFIT_MARKET, close_position=False, quantity=Decimal("0.010"))
    )
    assert "workingType" not in parameters
    assert "reduceOnly" not in parameters


@pytest.mark.parametrize("activation", [None, Decimal(62_000)])
def test_trailing_stop_has_a_distance_and_may_have_an_activation(
    activation: Decimal | None,
) -> None:
    _, parameters = placing(
        a_stop(
            type=OrderType.TRAILING_STOP_MARKET,
            close_position=False,
            reduce_only=True,
            quantity=Decimal("0.010"),
            trigger_price=activation,
            callback_pct=Decimal("1.5"),
        )
    )
    assert parameters["callbackRate"] == "1.5"
    assert "triggerPrice" not in parameters
    assert parameters.get("activatePrice") == (None if activation is None else "62000")


@pytest.mark.parametrize(
    ("value", "text"),
    [("1E+2", "100"), ("1E-8", "0.00000001"), ("0.10", "0.10"), ("120000000", "120000000")],
)
def test_numbers_are_plain_decimals(value: str, text: str) -> None:
    assert placing(a_request(quantity=Decimal(value)))[1]["quantity"] == text


@pytest.mark.requirement("P04")
@pytest.mark.parametrize(
    "request_",
    [
        a_request(quantity=Decimal("NaN")),
        a_request(quantity=Decimal("Infinity")),
        a_request(quantity=Decimal(0)),
        a_request(quantity=Decimal(-1)),
        a_request(type=OrderType.LIMIT, time_in_force=TimeInForce.GTC),
        a_request(type=OrderType.LIMIT, price=Decimal(1)),
        a_stop(trigger_price=None),
        a_stop(type=OrderType.TRAILING_STOP_MARKET, trigger_price=None),
    ],
)
def test_order_that_lacks_something_is_refused_before_it_is_sent(request_: OrderRequest) -> None:
    with pytest.raises(OrderError, match="not sent") as caught:
        placing(request_)
    assert caught.value.outcome is Outcome.REJECTED


def test_cancel_names_the_order_by_our_id() -> None:
    cancel = Cancel(client_order_id="bc-1-1-e", symbol="BTCUSDT", is_algo=False)
    assert cancelling(cancel) == (
        "DELETE order",
        {"symbol": "BTCUSDT", "origClientOrderId": "bc-1-1-e"},
    )
    cancel = Cancel(client_order_id="bc-1-2-s", symbol="BTCUSDT", is_algo=True)
    assert cancelling(cancel) == (
        "DELETE algoOrder",
        {"symbol": "BTCUSDT", "clientAlgoId": "bc-1-2-s"},
    )


def test_question_names_the_order_by_our_id_else_by_the_number_of_the_venue() -> None:
    by_id = Query(client_order_id="bc-1-1-e", symbol="BTCUSDT", is_algo=False, order_id=7)
    assert asking(by_id) == ("order", {"symbol": "BTCUSDT", "origClientOrderId": "bc-1-1-e"})
    by_number = Query(client_order_id="", symbol="BTCUSDT", is_algo=False, order_id=7)
    assert asking(by_number) == ("order", {"symbol": "BTCUSDT", "orderId": 7})
    algo = Query(client_order_id="bc-1-2-s", symbol="BTCUSDT", is_algo=True)
    assert asking(algo) == ("algoOrder", {"symbol": "BTCUSDT", "clientAlgoId": "bc-1-2-s"})
