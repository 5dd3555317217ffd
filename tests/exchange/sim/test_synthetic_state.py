"""What a synthetic market remembers."""

from random import Random

from botcore_tui.exchange.sim.synthetic_state import FairPrice, LadderSide, LastDay

_HOUR_MS = 3_600_000


def a_day() -> LastDay:
    return LastDay(Random(1), 100_000, hourly_lots=1_000, trade_id=2_000_000)


def test_removed_best_level_makes_the_next_one_best_on_either_side() -> None:
    for sign in (1, -1):
        side = LadderSide(sign, 100, 5)
        side.set(100 - 7 * sign, 3)
        assert side.best == 100
        side.set(100, 0)
        assert (side.best, side.best_lots) == (100 - 7 * sign, 3)
        assert side.changed == {100 - 7 * sign: 3, 100: 0}


def test_levels_are_sorted_best_first() -> None:
    for sign in (1, -1):
        side = LadderSide(sign, 100, 5)
        side.set(100 - sign, 3)
        side.set(100 + sign, 4)
        assert [tick for tick, _ in side.sorted_levels()] == [100 + sign, 100, 100 - sign]
        assert side.best == 100 + sign


def test_day_before_the_first_trade_is_complete() -> None:
    day = a_day().statistics(2_000_000)
    assert day.last == 100_000
    assert day.low <= day.open <= day.high
    assert day.volume == 24 * 1_000
    assert day.first_trade_id == 2_000_000 - 24 * 50_000


def test_day_counts_trades_and_forgets_them_after_24_hours() -> None:
    day = a_day()
    day.add(150_000, 7, trade_id=2_000_001, time_ms=0)
    statistics = day.statistics(2_000_001)
    assert (statistics.high, statistics.last, statistics.last_lots) == (150_000, 150_000, 7)
    assert statistics.volume == 23 * 1_000 + 7
    for hour in range(1, 25):
        day.add(100_000, 1, trade_id=2_000_001 + hour, time_ms=hour * _HOUR_MS)
    statistics = day.statistics(2_000_025)
    assert (statistics.high, statistics.volume) == (100_000, 24)
    assert statistics.turnover == 24 * 100_000
    assert statistics.first_trade_id == 2_000_002


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
