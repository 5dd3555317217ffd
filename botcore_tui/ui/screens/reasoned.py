"""A question that a typed word and a typed reason answer with yes."""

from collections.abc import Sequence
from typing import Final

from textual import on
from textual.widget import Widget
from textual.widgets import Input

from botcore_tui.ui.screens.confirm import TypedDialog

SHORTEST_REASON: Final = 3
"""Characters without which a reason says nothing."""


class ReasonedDialog(TypedDialog):
    """Asks for a reason and a word; gives back the reason, or the empty string for no.

    A letter typed on Cancel goes to the reason until that is long enough, then to the word.
    """

    def compose_choices(self) -> Sequence[Widget]:
        """The line for the reason, unless nothing can be confirmed anyway."""
        if not self.word:
            return ()
        hint = f"reason, at least {SHORTEST_REASON} characters; it is recorded"
        return [Input(placeholder=hint, compact=True, select_on_focus=False, id="reason")]

    @property
    def reason(self) -> str:
        """What is typed as the reason."""
        return self.query_one("#reason", Input).value.strip() if self.word else ""

    def missing(self) -> str:
        """That the reason is too short."""
        is_enough = len(self.reason) >= SHORTEST_REASON
        return "" if is_enough else f"say why, in at least {SHORTEST_REASON} characters"

    def result(self) -> str:
        """The reason."""
        return self.reason

    def entry(self) -> Input:
        """The reason first."""
        return self.query_one("#reason", Input) if self.word and self.missing() else super().entry()

    @on(Input.Submitted, "#reason")
    def _go_on(self) -> None:
        self.query_one("#word", Input).focus()
