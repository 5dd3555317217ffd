"""Questions about one thing to do: what will happen, cancel, and a button that does it."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button, Static

from botcore_tui.ui.screens.confirm import ARM_SECONDS
from botcore_tui.ui.screens.dialog import Dialog


class Question(Dialog[bool]):
    """Yes or no; the focus starts on Cancel, and for a moment nothing can be confirmed.

    Args:
        title: What is going to happen.
        lines: What to know before.
        label: Of the button that confirms.
        arm_seconds: How long it stays disabled.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", tooltip="Change nothing"),
        Binding("down,right", "app.focus_next", "Next", show=False, tooltip="Next answer"),
        Binding("up,left", "app.focus_previous", "Previous", show=False, tooltip="Answer before"),
    ]
    AUTO_FOCUS = "#cancel"

    def __init__(
        self,
        title: str,
        lines: Sequence[str],
        *,
        label: str,
        arm_seconds: float = ARM_SECONDS,
    ) -> None:
        super().__init__(classes="dialog")
        self._heading = title
        self._lines = tuple(lines)
        self._label = label
        self._arm_seconds = arm_seconds

    def compose(self) -> ComposeResult:
        """Title, text, two buttons, the safe one first, and the keys."""
        with VerticalScroll(classes="box", can_focus=False) as box:
            box.border_title = self._heading
            yield Static("\n".join(self._lines), markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Cancel", id="cancel", compact=True)
                yield Button(
                    self._label, id="confirm", variant="error", compact=True, disabled=True
                )
            yield Static("tab chooses · enter answers · esc cancels", markup=False, id="hint")

    def on_mount(self) -> None:
        """Start the time in which nothing can be confirmed."""
        if self._arm_seconds > 0:
            self.set_timer(self._arm_seconds, self._arm)
        else:
            self._arm()

    def action_cancel(self) -> None:
        """Answer no."""
        self.answer(False)  # noqa: FBT003 - the answer

    def _arm(self) -> None:
        self.query_one("#confirm", Button).disabled = False

    @on(Button.Pressed)
    def _answer(self, event: Button.Pressed) -> None:
        self.answer(event.button.id == "confirm")
