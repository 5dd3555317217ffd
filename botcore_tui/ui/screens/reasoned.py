"""A question that a typed word and a typed reason answer with yes."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual import on
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input

from botcore_tui.ui.screens.confirm import TypedDialog
from botcore_tui.ui.screens.line import Line, moving

SHORTEST_REASON: Final = 3
"""Characters without which a reason says nothing."""


class ReasonedDialog(TypedDialog):
    """Asks for a reason and a word; gives back the reason, or the empty string for no.

    A letter typed on Cancel goes to the reason until that is long enough, then to the word.
    """

    BINDINGS: ClassVar[list[BindingType]] = moving("go_on", "enter", tooltip="On to the word")

    def compose_choices(self) -> Sequence[Widget]:
        """The line for the reason, unless nothing can be confirmed anyway."""
        if not self.word:
            return ()
        hint = f"reason, at least {SHORTEST_REASON} characters; it is recorded"
        return [Line(placeholder=hint, compact=True, select_on_focus=False, id="reason")]

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

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter goes on from the reason only; word and buttons take it themselves."""
        if action == "go_on":
            return self.focused is not None and self.focused.id == "reason"
        return super().check_action(action, parameters)

    @on(Input.Submitted, "#reason")
    def action_go_on(self) -> None:
        """From the reason to the word; also where Enter was typed before the line had the focus."""
        self.set_focus(self.query_one("#word", Input))
