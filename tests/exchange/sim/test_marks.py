"""Mark, index and the rate that their distance makes."""

from random import Random

from botcore_tui.exchange.sim.funding import INTEREST
from botcore_tui.exchange.sim.marks import Premium


def test_mark_stays_near_the_index_for_hours() -> None:
    premium = Premium(Random(1))
    marks = [premium.mark(1_000_000.4) for _ in range(30_000)]
    assert {mark.price for mark in marks} == {1_000_000}
    distances = [mark.price / mark.index - 1 for mark in marks]
    assert -0.003 < min(distances) < 0 < max(distances) < 0.003
    assert max(abs(mark.rate) for mark in marks) <= 300_000


def test_rate_is_that_of_the_interval_and_begins_anew_with_the_next() -> None:
    class Rising(Random):
        def gauss(self, mu: float = 0.0, sigma: float = 1.0) -> float:
            return mu + sigma

    premium = Premium(Rising(1))
    rates = [premium.mark(1e9).rate for _ in range(150)]
    assert rates[0] == INTEREST < rates[-1]
    premium.settle()
    # The average of the last moment alone is higher than that of all.
    assert premium.mark(1e9).rate > rates[-1]
