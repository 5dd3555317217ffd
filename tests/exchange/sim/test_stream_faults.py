import json
from itertools import pairwise

import pytest
from listeners import heard
from sim_rest import Json, read
from sim_wire import BTC, Wire, events, told

from botcore_tui.exchange.sim.http_messages import Reply
from botcore_tui.exchange.sim.session import Session

_DEPTH = "/public/ws/btcusdt@depth@100ms"
_FILL = ["TRADE_LITE", "ACCOUNT_UPDATE", "ORDER_TRADE_UPDATE TRADE"]
_FILLED = ["ORDER_TRADE_UPDATE NEW", *_FILL]


def _ask(method: str, *streams: str) -> str:
    return json.dumps({"method": method, "params": streams, "id": 7})


def _is_alive(session: Session) -> bool:
    return bool(session.outbox) and not session.close_code


# --- F03: user events in another order ----------------------------------------------------------


@pytest.mark.requirement("F03")
def test_fill_before_ack_tells_of_the_fill_before_the_reply() -> None:
    wire = Wire("fill-before-ack=delay_ms:1500,symbol:BTCUSDT")
    session = wire.listen()
    assert wire.bid().delay_ms == 0  # nothing filled
    assert wire.buy(newClientOrderId="b").delay_ms == 1_500
    assert told(session)[1:] == _FILLED
    assert wire.buy(newClientOrderId="c").delay_ms == 0


@pytest.mark.requirement("F03")
def test_user_late_holds_one_kind_of_event_back() -> None:
    wire = Wire("user-late=delay_ms:2000,event:ORDER_TRADE_UPDATE,count:2")
    session = wire.listen()
    wire.buy()
    assert told(session) == ["TRADE_LITE", "ACCOUNT_UPDATE"]
    wire.advance(1_999)
    assert told(session) == []
    wire.advance(1)
    assert told(session) == ["ORDER_TRADE_UPDATE NEW", "ORDER_TRADE_UPDATE TRADE"]


@pytest.mark.requirement("F03")
def test_user_duplicate_tells_the_same_twice() -> None:
    wire = Wire("user-duplicate=event:TRADE_LITE")
    session = wire.listen()
    wire.buy()
    first, second = events(session, "TRADE_LITE")
    assert first == second


@pytest.mark.requirement("F03")
def test_user_reorder_lets_an_event_be_overtaken() -> None:
    wire = Wire("user-reorder")
    session = wire.listen()
    wire.buy()
    assert told(session) == ["TRADE_LITE", "ORDER_TRADE_UPDATE NEW", *_FILL[1:]]


@pytest.mark.requirement("F03")
def test_user_reorder_of_one_kind_tells_fills_out_of_order() -> None:
    wire = Wire("user-reorder=event:TRADE_LITE")
    session = wire.listen()
    wire.buy("1.200")  # the best level has 1.000
    told_first, told_then = events(session, "TRADE_LITE")
    assert (told_first["l"], told_then["l"]) == ("0.200", "1.000")
    assert str(told_first["t"]) > str(told_then["t"])


@pytest.mark.requirement("F03")
def test_user_reorder_waits_a_second_for_an_event_that_overtakes() -> None:
    wire = Wire("user-reorder")
    session = wire.listen()
    wire.bid()
    wire.advance(999)
    assert told(session) == []
    wire.advance(1)
    assert told(session) == ["ORDER_TRADE_UPDATE NEW"]


# --- F05: the user's stream fails ---------------------------------------------------------------


@pytest.mark.requirement("F05")
def test_user_silent_says_nothing_while_the_market_goes_on() -> None:
    wire = Wire("user-silent", is_still=False)
    session, market = wire.listen(), wire.connect(_DEPTH)
    wire.buy()
    wire.advance(60_000)
    assert heard(session) == []
    assert _is_alive(market)
    assert not session.close_code
    assert wire.position() == "0.010"


