import pytest
from sim_rest import Json

from botcore_tui.exchange.sim.contracts import contract
from botcore_tui.exchange.sim.endpoints.tickets import (
    algo_ticket,
    amendment,
    client_id,
    order_ticket,
)
from botcore_tui.exchange.sim.orders import (
    AlgoTicket,
    OrderType,
    SelfTrade,
    Ticket,
    TimeInForce,
    WorkingType,
)
from botcore_tui.exchange.sim.parameters import Parameters
from botcore_tui.exchange.sim.refusals import RefusalError
from botcore_tui.model.market import Side

BTC = contract("BTCUSDT")
LIMIT: Json = {
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.010",
    "price": "60000.10",
}
STOP: Json = {
    "algoType": "CONDITIONAL",
    "side": "SELL",
    "type": "STOP_MARKET",
    "quantity": "0.010",
    "triggerPrice": "60000",
}


def sent(usual: Json, changes: Json) -> Parameters:
    values = {**usual, **changes}
    return Parameters({name: str(value) for name, value in values.items() if value is not None})


def order(**changes: object) -> Ticket:
    return order_ticket(BTC, sent(LIMIT, changes))


def algo(**changes: object) -> AlgoTicket:
    return algo_ticket(BTC, sent(STOP, changes))


def code_of(changes: Json, *, is_algo: bool = False) -> int:
    with pytest.raises(RefusalError) as refusal:
        algo(**changes) if is_algo else order(**changes)
    return refusal.value.code


def test_a_limit_order_is_read() -> None:
    assert order() == Ticket(side=Side.BUY, type=OrderType.LIMIT, lots=10, ticks=600_001)


def test_everything_that_may_be_said_of_it_is_read() -> None:
    assert order(
        side="SELL",
        timeInForce="GTD",
        goodTillDate=1_723_199_999_999,
        reduceOnly="True",
        newClientOrderId="x-1.A:/_",
        selfTradePreventionMode="NONE",
        positionSide="BOTH",
        priceMatch="NONE",
        closePosition="false",
        workingType="MARK_PRICE",
    ) == Ticket(
        side=Side.SELL,
        type=OrderType.LIMIT,
        lots=10,
        ticks=600_001,
        time_in_force=TimeInForce.GTD,
        client_id="x-1.A:/_",
        reduce_only=True,
        self_trade=SelfTrade.NONE,
        good_till_ms=1_723_199_999_000,
    )


def test_a_market_order_has_neither_price_nor_time() -> None:
    ticket = order(type="MARKET", price=None, timeInForce=None)
    assert (ticket.type, ticket.ticks) == (OrderType.MARKET, 0)


@pytest.mark.parametrize(
    "kind", [kind for kind in OrderType if kind.startswith(("ST", "TA", "TR"))]
)
def test_conditional_types_belong_elsewhere(kind: OrderType) -> None:
    assert code_of({"type": kind}) == -4120


@pytest.mark.parametrize(
    ("text", "code"),
    [("0.0001", -1111), ("0.00100000001", -1111), ("1e-3", -1102), ("", -1102), (None, -1102)],
)
def test_quantities_are_lots(text: str | None, code: int) -> None:
    assert code_of({"quantity": text}) == code
    assert order(quantity="0.0100000").lots == 10


def test_lots_and_ticks_of_changed_rules_are_multiples() -> None:
    coarse = contract("BTCUSDT", tick="0.5", step="0.02")
    ticket = order_ticket(coarse, sent(LIMIT, {"price": "60000.5", "quantity": "0.04"}))
    assert (ticket.ticks, ticket.lots) == (120_001, 2)
    for changes, code in (
        ({"price": "60000.4"}, -4014),
        ({"price": "0.4"}, -4013),
        ({"quantity": "0.03"}, -4023),
        ({"quantity": "0.01"}, -4004),
    ):
        with pytest.raises(RefusalError) as refusal:
            order_ticket(coarse, sent({**LIMIT, "price": "1", "quantity": "0.02"}, dict(changes)))
        assert refusal.value.code == code


@pytest.mark.parametrize("match", ["OPPONENT", "OPPONENT_20", "QUEUE", "QUEUE_5"])
def test_a_price_match_is_refused_rather_than_ignored(match: str) -> None:
    assert code_of({"priceMatch": match, "price": None}) == -1020
    assert code_of({"priceMatch": match}, is_algo=True) == -5038
    stop: Json = {"type": "STOP", "priceMatch": match}
    assert code_of(stop, is_algo=True) == -1020


