import json

import pytest
from sim_rest import A_BID, ORDER, Json, RestStage

from botcore_tui.exchange.sim.http_messages import Fate, Reply

DEPTH = "/fapi/v1/depth"
ACCOUNT = "/fapi/v3/account"
STOP: Json = {
    "symbol": "BTCUSDT",
    "algoType": "CONDITIONAL",
    "side": "SELL",
    "type": "STOP_MARKET",
    "quantity": "0.010",
    "triggerPrice": "60000",
}


def armed(spec: str) -> RestStage:
    stage = RestStage()
    stage.arm(spec)
    return stage


def order(stage: RestStage, **parameters: object) -> Reply:
    return stage.reply("POST", ORDER, **{**A_BID, **parameters})


def code(reply: Reply) -> int:
    view = json.loads(reply.body)
    number: int = view["code"]
    return number


@pytest.mark.requirement("F01")
@pytest.mark.parametrize(
    ("how", "fate", "status"),
    [
        ("reset", Fate.ABORT, 200),
        ("timeout", Fate.HANG, 200),
        ("503", Fate.SEND, 503),
        ("1006", Fate.SEND, 503),
        ("1007", Fate.SEND, 408),
    ],
)
def test_the_reply_of_a_create_is_lost_and_the_order_is_there(
    how: str, fate: Fate, status: int
) -> None:
    stage = armed(f"create-lost=how:{how}")
    reply = order(stage)
    assert (reply.fate, reply.status) == (fate, status)
    assert stage.venue.floor.orders.count_open() == 1
    assert order(stage).status == 200


@pytest.mark.requirement("F01")
def test_the_reply_of_a_stop_is_lost_and_the_stop_is_there() -> None:
    stage = armed("create-lost=how:reset")
    assert stage.reply("POST", "/fapi/v1/algoOrder", **STOP).fate is Fate.ABORT
    assert stage.venue.floor.algos.count_open() == 1


@pytest.mark.requirement("F02")
@pytest.mark.parametrize(
    ("how", "fate", "status"),
    [
        ("reset", Fate.ABORT, 200),
        ("timeout", Fate.HANG, 200),
        ("503", Fate.SEND, 503),
        ("1001", Fate.SEND, 503),
        ("1008", Fate.SEND, 503),
    ],
)
def test_a_create_is_dropped_and_there_is_no_order(how: str, fate: Fate, status: int) -> None:
    stage = armed(f"create-dropped=how:{how}")
    reply = order(stage)
    assert (reply.fate, reply.status) == (fate, status)
    assert len(stage.venue.floor.orders) == 0


@pytest.mark.requirement("F02")
def test_a_late_create_is_refused_by_its_window() -> None:
    stage = armed("create-late=delay_ms:6000")
    assert order(stage).fate is Fate.ABORT
    stage.agenda.advance(stage.agenda.now_ms + 6_000)
    assert len(stage.venue.floor.orders) == 0


@pytest.mark.requirement("F02")
def test_a_late_create_arrives_within_its_window() -> None:
    stage = armed("create-late=delay_ms:6000")
    assert order(stage, recvWindow=10_000).fate is Fate.ABORT
    stage.agenda.advance(stage.agenda.now_ms + 5_999)
    assert len(stage.venue.floor.orders) == 0
    stage.agenda.advance(stage.agenda.now_ms + 1)
    assert stage.venue.floor.orders.count_open() == 1


def test_faults_of_creates_leave_queries_alone() -> None:
    for name in ("create-lost", "create-dropped", "create-late"):
        stage = armed(name)
        assert stage.ask("GET", ACCOUNT).status == 200


