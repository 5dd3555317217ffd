"""Reports on what takes time to be read, such as a ledger: a thread reads it, the screen waits."""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from textual import on
from textual.worker import Worker, WorkerState

from botcore_tui.ui.panes.listing import ListPane
from botcore_tui.ui.screens.report import ReportScreen

NO_LEDGER = "there is no ledger here; it is written where trading is enabled"

_Found = TypeVar("_Found")


class ReadPane(ListPane):
    """Shows what was read, or why there is nothing to show."""

    names_symbol = False

    def __init__(self, *, clock_ns: Callable[[], int], id: str) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(clock_ns=clock_ns, id=id)
        self.message = "reading…"
        """Instead of what is read; empty: that is there."""


class ReadScreen(ReportScreen):
    """Reads what its pane shows.

    Args:
        title: Of the border.
        keys: What can be pressed, for the lower border.
        pane: See there.
        clock_ns: Monotonic nanoseconds, of the clock that stamps the snapshots.
    """

    about: ClassVar[str]
    """What is read, for the message that it cannot be."""

    def __init__(
        self, title: str, keys: str, pane: ReadPane, *, clock_ns: Callable[[], int]
    ) -> None:
        super().__init__(title, keys, pane, clock_ns=clock_ns)
        self._pane = pane
        self._reading: Worker[Any] | None = None
        self._finish: Callable[[], str] = str

    def read(self, message: str, work: Callable[[], _Found], take: Callable[[_Found], str]) -> None:
        """Read it now; what is being read is wanted no more.

        Args:
            message: Shown meanwhile.
            work: Reads; may take its time, so it is called in a thread of its own.
            take: Hears what was read; gives the message to show instead, empty for none.
        """
        self.say(message)
        worker: Worker[_Found] = self.run_worker(
            work, thread=True, exit_on_error=False, group="report", exclusive=True
        )

        def finish() -> str:
            found = worker.result
            return "" if found is None else take(found)

        self._reading, self._finish = worker, finish

    def say(self, message: str) -> None:
        """Show a message instead; empty: show what was read."""
        self._pane.message = message
        self._pane.redraw()

    @on(Worker.StateChanged)
    def _hear(self, event: Worker.StateChanged) -> None:
        worker = self._reading
        if worker is None or event.worker is not worker:
            return
        if event.state is WorkerState.ERROR:
            self.say(f"{self.about} cannot be read: {worker.error}")
        elif event.state is WorkerState.SUCCESS:
            self.say(self._finish())
