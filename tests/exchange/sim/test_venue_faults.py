import pytest
from listeners import heard
from sim_rest import Json, read
from sim_wire import ALGO, BTC, Wire, events, told

from botcore_tui.exchange.sim.session import Session

_ACCOUNT = "/fapi/v3/account"


def _order_of(frame: Json) -> Json:
    order = frame["o"]
    assert isinstance(order, dict)
    return order


def _orders(session: Session) -> list[Json]:
    return [_order_of(frame) for frame in events(session, "ORDER_TRADE_UPDATE")]


def _ids(orders: list[Json]) -> list[str]:
    return [str(order["c"]) for order in orders]


def _wallet(wire: Wire) -> str:
    return str(wire.ask("GET", _ACCOUNT).view["totalWalletBalance"])


def _notes(wire: Wire) -> str:
    return " ".join(wire.exchange.notes)


# --- what happens to an order -------------------------------------------------------------------


@pytest.mark.requirement("F03")
def test_fill_after_cancel_tells_of_a_fill_when_the_order_is_already_cancelled() -> None:
    wire = Wire("fill-after-cancel=delay_ms:500")
    session = wire.listen()
    wire.bid()
    told(session)
    assert wire.cancel().view["executedQty"] == "0.005"
    assert told(session) == ["ORDER_TRADE_UPDATE CANCELED"]
    assert wire.position() == "0.005"
    wire.advance(499)
    assert heard(session) == []
    wire.advance(1)
    assert told(session) == ["TRADE_LITE", "ACCOUNT_UPDATE", "ORDER_TRADE_UPDATE TRADE"]


@pytest.mark.requirement("F03")
def test_fill_after_cancel_needs_something_to_fill() -> None:
    wire = Wire("fill-after-cancel")
    wire.bid(quantity="0.002", price="61000.00")
    wire.bid(quantity="0.002", price="61000.00", newClientOrderId="other")
    assert wire.cancel().view["executedQty"] == "0.001"
    assert wire.cancel("other").view["executedQty"] == "0.000"


@pytest.mark.requirement("F04")
def test_cancel_race_fills_the_order_and_refuses_the_cancel() -> None:
    wire = Wire("cancel-race=symbol:BTCUSDT")
    session = wire.listen()
    wire.bid()
    assert wire.cancel().code == -2011
    assert wire.find().view["status"] == "FILLED"
    assert [order["X"] for order in _orders(session)] == ["NEW", "FILLED"]
    assert wire.position() == "0.010"


@pytest.mark.requirement("F04")
def test_partial_fill_fills_half_of_a_resting_order() -> None:
    wire = Wire("partial-fill")
    session = wire.listen()
    wire.bid()
    order = wire.find().view
    assert (order["status"], order["executedQty"]) == ("PARTIALLY_FILLED", "0.005")
    assert [(order["x"], order["l"]) for order in _orders(session)] == [
        ("NEW", "0"),
        ("TRADE", "0.005"),
    ]
    wire.bid(newClientOrderId="next")
    assert wire.find("next").view["status"] == "NEW"


@pytest.mark.requirement("F08")
@pytest.mark.parametrize("code", [-2021, -4120, -1111, -4014, -4045, -2019])
def test_stop_refused_places_no_stop(code: int) -> None:
    wire = Wire(f"stop-refused=code:{code}")
    assert read(wire.stop()).code == code
    assert wire.ask("GET", "/fapi/v1/openAlgoOrders").rows == []
    assert read(wire.stop()).status == 200


@pytest.mark.requirement("F08")
def test_stop_vanishes_after_a_while_without_a_word() -> None:
    wire = Wire("stop-vanishes=life_ms:53000")
    session = wire.listen()
    wire.stop()
    wire.advance(52_999)
    assert told(session) == ["ALGO_UPDATE"]
    assert len(wire.ask("GET", "/fapi/v1/openAlgoOrders").rows) == 1
    wire.advance(1)
    assert told(session) == []
    assert wire.ask("GET", "/fapi/v1/openAlgoOrders").rows == []
    assert wire.ask("GET", ALGO, clientAlgoId="stop").view["algoStatus"] == "CANCELED"


