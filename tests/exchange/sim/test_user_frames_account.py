"""Events of conditional orders and of the account: each step is told, and all of it adds up."""

from decimal import Decimal

import pytest
from listeners import heard
from sim_rest import Json, read
from sim_stage import BTC, BUY, SELL
from sim_user_events import DOCUMENTED, body, btc, is_like, mark, rows, sell
from sim_wire import Wire, events

from botcore_tui.exchange.sim.margin import maintenance
from botcore_tui.exchange.sim.money import ATOMS, money_text
from botcore_tui.exchange.sim.session import Session
from botcore_tui.exchange.sim.user_stream import UserStream

HOUR_MS = 3_600_000


def algos(session: Session) -> list[Json]:
    return [body(event) for event in events(session, "ALGO_UPDATE")]


def stop(wire: Wire, **parameters: object) -> int:
    """Place a stop that sells when the mark falls to 60,000."""
    usual: Json = {"triggerPrice": "60000", "workingType": "MARK_PRICE"}
    algo_id = read(wire.stop(**{**usual, **parameters})).view["algoId"]
    assert isinstance(algo_id, int)
    return algo_id


# --- conditional orders ---------------------------------------------------------------------------


def test_a_conditional_order_is_told_byte_for_byte() -> None:
    wire = Wire()
    session = wire.listen()
    algo_id = read(
        wire.stop(
            type="TAKE_PROFIT",
            triggerPrice="70000",
            price="69999.90",
            workingType="MARK_PRICE",
            priceProtect="true",
            reduceOnly="true",
        )
    ).view["algoId"]
    wire.advance(5)
    wire.ask("DELETE", "/fapi/v1/algoOrder", algoId=algo_id)
    expected = (
        '{{"e":"ALGO_UPDATE","T":{0},"E":{0},"o":{{"caid":"stop","aid":{1},"at":"CONDITIONAL",'
        '"o":"TAKE_PROFIT","s":"BTCUSDT","S":"SELL","ps":"BOTH","f":"GTC","q":"0.010","X":"{2}",'
        '"ai":"","ap":"0.00000","aq":"0.00000","act":"0","tp":"70000.00","p":"69999.90",'
        '"V":"EXPIRE_MAKER","wt":"MARK_PRICE","pm":"NONE","cp":false,"pP":true,"R":true,"tt":0,'
        '"gtd":0,"rm":"","ia":false}}}}'
    )
    assert [frame.decode() for frame in session.outbox] == [
        expected.format(wire.now_ms - 5, algo_id, "NEW"),
        expected.format(wire.now_ms, algo_id, "CANCELED"),
    ]


def test_a_triggered_order_is_told_step_by_step_with_the_id_of_what_it_became() -> None:
    wire = Wire()
    wire.buy()
    session = wire.listen()
    algo_id = stop(
        wire,
        quantity=None,
        closePosition="true",
        priceProtect="true",
        selfTradePreventionMode="EXPIRE_TAKER",
    )
    mark(wire, 59_990)
    news = heard(session)
    assert [
        f"{event['e']} {body(event)['X']}" if event["e"] == "ALGO_UPDATE" else event["e"]
        for event in news
    ] == [
        "ALGO_UPDATE NEW",
        "ALGO_UPDATE TRIGGERING",
        "ORDER_TRADE_UPDATE",
        "ALGO_UPDATE TRIGGERED",
        "TRADE_LITE",
        "ACCOUNT_UPDATE",
        "ORDER_TRADE_UPDATE",
        "ALGO_UPDATE FINISHED",
    ]
    order = body(news[2])
    assert (order["c"], order["x"], order["o"], order["ot"]) == (
        "stop",
        "NEW",
        "MARKET",
        "STOP_MARKET",
    )
    assert (order["sp"], order["wt"], order["cp"], order["R"]) == (
        "60000.00",
        "MARK_PRICE",
        True,
        True,
    )
    assert (order["pP"], order["V"]) == (True, "EXPIRE_TAKER")
    steps = [body(event) for event in news if event["e"] == "ALGO_UPDATE"]
    assert {step["aid"] for step in steps} == {algo_id}
    assert [(step["ai"], step["act"], step["tt"]) for step in steps] == [
        ("", "0", 0),
        ("", "0", 0),
        (str(order["i"]), "MARKET", wire.now_ms),
        (str(order["i"]), "MARKET", wire.now_ms),
    ]
    assert [(step["ap"], step["aq"]) for step in steps[2:]] == [
        ("0.00000", "0.00000"),
        ("61659.70000000", "0.010"),
    ]
    assert {(step["q"], step["cp"]) for step in steps} == {("0", True)}


def test_a_triggered_limit_order_finishes_when_it_ends() -> None:
    wire = Wire()
    wire.buy()
    session = wire.listen()
    stop(wire, type="STOP", price="62000")
    mark(wire, 59_990)
    assert [one["X"] for one in algos(session)] == ["NEW", "TRIGGERING", "TRIGGERED"]
    wire.cancel("stop")
    cancelled, finished = heard(session)
    assert (body(cancelled)["X"], body(finished)["X"]) == ("CANCELED", "FINISHED")
    assert body(finished)["aq"] == "0.00000"


