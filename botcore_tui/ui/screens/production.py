"""The last question before real money: whose account, how much is at risk, and a typed name."""

from collections.abc import Sequence
from typing import Protocol

from textual import on
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from botcore_tui.errors import BotcoreError
from botcore_tui.ui.panes.cells import printable
from botcore_tui.ui.screens.confirm import TypedDialog
from botcore_tui.ui.screens.dialog import ARM_SECONDS

_BEFORE = (
    "This engine ends, another one starts, HALTED, on an account with REAL MONEY.",
    "Type the last characters of the account's name.",
)


class Offer(Protocol):
    """What was found there."""

    @property
    def lines(self) -> Sequence[str]:
        """To be read before anything is typed."""

    @property
    def word(self) -> str:
        """To be typed."""


class Road(Protocol):
    """Looks at the account; takes seconds, so it is called in a thread of its own."""

    def look(self) -> Offer:
        """What is found there.

        Raises:
            BotcoreError: Real money is not to be had, and why.
        """


class ProductionDialog(TypedDialog):
    """Gives back what was typed, or the empty string.

    Args:
        road: To the account; None: there is none from here.
        arm_seconds: How long the button stays disabled, once the account was found.
    """

    arms_when_shown = False

    def __init__(self, road: Road | None, *, arm_seconds: float = ARM_SECONDS) -> None:
        super().__init__(
            "REAL MONEY", _BEFORE, word="", label="Trade there", arm_seconds=arm_seconds
        )
        self._road = road

    def compose_choices(self) -> Sequence[Widget]:
        """What is found at the venue."""
        return [Static("looking at the account ...", markup=False, id="offer")]

    def on_mount(self) -> None:
        """Look; nothing can be confirmed before."""
        road = self._road
        if road is None:
            self._show("there is no way to real money from here")
            return
        self.run_worker(road.look, thread=True, exit_on_error=False, name="look")

    @on(Worker.StateChanged)
    def _looked(self, event: Worker.StateChanged) -> None:
        worker = event.worker
        if event.state is WorkerState.ERROR:
            self._show(f"not to be had: {_reason(worker.error)}")
        elif event.state is WorkerState.SUCCESS and worker.result is not None:
            offer: Offer = worker.result
            self._show("\n".join(offer.lines))
            # From here on somebody can read it: the time before the button counts from now.
            self.start_arming()
            self.require(offer.word)

    def _show(self, text: str) -> None:
        self.query_one("#offer", Static).update("\n".join(map(printable, text.split("\n"))))


def _reason(error: BaseException | None) -> str:
    if isinstance(error, BotcoreError):
        return str(error)
    return f"{type(error).__name__}; a defect, nothing was changed"
