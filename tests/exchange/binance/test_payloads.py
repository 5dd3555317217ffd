import json

import msgspec
import pytest
from samples import sample

from botcore_tui.exchange.binance.payloads import (
    Depth,
    ExchangeInfo,
    KlineRow,
    Payload,
    Probe,
    TextDepth,
    WireAggregateTrade,
    WireBookDelta,
    WireBookTicker,
    WireTrade,
)
from botcore_tui.model.market import BookDelta, BookTicker, Trade

decode = msgspec.json.Decoder(Payload, strict=False).decode

PRICES = [
    ("book_ticker", "b"),
    ("book_ticker", "a"),
    ("kline", "o"),
    ("kline", "h"),
    ("kline", "l"),
    ("kline", "c"),
    ("force_order", "p"),
]
QUANTITIES = [
    ("book_ticker", "B"),
    ("book_ticker", "A"),
    ("aggregate_trade", "p"),
    ("aggregate_trade", "q"),
    ("trade_2024", "p"),
    ("trade_2024", "q"),
    ("kline", "v"),
    ("ticker", "c"),
    ("ticker", "h"),
    ("ticker", "l"),
    ("ticker", "v"),
    ("ticker", "q"),
    ("mini_ticker", "c"),
    ("mini_ticker", "o"),
    ("mini_ticker", "h"),
    ("mini_ticker", "l"),
    ("mini_ticker", "v"),
    ("mini_ticker", "q"),
    ("force_order", "q"),
]
TIMES = [
    ("depth_update", "E"),
    ("book_ticker", "E"),
    ("aggregate_trade", "T"),
    ("trade_2024", "T"),
    ("mark_price", "E"),
    ("mark_price", "T"),
    ("kline", "t"),
    ("ticker", "E"),
    ("mini_ticker", "E"),
    ("force_order", "T"),
    ("contract_info", "E"),
]
_BODIES = {"kline": "k", "force_order": "o"}


def changed(name: str, key: str, value: object) -> bytes:
    payload: dict[str, object] = json.loads(sample(name))
    inner = payload[_BODIES[name]] if name in _BODIES else payload
    assert isinstance(inner, dict)
    assert key in inner
    inner[key] = value
    return json.dumps(payload).encode()


@pytest.mark.slow
@pytest.mark.requirement("R20")
@pytest.mark.requirement("R39")
@pytest.mark.parametrize(("name", "key"), [*PRICES, *QUANTITIES])
@pytest.mark.parametrize(
    "bad", ["nan", "inf", "-inf", "-0.1", "1e16", "1e400", "", "x", None, True, [], -1, 1e300]
)
def test_number_that_is_none_is_refused(name: str, key: str, bad: object) -> None:
    decode(changed(name, key, "1"))
    decode(changed(name, key, 1.5))
    with pytest.raises(msgspec.ValidationError):
        decode(changed(name, key, bad))


@pytest.mark.requirement("R39")
@pytest.mark.parametrize(("name", "key"), PRICES)
def test_zero_is_no_price(name: str, key: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="Expected `float` > 0"):
        decode(changed(name, key, "0.00"))


@pytest.mark.parametrize(("name", "key"), QUANTITIES)
def test_zero_is_a_quantity(name: str, key: str) -> None:
    decode(changed(name, key, "0.00"))


@pytest.mark.requirement("R39")
@pytest.mark.parametrize("side", ["b", "a"])
@pytest.mark.parametrize("level", [["0", "1"], ["-1", "1"], ["nan", "1"], ["1", "-1"], ["1"], "1"])
def test_level_without_price_or_with_a_negative_quantity_is_refused(
    side: str, level: object
) -> None:
    with pytest.raises(msgspec.ValidationError):
        decode(changed("depth_update", side, [level]))


@pytest.mark.requirement("R20")
@pytest.mark.parametrize(("name", "key"), TIMES)
@pytest.mark.parametrize("bad", [-1, 4_102_444_800_000, 10**18, 10**30, 1.5, "soon", None])
def test_time_before_1970_or_after_2099_is_refused(name: str, key: str, bad: object) -> None:
    decode(changed(name, key, 4_102_444_799_999))
    with pytest.raises(msgspec.ValidationError):
        decode(changed(name, key, bad))


@pytest.mark.parametrize(
    ("name", "wire", "model"),
    [
        ("book_ticker", WireBookTicker, BookTicker),
        ("depth_update", WireBookDelta, BookDelta),
        ("trade_2024", WireTrade, Trade),
        ("aggregate_trade", WireAggregateTrade, Trade),
    ],
)
def test_frequent_payload_is_the_event_itself(
    name: str, wire: type[msgspec.Struct], model: type[msgspec.Struct]
) -> None:
    payload = decode(sample(name))
    assert type(payload) is wire
    assert isinstance(payload, model)
    assert wire.__struct_fields__ == (*model.__struct_fields__, "st")


def test_kline_row_reads_the_positions_of_the_venue() -> None:
    rows = msgspec.json.Decoder(list[KlineRow], strict=False).decode(sample("klines"))
    assert rows[0] == KlineRow(
        1499040000000,
        open=0.0163479,
        high=0.8,
        low=0.015758,
        close=0.015771,
        volume=148976.11427815,
        close_time_ms=1499644799999,
        quote_volume=2434.19055334,
        trades=308,
    )


def test_reply_without_levels_is_a_depth_and_without_an_id_is_none() -> None:
    decoder = msgspec.json.Decoder(Depth, strict=False)
    assert decoder.decode(b'{"lastUpdateId":1,"bids":[],"asks":[]}') == Depth(1, [], [], 0)
    with pytest.raises(msgspec.ValidationError, match="lastUpdateId"):
        decoder.decode(b'{"bids":[],"asks":[]}')


def test_levels_keep_their_digits_as_text() -> None:
    assert msgspec.json.decode(sample("depth_update"), type=TextDepth) == TextDepth(
        delta_bids=[("0.0024", "10")], delta_asks=[("0.0026", "100")]
    )
    assert msgspec.json.decode(sample("depth_snapshot"), type=TextDepth) == TextDepth(
        bids=[("4.00000000", "431.00000000")], asks=[("4.00000200", "12.00000000")]
    )


def test_probe_reads_any_object_and_keeps_the_data_as_it_came() -> None:
    probe = msgspec.json.decode(b'{"stream":"a","data":{"e": "x" },"id":null,"y":1}', type=Probe)
    assert (probe.stream, bytes(probe.data), probe.e, probe.id) == ("a", b'{"e": "x" }', None, None)


def test_contract_without_filters_is_listed() -> None:
    info = msgspec.json.decode(sample("exchange_info"), type=ExchangeInfo)
    assert [(contract.symbol, len(contract.filters)) for contract in info.symbols] == [
        ("BTCUSDT", 6),
        ("1000SHIBUSDT", 2),
        ("NEWUSDT", 0),
    ]
