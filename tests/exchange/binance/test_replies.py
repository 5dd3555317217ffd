"""Replies of REST, and what the digits of a depth frame tell."""

from collections.abc import Callable

import pytest
from samples import framed, sample

from botcore_tui.errors import DecodeError
from botcore_tui.exchange.binance.allowance import Quotas
from botcore_tui.exchange.binance.replies import (
    decode_instruments,
    decode_klines,
    decode_quotas,
    instrument_from_depth,
)
from botcore_tui.exchange.binance.wire import (
    decode,
    decode_depth,
    symbols_of,
)
from botcore_tui.model.instrument import Instrument
from botcore_tui.model.market import Bar, BookSnapshot


def snapshot_of(symbol: str) -> BookSnapshot:
    return BookSnapshot(symbol, 1027024, [(4.0, 431.0)], [(4.000002, 12.0)], 1589436922972)


def test_depth_reply_has_the_symbol_that_it_was_asked_for() -> None:
    assert decode_depth("BTCUSDT", sample("depth_snapshot")) == snapshot_of("BTCUSDT")
    assert decode(sample("depth_snapshot")) == ("", snapshot_of(""))


@pytest.mark.parametrize("symbol", ["BTCUSDT", "BTCUSDT_261225", "币安人生USDT"])
def test_wrapped_depth_reply_names_its_symbol(symbol: str) -> None:
    stream = f"{symbol.lower()}@depth@snapshot"
    assert decode(framed(stream, sample("depth_snapshot"))) == (stream, snapshot_of(symbol))


def test_depth_reply_without_a_time_is_readable() -> None:
    raw = b'{"lastUpdateId":1,"bids":[],"asks":[["2.0","1"]]}'
    assert decode_depth("X", raw) == BookSnapshot("X", 1, [], [(2.0, 1.0)], 0)


def test_klines_are_closed_but_for_the_last() -> None:
    first, last = decode_klines("BTCUSDT", "1m", sample("klines"))
    assert first == Bar(
        "BTCUSDT", 60_000, 1499040000000, 0.0163479, 0.8, 0.015758, 0.015771, 148976.11427815, 308,
        is_closed=True,
    )  # fmt: skip
    assert last == Bar(
        "BTCUSDT", 60_000, 1499040060000, 0.015771, 0.016, 0.0157, 0.0159, 12.5, 4, is_closed=False
    )
    assert decode_klines("BTCUSDT", "1m", b"[]") == []


@pytest.mark.parametrize("interval", ["1M", "7m", ""])
def test_klines_of_an_interval_without_fixed_length_are_refused(interval: str) -> None:
    with pytest.raises(DecodeError, match=f"interval '{interval}' has no fixed length"):
        decode_klines("BTCUSDT", interval, b"[]")


def test_exchange_info_gives_the_steps_of_every_contract_that_has_filters() -> None:
    assert decode_instruments(sample("exchange_info")) == [
        Instrument("BTCUSDT", 2, 3, 0.1),
        Instrument("1000SHIBUSDT", 7, 0, 1e-6),
    ]


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"symbols":[{}]}', b"\xff"])
@pytest.mark.parametrize(
    "decoded",
    [decode_instruments, lambda raw: decode_klines("X", "1m", b"{" + raw)],
    ids=["exchangeInfo", "klines"],
)
def test_reply_of_another_shape_is_refused(decoded: Callable[[bytes], object], raw: bytes) -> None:
    with pytest.raises(DecodeError):
        decoded(raw)


@pytest.mark.requirement("R39")
@pytest.mark.parametrize("step", ["0", "-0.10", "nan", "1e-2", "a lot"])
def test_contract_whose_tick_is_no_step_is_refused(step: str) -> None:
    with pytest.raises(DecodeError, match="tickSize"):
        decode_instruments(sample("exchange_info").replace(b'"0.10"', b'"%s"' % step.encode()))


def test_contract_that_trades_in_lots_of_ten_has_no_decimals() -> None:
    lots = sample("exchange_info").replace(b'"stepSize":"1"', b'"stepSize":"10"')
    assert decode_instruments(lots)[1].quantity_decimals == 0


def depth_of(*levels: tuple[str, str]) -> bytes:
    texts = ",".join(f'["{price}","{quantity}"]' for price, quantity in levels)
    return b'{"bids":[%s],"asks":[]}' % texts.encode()


@pytest.mark.parametrize(
    ("levels", "instrument"),
    [
        ([("61800.20", "2.507"), ("61800.30", "2.510")], Instrument("X", 2, 3, 0.1)),
        ([("61800.20", "1"), ("61799.95", "0.5")], Instrument("X", 2, 1, 0.05)),
        ([("0.0163", "100"), ("0.0164", "20")], Instrument("X", 4, 0, 0.0001)),
        ([("20000", "1"), ("20010", "1")], Instrument("X", 0, 0, 10.0)),
        ([("61800.20", "1")], Instrument("X", 2, 0, 61800.2)),
        ([("0.00", "1")], Instrument("X", 2, 0, 0.01)),
        ([], None),
        ([("1." + "0" * 400, "1")], None),
        ([("1", "1." + "0" * 400)], None),
        ([("", "")], None),
        ([("nan", "1"), ("inf", "1")], None),
        ([("1", "1"), ("1e-5", "1")], None),
        ([("999999999999999.999999999999999997", "1")], Instrument("X", 18, 0, 1e15)),
    ],
)
def test_digits_tell_decimals_and_tick(
    levels: list[tuple[str, str]], instrument: Instrument | None
) -> None:
    assert instrument_from_depth("X", depth_of(*levels)) == instrument


@pytest.mark.parametrize("name", ["depth_update", "depth_snapshot"])
def test_digits_are_read_off_deltas_and_replies_however_they_are_framed(name: str) -> None:
    bare = instrument_from_depth("X", sample(name))
    assert bare is not None
    assert instrument_from_depth("X", framed("x@depth", sample(name))) == bare


def test_digits_of_what_is_no_depth_are_unknown() -> None:
    assert instrument_from_depth("X", b'{"bids":[[1.5,2]]}') is None


def test_symbols_are_taken_from_stream_names_once_each_in_order() -> None:
    names = ["ethusdt@depth@100ms", "btcusdt@bookTicker", "ethusdt@aggTrade"]
    assert symbols_of(names) == ("ETHUSDT", "BTCUSDT")


@pytest.mark.requirement("R03")
def test_limits_are_the_venues_own_and_the_usual_ones_where_it_names_none() -> None:
    assert decode_quotas(sample("exchange_info")) == Quotas(2_400, 300, 1_200)
    raw = (
        b'{"rateLimits":['
        b'{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000},'
        b'{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":50},'
        b'{"rateLimitType":"ORDERS","interval":"MINUTE","intervalNum":1,"limit":100},'
        b'{"rateLimitType":"RAW_REQUESTS","interval":"MINUTE","intervalNum":5,"limit":1}]}'
    )
    assert decode_quotas(raw) == Quotas(6_000, 50, 100)
    assert decode_quotas(b"{}") == Quotas()


@pytest.mark.parametrize("limit", [b"0", b"-5", b'"many"'])
def test_limit_that_is_none_is_refused(limit: bytes) -> None:
    with pytest.raises(DecodeError, match="exchangeInfo"):
        decode_quotas(sample("exchange_info").replace(b'"limit":2400', b'"limit":' + limit))
