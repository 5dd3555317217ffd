"""What explains itself is reachable by key, help and palette."""

import pytest

from botcore_tui.ui.actions import ACTIONS


@pytest.mark.parametrize(
    ("action", "key"),
    [
        pytest.param("limits", "i", marks=pytest.mark.requirement("R71")),
        pytest.param("doctor", "D", marks=pytest.mark.requirement("R72")),
        pytest.param("runbook", "R", marks=pytest.mark.requirement("G7")),
    ],
)
def test_each_has_a_key_of_its_own(action: str, key: str) -> None:
    (found,) = [each for each in ACTIONS if each.id == action]
    assert found.keys == (key,)
    assert found.tooltip
