"""The list of environments."""

from cockpit import CHOICES
from textual.app import App
from textual.widgets import Input, OptionList

from botcore_tui.ui.screens.environment import EnvironmentDialog


class Host(App[None]):
    def __init__(self, dialog: EnvironmentDialog) -> None:
        super().__init__()
        self.dialog = dialog
        self.answers: list[str | None] = []

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.answers.append)


def a_dialog(*, current: str = "demo", obstacle: str = "") -> EnvironmentDialog:
    return EnvironmentDialog(CHOICES, current, obstacle, arm_seconds=0)


async def test_list_names_every_environment_and_why_it_cannot_be_used() -> None:
    app = Host(a_dialog())
    async with app.run_test():
        options = app.dialog.query_one(OptionList).options
        assert [str(option.prompt) for option in options] == [
            "● demo  running",
            "✓ replay  a tape",
            "✗ production  REAL MONEY  no keys",
        ]
        assert [option.disabled for option in options] == [True, False, True]


async def test_first_usable_environment_is_proposed_and_its_name_asked_for() -> None:
    app = Host(a_dialog())
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.dialog.word == "replay"
        assert app.dialog.query_one(Input).placeholder == "type replay to confirm"
        await pilot.press("enter", *"replay", "enter")
        assert app.answers == ["replay"]


async def test_nothing_can_be_chosen_while_something_is_in_the_way() -> None:
    app = Host(a_dialog(obstacle="halt first"))
    async with app.run_test() as pilot:
        await pilot.press("tab", "down", "down", "enter", *"replay", "enter")
        assert app.dialog.word == ""
        assert app.answers == []


async def test_dialog_without_any_choice_can_only_be_left() -> None:
    app = Host(EnvironmentDialog((), "demo", "", arm_seconds=0))
    async with app.run_test() as pilot:
        await pilot.press("down", "enter", "x", "enter", "escape")
        assert app.answers == [""]
