from decimal import Decimal

import pytest
from samples import framed, sample

from botcore_tui.errors import DecodeError
from botcore_tui.exchange.binance.payloads import (
    WireAggregateTrade,
    WireBookDelta,
    WireBookTicker,
    WireTrade,
)
from botcore_tui.exchange.binance.wire import (
    Reply,
    Unknown,
    decode,
)
from botcore_tui.model.market import (
    Bar,
    BookTop,
    ContractNotice,
    DayTicker,
    Liquidation,
    MarketEvent,
    MarkPrice,
    Side,
    Trade,
)

DELTA = WireBookDelta("BTCUSDT", 157, 160, 149, [(0.0024, 10.0)], [(0.0026, 100.0)], 123456789)
TICKER = WireBookTicker("BNBUSDT", 400900217, 25.3519, 31.21, 25.3652, 40.66, 1568014460893)
AGGREGATE = WireAggregateTrade("BTCUSDT", 105, 0.001, 100.0, buyer_is_maker=True, time_ms=123456785)
MARK = MarkPrice(
    "BTCUSDT",
    mark=Decimal("11794.15000000"),
    index=Decimal("11784.62659091"),
    funding_rate=Decimal("0.00038167"),
    next_funding_ms=1562306400000,
    time_ms=1562305380000,
)
DELIVERY_MARK = MarkPrice(
    "BTCUSDT_261225",
    mark=Decimal("11801.20000000"),
    index=Decimal("11784.62659091"),
    funding_rate=None,
    next_funding_ms=0,
    time_ms=1562305380000,
)
BAR = Bar(
    "BTCUSDT",
    60_000,
    1638747660000,
    open=0.001,
    high=0.0025,
    low=0.0015,
    close=0.002,
    volume=1000.0,
    trades=100,
    is_closed=False,
)
DAY = DayTicker(
    "BTCUSDT",
    last=0.0025,
    change_pct=250.0,
    high=0.0025,
    low=0.001,
    volume=10000.0,
    quote_volume=18.0,
    time_ms=123456789,
)
MINI_DAY = DayTicker("BTCUSDT", 0.0025, 150.0, 0.0025, 0.001, 10000.0, 18.0, 123456789)
LIQUIDATION = Liquidation("BTCUSDT", Side.SELL, 9910.0, 0.014, 1568014460893)
NOTICE = ContractNotice("IOTAUSDT", "PERPETUAL", "TRADING", 1669647330369)
TICKER_2024 = WireBookTicker("BTCUSDT", 5123107839020, 61800.2, 2.507, 61800.3, 2.51, 1723161256313)
DELTA_2024 = WireBookDelta(
    "BTCUSDT",
    5123135475514,
    5123135475514,
    5123135221461,
    bids=[(61631.7, 0.283), (61632.6, 0.0)],
    asks=[],
    time_ms=1723161601105,
)
TRADE_2024 = WireTrade(
    "BTCUSDT", 5266583935, 61800.3, 0.006, buyer_is_maker=False, time_ms=1723161256322
)

DOCUMENTED: dict[str, tuple[str, MarketEvent]] = {
    "depth_update": ("btcusdt@depth", DELTA),
    "depth_update_2024": ("btcusdt@depth", DELTA_2024),
    "book_ticker": ("bnbusdt@bookTicker", TICKER),
    "book_ticker_2024": ("btcusdt@bookTicker", TICKER_2024),
    "aggregate_trade": ("btcusdt@aggTrade", AGGREGATE),
    "aggregate_trade_2024": ("btcusdt@aggTrade", AGGREGATE),
    "trade_2024": ("btcusdt@trade", TRADE_2024),
    "mark_price": ("btcusdt@markPrice", MARK),
    "mark_price_2024": ("btcusdt@markPrice", MARK),
    "mark_price_delivery": ("btcusdt_261225@markPrice", DELIVERY_MARK),
    "kline": ("btcusdt@kline_1m", BAR),
    "ticker": ("btcusdt@ticker", DAY),
    "ticker_2024": ("btcusdt@ticker", DAY),
    "mini_ticker": ("btcusdt@miniTicker", MINI_DAY),
    "mini_ticker_2024": ("btcusdt@miniTicker", MINI_DAY),
    "force_order": ("btcusdt@forceOrder", LIQUIDATION),
    "force_order_2024": ("btcusdt@forceOrder", LIQUIDATION),
    "contract_info": ("iotausdt@contractInfo", NOTICE),
}
"""Each payload with the stream that a raw frame is counted under, and what it says."""

