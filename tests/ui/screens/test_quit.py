"""The quit dialog."""

import pytest
from textual.app import App
from textual.widgets import Button, Static

from botcore_tui.ui.screens.quit import QuitChoice, QuitDialog


class Host(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.answers: list[QuitChoice | None] = []

    def on_mount(self) -> None:
        self.push_screen(QuitDialog(), self.answers.append)


@pytest.mark.parametrize("choice", list(QuitChoice))
async def test_each_button_gives_its_answer(choice: QuitChoice) -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.click(f"#{choice}")
        assert app.answers == [choice]


async def test_keys_are_written_below_the_answers() -> None:
    app = Host()
    async with app.run_test():
        hint = str(app.screen.query_one("#hint", Static).content)
        assert all(key in hint for key in ("tab", "arrows", "enter", "esc"))


@pytest.mark.parametrize("key", ["enter", "escape"])
async def test_hurried_key_stays(key: str) -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press(key)
        assert app.answers == [QuitChoice.STAY]


@pytest.mark.parametrize("key", ["down", "right", "tab"])
async def test_arrows_go_through_the_answers(key: str) -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press(key, key, "enter")
        assert app.answers == [QuitChoice.HALT_AND_LEAVE]


async def test_fate_of_positions_is_told_before_anybody_leaves() -> None:
    app = App[None]()
    async with app.run_test() as pilot:
        app.push_screen(QuitDialog("Entries are cancelled; positions stay."))
        await pilot.pause()
        assert str(app.screen.query_one("#fate", Static).content).startswith("Entries are")
        assert str(app.screen.query_one(f"#{QuitChoice.LEAVE}", Button).label) == "Quit"
