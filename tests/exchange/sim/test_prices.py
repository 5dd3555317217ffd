"""The price that a crowd trades around."""

from random import Random

from botcore_tui.exchange.sim.prices import FairPrice


def test_fair_price_stays_within_a_third_and_three_times_the_first() -> None:
    class Falling(Random):
        def gauss(self, mu: float = 0.0, sigma: float = 1.0) -> float:
            return mu - 1_000 * sigma

    price = FairPrice(Falling(1), 30_000)
    for _ in range(20_000):
        price.move()
    assert price.ticks == 10_000


def test_fair_price_moves_more_in_some_times_than_in_others() -> None:
    price = FairPrice(Random(5), 616_597)
    activities = [price.move() for _ in range(20_000)]
    assert max(activities) > 1.5
    assert min(activities) < 0.7


def test_smooth_price_follows_with_less_noise() -> None:
    price = FairPrice(Random(5), 616_597)
    rough: list[float] = []
    smooth: list[float] = []
    for _ in range(5_000):
        before = price.ticks, price.smooth
        price.move()
        rough.append(abs(price.ticks - before[0]))
        smooth.append(abs(price.smooth - before[1]))
    assert sum(smooth) < 0.5 * sum(rough)
    assert abs(price.smooth / price.ticks - 1) < 0.002
