"""Tokens come with time, up to a second's worth; what may not wait is owed."""

from decimal import Decimal

import pytest

from botcore_tui.core.buckets import Bucket


@pytest.mark.requirement("P18")
def test_full_bucket_empties_and_fills_with_time() -> None:
    bucket = Bucket(Decimal(2))
    assert bucket.tokens(0) == 2
    bucket.take(0)
    bucket.take(0)
    assert bucket.tokens(0) == 0
    assert bucket.tokens(250) == Decimal("0.5")
    assert bucket.tokens(60_000) == 2


def test_clock_that_is_set_back_brings_no_tokens() -> None:
    bucket = Bucket(Decimal(1))
    bucket.take(10_000)
    assert bucket.tokens(5_000) == 0
    assert bucket.tokens(5_500) == Decimal("0.5")


def test_what_is_taken_without_tokens_is_owed_for_a_second_at_most() -> None:
    bucket = Bucket(Decimal(2))
    for _ in range(100):
        bucket.take(0)
    assert bucket.tokens(0) == -2
    assert bucket.tokens(2_000) == 2


def test_slow_bucket_holds_one_token() -> None:
    assert Bucket(Decimal("0.1")).tokens(0) == 1
