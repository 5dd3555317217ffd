"""Questions about one thing to do: what will happen, cancel, and a button that does it."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Button, Static

from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui.screens.dialog import ARM_SECONDS, ArmedDialog


class Question(ArmedDialog[bool]):
    """Yes or no; the focus starts on Cancel, and for a moment nothing can be confirmed.

    Args:
        title: What is going to happen.
        lines: What to know before, by the picture that it was asked upon.
        label: Of the button that confirms.
        arm_seconds: How long it stays disabled.
        follow: What to know by a newer picture; None: it is the same for ever.
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
        follow: Callable[[Snapshot], Sequence[str]] | None = None,
    ) -> None:
        super().__init__(label, arm_seconds=arm_seconds)
        self._heading = title
        self._lines = tuple(lines)
        self._follow = follow

    def compose(self) -> ComposeResult:
        """Title, text, two buttons, the safe one first, and the keys."""
        with VerticalScroll(classes="box", can_focus=False) as box:
            box.border_title = self._heading
            yield Static("\n".join(self._lines), markup=False, id="what")
            yield from self.compose_buttons()
            yield Static("tab chooses · enter answers · esc cancels", markup=False, id="hint")

    def show(self, snapshot: Snapshot) -> None:
        """Take a newer picture: a question that is read for long must not lie."""
        if self._follow is None:
            return
        lines = tuple(self._follow(snapshot))
        if lines != self._lines and self.is_mounted:
            self._lines = lines
            self.query_one("#what", Static).update("\n".join(lines))

    def action_cancel(self) -> None:
        """Answer no."""
        self.answer(False)  # noqa: FBT003 - the answer

    @on(Button.Pressed)
    def _answer(self, event: Button.Pressed) -> None:
        self.answer(event.button.id == "confirm")
