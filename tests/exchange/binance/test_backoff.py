import random

import pytest

from botcore_tui.exchange.binance.backoff import Backoff, backoff_seconds, retry_after_seconds


def test_pauses_double_up_to_the_cap_and_never_overflow() -> None:
    pauses = [
        backoff_seconds(failures, 0.5, cap=30.0, jitter_pct=0.0, rng=random.Random(1))
        for failures in (1, 2, 3, 6, 7, 8, 100_000)
    ]
    assert pauses == [0.5, 1.0, 2.0, 16.0, 30.0, 30.0, 30.0]


def test_jitter_stays_within_its_percentage_and_spreads_at_the_cap() -> None:
    rng = random.Random(1)
    pauses = [backoff_seconds(50, 1.0, cap=30.0, jitter_pct=25.0, rng=rng) for _ in range(500)]
    assert 22.5 <= min(pauses) < 23.5
    assert 36.5 < max(pauses) <= 37.5


def test_demanded_wait_is_kept_and_reset_starts_over() -> None:
    backoff = Backoff(1.0, cap=30.0, jitter_pct=0.0, rng=random.Random(1))
    assert backoff.failed() == 1.0
    assert backoff.failed(least_seconds=120.0) == 120.0
    assert backoff.failures == 2
    backoff.reset()
    assert backoff.failed() == 1.0


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"Retry-After": "13"}, 13.0),
        (418, {"retry-after": "13.5"}, 13.5),
        (503, {"RETRY-AFTER": "2"}, 2.0),
        (429, {}, 0.0),
        (418, {}, 120.0),
        (418, {"Retry-After": "nan"}, 120.0),
        (429, {"Retry-After": "inf"}, 0.0),
        (429, {"Retry-After": "-5"}, 0.0),
        (429, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, 0.0),
        (429, {"Retry-After": "99999999999"}, 259_200.0),
        (500, {"Retry-After": "13"}, 0.0),
    ],
)
def test_retry_after_is_read_where_it_means_something(
    status: int, headers: dict[str, str], seconds: float
) -> None:
    assert retry_after_seconds(status, headers) == seconds