each_payload = pytest.mark.parametrize(
    ("name", "stream", "event"),
    [(name, *said) for name, said in DOCUMENTED.items()],
    ids=DOCUMENTED,
)


@pytest.mark.parametrize(
    ("name", "is_aggregate"), [("trade_2024", False), ("aggregate_trade", True)]
)
def test_trade_says_whether_it_is_an_aggregate(name: str, is_aggregate: bool) -> None:
    _, trade = decode(sample(name))
    assert isinstance(trade, Trade)
    assert trade.is_aggregate == is_aggregate


# --- framing -----------------------------------------------------------------------------------


@each_payload
def test_raw_payload_is_named_after_its_stream(name: str, stream: str, event: MarketEvent) -> None:
    assert decode(sample(name)) == (stream, event)


@each_payload
def test_combined_payload_keeps_the_name_it_came_under(
    name: str, stream: str, event: MarketEvent
) -> None:
    assert decode(framed(f"{stream}@100ms", sample(name))) == (f"{stream}@100ms", event)


@each_payload
def test_array_gives_its_members_in_order(name: str, stream: str, event: MarketEvent) -> None:
    array = b"[%b,%b]" % (sample(name), sample(name))
    assert decode(framed(stream, array)) == (stream, (event, event))
    assert decode(array) == (stream, (event, event))


@each_payload
def test_unknown_keys_are_ignored(name: str, stream: str, event: MarketEvent) -> None:
    more = b'{"zz":[{"e":"other"},null],"nq":{},"new":1e999,' + sample(name)[1:]
    assert decode(framed(stream, more)) == (stream, event)
    assert decode(more) == (stream, event)


@each_payload
def test_coin_margined_contract_is_left_out(name: str, stream: str, event: MarketEvent) -> None:
    coin = sample(name).replace(b'"st":1,', b"")[:-1] + b',"st":2}'
    assert decode(framed(stream, coin)) == (stream, ())
    assert decode(coin) == (stream, ())
    assert decode(b"[%b,%b]" % (coin, sample(name))) == (stream, (event,))


def test_documented_coin_margined_ticker_of_the_market_stream_is_left_out() -> None:
    frame = framed("!bookTicker", sample("book_ticker_coin_m"))
    assert decode(frame) == ("!bookTicker", ())


def test_market_array_keeps_only_contracts_margined_in_usdt() -> None:
    frame = framed("!markPrice@arr@1s", sample("mark_price_array"))
    assert decode(frame) == ("!markPrice@arr@1s", (MARK, DELIVERY_MARK))
    assert decode(sample("mark_price_array")) == ("btcusdt@markPrice", (MARK, DELIVERY_MARK))


def test_empty_array_says_nothing() -> None:
    assert decode(b"[]") == ("", ())
    assert decode(framed("!ticker@arr", b"[]")) == ("!ticker@arr", ())


# --- one kind at a time ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "stream", ["btcusdt@depth5", "btcusdt@depth10@500ms", "btcusdt@depth20@100ms"]
)
def test_partial_depth_is_a_whole_top_by_its_stream_name(stream: str) -> None:
    top = BookTop(
        "BTCUSDT",
        390497878,
        bids=[
            (7403.89, 0.002), (7403.9, 3.906), (7404.0, 1.428), (7404.85, 5.239), (7405.43, 2.562),
        ],
        asks=[
            (7405.96, 3.34), (7406.63, 4.525), (7407.08, 2.475), (7407.15, 4.8), (7407.2, 0.175),
        ],
        time_ms=1571889248277,
    )  # fmt: skip
    assert decode(framed(stream, sample("depth_top"))) == (stream, top)


@pytest.mark.parametrize("stream", ["btcusdt@depth", "btcusdt@depth@0ms", "btcusdt@depth@500ms"])
def test_diff_depth_is_a_delta_at_every_speed(stream: str) -> None:
    assert decode(framed(stream, sample("depth_update"))) == (stream, DELTA)


def test_depth_without_retail_orders_is_never_taken_for_the_diff_stream() -> None:
    _, event = decode(framed("btcusdt@rpiDepth@500ms", sample("depth_update")))
    assert isinstance(event, BookTop)


@pytest.mark.requirement("R20")
def test_delta_that_ends_before_it_starts_is_refused() -> None:
    backwards = sample("depth_update").replace(b'"u":160', b'"u":156')
    with pytest.raises(DecodeError, match="depthUpdate: U 157 is greater than u 156"):
        decode(framed("btcusdt@depth", backwards))


