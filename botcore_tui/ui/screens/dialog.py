"""What dialogs share: each is answered once, and none that acts can be confirmed at once."""

from typing import ClassVar, Final, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Button

ARM_SECONDS: Final = 1.0
"""For so long after it appeared no dialog can be confirmed: keys that were typed before somebody
saw the question must not answer it."""

Result = TypeVar("Result")


class Dialog(ModalScreen[Result]):
    """A question over the cockpit."""

    def answer(self, result: Result) -> None:
        """Close with an answer.

        A second one, of a button that was pressed twice, comes when the dialog is gone already; to
        dismiss then would take away the screen below, and with the last screen the app.
        """
        if self.is_current:
            self.dismiss(result)


class _Button(Button):
    """One that gives letters to its dialog in the turn of the key.

    Once a letter had bubbled up to there, those behind it would have passed, and so would Enter.
    """

    def post_message(self, message: Message) -> bool:
        """Take what comes for it, but for letters that its dialog wants."""
        if isinstance(message, events.Key) and isinstance(self.screen, ArmedDialog):
            return self.screen.take_letter(message) or super().post_message(message)
        return super().post_message(message)


class ArmedDialog(Dialog[Result]):
    """One with Cancel and a button that confirms, which stays disabled for a moment.

    Args:
        label: Of the button that confirms.
        arm_seconds: How long it stays disabled.
        classes: For its looks.

    Attributes:
        is_armed: Whether that moment is over.
    """

    arms_when_shown: ClassVar[bool] = True
    """Else ``start_arming`` is called once there is something to read."""

    def __init__(self, label: str, *, arm_seconds: float, classes: str = "dialog") -> None:
        super().__init__(classes=classes)
        self._label = label
        self._arm_seconds = arm_seconds
        self.is_armed = False

    def take_letter(self, event: events.Key) -> bool:  # noqa: ARG002 - there is no line to type in
        """Whether a letter typed on a button goes to a line."""
        return False

    def compose_buttons(self) -> ComposeResult:
        """Two buttons, the safe one first."""
        with Horizontal(classes="buttons"):
            yield _Button("Cancel", id="cancel", compact=True)
            yield _Button(self._label, id="confirm", variant="error", compact=True, disabled=True)

    def on_mount(self) -> None:
        """Start the time in which nothing can be confirmed; Textual calls it for subclasses too."""
        if self.arms_when_shown:
            self.start_arming()

    def start_arming(self) -> None:
        """From here on it can be read."""
        if self._arm_seconds > 0:
            self.set_timer(self._arm_seconds, self._arm)
        else:
            self._arm()

    def update_confirm(self) -> None:
        """Enable the button if what it does may be done."""
        self.query_one("#confirm", Button).disabled = not self.is_armed

    def _arm(self) -> None:
        self.is_armed = True
        self.update_confirm()
