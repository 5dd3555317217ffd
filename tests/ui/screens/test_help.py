"""The help."""

import pytest
from textual.app import App
from textual.binding import Binding

from botcore_tui.ui.screens.help import HelpEntry, HelpScreen, cockpit_groups, pane_group


def test_keys_for_one_thing_share_a_line_and_silent_keys_are_left_out() -> None:
    bindings = [
        Binding("j", "down", "Down", tooltip="One line down"),
        Binding("down", "down", "Down", tooltip="One line down"),
        Binding("x", "secret"),
        Binding("left_square_bracket", "shorter", "Shorter"),
    ]
    assert pane_group("Pane: log", bindings).entries == (
        HelpEntry("j ↓", "One line down"),
        HelpEntry("[", "Shorter"),
    )


def test_pane_without_keys_says_so() -> None:
    assert pane_group("Pane: x", []).entries == (HelpEntry("", "no keys of its own"),)


class Host(App[None]):
    def on_mount(self) -> None:
        self.push_screen(HelpScreen([*cockpit_groups(has_tape=True), pane_group("[b]x", [])]))


@pytest.mark.slow
@pytest.mark.parametrize("size", [(1, 1), (20, 5), (60, 20), (160, 48)], ids=str)
async def test_help_opens_scrolls_and_closes_at_any_size(size: tuple[int, int]) -> None:
    app = Host()
    async with app.run_test(size=size) as pilot:
        await pilot.press("j", "down", "pagedown", "k", "end")
        assert isinstance(app.screen, HelpScreen)
        await pilot.press("q")
        assert not isinstance(app.screen, HelpScreen)
