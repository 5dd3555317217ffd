"""A screen of live rows over the cockpit, under a status band of its own."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from botcore_tui.model.severity import Severity
from botcore_tui.model.snapshot import LogLine, Snapshot
from botcore_tui.ui.bars import AlertRow
from botcore_tui.ui.panes.base import LinePane
from botcore_tui.ui.panes.status import StatusBand


class ReportScreen(ModalScreen[None]):
    """Shows one pane; where we are and whether we trade stays in sight above it.

    Args:
        title: Of the border.
        keys: What can be pressed, for the lower border.
        pane: What is shown.
        clock_ns: Monotonic nanoseconds, of the clock that stamps the snapshots.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Close", tooltip="Back to the cockpit", show=False)
    ]

    def __init__(
        self, title: str, keys: str, pane: LinePane, *, clock_ns: Callable[[], int]
    ) -> None:
        super().__init__(classes="dialog report")
        self._heading = title
        self._keys = keys
        self.pane = pane
        self._band = StatusBand(clock_ns=clock_ns, id="report-status")
        self._news = AlertRow(clock_ns=clock_ns, id="report-news")

    def compose(self) -> ComposeResult:
        """Band, box, and below it what must not be missed."""
        yield self._band
        with Vertical(classes="box whole") as box:
            box.border_title = self._heading
            box.border_subtitle = self._said(self._keys)
            yield self.pane
        yield self._news

    def on_mount(self) -> None:
        """Let the keys reach the rows."""
        self.pane.focus(scroll_visible=False)

    def tell_keys(self, keys: str) -> None:
        """Say what can be pressed from now on."""
        self.query_one(".box").border_subtitle = self._said(keys)

    def _said(self, keys: str) -> Content:
        return Content(f"{keys} · esc closes")

    def show(self, snapshot: Snapshot, *, is_halting: bool) -> None:
        """Take a newer picture.

        Args:
            snapshot: The picture.
            is_halting: Whether a halt was asked for that no picture confirms yet.
        """
        self._band.show(snapshot)
        if self._band.halting != is_halting:
            self._band.halting = is_halting
        self.pane.show(snapshot)

    def show_lines(self, lines: Sequence[LogLine]) -> None:
        """Take new lines of the log: what is CRITICAL is not covered up, and stays."""
        critical = [line for line in lines if line.severity is Severity.CRITICAL]
        if critical:
            self._news.show_lines(critical)
            self.add_class("-critical")

    def action_close(self) -> None:
        """Back to the cockpit."""
        self.dismiss(None)