def test_why_a_triggered_order_is_rejected_is_told() -> None:
    wire = Wire()
    session = wire.listen()
    stop(wire, reduceOnly="true")
    mark(wire, 59_990)
    steps = algos(session)
    assert [(step["X"], step["rm"]) for step in steps] == [
        ("NEW", ""),
        ("TRIGGERING", ""),
        ("REJECTED", "ReduceOnly Order is rejected."),
    ]
    assert steps[-1]["ai"] == ""


def test_a_conditional_order_ends_with_its_position_or_its_time() -> None:
    wire = Wire()
    wire.buy()
    session = wire.listen()
    stop(wire, quantity=None, closePosition="true")
    good_till_ms = (wire.now_ms // 1_000 + 700) * 1_000
    stop(wire, clientAlgoId="gtd", timeInForce="GTD", goodTillDate=good_till_ms)
    sell(wire, "0.010")
    wire.advance(good_till_ms - wire.now_ms)
    steps = [(step["caid"], step["X"], step["f"], step["gtd"]) for step in algos(session)]
    assert steps == [
        ("stop", "NEW", "GTE_GTC", 0),
        ("gtd", "NEW", "GTD", good_till_ms),
        ("stop", "EXPIRED", "GTE_GTC", 0),
        ("gtd", "EXPIRED", "GTD", good_till_ms),
    ]


def test_a_trailing_stop_is_told_again_when_it_becomes_active_and_its_order_says_how() -> None:
    wire = Wire()
    wire.buy()
    session = wire.listen()
    trailing: Json = {"type": "TRAILING_STOP_MARKET", "triggerPrice": None}
    stop(wire, **trailing, callbackRate="1.5", activatePrice="62000")
    mark(wire, 62_100)
    steps = algos(session)
    assert [(step["X"], step["ia"]) for step in steps] == [("NEW", False), ("NEW", True)]
    mark(wire, 61_100)
    orders = [body(event) for event in events(session, "ORDER_TRADE_UPDATE")]
    assert [(order["AP"], order["cr"], order["ot"]) for order in orders] == [
        ("62000.00", "1.5", "TRAILING_STOP_MARKET")
    ] * 2
    stop(wire, **trailing, callbackRate="10", side="BUY", clientAlgoId="b")
    assert [(step["X"], step["ia"]) for step in algos(session)] == [("NEW", False), ("NEW", True)]
    wire.bid()
    order = body(events(session)[-1])
    assert (order["AP"], order["cr"]) == ("0", "0")


@pytest.mark.parametrize(
    ("rate", "text"), [("0.1", "0.1"), ("5", "5.0"), ("20", "20.0"), ("1.25", "1.25")]
)
def test_a_callback_rate_is_a_percentage(rate: str, text: str) -> None:
    wire = Wire()
    session = wire.listen()
    stop(wire, type="TRAILING_STOP_MARKET", triggerPrice=None, callbackRate=rate)
    mark(wire, 80_000)
    mark(wire, 61_660)
    orders = [body(event) for event in events(session, "ORDER_TRADE_UPDATE")]
    assert {(order["AP"], order["cr"]) for order in orders} == {("0", text)}


# --- why the account changed ----------------------------------------------------------------------


@pytest.mark.parametrize("is_isolated", [False, True])
def test_funding_tells_the_balance_its_symbol_and_only_an_isolated_position(
    is_isolated: bool,
) -> None:
    wire = Wire()
    if is_isolated:
        wire.ask("POST", "/fapi/v1/marginType", symbol=BTC, marginType="ISOLATED")
    wire.buy()
    session = wire.listen()
    due_ms = (wire.now_ms // (8 * HOUR_MS) + 1) * 8 * HOUR_MS
    wire.advance(due_ms - wire.now_ms)
    (event,) = heard(session)
    change = body(event, "a")
    assert list(change) == ["m", "B", "P", "S"]
    assert (change["m"], change["S"]) == ("FUNDING_FEE", BTC)
    (balance,) = rows(event, "B")
    paid = btc(wire).contract.worth(btc(wire).mark, 10) // 10_000
    assert balance["bc"] == money_text(-paid)
    assert balance["wb"] == money_text(wire.exchange.venue.floor.account.wallet)
    assert [position["mt"] for position in rows(event, "P")] == ["isolated"] * is_isolated


def test_margin_of_an_isolated_position_is_told_apart_from_the_rest() -> None:
    wire = Wire()
    session = wire.listen()
    wire.ask("POST", "/fapi/v1/marginType", symbol=BTC, marginType="ISOLATED")
    wire.buy()
    wire.ask("POST", "/fapi/v1/positionMargin", symbol=BTC, amount="10.5", type=1)
    sell(wire, "0.010")
    accounts = events(session, "ACCOUNT_UPDATE")
    assert [body(event, "a")["m"] for event in accounts] == [
        "MARGIN_TYPE_CHANGE",
        "ORDER",
        "MARGIN_TRANSFER",
        "ORDER",
    ]
    assert rows(accounts[0], "B") == []
    assert [rows(event, "P")[0]["iw"] for event in accounts] == [
        "0.00000000",
        "30.82990000",
        "41.32990000",
        "0.00000000",
    ]
    assert [(one["wb"], one["cw"]) for event in accounts for one in rows(event, "B")] == [
        ("4999.69170100", "4968.86180100"),
        ("4999.69170100", "4958.36180100"),
        ("4999.38240250", "4999.38240250"),
    ]
    assert [one["bc"] for event in accounts for one in rows(event, "B")] == [
        "0",
        "-10.50000000",
        "0",
    ]


@pytest.mark.parametrize(("amount", "reason"), [("250.5", "DEPOSIT"), ("-0.00000001", "WITHDRAW")])
def test_money_that_moves_is_told_with_the_new_balance(amount: str, reason: str) -> None:
    wire = Wire()
    session = wire.listen()
    wire.arm(f"transfer=amount:{amount}")
    wire.advance(1)
    (event,) = heard(session)
    assert (body(event, "a")["m"], rows(event, "P")) == (reason, [])
    (balance,) = rows(event, "B")
    assert Decimal(str(balance["bc"])) == Decimal(amount)
    assert Decimal(str(balance["wb"])) == 5_000 + Decimal(amount)


def test_settings_that_change_are_told() -> None:
    wire = Wire()
    session = wire.listen()
    wire.ask("POST", "/fapi/v1/leverage", symbol=BTC, leverage=25)
    wire.ask("POST", "/fapi/v1/leverage", symbol=BTC, leverage=25)
    head = f'{{"e":"ACCOUNT_CONFIG_UPDATE","E":{wire.now_ms},"T":{wire.now_ms},'
    assert [frame.decode() for frame in session.outbox] == [head + '"ac":{"s":"BTCUSDT","l":25}}']


def test_a_margin_call_names_the_crossed_positions_and_what_they_need() -> None:
    wire = Wire()
    wire.buy("1.200")
    session = wire.listen()
    mark(wire, 57_800)
    (event,) = heard(session)
    assert is_like(event, DOCUMENTED["MARGIN_CALL"])
    floor = wire.exchange.venue.floor
    held, price = floor.account.positions[BTC], btc(wire).mark
    assert event["cw"] == money_text(floor.account.cross_wallet)
    assert event["p"] == [
        {
            "s": BTC,
            "ps": "BOTH",
            "pa": "1.200",
            "mt": "CROSSED",
            "iw": "0",
            "mp": "57800.00000000",
            "up": money_text(held.unrealized(price)),
            "mm": money_text(maintenance(held, price)),
        }
    ]
    mark(wire, 57_790)
    assert not session.outbox  # not every second


def test_a_margin_call_of_an_isolated_position_leaves_the_cross_wallet_out() -> None:
    wire = Wire()
    wire.ask("POST", "/fapi/v1/marginType", symbol=BTC, marginType="ISOLATED")
    wire.buy("0.100")
    session = wire.listen()
    mark(wire, 58_850)
    (event,) = heard(session)
    assert list(event) == ["e", "E", "p"]
    positions = event["p"]
    assert isinstance(positions, list)
    assert [(held["mt"], held["iw"]) for held in positions] == [("ISOLATED", "308.29900000")]


# --- who hears ------------------------------------------------------------------------------------


def test_nothing_is_written_while_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(UserStream, "send", lambda _stream, event, _text: sent.append(event))
    wire = Wire()
    _let_everything_happen(wire)
    assert not sent
    wire.ask("POST", "/fapi/v1/listenKey")  # a key that nobody uses
    _let_everything_happen(wire)
    assert not sent
    wire.listen()
    _let_everything_happen(wire)
    assert set(sent) == set(DOCUMENTED) - {"listenKeyExpired"}


def _let_everything_happen(wire: Wire) -> None:
    mark(wire, 61_660)
    wire.arm("transfer=amount:5000")
    wire.advance(1)
    account = wire.exchange.venue.floor.account
    leverage = account.position(btc(wire).contract).leverage + 1
    wire.ask("POST", "/fapi/v1/leverage", symbol=BTC, leverage=leverage)
    wire.stop(clientAlgoId=None)
    wire.buy("1.000")
    # What is left of the wallet is to be little more than the maintenance margin, 0.4 %.
    mark(wire, round((61_659.8 - account.cross_wallet / ATOMS) / (1 - 0.004 / 0.9)))
    wire.arm("liquidation")
    wire.advance(60_000)
    for side, ticks in ((BUY, 616_597), (SELL, 616_598)):
        btc(wire).book.crowd_set(side, ticks, 1_000)
    btc(wire).touched()


def test_who_comes_later_hears_of_later_fills_only_but_of_all_profit() -> None:
    wire = Wire()
    wire.buy("0.010")
    sell(wire, "0.004")
    session = wire.listen()
    sell(wire, "0.006")
    news = heard(session)
    assert [event["e"] for event in news] == [
        "ORDER_TRADE_UPDATE",
        "TRADE_LITE",
        "ACCOUNT_UPDATE",
        "ORDER_TRADE_UPDATE",
    ]
    (position,) = rows(news[2], "P")
    assert position["cr"] == "-0.00100000"
