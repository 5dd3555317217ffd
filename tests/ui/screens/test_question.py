"""Yes or no."""

import pytest
from textual.app import App
from textual.widgets import Button

from botcore_tui.ui.screens.question import Question


class Host(App[None]):
    def __init__(self, arm_seconds: float) -> None:
        super().__init__()
        self.arm_seconds = arm_seconds
        self.answers: list[bool | None] = []

    def on_mount(self) -> None:
        question = Question("Do it", ["It is done."], label="Do", arm_seconds=self.arm_seconds)
        self.push_screen(question, self.answers.append)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("keys", "answer"),
    [(["enter"], False), (["escape"], False), (["tab", "enter"], True), (["right", "enter"], True),
     (["right", "left", "enter"], False)],
)  # fmt: skip
async def test_only_the_button_says_yes(keys: list[str], answer: bool) -> None:
    app = Host(0.0)
    async with app.run_test() as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        assert app.answers == [answer]


async def test_nothing_can_be_confirmed_at_once() -> None:
    app = Host(3_600.0)
    async with app.run_test() as pilot:
        assert app.screen.query_one("#confirm", Button).disabled
        await pilot.press("tab", "enter")
        await pilot.pause()
        assert app.answers == [False], "the only thing to press is Cancel"


@pytest.mark.parametrize("size", [(1, 1), (20, 5), (60, 20)], ids=str)
async def test_question_can_be_refused_at_any_size(size: tuple[int, int]) -> None:
    app = Host(0.0)
    async with app.run_test(size=size) as pilot:
        await pilot.press("escape")
        await pilot.pause()
        assert app.answers == [False]
