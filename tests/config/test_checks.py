"""Keys of the checks: what is no time of day is refused with its reason."""

import pytest
from pydantic import ValidationError

from botcore_tui.config.checks import ChecksSettings


@pytest.mark.requirement("R75")
@pytest.mark.parametrize("text", ["00:00", "08:00", "23:59"])
def test_a_time_of_day_is_taken(text: str) -> None:
    assert ChecksSettings(review_at=text).review_at == text


@pytest.mark.parametrize("text", ["24:00", "8:00", "08:60", "0800", "", "08:00 UTC"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        ChecksSettings(review_at=text)


@pytest.mark.requirement("R59")
def test_the_band_is_positive_percent() -> None:
    with pytest.raises(ValidationError):
        ChecksSettings(day_loss_pct=-1)
    assert ChecksSettings().day_loss_pct == 0
