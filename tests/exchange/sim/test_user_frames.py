"""The user's events are the documented ones, in the venue's order, with money to the last atom."""

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from listeners import heard
from property_examples import examples
from sim_market import START_MS
from sim_rest import ORDER, Json, read
from sim_stage import BTC, BUY, SELL
from sim_user_events import DOCUMENTED, FILL, body, btc, is_like, mark, rows, sell
from sim_wire import Wire, events, told

MONEY = {
    *(f".a.B.{key}" for key in ("wb", "cw", "bc")),
    *(f".a.P.{key}" for key in ("bep", "cr", "up", "iw")),
    *(f".o.{key}" for key in ("n", "rp", "b", "a")),
    *(f".p.{key}" for key in ("iw", "mp", "up", "mm")),
    ".cw",
}
"""Where amounts are, and prices that are no multiple of a tick."""

# --- shape ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def everything() -> list[Json]:
    """The events of a user to whom all happens."""
    wire = Wire()
    session = wire.listen()
    wire.bid()
    wire.buy("1.200", newClientOrderId="b")
    wire.stop()
    wire.stop(type="TAKE_PROFIT", price="70000", triggerPrice="70000", clientAlgoId="tp")
    wire.stop(
        type="TRAILING_STOP_MARKET", triggerPrice=None, callbackRate="1.5", clientAlgoId="trailing"
    )
    wire.ask("POST", "/fapi/v1/leverage", symbol=BTC, leverage=50)
    mark(wire, 57_800)
    wire.arm("transfer=amount:250.5")
    wire.arm("liquidation")
    wire.advance(1)
    wire.arm("listen-key-expired")
    wire.advance(1)
    return heard(session)


def test_all_events_have_the_documented_keys_in_their_order_and_types(
    everything: list[Json],
) -> None:
    for event in everything:
        assert is_like(event, DOCUMENTED[str(event["e"])]), event
    assert {event["e"] for event in everything} == set(DOCUMENTED)


def test_amounts_have_eight_decimals_unless_they_are_zero(everything: list[Json]) -> None:
    texts = [text for event in everything for text in _amounts(event)]
    assert all(len(text.partition(".")[2]) == 8 for text in texts if text != "0")
    assert len(set(texts)) > 20


