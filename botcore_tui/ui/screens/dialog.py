"""What every dialog shares: it is answered once."""

from typing import TypeVar

from textual.screen import ModalScreen

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