def test_placeholder_print_without_price_is_readable() -> None:
    raw = sample("trade_2024").replace(b"61800.30", b"0").replace(b"0.006", b"0")
    assert decode(raw) == (
        "btcusdt@trade",
        WireTrade("BTCUSDT", 5266583935, 0.0, 0.0, buyer_is_maker=False, time_ms=1723161256322),
    )


@pytest.mark.parametrize(
    ("interval", "milliseconds"), [("3m", 180_000), ("1h", 3_600_000), ("1w", 604_800_000)]
)
def test_bar_has_the_length_of_its_interval(interval: str, milliseconds: int) -> None:
    raw = sample("kline").replace(b'"1m"', b'"%s"' % interval.encode())
    stream, bar = decode(raw.replace(b'"x":false', b'"x":true'))
    assert stream == f"btcusdt@kline_{interval}"
    assert isinstance(bar, Bar)
    assert (bar.interval_ms, bar.is_closed) == (milliseconds, True)


@pytest.mark.parametrize("interval", ["1M", "7m", ""])
def test_bar_of_an_interval_without_fixed_length_is_refused(interval: str) -> None:
    raw = sample("kline").replace(b'"1m"', b'"%s"' % interval.encode())
    with pytest.raises(DecodeError, match=f"interval '{interval}' has no fixed length"):
        decode(raw)


def test_day_that_opened_without_a_price_has_not_changed() -> None:
    _, day = decode(sample("mini_ticker").replace(b"0.0010", b"0"))
    assert isinstance(day, DayTicker)
    assert day.change_pct == 0.0


# --- not market data ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["tradingSession", "reply", "unknown", "depthSnapshot"])
def test_unknown_event_is_named_and_no_error(kind: str) -> None:
    payload = b'{"e":"%s","E":1,"x":[1,{}]}' % kind.encode()
    assert decode(payload) == ("", Unknown(kind))
    assert decode(framed("some@stream", payload)) == ("some@stream", Unknown(kind))
    assert decode(framed("!all@arr", b"[%b]" % payload)) == ("!all@arr", Unknown(kind))
    assert decode(b"[%b]" % payload) == ("", Unknown(kind))


def test_name_of_an_unknown_event_is_cut_to_a_bearable_length() -> None:
    assert decode(b'{"e":"%s"}' % (b"x" * 1_000_000)) == ("", Unknown("x" * 40))


@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("subscribed", Reply(1, 0, "")),
        ("subscriptions", Reply(3, 0, "")),
        ("refused", Reply(None, 2, "Invalid request: unknown variant")),
        ("refused_by_id", Reply(7, 2, "Invalid request: no such stream")),
    ],
)
def test_answer_to_a_request_is_no_data(name: str, reply: Reply) -> None:
    assert decode(sample(name)) == ("", reply)


@pytest.mark.requirement("R08")
@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"", "json: Input data was truncated"),
        (b"<html>", "json: JSON is malformed: invalid character (byte 0)"),
        (b"null", "json: Expected `object`, got `null`"),
        (
            b'{"e":"\xff"}',
            "json: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
        ),
        (b"{}", "shape: neither a stream frame, a depth reply nor an answer"),
        (b'{"stream":"a@b"}', "shape: Input data was truncated"),
        (b'{"stream":"a@b","data":null}', "shape: Expected `object | array`, got `null`"),
        (b'{"stream":"a@b","data":{}}', "shape: a frame of 'a@b' without an event type"),
        (b'{"stream":"a@b","data":{"e":1}}', "json: Expected `str | null`, got `int` - at `$.e`"),
        (b"[1]", "shape: Expected `object`, got `int` - at `$[0]`"),
        (b"[{}]", "shape: Object missing required field `e` - at `$[0]`"),
        (b'{"e":"trade"}', "trade: Object missing required field `s`"),
        (b'[{"e":"trade"}]', "trade: Object missing required field `s` - at `$[0]`"),
        (b'{"lastUpdateId":1,"bids":[]}', "depth: Object missing required field `asks`"),
        (b'{"a":' * 100_000, "json: nested too deeply"),
    ],
)
def test_what_is_not_documented_is_a_decode_error_that_says_why(raw: bytes, text: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(raw)
    assert str(caught.value) == text
    assert text.startswith(f"{caught.value.kind}: ")
