"""Asks which latched breaker to reset, why, and whether its losses count anew."""

from collections.abc import Sequence

from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input, OptionList
from textual.widgets.option_list import Option

from botcore_tui.model.risk import RiskView
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.cells import printable
from botcore_tui.ui.panes.risk_reading import breaker_name, risk_of
from botcore_tui.ui.screens.dialog import ARM_SECONDS
from botcore_tui.ui.screens.reasoned import ReasonedDialog

RESET_WORD = "reset"


class ResetDialog(ReasonedDialog):
    """Gives back the reason, or the empty string; ``code`` and ``rebases`` say what to do.

    Args:
        snapshot: The picture it is asked upon; something is latched in it.
        arm_seconds: How long nothing can be confirmed.
    """

    def __init__(self, snapshot: Snapshot, *, arm_seconds: float = ARM_SECONDS) -> None:
        environment = printable(snapshot.environment).upper()
        super().__init__(
            "Reset a breaker",
            (f"{environment}: let go of a latched breaker. Trading stays HALTED until F9.",),
            word=RESET_WORD,
            label="Reset it",
            arm_seconds=arm_seconds,
        )
        self._risk = risk_of(snapshot)
        latched = self._risk.latched if self._risk is not None else ()
        self.code = latched[0] if latched else ""
        """Of the chosen breaker."""
        self.rebases = False
        """Whether losses are to count anew from now."""
        self._codes = latched

    def compose_choices(self) -> Sequence[Widget]:
        """The latched breakers, the box for counting anew, the line for the reason."""
        options = [
            Option(Content(_describe(self._risk, code)), id=code)
            for code in self._codes
            if self._risk is not None
        ]
        return [
            OptionList(*options, id="latched", compact=True),
            Button(self._anew(), id="rebases", compact=True),
            *super().compose_choices(),
        ]

    def _anew(self) -> str:
        # A word, because a cross in a box is told from an empty one by its colour alone.
        if self.rebases:
            return "losses count anew from now: YES"
        return "losses count anew from now: no (refused while beyond the limit)"

    @on(Button.Pressed, "#rebases")
    def _change(self, event: Button.Pressed) -> None:
        self.rebases = not self.rebases
        event.button.label = Content(self._anew())

    @on(OptionList.OptionHighlighted)
    def _choose(self, event: OptionList.OptionHighlighted) -> None:
        self.code = event.option.id or self.code
        self.query_one("#confirm", Button).label = Content(f"Reset {self.code}")
        chosen = "" if self._risk is None else breaker_name(self._risk, self.code)
        self.query_one("#word", Input).placeholder = f"type {RESET_WORD} to confirm: {chosen}"

    @on(OptionList.OptionSelected)
    def _go_to_reason(self) -> None:
        self.entry().focus()


def _describe(risk: RiskView, code: str) -> str:
    trip = next((trip for trip in risk.trips if trip.code == code), None)
    name = breaker_name(risk, code)
    if trip is None:
        return name
    return printable(f"{name} · {fmt.clock(trip.time_ms)}Z {trip.text}")
