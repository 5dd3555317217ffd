"""When funding is due, at which rate, and what the rates were."""

from itertools import pairwise

import pytest

from botcore_tui.exchange.sim.funding import (
    FUNDING_MS,
    INTEREST,
    Funding,
    FundingLog,
    funding_rate,
    next_funding,
)

_START = 1_723_161_255_000
_LAST = 1_723_161_255_000 // FUNDING_MS * FUNDING_MS


def a_log(price: int = 500) -> FundingLog:
    return FundingLog(_START, lambda time_ms: Funding(time_ms, 5, price))


@pytest.mark.parametrize(
    ("premium", "rate"),
    [
        (0.0, INTEREST),
        (0.0004, INTEREST),
        (-0.0004, INTEREST),
        (0.001, 50_000),
        (-0.001, -50_000),
        (0.5, 300_000),
        (-0.5, -300_000),
    ],
)
def test_rate_is_the_premium_with_the_pull_of_the_interest(premium: float, rate: int) -> None:
    assert funding_rate(premium) == rate


def test_funding_is_due_three_times_a_day() -> None:
    assert next_funding(0) == FUNDING_MS
    assert next_funding(FUNDING_MS - 1) == FUNDING_MS
    assert next_funding(FUNDING_MS) == 2 * FUNDING_MS


def test_past_rates_reach_back_a_year_and_join_the_new_ones() -> None:
    log = a_log()
    log.add(Funding(_LAST + FUNDING_MS, 7, 600))
    every = log.between(9_999)
    assert len(every) > 3 * 360
    assert every[-1] == Funding(_LAST + FUNDING_MS, 7, 600)
    assert all(after.time_ms - before.time_ms == FUNDING_MS for before, after in pairwise(every))
    assert {one.mark for one in every[:-1]} == {500}


def test_rates_are_found_by_time() -> None:
    log = a_log()
    log.add(Funding(_LAST + FUNDING_MS, 7, 600))

    def times(limit: int, **bounds: int) -> list[int]:
        found = log.between(limit, **bounds)
        return [(one.time_ms - _LAST) // FUNDING_MS for one in found]

    assert times(3) == [-1, 0, 1]
    assert times(2, end_ms=_LAST) == [-1, 0]
    assert times(2, start_ms=_LAST - 5 * FUNDING_MS) == [-5, -4]
    assert times(9, start_ms=_LAST - FUNDING_MS + 1, end_ms=_LAST + FUNDING_MS - 1) == [0]
    assert times(9, start_ms=_LAST + 2 * FUNDING_MS) == []
