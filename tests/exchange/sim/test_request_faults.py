import json

import pytest
from sim_rest import ORDER, Answer, read
from sim_wire import ALGO, BTC, Wire

from botcore_tui.exchange.sim.http_messages import Fate

_DEPTH = "/fapi/v1/depth"
_ACCOUNT = "/fapi/v3/account"
_LOST = pytest.mark.parametrize(
    ("how", "fate"), [("timeout", Fate.HANG), ("reset", Fate.ABORT)], ids=["timeout", "reset"]
)
_UNKNOWN = "Unknown error, please check your request or try again later."


def _orders(wire: Wire) -> list[object]:
    return [order["clientOrderId"] for order in wire.open_orders()]


# --- F01: carried out, and not answered ---------------------------------------------------------


@pytest.mark.requirement("F01")
@_LOST
def test_create_lost_places_the_order_and_answers_nothing(how: str, fate: Fate) -> None:
    wire = Wire(f"create-lost=how:{how}")
    assert wire.bid().fate is fate
    assert wire.find().view["status"] == "NEW"


@pytest.mark.requirement("F01")
@pytest.mark.parametrize(
    ("how", "status", "code"), [("503", 503, -1000), ("1006", 503, -1006), ("1007", 408, -1007)]
)
def test_create_lost_places_the_order_and_says_that_nobody_knows(
    how: str, status: int, code: int
) -> None:
    wire = Wire(f"create-lost=how:{how}")
    answer = read(wire.bid())
    assert (answer.status, answer.code) == (status, code)
    assert answer.view["msg"] == _UNKNOWN or how != "503"
    assert wire.find().view["status"] == "NEW"


@pytest.mark.requirement("F01")
def test_create_lost_strikes_conditional_orders_and_batches() -> None:
    wire = Wire("create-lost=count:2")
    assert wire.stop().fate is Fate.HANG
    order = {"symbol": BTC, "side": "BUY", "type": "LIMIT", "quantity": "0.010", "price": "61000"}
    batch = json.dumps([order | {"timeInForce": "GTC", "newClientOrderId": "one"}])
    assert wire.reply("POST", "/fapi/v1/batchOrders", batchOrders=batch).fate is Fate.HANG
    assert wire.ask("GET", ALGO, clientAlgoId="stop").view["algoStatus"] == "NEW"
    assert _orders(wire) == ["one"]


@pytest.mark.requirement("F01")
def test_create_lost_leaves_the_next_order_and_other_requests_alone() -> None:
    wire = Wire("create-lost=symbol:BTCUSDT")
    assert wire.bid(symbol="ETHUSDT", price="2600.00").fate is Fate.SEND
    assert wire.find().code == -2013
    assert wire.bid().fate is Fate.HANG
    assert wire.bid(newClientOrderId="next").fate is Fate.SEND


@pytest.mark.requirement("F02b")
def test_an_id_whose_order_was_filled_is_taken_again() -> None:
    wire = Wire("create-lost")
    assert wire.buy().fate is Fate.HANG
    assert read(wire.buy()).status == 200
    assert wire.position() == "0.020"


@pytest.mark.requirement("F01")
@_LOST
def test_reply_lost_cancels_the_order_and_answers_nothing(how: str, fate: Fate) -> None:
    wire = Wire()
    wire.bid()
    wire.arm(f"reply-lost=how:{how},endpoint:DELETE /fapi/v1/order")
    assert wire.reply("DELETE", ORDER, symbol=BTC, origClientOrderId="mine").fate is fate
    assert wire.open_orders() == []


@pytest.mark.requirement("F01")
def test_reply_garbled_cuts_the_json_off() -> None:
    wire = Wire("reply-garbled")
    reply = wire.bid()
    assert reply.status == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(reply.body)
    assert _orders(wire) == ["mine"]


@pytest.mark.requirement("F01")
def test_not_visible_hides_an_order_from_queries_for_a_while() -> None:
    wire = Wire("not-visible=ms:3000")
    wire.bid()
    wire.stop()
    wire.advance(2_999)
    assert wire.find().code == -2013
    assert wire.ask("GET", ALGO, clientAlgoId="stop").code == -2013
    assert _orders(wire) == ["mine"]
    wire.advance(1)
    assert wire.find().view["status"] == "NEW"
    assert wire.ask("GET", ALGO, clientAlgoId="stop").view["algoStatus"] == "NEW"