def _amounts(value: object, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _amounts(part, f"{path}.{key}")
    elif isinstance(value, list):
        for part in value:
            yield from _amounts(part, path)
    elif path in MONEY:
        yield str(value)


def test_times_are_those_of_the_venue_and_never_go_back(everything: list[Json]) -> None:
    times = [int(str(event["E"])) for event in everything]
    assert times == sorted(times)
    assert (times[0], times[-1]) == (START_MS, START_MS + 1_001)
    assert all(int(str(event.get("T", 0))) <= int(str(event["E"])) for event in everything)


# --- orders ---------------------------------------------------------------------------------------


def test_a_resting_order_is_told_byte_for_byte() -> None:
    wire = Wire()
    session = wire.listen()
    order_id = read(wire.bid()).view["orderId"]
    assert session.outbox == [
        f'{{"e":"ORDER_TRADE_UPDATE","E":{START_MS},"T":{START_MS},"o":{{"s":"BTCUSDT","c":"mine",'
        '"S":"BUY","o":"LIMIT","f":"GTC","q":"0.010","p":"61000.10","ap":"0","sp":"0","x":"NEW",'
        f'"X":"NEW","i":{order_id},"l":"0","z":"0","L":"0","N":"USDT","n":"0","T":{START_MS},'
        '"t":0,"b":"610.00100000","a":"0","m":false,"R":false,"wt":"CONTRACT_PRICE","ot":"LIMIT",'
        '"ps":"BOTH","cp":false,"AP":"0","cr":"0","pP":false,"si":0,"ss":0,"rp":"0",'
        '"V":"EXPIRE_MAKER","pm":"NONE","gtd":0,"er":"0"}}'.encode()
    ]


def test_a_fill_is_told_byte_for_byte_and_first_in_short() -> None:
    wire = Wire()
    session = wire.listen()
    wire.advance(7)
    order_id = read(wire.buy()).view["orderId"]
    now_ms, trade_id = wire.now_ms, btc(wire).log.last_id
    assert session.outbox[1:] == [
        f'{{"e":"TRADE_LITE","E":{now_ms},"T":{now_ms},"s":"BTCUSDT","q":"0.010","p":"0",'
        f'"m":false,"c":"mine","S":"BUY","L":"61659.80","l":"0.010","t":{trade_id},'
        f'"i":{order_id}}}'.encode(),
        f'{{"e":"ACCOUNT_UPDATE","E":{now_ms},"T":{now_ms},"a":{{"m":"ORDER","B":[{{"a":"USDT",'
        '"wb":"4999.69170100","cw":"4999.69170100","bc":"0"}],"P":[{"s":"BTCUSDT","pa":"0.010",'
        '"ep":"61659.80000000","bep":"61690.62990000","cr":"0","up":"-0.00100000","mt":"cross",'
        '"iw":"0","ps":"BOTH"}]}}'.encode(),
        f'{{"e":"ORDER_TRADE_UPDATE","E":{now_ms},"T":{now_ms},"o":{{"s":"BTCUSDT","c":"mine",'
        '"S":"BUY","o":"MARKET","f":"GTC","q":"0.010","p":"0","ap":"61659.80000000","sp":"0",'
        f'"x":"TRADE","X":"FILLED","i":{order_id},"l":"0.010","z":"0.010","L":"61659.80",'
        f'"N":"USDT","n":"0.30829900","T":{now_ms},"t":{trade_id},"b":"0","a":"0","m":false,'
        '"R":false,"wt":"CONTRACT_PRICE","ot":"MARKET","ps":"BOTH","cp":false,"AP":"0","cr":"0",'
        '"pP":false,"si":0,"ss":0,"rp":"0","V":"EXPIRE_MAKER","pm":"NONE","gtd":0,'
        '"er":"0"}}'.encode(),
    ]


def test_each_fill_is_told_in_the_same_order_and_sums_up() -> None:
    wire = Wire()
    session = wire.listen()
    wire.buy("1.200")
    assert len(session.outbox) == 7
    orders = [body(event) for event in events(session, "ORDER_TRADE_UPDATE")]
    keys = ("x", "X", "l", "L", "z", "ap")
    assert [[one[key] for key in keys] for one in orders] == [
        ["NEW", "NEW", "0", "0", "0", "0"],
        ["TRADE", "PARTIALLY_FILLED", "1.000", "61659.80", "1.000", "61659.80000000"],
        ["TRADE", "FILLED", "0.200", "61659.90", "1.200", "61659.81666667"],
    ]


def test_a_maker_is_told_of_a_trade_at_its_price() -> None:
    wire = Wire()
    session = wire.listen()
    wire.bid(price="61659.70")
    btc(wire).crowd_take(SELL, 1_004, None)
    assert told(session) == ["ORDER_TRADE_UPDATE NEW", *FILL]
    btc(wire).crowd_take(SELL, 6, None)
    lite, _, update = heard(session)
    assert (lite["m"], lite["p"], lite["l"]) == (True, "61659.70", "0.006")
    order = body(update)
    assert (order["m"], order["X"], order["b"]) == (True, "FILLED", "0")
    assert order["n"] == "0.07399164"  # 0.02 %


def test_closing_tells_what_was_realized_before_fees() -> None:
    wire = Wire()
    session = wire.listen()
    wire.buy("0.010")
    sell(wire, "0.004")
    sell(wire, "0.006", reduceOnly="true")
    positions = [rows(event, "P")[0] for event in events(session, "ACCOUNT_UPDATE")]
    assert [one["pa"] for one in positions] == ["0.010", "0.006", "0"]
    assert [one["cr"] for one in positions] == ["0", "-0.00040000", "-0.00100000"]
    flat = positions[-1]
    assert (flat["ep"], flat["bep"], flat["up"]) == ("0.00000", "0", "0")


def test_change_and_cancel_are_told_without_the_account() -> None:
    wire = Wire()
    session = wire.listen()
    wire.bid()
    wire.ask(
        "PUT", ORDER, symbol=BTC, origClientOrderId="mine", side="BUY", quantity="0.02", price=61000
    )
    wire.cancel()
    orders = [body(event) for event in heard(session)]
    assert [(one["x"], one["X"], one["q"], one["b"]) for one in orders] == [
        ("NEW", "NEW", "0.010", "610.00100000"),
        ("AMENDMENT", "NEW", "0.020", "1220.00000000"),
        ("CANCELED", "CANCELED", "0.020", "0"),
    ]


def _buy_all(wire: Wire) -> None:
    wire.ask("POST", "/fapi/v1/leverage", symbol=BTC, leverage=125)
    wire.buy("6.000")


def _reduce_twice(wire: Wire) -> None:
    wire.buy(newClientOrderId="b")
    wire.bid(side="SELL", price="62000", reduceOnly="true")
    sell(wire, "0.010")


def _be_liquidated(wire: Wire) -> None:
    wire.bid(price="58600")
    wire.buy("1.200", newClientOrderId="b")
    mark(wire, 57_000)


def _run_out(wire: Wire) -> None:
    good_till_ms = (wire.now_ms // 1_000 + 700) * 1_000
    wire.bid(timeInForce="GTD", goodTillDate=good_till_ms)
    wire.advance(good_till_ms - wire.now_ms)


def _meet_oneself(wire: Wire) -> None:
    wire.bid(price="61659.70")
    sell(wire, "1.010")


def _meet_oneself_with_an_ioc(wire: Wire) -> None:
    wire.bid(price="61659.70", newClientOrderId="first")
    wire.bid(
        side="SELL",
        quantity="1.010",
        timeInForce="IOC",
        selfTradePreventionMode="EXPIRE_TAKER",
    )


ENDINGS: dict[str, tuple[Callable[[Wire], object], tuple[str, str]]] = {
    "rest of an IOC": (lambda wire: wire.bid(timeInForce="IOC"), ("EXPIRED", "2")),
    "rest of a market order": (_buy_all, ("EXPIRED", "9")),
    "self-trade": (_meet_oneself, ("EXPIRED_IN_MATCH", "1")),
    "self-trade of an IOC": (_meet_oneself_with_an_ioc, ("EXPIRED_IN_MATCH", "3")),
    "nothing left to reduce": (_reduce_twice, ("EXPIRED", "4")),
    "liquidation": (_be_liquidated, ("EXPIRED", "5")),
    "its time": (_run_out, ("EXPIRED", "0")),
    "cancelled": (lambda wire: (wire.bid(), wire.cancel()), ("CANCELED", "0")),
}


@pytest.mark.parametrize("reason", ENDINGS)
def test_why_an_order_ended_is_told(reason: str) -> None:
    act, expected = ENDINGS[reason]
    wire = Wire()
    session = wire.listen()
    act(wire)
    orders = [body(event) for event in events(session, "ORDER_TRADE_UPDATE")]
    mine = [one for one in orders if one["c"] == "mine"]
    assert [(one["X"], one["er"]) for one in mine if one["x"] in {"EXPIRED", "CANCELED"}] == [
        expected
    ]
    assert {one["er"] for one in mine[:-1]} == {"0"}
    assert mine[-1]["l"] == "0"


def test_the_time_of_an_order_that_is_good_till_then_is_told_with_each_event() -> None:
    wire = Wire()
    session = wire.listen()
    _run_out(wire)
    assert [body(event)["gtd"] for event in heard(session)] == [wire.now_ms] * 2


def test_a_liquidation_is_told_as_the_venues_own_order() -> None:
    wire = Wire()
    wire.buy("1.200")
    session = wire.listen()
    mark(wire, 57_000)
    orders = [body(event) for event in events(session, "ORDER_TRADE_UPDATE")]
    assert {str(one["c"]).partition("-")[0] for one in orders} == {"autoclose"}
    assert [(one["x"], one["X"], one["z"]) for one in orders] == [
        ("NEW", "NEW", "0"),
        ("CALCULATED", "PARTIALLY_FILLED", "1.000"),
        ("CALCULATED", "FILLED", "1.200"),
    ]
    kinds = {(one["o"], one["ot"], one["f"]) for one in orders}
    assert kinds == {("LIQUIDATION", "LIQUIDATION", "IOC")}


# --- random trading -------------------------------------------------------------------------------

ACTS = st.lists(
    st.tuples(
        st.sampled_from(["BUY", "SELL", "crowd buys", "crowd sells", "cancel"]),
        st.integers(2, 1_200),
        st.integers(-3, 3),
    ),
    max_size=15,
)


@settings(max_examples=examples(40), deadline=None)
@given(ACTS)
def test_all_that_is_told_of_fills_adds_up(acts: list[tuple[str, int, int]]) -> None:
    wire = Wire()
    session = wire.listen()
    for number, (act, lots, away) in enumerate(acts):
        _act(wire, act, lots, away, number)
    news = heard(session)
    ledger = Ledger()
    for event in news:
        ledger.read(event)
    kinds = " ".join(str(body(event)["x"]) if "o" in event else str(event["e"]) for event in news)
    assert kinds.count("TRADE_LITE ACCOUNT_UPDATE TRADE") == ledger.fills
    assert kinds.count("_") == 2 * ledger.fills
    account = wire.exchange.venue.floor.account
    assert ledger.wallet == Decimal(account.wallet).scaleb(-8)
    assert ledger.held == Decimal(wire.position() or 0)
    assert ledger.fills == len(account.fills)


def _act(wire: Wire, act: str, lots: int, away: int, number: int) -> None:
    if act == "cancel":
        for order in wire.open_orders()[:1]:
            wire.cancel(str(order["clientOrderId"]))
    elif act.startswith("crowd"):
        btc(wire).crowd_take(BUY if act == "crowd buys" else SELL, lots, None)
        for step in range(3):
            btc(wire).book.crowd_set(SELL, 616_601 + step, 1_000)
            btc(wire).book.crowd_set(BUY, 616_594 - step, 1_000)
        btc(wire).touched()
    else:
        price = f"{61_659.8 + away / 10:.2f}"
        wire.bid(side=act, quantity=f"{lots / 1_000}", price=price, newClientOrderId=f"n{number}")


class Ledger:
    """What somebody knows who reads the events and nothing else."""

    def __init__(self) -> None:
        self.wallet = Decimal(5_000)
        self.held = Decimal(0)
        self.fills = 0
        self._realized = Decimal(0)
        self._latest: dict[object, Json] = {}
        self._done: dict[object, tuple[Decimal, Decimal]] = {}

    def read(self, event: Json) -> None:
        """Check an event against those before it."""
        kind = event["e"]
        if kind == "ORDER_TRADE_UPDATE":
            order = body(event)
            if order["x"] == "TRADE":
                self._fill(order, self._latest["TRADE_LITE"], self._latest["ACCOUNT_UPDATE"])
            else:
                nothing = order["l"], order["L"], order["n"], order["rp"], order["t"]
                assert nothing == ("0", "0", "0", "0", 0)
        self._latest[kind] = event

    def _fill(self, order: Json, lite: Json, account: Json) -> None:
        self.fills += 1
        for key in "sqpmcSLlti":
            assert (key, order[key]) == (key, lite[key])
        lots, price = Decimal(str(order["l"])), Decimal(str(order["L"]))
        done, worth = self._done.get(order["i"], (Decimal(0), Decimal(0)))
        done, worth = done + lots, worth + lots * price
        self._done[order["i"]] = done, worth
        assert Decimal(str(order["z"])) == done
        assert abs(Decimal(str(order["ap"])) - worth / done) <= Decimal("5e-9")
        assert (order["X"] == "FILLED") == (order["z"] == order["q"])
        realized = Decimal(str(order["rp"]))
        self._realized += realized
        self.wallet += realized - Decimal(str(order["n"]))
        self.held += lots if order["S"] == "BUY" else -lots
        (balance,), (position,) = rows(account, "B"), rows(account, "P")
        assert Decimal(str(balance["wb"])) == self.wallet
        assert balance["wb"] == balance["cw"]
        assert Decimal(str(position["pa"])) == self.held
        assert Decimal(str(position["cr"])) == self._realized
