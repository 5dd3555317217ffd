"""The list of environments: which there are, which cannot be used and why, and a typed name."""

from collections.abc import Sequence

from msgspec import Struct
from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from botcore_tui.ui.screens.confirm import TypedDialog
from botcore_tui.ui.screens.dialog import ARM_SECONDS


class EnvironmentChoice(Struct, frozen=True):
    """One environment as the cockpit offers it."""

    name: str
    available: bool
    reason: str
    """Why it is not available; else what it is."""
    is_real_money: bool


class EnvironmentDialog(TypedDialog):
    """Gives back the name of the environment to change to, or the empty string.

    Args:
        choices: All of them, also those that cannot be used.
        current: The one that runs.
        obstacle: What must be done first; empty: nothing is in the way.
        arm_seconds: How long the button stays disabled.
    """

    def __init__(
        self,
        choices: Sequence[EnvironmentChoice],
        current: str,
        obstacle: str,
        *,
        arm_seconds: float = ARM_SECONDS,
    ) -> None:
        lines = (
            [f"Not now: {obstacle}"]
            if obstacle
            else [
                "This engine ends, another one starts, HALTED.",
                "Type the name of the other one.",
            ]
        )
        super().__init__(
            "Change environment", lines, word="", label="Change", arm_seconds=arm_seconds
        )
        self._choices = tuple(choices)
        self._current = current
        self._is_obstructed = bool(obstacle)

    def compose_choices(self) -> Sequence[Widget]:
        """The list."""
        options = [
            Option(
                Content(self._describe(choice)),
                id=choice.name,
                disabled=self._is_obstructed or not self._is_selectable(choice),
            )
            for choice in self._choices
        ]
        return [OptionList(*options, id="environments", compact=True)]

    def on_mount(self) -> None:
        """Begin in the list, if there is something to choose."""
        if not self._is_obstructed:
            self.query_one(OptionList).focus()

    @on(OptionList.OptionHighlighted)
    def _choose(self, event: OptionList.OptionHighlighted) -> None:
        # The list may highlight an entry that cannot be chosen; one that was typed stays typed.
        if not event.option.disabled and event.option.id != self.word:
            self.require(event.option.id or "")

    @on(Input.Changed, "#word")
    def _choose_typed(self, event: Input.Changed) -> None:
        for index, choice in enumerate(self._choices):
            is_typed = choice.name == event.value.strip()
            if is_typed and self._is_selectable(choice) and not self._is_obstructed:
                self.word = choice.name
                self.query_one(OptionList).highlighted = index

    @on(OptionList.OptionSelected)
    def _go_on(self) -> None:
        self.query_one(Input).focus()

    def _is_selectable(self, choice: EnvironmentChoice) -> bool:
        return choice.available and choice.name != self._current

    def _describe(self, choice: EnvironmentChoice) -> str:
        mark = "✓" if choice.available else "✗"
        money = "  REAL MONEY" if choice.is_real_money else ""
        if choice.name == self._current:
            return f"● {choice.name}{money}  running"
        return f"{mark} {choice.name}{money}  {choice.reason}"
