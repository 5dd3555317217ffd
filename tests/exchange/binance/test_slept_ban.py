"""A ban that ended while this machine slept is over when it wakes."""

from email.utils import formatdate

import pytest

from botcore_tui.clock import ManualClock
from botcore_tui.exchange.binance.allowance import Cost, Lane
from botcore_tui.exchange.binance.limiter import Gate, Limiter, ShutError

STOP = Cost(weight=0, orders_10s=1, orders_1m=1)


class Laptop(ManualClock):
    """Its UTC goes on while it sleeps, its monotonic time does not (Linux, macOS)."""

    step_ns = 0

    def now_ms(self) -> int:
        return self.utc_ns() // 1_000_000

    def utc_ns(self) -> int:
        return super().utc_ns() + self.step_ns


async def protects(gate: Gate) -> None:
    async with gate.turn(Lane.REDUCING, STOP):
        pass


@pytest.mark.requirement("F12")
@pytest.mark.parametrize(("slept", "is_over"), [(3 * 3_600, True), (3_600, False)])
async def test_ban_ends_by_the_time_that_passed_asleep_too(slept: int, *, is_over: bool) -> None:
    clock = Laptop()
    gate = Limiter(1_200, clock).gate("https://fapi.binance.com")
    gate.shut(418, -1003, 7_200.0)
    with pytest.raises(ShutError):
        await protects(gate)
    clock.step_ns = slept * 1_000_000_000
    if is_over:
        await protects(gate)
        assert gate.state().status != "banned"
    else:
        with pytest.raises(ShutError) as caught:
            await protects(gate)
        assert caught.value.seconds == pytest.approx(3_600, abs=1)


async def test_ban_is_over_although_the_next_reply_sets_the_clock() -> None:
    clock = Laptop()
    gate = Limiter(1_200, clock).gate("https://fapi.binance.com")
    gate.shut(418, -1003, 7_200.0)
    clock.step_ns = 3 * 3_600_000_000_000
    async with gate.turn(Lane.KILL, Cost()) as turn:  # a cancel, say: it passes in any case
        turn.answered({"date": http_date(clock.now_ms())})
    await protects(gate)


def http_date(ms: int) -> str:
    return formatdate(ms // 1000, usegmt=True)
