"""Nothing left if there never was a connection, however that failed."""

import asyncio
import random
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from botcore_tui.clock import SystemClock
from botcore_tui.exchange.base import OrderError
from botcore_tui.exchange.binance.allowance import Lane
from botcore_tui.exchange.binance.keys import Credentials
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.binance.signed_rest import SignedRest
from botcore_tui.model.order import Outcome

ORDER = {"symbol": "BTCUSDT", "newClientOrderId": "bc-1", "quantity": "0.010"}


def a_rest(url: str) -> SignedRest:
    clock = SystemClock()
    gate = Limiter(1_200, clock).gate(url)
    rest = SignedRest(
        url,
        Credentials("k" * 64, "s" * 64),
        gate=gate,
        clock=clock,
        rng=random.Random(3),
        timeout_seconds=1.0,
    )
    rest.venue_clock.trust_ours()
    return rest


@pytest.fixture
def black_hole() -> Iterator[str]:
    """A host that answers no SYN: its queue of connections is full."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            full = stack.enter_context(socket.socket())
            full.settimeout(0.0)
            full.connect_ex(server.getsockname())
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


async def outcome(url: str) -> OrderError:
    rest = a_rest(url)
    try:
        with pytest.raises(OrderError) as caught:
            await rest.order(Lane.REDUCING, "POST order", ORDER, bytes)
        return caught.value
    finally:
        await rest.close()


@pytest.mark.slow
@pytest.mark.requirement("F02")
async def test_stop_for_which_no_connection_came_in_time_has_certainly_failed(
    black_hole: str,
) -> None:
    assert (await outcome(black_hole)).outcome is Outcome.FAILED


async def test_connection_that_takes_the_order_and_is_silent_leaves_it_unknown() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        assert (await outcome(url)).outcome is Outcome.UNKNOWN
    finally:
        server.close()
