"""Severities are their own texts, from detail to alarm."""

from botcore_tui.model.severity import Severity


def test_severities_stand_in_order_of_alarm() -> None:
    assert [f"{each}" for each in Severity] == ["DEBUG", "INFO", "WARN", "ERROR", "CRIT"]