@pytest.mark.requirement("F05")
def test_user_lost_leaves_one_order_update_out() -> None:
    wire = Wire("user-lost")
    session = wire.listen()
    wire.buy()
    assert told(session) == _FILL


@pytest.mark.requirement("F05")
def test_listen_key_expired_is_told_and_then_there_is_silence() -> None:
    wire = Wire()
    session = wire.listen()
    wire.arm("listen-key-expired")
    wire.advance(1)
    assert [frame["e"] for frame in heard(session)] == ["listenKeyExpired"]
    wire.buy()
    wire.advance(1_000)
    assert heard(session) == []
    assert not session.close_code
    assert wire.ask("PUT", "/fapi/v1/listenKey").code == -1125


@pytest.mark.requirement("F05")
def test_disconnect_cuts_the_connections_of_a_route() -> None:
    wire = Wire()
    session, market = wire.listen(), wire.connect(_DEPTH)
    wire.arm("disconnect=route:private")
    wire.advance(1)
    assert (session.close_code, market.close_code) == (1001, 0)


@pytest.mark.requirement("F05")
def test_disconnect_cuts_all_connections_at_its_time() -> None:
    wire = Wire(is_still=False)
    market = wire.connect(_DEPTH)
    wire.arm("disconnect=after_ms:5000")
    wire.advance(4_999)
    assert _is_alive(market)
    wire.advance(1)
    assert market.close_code == 1001


@pytest.mark.requirement("F05")
def test_half_open_neither_sends_nor_answers_nor_ends() -> None:
    wire = Wire(is_still=False)
    session, other = wire.connect(_DEPTH), wire.connect("/market/ws/btcusdt@aggTrade")
    wire.arm("half-open=route:public")
    wire.advance(60_000)
    wire.exchange.receive(session, _ask("LIST_SUBSCRIPTIONS"), wire.now_ms)
    assert heard(session) == []
    assert not session.close_code
    assert _is_alive(other)


# --- F06 ----------------------------------------------------------------------------------------


@pytest.mark.requirement("F06")
def test_silent_stream_acknowledges_and_sends_nothing() -> None:
    wire = Wire("silent-stream=stream:depth,symbol:BTCUSDT", is_still=False)
    session = wire.connect("/public/ws")
    names = "btcusdt@depth@100ms", "ethusdt@depth@100ms", "btcusdt@bookTicker"
    wire.exchange.receive(session, _ask("SUBSCRIBE", *names), wire.now_ms)
    acknowledged, *rest = heard(session)
    assert acknowledged == {"result": None, "id": 7}
    wire.advance(10_000)
    rest += heard(session)
    assert {(frame["e"], frame["s"]) for frame in rest} == {
        ("depthUpdate", "ETHUSDT"),
        ("bookTicker", BTC),
    }


# --- F07: market data that makes no sense -------------------------------------------------------


def _depths(wire: Wire, session: Session) -> list[Json]:
    wire.advance(2_000)
    return events(session, "depthUpdate")


def _gaps(updates: list[Json]) -> int:
    return sum(after["pu"] != before["u"] for before, after in pairwise(updates))


@pytest.mark.requirement("F07")
def test_late_stream_sends_everything_long_after_the_time_it_names() -> None:
    wire = Wire("late-stream=stream:depth,symbol:BTCUSDT,delay_ms:20000", is_still=False)
    late = wire.connect(_DEPTH)
    others = wire.connect("/public/ws/ethusdt@depth@100ms/btcusdt@bookTicker")
    wire.advance(19_900)
    assert events(late, "depthUpdate") == []
    assert {(each["e"], each["s"]) for each in heard(others)} == {
        ("depthUpdate", "ETHUSDT"),
        ("bookTicker", BTC),
    }
    wire.advance(1_000)
    updates = events(late, "depthUpdate")
    assert len(updates) > 5
    assert _gaps(updates) == 0
    assert 20_000 <= wire.now_ms - int(str(updates[-1]["E"])) < 20_500