# --- F02: not carried out, or late --------------------------------------------------------------


@pytest.mark.requirement("F02")
@_LOST
def test_create_dropped_places_nothing_and_answers_nothing(how: str, fate: Fate) -> None:
    wire = Wire(f"create-dropped=how:{how}")
    assert wire.bid().fate is fate
    assert wire.find().code == -2013


@pytest.mark.requirement("F02")
@pytest.mark.parametrize(("how", "code"), [("503", -1000), ("1001", -1001), ("1008", -1008)])
def test_create_dropped_places_nothing_and_answers_503(how: str, code: int) -> None:
    wire = Wire(f"create-dropped=how:{how}")
    answer = read(wire.bid())
    assert (answer.status, answer.code) == (503, code)
    assert wire.find().code == -2013


@pytest.mark.requirement("F02")
def test_create_late_places_the_order_long_after_its_reply_was_lost() -> None:
    wire = Wire("create-late=delay_ms:45000")
    assert wire.bid(recvWindow=60_000).fate is Fate.ABORT
    wire.advance(44_999)
    assert wire.find().code == -2013
    wire.advance(1)
    assert wire.find().view["status"] == "NEW"


@pytest.mark.requirement("F02")
def test_create_late_places_nothing_after_a_short_window() -> None:
    wire = Wire("create-late=delay_ms:45000")
    assert wire.bid(recvWindow=5_000).fate is Fate.ABORT
    wire.advance(60_000)
    assert wire.find().code == -2013


@pytest.mark.requirement("F02")
def test_unavailable_carries_nothing_out() -> None:
    wire = Wire("unavailable")
    reply = wire.bid()
    assert (reply.status, reply.body) == (503, b"Service Unavailable.")
    assert wire.find().code == -2013


@pytest.mark.requirement("F02")
def test_internal_carries_nothing_out() -> None:
    wire = Wire("internal")
    answer = read(wire.bid())
    assert (answer.status, answer.code) == (503, -1001)
    assert wire.find().code == -2013


# --- F07 ----------------------------------------------------------------------------------------


@pytest.mark.requirement("F07")
def test_snapshot_old_is_behind_the_stream() -> None:
    wire = Wire(is_still=False)
    first = wire.ask("GET", _DEPTH, symbol=BTC, limit=5).view
    wire.advance(1_000)
    wire.arm("snapshot-old=symbol:BTCUSDT")
    assert wire.ask("GET", _DEPTH, symbol=BTC, limit=5).view == first
    fresh = wire.ask("GET", _DEPTH, symbol=BTC, limit=5).view
    assert str(fresh["lastUpdateId"]) > str(first["lastUpdateId"])


@pytest.mark.requirement("F07")
def test_snapshot_old_is_old_also_where_none_was_asked_for_before() -> None:
    wire = Wire("snapshot-old")
    old = wire.ask("GET", _DEPTH, symbol=BTC).view
    fresh = wire.ask("GET", _DEPTH, symbol=BTC).view
    assert str(old["lastUpdateId"]) < str(fresh["lastUpdateId"])


# --- F11: closed doors --------------------------------------------------------------------------


def _time(wire: Wire) -> Answer:
    return wire.ask("GET", "/fapi/v1/time")


@pytest.mark.requirement("F11")
def test_rate_limited_refuses_what_has_weight_until_the_time_is_over() -> None:
    wire = Wire("rate-limited=retry_after:10,endpoint:GET /fapi/v1/depth")
    assert _time(wire).status == 200
    answer = wire.ask("GET", _DEPTH, symbol=BTC)
    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (429, -1003, "10")
    wire.advance(4_000)
    assert (_time(wire).status, _time(wire).headers["Retry-After"]) == (429, "6")
    assert wire.bid().status == 200  # orders have no weight
    wire.advance(6_000)
    assert _time(wire).status == 200


@pytest.mark.requirement("F11")
def test_rate_limited_becomes_a_ban_for_who_goes_on() -> None:
    wire = Wire("rate-limited=retry_after:60")
    statuses = [_time(wire).status for _ in range(25)]
    assert statuses[0] == 429
    assert statuses[-1] == 418


@pytest.mark.requirement("F11")
def test_banned_refuses_everything_until_the_time_is_over() -> None:
    wire = Wire("banned=retry_after:120")
    answer = _time(wire)
    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (418, -1003, "120")
    assert f"banned until {wire.now_ms + 120_000}" in str(answer.view["msg"])
    wire.advance(119_999)
    assert wire.bid().status == 418
    wire.advance(1)
    assert _time(wire).status == 200


