import pytest

from botcore_tui.exchange.binance.rates import StreamRate, StreamRates
from botcore_tui.exchange.binance.receiver import StreamCount

SECOND = 1_000_000_000
NOW_MS = 1_700_000_000_000


def a_count(frames: int, *, delay_ms: float | None = None) -> StreamCount:
    count = StreamCount()
    count.frames = frames
    if delay_ms is not None:
        count.last_event_ms = NOW_MS
        count.last_utc_ns = NOW_MS * 1_000_000 + round(delay_ms * 1e6)
    return count


def per_second(rates: StreamRates, frames: int, at_seconds: float) -> float:
    said = rates.sample({"a": a_count(frames)}, round(at_seconds * SECOND))
    return said["a"].frames_per_second


def lag_ms(rates: StreamRates, **delays: float) -> dict[str, float | None]:
    streams = {name: a_count(1, delay_ms=delay) for name, delay in delays.items()}
    said = rates.sample(streams, SECOND)
    # The time of day in nanoseconds as a float: a fraction of a microsecond is lost.
    return {name: rate.lag_ms and round(rate.lag_ms, 2) for name, rate in said.items()}


def test_first_sample_knows_no_rate() -> None:
    assert StreamRates().sample({"a": a_count(99)}, SECOND) == {"a": StreamRate(None, 0.0)}


def test_two_samples_at_one_moment_know_no_rate() -> None:
    rates = StreamRates()
    assert [per_second(rates, frames, 1) for frames in (0, 50)] == [0.0, 0.0]


def test_rate_is_that_of_the_last_two_seconds() -> None:
    rates = StreamRates()
    said = [per_second(rates, frames, at / 4) for at, frames in enumerate(range(0, 250, 10))]
    assert said[1:] == pytest.approx([40.0] * 24)
    stopped = [per_second(rates, 240, 6.25 + at / 4) for at in range(9)]
    assert stopped[:8] == sorted(stopped[:8], reverse=True)
    assert stopped[-1] == 0.0


def test_rate_of_seldom_samples_covers_the_time_between_them() -> None:
    rates = StreamRates()
    assert [per_second(rates, frames, at) for frames, at in ((0, 0), (100, 10), (400, 20))] == [
        0.0,
        10.0,
        30.0,
    ]


def test_rate_starts_anew_when_a_tape_goes_back() -> None:
    rates = StreamRates()
    per_second(rates, 1_000, 100)
    assert per_second(rates, 2_000, 3) == 0.0
    assert per_second(rates, 2_010, 4) == 10.0


def test_streams_are_told_apart_and_a_new_one_starts_without_a_rate() -> None:
    rates = StreamRates()
    rates.sample({"a": a_count(0)}, 0)
    said = rates.sample({"a": a_count(8), "b": a_count(500)}, SECOND)
    assert [said[name].frames_per_second for name in "ab"] == [8.0, 0.0]


@pytest.mark.requirement("R36")
def test_lag_is_counted_from_the_fastest_stream() -> None:
    assert lag_ms(StreamRates(), fast=70.0, slow=95.5) == {"fast": 0.0, "slow": 25.5}


@pytest.mark.parametrize("offset_ms", [-1_300.0, 0.0, 5_000.0])
def test_offset_of_the_clocks_is_no_lag(offset_ms: float) -> None:
    rates = StreamRates()
    lag_ms(rates, a=offset_ms + 10.0)
    assert lag_ms(rates, a=offset_ms + 14.0) == {"a": 4.0}


def test_fastest_delivery_is_forgotten_after_some_minutes() -> None:
    rates = StreamRates()
    lag_ms(rates, a=10.0)
    for _ in range(1_199):
        assert lag_ms(rates, a=30.0) == {"a": 20.0}
    assert lag_ms(rates, a=30.0) == {"a": 0.0}


def test_stream_without_times_has_no_lag() -> None:
    rates = StreamRates()
    streams = {"a": a_count(1), "b": a_count(1, delay_ms=5.0)}
    assert rates.sample(streams, 0)["a"].lag_ms is None
    assert rates.sample({}, 0) == {}


def test_forgetting_drops_rates_and_the_fastest_delivery() -> None:
    rates = StreamRates()
    per_second(rates, 0, 0)
    lag_ms(rates, a=10.0)
    rates.forget()
    assert per_second(rates, 50, 1) == 0.0
    assert lag_ms(rates, a=500.0) == {"a": 0.0}
