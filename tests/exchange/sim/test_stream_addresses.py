"""Every form of a stream address that clients use is understood."""

import pytest

from botcore_tui.exchange.sim.stream_addresses import StreamAddress, stream_address
from botcore_tui.exchange.sim.stream_names import Route

KEY = "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1"
OTHER = KEY[::-1]


def an_address(target: str) -> StreamAddress:
    path, _, query = target.partition("?")
    address = stream_address(path, query)
    assert address is not None
    return address


@pytest.mark.parametrize(
    ("target", "route", "is_combined"),
    [
        ("/ws", Route.NONE, False),
        ("/stream", Route.NONE, True),
        ("/public/ws", Route.PUBLIC, False),
        ("/public/ws/", Route.PUBLIC, False),
        ("/public/ws/0", Route.PUBLIC, False),
        ("/market/ws/17", Route.MARKET, False),
        ("/market/stream", Route.MARKET, True),
        ("/private/ws", Route.PRIVATE, False),
        ("/private/stream?", Route.PRIVATE, True),
    ],
)
def test_route_and_framing_are_in_the_path(target: str, route: Route, is_combined: bool) -> None:
    assert an_address(target) == StreamAddress(route, is_combined)


@pytest.mark.parametrize(
    "target",
    [
        "/public/ws/btcusdt@depth/!bookTicker",
        "/public/stream?streams=btcusdt@depth/!bookTicker",
        "/public/stream?streams=btcusdt%40depth%2F%21bookTicker",
        "/public/ws/btcusdt%40depth?streams=!bookTicker",
    ],
)
def test_streams_are_in_the_path_or_in_the_query(target: str) -> None:
    assert an_address(target).names == ("btcusdt@depth", "!bookTicker")


@pytest.mark.parametrize(
    "target",
    [f"/private/ws/{KEY}", f"/private/ws?listenKey={KEY}", f"/private/stream?streams={KEY}"],
)
def test_a_listen_key_is_a_stream(target: str) -> None:
    assert an_address(target).names == (KEY,)
    assert an_address(target).events == ()


def test_events_belong_to_the_key_before_them_and_unknown_ones_are_ignored() -> None:
    query = f"listenKey={KEY}&events=ORDER_TRADE_UPDATE/ALGO_ORDER_UPDATE&listenKey={OTHER}"
    address = an_address(f"/private/stream?{query}&events=ACCOUNT_UPDATE")
    assert address.names == (KEY, OTHER)
    assert dict(address.events) == {
        KEY: frozenset({"ORDER_TRADE_UPDATE"}),
        OTHER: frozenset({"ACCOUNT_UPDATE"}),
    }


def test_events_without_a_key_and_other_parameters_are_ignored() -> None:
    assert an_address("/private/ws?events=ACCOUNT_UPDATE&x=1") == StreamAddress(
        Route.PRIVATE, is_combined=False
    )


@pytest.mark.parametrize("path", ["/", "/fapi/v1/ping", "/public", "/other/ws", "/wss", "/ws-fapi"])
def test_other_paths_are_no_stream_addresses(path: str) -> None:
    assert stream_address(path, "") is None