@pytest.mark.requirement("F08")
def test_countdown_takes_stops_along_where_that_is_armed() -> None:
    for spec, left in (("", 1), ("countdown-takes-stops", 0)):
        wire = Wire(spec) if spec else Wire()
        wire.stop()
        wire.ask("POST", "/fapi/v1/countdownCancelAll", symbol="BTCUSDT", countdownTime=1_000)
        wire.advance(1_000)
        assert len(wire.ask("GET", "/fapi/v1/openAlgoOrders").rows) == left


# --- F09: the position is closed by others ------------------------------------------------------


@pytest.mark.requirement("F09")
def test_liquidation_closes_the_position_in_the_name_of_the_venue() -> None:
    wire = Wire()
    session, market = wire.listen(), wire.connect("/market/ws/btcusdt@forceOrder")
    wire.buy()
    told(session)
    wire.arm("liquidation")
    wire.advance(1_000)
    closing = _orders(session)
    assert {str(order["c"])[:10] for order in closing} == {"autoclose-"}
    assert [order["x"] for order in closing] == ["NEW", "CALCULATED"]
    assert wire.position() in {"", "0.000"}
    assert [frame["e"] for frame in heard(market)] == ["forceOrder"]


@pytest.mark.requirement("F09")
def test_adl_takes_a_part_of_the_position() -> None:
    wire = Wire()
    session = wire.listen()
    wire.buy()
    told(session)
    wire.arm("adl=percent:30")
    wire.advance(1)
    assert wire.position() == "0.007"
    assert {order["c"] for order in _orders(session)} == {"adl_autoclose"}


@pytest.mark.requirement("F09")
def test_manual_close_leaves_nothing() -> None:
    wire = Wire()
    session = wire.listen()
    wire.buy()
    told(session)
    wire.arm("manual-close=after_ms:2000")
    wire.advance(1_999)
    assert wire.position() == "0.010"
    wire.advance(1)
    assert wire.position() in {"", "0.000"}
    assert {name[:4] for name in _ids(_orders(session))} == {"web_"}


@pytest.mark.requirement("F09")
@pytest.mark.parametrize("name", ["liquidation", "adl", "manual-close"])
def test_without_a_position_nothing_is_closed(name: str) -> None:
    wire = Wire()
    wire.arm(name)
    wire.advance(1)
    assert f"{name} of BTCUSDT" in _notes(wire)


# --- F10: somebody else at the account ----------------------------------------------------------


@pytest.mark.requirement("F10")
@pytest.mark.parametrize(("side", "price"), [("BUY", "61043.20"), ("SELL", "62276.20")])
def test_foreign_order_rests_among_the_own_ones(side: str, price: str) -> None:
    wire = Wire()
    session = wire.listen()
    wire.arm(f"foreign-order=side:{side},notional:1000,symbol:BTCUSDT")
    wire.advance(1)
    (order,) = wire.open_orders()
    assert (order["side"], order["price"]) == (side, price)
    assert str(order["clientOrderId"]).startswith("web_")
    assert 900 < float(str(order["origQty"])) * float(price) < 1_100
    assert told(session) == ["ORDER_TRADE_UPDATE NEW"]


@pytest.mark.requirement("F10")
def test_foreign_position_is_there_without_an_own_order() -> None:
    wire = Wire()
    session = wire.listen()
    wire.arm("foreign-position=side:SELL,symbol:ETHUSDT")
    wire.advance(1)
    assert float(wire.position("ETHUSDT")) < 0
    assert {name[:4] for name in _ids(_orders(session))} == {"ios_"}


@pytest.mark.requirement("F10")
def test_leverage_changed_is_told_and_shown() -> None:
    wire = Wire()
    session = wire.listen()
    wire.arm("leverage-changed=leverage:50,symbol:BTCUSDT")
    wire.advance(1)
    (config,) = events(session, "ACCOUNT_CONFIG_UPDATE")
    assert config["ac"] == {"s": BTC, "l": 50}
    rows = wire.ask("GET", "/fapi/v1/symbolConfig", symbol=BTC).rows
    assert rows[0]["leverage"] == 50