@pytest.mark.requirement("F11")
def test_weight_jump_uses_up_what_others_left() -> None:
    wire = Wire("weight-jump=weight:2390")
    assert int(_time(wire).headers["X-MBX-USED-WEIGHT-1M"]) > 2_390
    assert [_time(wire).status for _ in range(12)][-1] == 429


@pytest.mark.requirement("F11")
def test_throttled_lets_reducing_orders_and_cancels_pass() -> None:
    wire = Wire()
    wire.buy()
    wire.bid()
    wire.arm("throttled=count:unlimited")
    answer = read(wire.bid(newClientOrderId="more"))
    assert (answer.status, answer.code) == (503, -1008)
    assert wire.cancel().view["status"] == "CANCELED"
    assert wire.buy(side="SELL", reduceOnly="true").status == 200
    assert wire.position() in {"", "0.000"}


@pytest.mark.requirement("F11")
def test_waf_answers_a_page() -> None:
    reply = Wire("waf").bid()
    assert reply.status == 403
    assert reply.headers["Content-Type"] == "text/html"
    assert reply.body.startswith(b"<!DOCTYPE HTML>")


@pytest.mark.requirement("F11")
def test_key_revoked_refuses_all_that_needs_a_key() -> None:
    wire = Wire("key-revoked")
    answer = read(wire.bid())
    assert (answer.status, answer.code) == (401, -2015)
    assert wire.ask("POST", "/fapi/v1/listenKey").code == -2015
    assert _time(wire).status == 200


# --- F12: clocks --------------------------------------------------------------------------------


@pytest.mark.requirement("F12")
@pytest.mark.parametrize("step_ms", [-5_000, 5_001])
def test_clock_step_refuses_who_does_not_ask_for_the_time_again(step_ms: int) -> None:
    wire = Wire(f"clock-step=ms:{step_ms}")
    assert read(wire.bid()).code == -1021
    server_ms = _time(wire).view["serverTime"]
    assert server_ms == wire.now_ms + step_ms
    assert read(wire.bid(timestamp=server_ms)).status == 200


@pytest.mark.requirement("F12")
def test_timestamp_refused_whatever_it_says() -> None:
    wire = Wire("timestamp-refused")
    assert read(wire.bid()).code == -1021
    assert read(wire.bid()).status == 200


# --- F15: money ---------------------------------------------------------------------------------


@pytest.mark.requirement("F15")
@pytest.mark.parametrize("path", [_ACCOUNT, "/fapi/v2/account", "/fapi/v3/balance"])
def test_equity_fails_while_the_rest_works(path: str) -> None:
    wire = Wire("equity-fails")
    assert wire.reply("GET", path).status == 503
    assert wire.bid().status == 200


@pytest.mark.requirement("F15")
def test_equity_nan_is_no_number() -> None:
    wire = Wire("equity-nan")
    account = wire.ask("GET", _ACCOUNT).view
    assert account["totalWalletBalance"] == "NaN"
    assert isinstance(account["assets"], list)
    assert account["assets"][0]["walletBalance"] == "NaN"
    assert wire.ask("GET", "/fapi/v3/balance").rows[0]["balance"] == "NaN"


@pytest.mark.requirement("F15")
def test_equity_negative_is_below_zero() -> None:
    account = Wire("equity-negative").ask("GET", _ACCOUNT).view
    assert account["totalWalletBalance"] == "-5000.00000000"
    assert account["totalMarginBalance"] == "-5000.00000000"


@pytest.mark.requirement("F15")
def test_equity_bnfcr_is_in_credits() -> None:
    rows = Wire("equity-bnfcr").ask("GET", "/fapi/v3/balance").rows
    assert {row["asset"] for row in rows} == {"BNFCR"}


# --- F18 ----------------------------------------------------------------------------------------


@pytest.mark.requirement("F18")
def test_reply_slow_is_carried_out_at_once_and_answered_later() -> None:
    wire = Wire("reply-slow=delay_ms:2500,endpoint:POST /fapi/v1/order")
    assert wire.bid().delay_ms == 2_500
    assert _orders(wire) == ["mine"]
    assert wire.bid(newClientOrderId="next").delay_ms == 0