def test_client_ids_follow_the_venues_rule() -> None:
    assert client_id(Parameters({}), "newClientOrderId") == ""
    assert client_id(Parameters({"newClientOrderId": "a" * 36}), "newClientOrderId") == "a" * 36
    for value in ("a" * 37, "a b", "ü", "a\n", "a,b"):
        assert code_of({"newClientOrderId": value}) == -4015


def test_a_change_names_side_quantity_and_price() -> None:
    assert amendment(BTC, sent(LIMIT, {"quantity": "0.02"})) == (Side.BUY, 20, 600_001)
    for missing in ("side", "quantity", "price"):
        with pytest.raises(RefusalError) as refusal:
            amendment(BTC, sent(LIMIT, {missing: None}))
        assert refusal.value.code == -1102


def test_a_stop_is_read() -> None:
    assert algo() == AlgoTicket(
        side=Side.SELL, type=OrderType.STOP_MARKET, lots=10, trigger_ticks=600_000
    )


def test_everything_that_may_be_said_of_a_stop_is_read() -> None:
    assert algo(
        type="STOP",
        price="59999.9",
        timeInForce="GTX",
        workingType="MARK_PRICE",
        priceProtect="TRUE",
        reduceOnly="true",
        clientAlgoId="s",
        selfTradePreventionMode="EXPIRE_BOTH",
    ) == AlgoTicket(
        side=Side.SELL,
        type=OrderType.STOP,
        lots=10,
        ticks=599_999,
        trigger_ticks=600_000,
        time_in_force=TimeInForce.GTX,
        client_id="s",
        reduce_only=True,
        working_type=WorkingType.MARK_PRICE,
        price_protect=True,
        self_trade=SelfTrade.EXPIRE_BOTH,
    )


def test_a_stop_may_close_the_position_without_a_quantity() -> None:
    ticket = algo(closePosition="true", quantity=None)
    assert (ticket.close_position, ticket.lots) == (True, 0)
    # As the test network showed one that was sent without either word (2026-09).
    assert (ticket.reduce_only, ticket.time_in_force) == (True, TimeInForce.GTE_GTC)
    assert algo(closePosition="true", quantity="0.00") == ticket
    assert code_of({"closePosition": "true"}, is_algo=True) == -4137
    changes: Json = {"closePosition": "true", "quantity": None, "reduceOnly": "true"}
    assert code_of(changes, is_algo=True) == -1106


TRAILING: Json = {"type": "TRAILING_STOP_MARKET", "triggerPrice": None, "callbackRate": "0.5"}


def test_a_trailing_stop_has_a_distance_and_may_have_an_activation_price() -> None:
    assert algo(**TRAILING).callback == 500_000
    ticket = algo(**TRAILING, activatePrice="62000.1")
    assert (ticket.activate_ticks, ticket.trigger_ticks) == (620_001, 0)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"callbackRate": None}, -1102),
        ({"callbackRate": "0.09"}, -1130),
        ({"callbackRate": "20.1"}, -1130),
        ({"callbackRate": "1.1234567"}, -1130),
        ({"triggerPrice": "60000"}, -1106),
        ({"price": "60000"}, -1106),
        ({"activatePrice": "0"}, -4135),
        ({"activatePrice": "99999999"}, -4135),
    ],
)
def test_a_wrong_trailing_stop_is_refused(changes: Json, code: int) -> None:
    assert code_of({**TRAILING, **changes}, is_algo=True) == code


@pytest.mark.parametrize("rate", ["0.1", "20"])
def test_the_distance_has_bounds(rate: str) -> None:
    assert algo(**{**TRAILING, "callbackRate": rate}).callback == round(float(rate) * 10**6)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"algoType": None}, -1102),
        ({"algoType": "TWAP"}, -1130),
        ({"type": "LIMIT"}, -1116),
        ({"type": "LIQUIDATION"}, -1116),
        ({"triggerPrice": None}, -1102),
        ({"triggerPrice": "60000.05"}, -4014),
        ({"callbackRate": "1"}, -1106),
        ({"price": "60000"}, -1106),
        ({"type": "TAKE_PROFIT"}, -1102),
        ({"timeInForce": "GTX_GTC"}, -1115),
        ({"timeInForce": "GTD"}, -1102),
        ({"positionSide": "SHORT"}, -4061),
        ({"workingType": "LAST"}, -4031),
        ({"priceProtect": "yes"}, -1102),
    ],
)
def test_a_wrong_stop_is_refused(changes: Json, code: int) -> None:
    assert code_of(changes, is_algo=True) == code