@pytest.mark.requirement("F01")
def test_any_reply_may_be_lost_after_the_request_was_carried_out() -> None:
    stage = armed("reply-lost=how:timeout,endpoint:/fapi/v1/leverage")
    assert order(stage).fate is Fate.SEND
    reply = stage.reply("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=7)
    assert reply.fate is Fate.HANG
    assert stage.venue.floor.account.positions["BTCUSDT"].leverage == 7


def test_a_reply_may_be_slow() -> None:
    assert order(armed("reply-slow=delay_ms:1234")).delay_ms == 1_234


def test_a_garbled_reply_is_no_json() -> None:
    reply = order(armed("reply-garbled"))
    with pytest.raises(json.JSONDecodeError):
        json.loads(reply.body)


@pytest.mark.requirement("F02")
def test_an_unavailable_service_does_nothing_and_counts_nothing() -> None:
    stage = armed("unavailable")
    reply = order(stage)
    assert (reply.status, reply.body) == (503, b"Service Unavailable.")
    assert reply.headers["X-MBX-ORDER-COUNT-10S"] == "0"
    assert len(stage.venue.floor.orders) == 0


def test_an_internal_error_does_nothing() -> None:
    stage = armed("internal")
    assert (code(order(stage)), len(stage.venue.floor.orders)) == (-1001, 0)


def test_the_firewall_answers_with_a_page() -> None:
    reply = order(armed("waf"))
    assert (reply.status, reply.headers["Content-Type"]) == (403, "text/html")
    assert b"<HTML>" in reply.body


@pytest.mark.requirement("F11")
def test_throttling_lets_what_lowers_exposure_pass() -> None:
    stage = armed("throttled=count:unlimited")
    assert code(order(stage)) == -1008
    sell: Json = {"side": "SELL", "reduceOnly": "true", "price": "61700"}
    assert code(order(stage, **sell)) == -2022
    assert stage.ask("DELETE", ORDER, symbol="BTCUSDT", orderId=1).code == -2011
    assert stage.reply("POST", "/fapi/v1/algoOrder", **STOP).status == 200


@pytest.mark.requirement("F11")
@pytest.mark.parametrize(("name", "status"), [("rate-limited", 429), ("banned", 418)])
def test_limits_may_be_played(name: str, status: int) -> None:
    reply = armed(f"{name}=retry_after:13").reply("GET", ACCOUNT)
    assert (reply.status, reply.headers["Retry-After"], code(reply)) == (status, "13", -1003)


@pytest.mark.requirement("F11")
def test_the_used_weight_may_jump() -> None:
    stage = armed("weight-jump=weight:2000")
    assert stage.reply("GET", ACCOUNT).headers["X-MBX-USED-WEIGHT-1M"] == "2005"


def test_a_key_may_be_revoked() -> None:
    stage = armed("key-revoked")
    assert code(order(stage)) == -2015
    assert stage.ask("POST", "/fapi/v1/listenKey").code == -2015
    assert stage.get("/fapi/v1/ping").status == 200


@pytest.mark.requirement("F12")
def test_a_good_timestamp_may_be_refused() -> None:
    stage = armed("timestamp-refused")
    assert stage.ask("POST", "/fapi/v1/listenKey").status == 200
    assert code(order(stage)) == -1021


@pytest.mark.requirement("F12")
def test_the_venues_clock_may_step() -> None:
    stage = armed("clock-step=ms:7000")
    now_ms = stage.agenda.now_ms
    assert stage.get("/fapi/v1/time").view == {"serverTime": now_ms + 7_000}
    assert code(order(stage)) == -1021
    assert order(stage, timestamp=now_ms + 7_000).status == 200


@pytest.mark.requirement("F15")
@pytest.mark.parametrize("path", ["v2/account", "v3/account", "v2/balance", "v3/balance"])
def test_equity_may_fail(path: str) -> None:
    stage = armed("equity-fails")
    assert stage.reply("GET", f"/fapi/{path}").status == 503
    assert stage.ask("GET", "/fapi/v1/accountConfig").status == 200


@pytest.mark.requirement("F15")
def test_equity_may_be_no_number() -> None:
    view = armed("equity-nan").ask("GET", ACCOUNT).view
    assert (view["totalWalletBalance"], view["totalInitialMargin"]) == ("NaN", "0.00000000")
    assert isinstance(view["assets"], list)
    assert view["assets"][0]["walletBalance"] == "NaN"


@pytest.mark.requirement("F15")
def test_equity_may_be_negative() -> None:
    row = armed("equity-negative").ask("GET", "/fapi/v3/balance").rows[0]
    assert (row["balance"], row["updateTime"]) == ("-5000.00000000", RestStage().agenda.now_ms)


@pytest.mark.requirement("F15")
def test_equity_of_nothing_may_be_negative_as_well() -> None:
    stage = armed("equity-negative")
    stage.act("transfer=amount:-5000")
    assert stage.ask("GET", "/fapi/v3/balance").rows[0]["balance"] == "-1"


@pytest.mark.requirement("F15")
def test_equity_may_be_in_credits() -> None:
    view = armed("equity-bnfcr").ask("GET", ACCOUNT).view
    assert isinstance(view["assets"], list)
    assert view["assets"][0]["asset"] == "BNFCR"
    assert view["totalWalletBalance"] == "5000.00000000"


@pytest.mark.requirement("F07")
def test_a_snapshot_may_be_older_than_the_stream() -> None:
    stage = RestStage()
    before = stage.get(DEPTH, symbol="BTCUSDT").view
    stage.market.touched()
    stage.arm("snapshot-old")
    assert stage.get(DEPTH, symbol="BTCUSDT").view == before
    assert stage.get(DEPTH, symbol="BTCUSDT").view != before


@pytest.mark.requirement("F07")
def test_the_first_snapshot_may_be_old_as_well() -> None:
    stage = armed("snapshot-old")
    number = stage.get(DEPTH, symbol="BTCUSDT").view["lastUpdateId"]
    assert isinstance(number, int)
    assert number < stage.market.update_id


@pytest.mark.requirement("F01")
def test_an_order_may_be_invisible_for_a_while() -> None:
    stage = armed("not-visible=ms:3000")
    stage.order(newClientOrderId="a")
    stage.ask("POST", "/fapi/v1/algoOrder", clientAlgoId="s", **STOP)
    questions = (
        (ORDER, {"symbol": "BTCUSDT", "origClientOrderId": "a"}),
        ("/fapi/v1/openOrder", {"symbol": "BTCUSDT", "origClientOrderId": "a"}),
        ("/fapi/v1/algoOrder", {"clientAlgoId": "s"}),
    )
    for path, parameters in questions:
        assert stage.ask("GET", path, **parameters).code == -2013
    stage.agenda.advance(stage.agenda.now_ms + 3_000)
    for path, parameters in questions:
        assert stage.ask("GET", path, **parameters).status == 200


def test_a_fault_may_be_kept_to_a_symbol() -> None:
    stage = armed("internal=symbol:ETHUSDT")
    assert order(stage).status == 200
    assert code(order(stage, symbol="ETHUSDT")) == -1001
