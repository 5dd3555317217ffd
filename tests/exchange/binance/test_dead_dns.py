"""A name server that does not answer holds up no cancel on a connection that is open."""

import asyncio
import random
import socket
import threading

import pytest
from order_server import order_server

from botcore_tui.clock import SystemClock
from botcore_tui.exchange.binance import confined
from botcore_tui.exchange.binance.allowance import Lane
from botcore_tui.exchange.binance.keys import Credentials
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.binance.link import Link, LinkError
from botcore_tui.exchange.binance.signed_rest import SignedRest

ORDER = {"symbol": "BTCUSDT", "origClientOrderId": "bc-1"}


@pytest.mark.requirement("F02")
async def test_cancel_leaves_while_streams_wait_for_a_dead_name_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As at the venue: proxies of the environment count, there are none.
    monkeypatch.setattr(confined, "is_loopback", lambda _url: False)
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    asks, answers = socket.getaddrinfo, threading.Event()

    def dead(host: str, port: int, *rest: int) -> object:
        if host.endswith(".test"):
            answers.wait(30.0)  # resolv.conf: 5 s, twice, each server
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return asks(host, port, *rest)

    monkeypatch.setattr(socket, "getaddrinfo", dead)
    clock = SystemClock()

    async def dial() -> None:
        # What a stream does in an outage; its time-out gives up, the thread cannot.
        with pytest.raises(LinkError):
            await Link.open("ws://fstream.test/private", seconds=0.1, clock=clock, per_second=4)

    async with order_server() as server:
        rest = SignedRest(
            server.url,
            Credentials("k" * 64, "s" * 64),
            gate=Limiter(1_200, clock).gate(server.url),
            clock=clock,
            rng=random.Random(3),
            timeout_seconds=3.0,
        )
        try:
            await rest.order(Lane.KILL, "DELETE order", ORDER, bytes)  # a connection is kept
            for _ in range(4):  # three streams, four attempts each
                await asyncio.gather(dial(), dial(), dial())
            # If it waited, its time would be over before the name server answers.
            await rest.order(Lane.KILL, "DELETE order", ORDER, bytes)
            assert not answers.is_set()
        finally:
            answers.set()
            await rest.close()
