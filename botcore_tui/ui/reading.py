"""The part of the cockpit that explains: limits in force, readiness, what codes mean.

Nothing here changes what is traded; acknowledging the limits only lifts what waits for that.
"""

from functools import partial

from textual import on
from textual.worker import Worker, WorkerState

from botcore_tui.model.event import Severity, TradingState
from botcore_tui.ui.panes.base import PagesAsked
from botcore_tui.ui.review import ReviewApp
from botcore_tui.ui.runbook import runbook
from botcore_tui.ui.screens.limits import Acknowledged, LimitsBook, LimitsScreen
from botcore_tui.ui.screens.page import page_screen
from botcore_tui.ui.screens.readiness import ReadinessBook, ReadinessScreen


class ReadingApp(ReviewApp):
    """Shows the limits until somebody has read them, and explains on demand."""

    _readiness: ReadinessBook
    _storing: Worker[None] | None = None

    def on_mount(self) -> None:
        """Open the limits where nobody has read them; Textual calls the base classes' by itself."""
        self._readiness = ReadinessBook(self.settings.doctor, self.clock_ns)
        book = self.settings.limits
        if book is not None and not book.acknowledged:
            self._open_limits(book)

    def action_resume(self) -> None:
        """Ask before one step back towards trading; what would be refused is not even asked."""
        book = self.settings.limits
        if book is not None and book.is_needed and not book.acknowledged:
            self._open_limits(book)
        else:
            super().action_resume()

    def action_limits(self) -> None:
        """Show the limits in force."""
        if self.settings.limits is None:
            self.alert("there are no limits here: nothing can be ordered")
        else:
            self._open_limits(self.settings.limits)

    def action_doctor(self) -> None:
        """Show whether all is ready."""
        self.push_report(ReadinessScreen(self._readiness))

    def action_runbook(self) -> None:
        """Show all pages."""
        self.post_message(PagesAsked(tuple(runbook())))

    def _open_limits(self, book: LimitsBook) -> None:
        arm_seconds = self.settings.arm_seconds
        self.push_report(LimitsScreen(book, clock_ns=self.clock_ns, arm_seconds=arm_seconds))

    @on(PagesAsked)
    def _show_pages(self, event: PagesAsked) -> None:
        screen = page_screen(event.codes, event.about, clock_ns=self.clock_ns)
        if screen is None:
            self.alert("no code in sight that has a page; R shows all of them")
        else:
            self.push_report(screen)

    @on(Acknowledged)
    def _store(self) -> None:
        book = self.settings.limits
        if book is not None and not book.acknowledged:
            # In a thread: a full or distant disk must not hold the screen.
            self._storing = self.run_worker(
                partial(book.acknowledge), thread=True, group="limits", exit_on_error=False
            )

    @on(Worker.StateChanged)
    def _tell_stored(self, event: Worker.StateChanged) -> None:
        worker, book = self._storing, self.settings.limits
        if worker is None or event.worker is not worker or book is None:
            return
        if event.state is WorkerState.ERROR:
            self.alert(f"not stored: {worker.error}", Severity.WARNING)
        elif event.state is WorkerState.SUCCESS:
            is_halted = self.latest is not None and self.latest.state is TradingState.HALTED
            then = "; F9 resumes trading, step by step" if book.is_needed and is_halted else ""
            self.alert(f"limits acknowledged {book.acknowledged}{then}")