@pytest.mark.requirement("F07")
def test_depth_gap_breaks_the_chain_once() -> None:
    wire = Wire(is_still=False)
    session = wire.connect(_DEPTH)
    before = _depths(wire, session)
    assert _gaps(before) == 0
    wire.arm("depth-gap")
    assert _gaps([before[-1], *_depths(wire, session)]) == 1


@pytest.mark.requirement("F07")
@pytest.mark.parametrize("stream", ["btcusdt@depth@100ms", "btcusdt@depth5@100ms"])
def test_crossed_book_has_a_bid_above_the_best_ask(stream: str) -> None:
    wire = Wire(is_still=False)
    session = wire.connect(f"/public/ws/{stream}")
    wire.arm("crossed-book")
    wire.advance(100)
    (update,) = events(session, "depthUpdate")
    assert isinstance(update["b"], list)
    top = wire.ask("GET", "/fapi/v1/ticker/bookTicker", symbol=BTC).view
    assert max(float(price) for price, _ in update["b"]) > float(str(top["askPrice"]))


@pytest.mark.requirement("F07")
def test_frozen_book_stands_still_while_trades_go_on() -> None:
    wire = Wire("frozen-book=for_ms:5000", is_still=False)
    book = wire.connect("/public/ws/btcusdt@depth@100ms/btcusdt@bookTicker")
    trades = wire.connect("/market/ws/btcusdt@aggTrade")
    wire.advance(4_999)
    assert heard(book) == []
    assert heard(trades)
    updates = _depths(wire, book)
    assert len(updates) > 5
    assert _gaps(updates) == 0


@pytest.mark.requirement("F07")
@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("/market/ws/btcusdt@aggTrade", "p"),
        ("/market/ws/btcusdt@markPrice@1s", "p"),
        ("/public/ws/btcusdt@trade", "p"),
        ("/public/ws/btcusdt@bookTicker", "b"),
    ],
)
@pytest.mark.parametrize(("fault", "factor"), [("price-spike=factor:10", 10), ("zero-price", 0)])
def test_price_spike_and_zero_price_are_in_one_frame_of_a_stream(
    address: str, key: str, fault: str, factor: int
) -> None:
    wire = Wire(is_still=False)
    session = wire.connect(address)
    kind = address.rpartition("/")[2].split("@")[1]
    wire.arm(f"{fault},stream:{kind}" if "=" in fault else f"{fault}=stream:{kind}")
    wire.advance(10_000)
    first, *rest = [float(str(frame[key])) for frame in heard(session)]
    assert first == pytest.approx(factor * rest[0], rel=0.01)
    assert min(rest) > 0.9 * rest[0]
    assert max(rest) < 1.1 * rest[0]


@pytest.mark.requirement("F07")
@pytest.mark.parametrize("address", [_DEPTH, "/public/stream?streams=btcusdt@depth@100ms"])
def test_frame_garbled_is_no_json(address: str) -> None:
    wire = Wire(is_still=False)
    session, other = wire.connect(address), wire.connect("/market/ws/btcusdt@aggTrade")
    wire.arm("frame-garbled=route:public")
    wire.advance(2_000)
    garbled, *rest = session.outbox
    with pytest.raises(json.JSONDecodeError):
        json.loads(garbled)
    assert all(map(json.loads, rest))
    assert heard(other)


# --- F18 ----------------------------------------------------------------------------------------


@pytest.mark.requirement("F18")
@pytest.mark.parametrize("status", [503, 429, 502])
def test_ws_refused_opens_no_connection_of_a_route(status: int) -> None:
    wire = Wire(f"ws-refused=status:{status},route:public,for_ms:5000")
    for _ in range(2):
        refusal = wire.dial(_DEPTH)
        assert isinstance(refusal, Reply)
        assert refusal.status == status
    assert isinstance(wire.dial("/market/ws/btcusdt@aggTrade"), Session)
    wire.advance(5_000)
    assert isinstance(wire.dial(_DEPTH), Session)
    assert read(wire.bid()).status == 200
