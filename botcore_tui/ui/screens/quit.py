"""What becomes of the engine when a person leaves."""

from enum import StrEnum
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Button, Static

from botcore_tui.ui.screens.dialog import Dialog


class QuitChoice(StrEnum):
    """Answers of the quit dialog; also the ids of its buttons."""

    STAY = "stay"
    LEAVE = "leave"
    HALT_AND_LEAVE = "halt-and-leave"


class QuitDialog(Dialog[QuitChoice]):
    """Asks before it leaves; the focus starts on staying.

    Args:
        fate: What becomes of orders and positions when the engine ends; empty if it has none.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stay", "Cancel", tooltip="Stay in the cockpit"),
        Binding("down,right", "app.focus_next", "Next", show=False, tooltip="Next answer"),
        Binding("up,left", "app.focus_previous", "Previous", show=False, tooltip="Answer before"),
    ]
    AUTO_FOCUS = f"#{QuitChoice.STAY}"

    def __init__(self, fate: str = "") -> None:
        super().__init__(classes="dialog")
        self._fate = fate

    def compose(self) -> ComposeResult:
        """One line of text, three buttons, the safe one first, and the keys."""
        with VerticalScroll(classes="box", can_focus=False) as box:
            box.border_title = "Quit"
            yield Static("The cockpit and its engine end.", markup=False)
            if self._fate:
                yield Static(self._fate, markup=False, id="fate")
            yield Button("Cancel", id=QuitChoice.STAY, compact=True)
            label = "Quit" if self._fate else "Quit, leaving everything as it is"
            yield Button(label, id=QuitChoice.LEAVE, compact=True)
            yield Button(
                "Halt and quit", id=QuitChoice.HALT_AND_LEAVE, variant="error", compact=True
            )
            yield Static(
                "tab or arrows choose · enter answers · esc cancels", markup=False, id="hint"
            )

    def action_stay(self) -> None:
        """Answer that nobody leaves."""
        self.answer(QuitChoice.STAY)

    @on(Button.Pressed)
    def _answer(self, event: Button.Pressed) -> None:
        self.answer(QuitChoice(event.button.id or QuitChoice.STAY))
