"""Numbers become exactly the text that they are, and missing ones a dash."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botcore_tui.ui import format as fmt


@given(st.floats(allow_nan=False, allow_infinity=False, width=64), st.integers(0, 12))
def test_fixed_text_reads_back_as_the_rounded_value(value: float, decimals: int) -> None:
    exact = Decimal(value)
    if abs(exact) < Decimal(10) ** 15:
        expected = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)
        assert Decimal(fmt.fixed(value, decimals)) == expected


@pytest.mark.parametrize(
    "value", [None, float("nan"), float("inf"), float("-inf"), Decimal("NaN"), Decimal("Infinity")]
)
def test_missing_or_infinite_value_is_a_dash_and_not_zero(value: float | Decimal | None) -> None:
    assert fmt.fixed(value, 2) == "-"
    assert fmt.signed_percent(value) == "-"


def test_decimal_of_more_digits_is_rounded_to_the_contracts() -> None:
    assert fmt.fixed(Decimal("61658.91234567"), 1) == "61658.9"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.42, "+0.42%"), (-1.5, "-1.50%"), (0.0, "0.00%"), (-0.001, "0.00%"), (12.0, "+12.00%")],
)
def test_percent_carries_a_sign_unless_it_rounds_to_zero(value: float, text: str) -> None:
    assert fmt.signed_percent(value) == text


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        ("0.00010000", "+0.0100%"),
        ("-0.00012345", "-0.012345%"),
        ("0.00001", "+0.0010%"),
        ("0", "+0.0000%"),
        (None, "-"),
        ("NaN", "-"),
    ],
)
def test_funding_keeps_every_digit_of_the_rate(rate: str | None, text: str) -> None:
    assert fmt.funding_percent(None if rate is None else Decimal(rate)) == text


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (None, "-"),
        (-5, "0ms"),
        (999_999_999, "999ms"),
        (1_000_000_000, "1.0s"),
        (59_990_000_000, "59.9s"),
        (60_000_000_000, "1m00s"),
        (3_599_000_000_000, "59m59s"),
        (7_500_000_000_000, "2h05m"),
        (90_000_000_000_000, "1d01h"),
    ],
)
def test_age_is_short_and_never_rounded_up(nanoseconds: int | None, text: str) -> None:
    assert fmt.age(nanoseconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "-"), (float("inf"), "-"), (0.9, "00:00"), (252, "04:12"), (3_852, "1:04:12")],
)
def test_duration_shows_hours_only_when_there_are_any(seconds: float | None, text: str) -> None:
    assert fmt.duration(seconds) == text


def test_countdown_says_now_when_the_moment_has_come() -> None:
    assert fmt.countdown(28_799_000) == "7:59:59"
    assert fmt.countdown(0) == "now"


@given(st.integers(0, 4_102_444_800_000))
def test_clock_and_day_agree_with_the_calendar(time_ms: int) -> None:
    moment = datetime.fromtimestamp(time_ms // 1_000, UTC)
    assert fmt.clock(time_ms) == f"{moment:%H:%M:%S}"
    assert fmt.clock(time_ms, with_milliseconds=True) == f"{moment:%H:%M:%S}.{time_ms % 1000:03}"
    assert fmt.clock_minutes(time_ms) == f"{moment:%H:%M}"
    assert fmt.calendar_day(time_ms) == f"{moment:%m-%d}"


@pytest.mark.parametrize(
    ("interval_ms", "text"), [(1_000, "1s"), (90_000, "90s"), (900_000, "15m"), (3_600_000, "1h")]
)
def test_interval_uses_the_largest_whole_unit(interval_ms: int, text: str) -> None:
    assert fmt.interval(interval_ms) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), (float("nan"), "-"), (0.217, "0.22"), (9.996, "10.0"), (99.96, "100")],
)
def test_milliseconds_keep_three_digits(value: float | None, text: str) -> None:
    assert fmt.milliseconds(value) == text


def test_what_rounds_to_zero_is_not_negative() -> None:
    tiny = Decimal("-0.001")
    assert (fmt.fixed(tiny, 2), fmt.grouped(tiny, 2), fmt.grouped(-0.4, 0)) == ("0.00", "0.00", "0")
    assert (fmt.signed(tiny), fmt.signed_percent(-0.001)) == ("0.00", "0.00%")


def test_counts_rates_sizes_and_speeds() -> None:
    assert fmt.count(1_234_567) == "1,234,567"
    assert (fmt.rate(1_234.56), fmt.rate(99.94), fmt.rate(99.96)) == ("1,235", "99.9", "100")
    assert fmt.rate(float("nan")) == "-"
    assert (fmt.plural(1, "tick"), fmt.plural(1_200, "tick")) == ("1 tick", "1,200 ticks")
    assert (fmt.grouped(7_600.5, 1), fmt.grouped(None, 0)) == ("7,600.5", "-")
    assert (fmt.megabytes(87.34), fmt.megabytes(float("inf"))) == ("87.3 MB", "-")
    assert (fmt.speed(None), fmt.speed(10.0), fmt.speed(0.5)) == ("max", "x10", "x0.5")


@pytest.mark.parametrize(
    ("value", "text"),
    [("32.114", "+32.11"), ("-1234.5", "-1,234.50"), ("0", "0.00"), ("-0.001", "0.00"),
     ("NaN", "-")],
)  # fmt: skip
def test_money_carries_its_sign_unless_it_is_nothing(value: str, text: str) -> None:
    assert fmt.signed(Decimal(value)) == text
    assert fmt.signed(None) == "-"


@pytest.mark.parametrize(
    ("value", "digits", "short"),
    [("0.12000", "0.12", "0.12"), ("22", "22", "22"), ("3105.250", "3105.25", "3105.25"),
     ("1E+2", "100", "100"), ("61658.91234567", "61658.91234567", "61658.91"),
     ("0.000012345678", "0.000012345678", "0.00001235"), ("Infinity", "-", "-")],
)  # fmt: skip
def test_decimals_are_shown_without_zeros_at_their_end(value: str, digits: str, short: str) -> None:
    assert fmt.exact(Decimal(value)) == digits
    assert fmt.significant(Decimal(value)) == short


def test_missing_decimal_is_a_dash() -> None:
    assert fmt.exact(None) == fmt.significant(None) == "-"


def test_lapse_is_told_in_whole_seconds() -> None:
    second = 1_000_000_000
    assert [fmt.lapse(ns) for ns in (-1, 999_999_999, 15 * second, 252 * second)] == [
        "0s",
        "0s",
        "15s",
        "4m12s",
    ]
