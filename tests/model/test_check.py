"""States of checks are told by word and sign alone."""

from botcore_tui.model.check import CheckState


def test_every_state_has_a_sign_of_its_own() -> None:
    assert [state.sign for state in CheckState] == ["✓", "!", "✗", "?"]
