"""A dialog is answered once, however often its button is pressed."""

from collections.abc import Callable

import pytest
from textual.app import App
from textual.screen import ModalScreen
from textual.widgets import Button, Input

from botcore_tui.ui.screens.confirm import TypedDialog
from botcore_tui.ui.screens.dialog import Dialog
from botcore_tui.ui.screens.environment import EnvironmentDialog
from botcore_tui.ui.screens.question import Question
from botcore_tui.ui.screens.quit import QuitDialog
from botcore_tui.ui.screens.stop import StopDialog
from botcore_tui.ui.screens.ticket import OrderTicket


def test_every_dialog_is_one() -> None:
    for kind in (TypedDialog, EnvironmentDialog, Question, QuitDialog, StopDialog, OrderTicket):
        assert issubclass(kind, Dialog)


class Host(App[None]):
    def __init__(self, make: Callable[[], ModalScreen[object]]) -> None:
        super().__init__()
        self.make = make
        self.answers: list[object] = []

    def on_mount(self) -> None:
        self.push_screen(self.make(), self.answers.append)


@pytest.mark.parametrize(
    ("make", "button", "answer"),
    [
        (lambda: Question("t", [], label="l", arm_seconds=0), "confirm", True),
        (lambda: TypedDialog("t", [], word="w", label="l", arm_seconds=0), "confirm", "w"),
        (QuitDialog, "leave", "leave"),
    ],
)
async def test_two_presses_are_one_answer(
    make: Callable[[], ModalScreen[object]], button: str, answer: object
) -> None:
    app = Host(make)
    async with app.run_test() as pilot:
        await pilot.pause()
        for entry in app.screen.query(Input):
            entry.value = "w"
        await pilot.pause()
        pressed = app.screen.query_one(f"#{button}", Button)
        pressed.press()
        pressed.press()
        await pilot.pause()
        await pilot.pause()
        assert app.answers == [answer]
        assert len(app.screen_stack) == 1