@pytest.mark.requirement("F10")
def test_margin_type_changed_is_shown() -> None:
    wire = Wire("margin-type-changed=symbol:BTCUSDT")
    wire.advance(1)
    rows = wire.ask("GET", "/fapi/v1/symbolConfig", symbol=BTC).rows
    assert rows[0]["marginType"] == "ISOLATED"


# --- F15 ----------------------------------------------------------------------------------------


@pytest.mark.requirement("F15")
@pytest.mark.parametrize(
    ("amount", "wallet", "reason"),
    [("-1250.5", "3749.50000000", "WITHDRAW"), ("250", "5250.00000000", "DEPOSIT")],
)
def test_transfer_moves_money_and_is_income_of_its_own_kind(
    amount: str, wallet: str, reason: str
) -> None:
    wire = Wire()
    session = wire.listen()
    wire.arm(f"transfer=amount:{amount}")
    wire.advance(1)
    assert _wallet(wire) == wallet
    (update,) = events(session, "ACCOUNT_UPDATE")
    assert isinstance(update["a"], dict)
    assert update["a"]["m"] == reason
    rows = wire.ask("GET", "/fapi/v1/income", incomeType="TRANSFER").rows
    assert float(str(rows[-1]["income"])) == float(amount)


@pytest.mark.requirement("F15")
def test_transfer_happens_as_often_as_told() -> None:
    wire = Wire("transfer=amount:-100,count:3,every_ms:1000")
    wire.advance(1_999)
    assert _wallet(wire) == "4800.00000000"
    wire.advance(60_000)
    assert _wallet(wire) == "4700.00000000"


# --- F19: the rules change ----------------------------------------------------------------------


def _listed(wire: Wire) -> Json:
    symbols = wire.ask("GET", "/fapi/v1/exchangeInfo").view["symbols"]
    assert isinstance(symbols, list)
    found: Json = symbols[0]
    return found


def _filter(listed: Json, name: str) -> Json:
    filters = listed["filters"]
    assert isinstance(filters, list)
    found: Json = next(item for item in filters if item["filterType"] == name)
    return found


@pytest.mark.requirement("F19")
def test_filters_changed_refuse_what_fitted_before() -> None:
    wire = Wire()
    assert read(wire.bid()).status == 200
    wire.arm("filters-changed=tick:10,step:10,min_notional:1000,symbol:BTCUSDT")
    wire.advance(1)
    listed = _listed(wire)
    assert float(str(_filter(listed, "PRICE_FILTER")["tickSize"])) == 1
    assert float(str(_filter(listed, "LOT_SIZE")["stepSize"])) == 0.01
    assert float(str(_filter(listed, "MIN_NOTIONAL")["notional"])) == 1_000
    assert read(wire.bid(quantity="0.020")).code == -4014
    assert read(wire.bid(quantity="0.025", price="61000.00")).code == -4023
    assert read(wire.bid(price="61000.00", newClientOrderId="small")).code == -4164
    assert read(wire.bid(quantity="0.020", price="61000.00", newClientOrderId="big")).status == 200


@pytest.mark.requirement("F19")
def test_symbol_settling_takes_no_new_orders() -> None:
    wire = Wire()
    session = wire.connect("/market/ws/!contractInfo")
    wire.arm("symbol-settling=symbol:BTCUSDT")
    wire.advance(1)
    assert _listed(wire)["status"] == "SETTLING"
    assert [(frame["e"], frame["cs"]) for frame in heard(session)] == [("contractInfo", "SETTLING")]
    assert read(wire.bid()).code in {-4140, -4141, -1122}
    wire.arm("symbol-settling=symbol:BTCUSDT,status:TRADING")
    wire.advance(1)
    assert read(wire.bid()).status == 200


# --- F20 ----------------------------------------------------------------------------------------


@pytest.mark.requirement("F20")
def test_second_instance_uses_the_prefix_of_the_first() -> None:
    wire = Wire()
    wire.bid(newClientOrderId="bot7f3a1-000001")
    wire.arm("second-instance=side:SELL")
    wire.advance(1)
    orders = {str(order["clientOrderId"]): order for order in wire.open_orders()}
    assert len(orders) == 2
    (twin,) = set(orders) - {"bot7f3a1-000001"}
    assert twin.startswith("bot7f3a1")
    assert orders[twin]["side"] == "SELL"
