"""Durations in buckets, against exact quantiles."""

from math import ceil

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from botcore_tui.engine.histogram import Histogram

durations = st.integers(0, 60_000_000_000)


def recorded(values: list[int]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.record(value)
    return histogram


def exact(values: list[int], share: float) -> int:
    return sorted(values)[max(0, ceil(len(values) * share) - 1)]


def test_nothing_recorded_is_all_zero() -> None:
    figures = Histogram().percentiles()

    assert (figures.count, figures.p50_us, figures.p99_us, figures.max_us) == (0, 0, 0, 0)


@given(st.lists(durations, min_size=1, max_size=300))
@example([7, 8, 15, 16, 17, 255, 256])
@pytest.mark.requirement("R34")
def test_quantiles_are_never_too_low_and_at_most_an_eighth_too_high(values: list[int]) -> None:
    figures = recorded(values).percentiles()

    assert figures.count == len(values)
    assert figures.max_us == max(values) / 1000
    for shown_us, share in ((figures.p50_us, 0.5), (figures.p99_us, 0.99)):
        true_us = exact(values, share) / 1000
        assert true_us <= shown_us <= true_us * 1.125


@given(st.integers(0, 2**60))
def test_single_duration_is_shown_exactly(value: int) -> None:
    figures = recorded([value]).percentiles()

    assert figures.p50_us == figures.p99_us == figures.max_us == value / 1000


def test_small_durations_are_exact() -> None:
    for value in range(16):
        assert recorded([value, 10_000]).percentiles().p50_us == value / 1000


def test_negative_duration_counts_as_zero() -> None:
    figures = recorded([-5]).percentiles()

    assert (figures.count, figures.p50_us, figures.max_us) == (1, 0, 0)


def test_window_before_the_present_one_still_counts() -> None:
    histogram = recorded([1_000_000])
    histogram.rotate()
    histogram.record(2_000)

    figures = histogram.percentiles()

    assert figures.count == 2
    assert figures.max_us == 1_000


def test_what_is_two_windows_old_is_forgotten() -> None:
    histogram = recorded([1_000_000])
    histogram.rotate()
    histogram.rotate()
    histogram.record(2_000)

    figures = histogram.percentiles()

    assert (figures.count, figures.max_us) == (1, 2)


@given(st.lists(durations, max_size=40), st.lists(durations, max_size=40))
def test_rotation_moves_every_count_exactly_once(before: list[int], after: list[int]) -> None:
    histogram = recorded(before)
    histogram.rotate()
    for value in after:
        histogram.record(value)

    figures = histogram.percentiles()

    assert figures == recorded(before + after).percentiles()
