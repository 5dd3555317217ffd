import pytest

from botcore_tui.clock import ManualClock
from botcore_tui.exchange.binance.pacing import Pacer


@pytest.mark.parametrize("per_second", [1.0, 4.0, 8.0, 10.0, 1000.0])
async def test_any_second_holds_at_most_nine_messages(per_second: float) -> None:
    clock, pacer, sent = ManualClock(), Pacer(per_second), list[int]()
    for _ in range(60):
        await clock.sleep(pacer.claim(clock.monotonic_ns()))
        sent.append(clock.monotonic_ns())
    busiest = max(sum(start <= at <= start + 10**9 for at in sent) for start in sent)
    assert busiest <= min(per_second, 8) + 1


def test_idle_time_is_not_saved_up() -> None:
    pacer = Pacer(4.0)
    assert pacer.claim(0) == 0.0
    assert pacer.claim(10**12) == 0.0
    assert pacer.claim(10**12) == 0.25
    assert pacer.claim(10**12) == 0.5
