"""Times of day without a clock."""

import pytest
from order_builders import NOW_MS

from botcore_tui.core.utc import utc_time


@pytest.mark.parametrize(
    ("time_ms", "text"), [(0, "00:00:00"), (NOW_MS, "22:13:20"), (86_399_999, "23:59:59")]
)
def test_time_of_day_is_told_in_utc(time_ms: int, text: str) -> None:
    assert utc_time(time_ms) == text
