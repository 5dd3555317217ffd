"""The section of alerts."""

import pytest
from pydantic import ValidationError

from botcore_tui.config import AlertSettings, Config, load


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("command", (" ",)),
        ("command", ("mail", "a\0b")),
        ("command", ("x",) * 41),
        ("heartbeat_command", ("",)),
        ("heartbeat_file", "a\nb"),
        ("timeout_seconds", 0),
        ("heartbeat_seconds", 0.5),
    ],
)
def test_what_cannot_be_executed_or_written_is_refused(key: str, value: object) -> None:
    with pytest.raises(ValidationError):
        AlertSettings.model_validate({key: value})


@pytest.mark.requirement("R54")
def test_nobody_is_told_unless_it_is_configured() -> None:
    assert Config().alerts.command == ()
    found = load(None, {"BOTCORE__ALERTS__COMMAND": '["mail", "-s", "a, b", "ada"]'})
    assert found.config.alerts.command == ("mail", "-s", "a, b", "ada")
