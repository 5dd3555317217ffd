"""Which route serves which stream, as the venue's notice of the split lists them."""

import pytest

from botcore_tui.exchange.sim.stream_names import (
    INTERVALS,
    Route,
    is_well_formed,
    route_of,
    symbol_and_kind,
)

KEY = "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1"


@pytest.mark.parametrize(
    "name",
    [
        "btcusdt@depth",
        "btcusdt@depth@100ms",
        "btcusdt@depth@500ms",
        "btcusdt@depth5",
        "btcusdt@depth20@100ms",
        "btcusdt@bookTicker",
        "!bookTicker",
        "btcusdt@trade",
        "btcusdt@rpiDepth@500ms",
        "btcusdt@depth@0ms",
        "币安人生usdt@depth",
    ],
)
def test_fast_streams_are_public(name: str) -> None:
    assert route_of(name) is Route.PUBLIC


@pytest.mark.parametrize(
    "name",
    [
        "btcusdt@aggTrade",
        "btcusdt@markPrice",
        "btcusdt@markPrice@1s",
        "btcusdt@markPrice@3s",
        "!markPrice@arr",
        "!markPrice@arr@1s",
        *(f"btcusdt@kline_{interval}" for interval in INTERVALS),
        "btcusdt_perpetual@continuousKline_1m",
        "btcusdt_PERPETUAL@continuousKline_1M",
        "btcusdt@miniTicker",
        "btcusdt@ticker",
        "!miniTicker@arr",
        "!ticker@arr",
        "btcusdt@forceOrder",
        "!forceOrder@arr",
        "!contractInfo",
        "!assetIndex@arr",
        "defiusdt@compositeIndex",
        "tradingSession",
    ],
)
def test_all_other_market_data_is_on_the_market_route(name: str) -> None:
    assert route_of(name) is Route.MARKET


def test_a_listen_key_is_private() -> None:
    assert route_of(KEY) is Route.PRIVATE


@pytest.mark.parametrize(
    "name",
    [
        "BTCUSDT@aggTrade",
        "btcusdt@depth5@0ms",
        "btcusdt@depth@250ms",
        "btcusdt@depth7",
        "btcusdt@kline_2m",
        "btcusdt@kline_1s",
        "!trade",
        "btcusdt",
        KEY[:-1],
    ],
)
def test_what_the_venue_does_not_stream_has_no_route(name: str) -> None:
    assert route_of(name) is Route.NONE


@pytest.mark.parametrize("name", ["btcusdt@nothing", "!a@b@c", "tradingSession", "0", KEY])
def test_names_are_well_formed_whether_there_is_such_a_stream_or_not(name: str) -> None:
    assert is_well_formed(name)


@pytest.mark.parametrize("name", ["", "not asdfads", "@@@###", "btcusdt@", "@trade", "a@b/c@d"])
def test_other_text_is_no_name(name: str) -> None:
    assert not is_well_formed(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("btcusdt@depth@100ms", ("BTCUSDT", "depth")),
        ("btcusdt@depth20", ("BTCUSDT", "depth")),
        ("btcusdt@bookTicker", ("BTCUSDT", "bookTicker")),
        ("btcusdt@kline_1m", ("BTCUSDT", "kline")),
        ("btcusdt_perpetual@continuousKline_1m", ("BTCUSDT", "continuousKline")),
        ("!ticker@arr", ("", "ticker")),
        ("!contractInfo", ("", "contractInfo")),
        (KEY, ("", "")),
    ],
)
def test_a_name_tells_symbol_and_kind(name: str, expected: tuple[str, str]) -> None:
    assert symbol_and_kind(name) == expected
