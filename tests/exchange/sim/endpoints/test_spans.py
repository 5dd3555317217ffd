import pytest

from botcore_tui.exchange.sim.endpoints.spans import DAY_MS, QUARTER_MS, Span
from botcore_tui.exchange.sim.parameters import Parameters
from botcore_tui.exchange.sim.refusals import RefusalError

NOW = 1_723_161_255_000


def span(**times: int) -> Span:
    return Span.read(Parameters({name: str(time) for name, time in times.items()}), 7, NOW)


def test_nothing_asked_means_the_last_days() -> None:
    assert span() == Span(NOW - 7 * DAY_MS, NOW, is_from_start=False)


def test_what_is_missing_is_so_many_days_from_the_other() -> None:
    start = NOW - 20 * DAY_MS
    assert span(startTime=start) == Span(start, start + 7 * DAY_MS, is_from_start=True)
    assert span(endTime=start) == Span(start - 7 * DAY_MS, start, is_from_start=False)


def test_the_length_has_a_limit() -> None:
    assert span(startTime=NOW - 7 * DAY_MS, endTime=NOW).end_ms == NOW
    with pytest.raises(RefusalError) as refusal:
        span(startTime=NOW - 7 * DAY_MS - 1, endTime=NOW)
    assert refusal.value.message == "Maximum time interval is 7 days"


def test_nobody_remembers_longer_than_three_months() -> None:
    assert span(startTime=1, endTime=2).start_ms == NOW - QUARTER_MS


def test_of_too_many_the_oldest_are_taken_from_a_start_else_the_newest() -> None:
    times = [NOW - 10, NOW - 5, NOW, NOW + 1]

    def chosen(one: Span, limit: int) -> list[int]:
        return one.select(times, lambda time: time, limit)

    assert chosen(span(startTime=NOW - 10, endTime=NOW), 2) == [NOW - 10, NOW - 5]
    assert chosen(span(endTime=NOW), 2) == [NOW - 5, NOW]
    assert chosen(span(startTime=NOW - 5, endTime=NOW), 9) == [NOW - 5, NOW]
