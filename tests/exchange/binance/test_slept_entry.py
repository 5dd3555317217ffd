"""An entry that was decided before this machine slept is not sent when it wakes."""

import random
from collections.abc import Awaitable, Callable

import pytest
from order_server import OrderServer, order_server

from botcore_tui.clock import ManualClock, SystemClock
from botcore_tui.exchange.base import OrderError
from botcore_tui.exchange.binance.allowance import Lane
from botcore_tui.exchange.binance.keys import Credentials
from botcore_tui.exchange.binance.limiter import Gate, Limiter
from botcore_tui.exchange.binance.signed_rest import SignedRest
from botcore_tui.model.order import Outcome

HOUR_MS = 3_600_000


class Laptop(ManualClock):
    """Its UTC goes on while it sleeps, its monotonic time does not (Linux, macOS)."""

    def __init__(self) -> None:
        super().__init__(SystemClock().now_ms())
        self.step_ns = 0
        self.wake: Callable[[], Awaitable[None]] | None = None  # in the next pause

    def now_ms(self) -> int:
        return self.utc_ns() // 1_000_000

    def utc_ns(self) -> int:
        return super().utc_ns() + self.step_ns

    async def sleep(self, seconds: float) -> None:
        wake, self.wake = self.wake, None
        if wake is not None:
            await wake()
        await super().sleep(seconds)


def read(raw: bytes) -> bytes:
    return raw


@pytest.mark.requirement("F12")
@pytest.mark.parametrize("lane", [Lane.ENTRY, Lane.REDUCING])
async def test_lid_closed_for_an_hour_while_an_order_waits_in_line(lane: Lane) -> None:
    clock = Laptop()
    async with order_server() as server:
        gate = Limiter(1_200, clock).gate(server.url)
        rest = a_rest(server, gate, clock)
        await rest.venue_clock.measure()

        async def lid() -> None:
            clock.step_ns += HOUR_MS * 1_000_000
            server.step_ms += HOUR_MS
            # `run` looks each second and measures anew at once: questions for the time cost no
            # order, so -1015 does not hold them up.
            await rest.venue_clock.measure()

        gate.shut(429, -1015, 3.0)  # orders wait for three seconds
        clock.wake = lid
        order = {"symbol": "BTCUSDT", "newClientOrderId": "bc-1", "quantity": "0.010"}
        try:
            if lane is Lane.ENTRY:
                with pytest.raises(OrderError) as caught:
                    await rest.order(lane, "POST order", order, read)
                assert caught.value.outcome is Outcome.FAILED
                assert server.asked == []
            else:
                await rest.order(lane, "POST order", order, read)
                assert len(server.asked) == 1
        finally:
            await rest.close()


def a_rest(server: OrderServer, gate: Gate, clock: ManualClock) -> SignedRest:
    return SignedRest(
        server.url, Credentials("k" * 64, "s" * 64), gate=gate, clock=clock, rng=random.Random(3)
    )
