"""The quit dialog."""

import pytest
from textual.app import App

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
