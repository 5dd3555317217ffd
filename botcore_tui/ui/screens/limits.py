"""The limits in force in plain words: opens by itself until somebody has acknowledged them (R71).

It is a report like the others: band and halt keys stay, what is CRITICAL is shown below it, and
neither the engine nor the market waits for it.
"""

from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol

from textual.binding import Binding, BindingType
from textual.message import Message

from botcore_tui.core.briefing import Paragraph
from botcore_tui.model.risk import RiskView
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui.panes.base import Row, filled
from botcore_tui.ui.panes.cells import folded, printable
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.listing import ListPane
from botcore_tui.ui.panes.risk_reading import risk_of
from botcore_tui.ui.screens.report import ReportScreen

_WIDEST = 100
"""Cells of a line: longer ones are hard to read."""
_KEYS = "j k scroll"


class LimitsBook(Protocol):
    """What the limits are, and who has read them."""

    is_needed: bool
    """Whether trading waits for an acknowledgement here."""
    acknowledged: str
    """When and by whom; empty: not yet."""

    def paragraphs(self, risk: RiskView | None) -> Sequence[Paragraph]:
        """The limits in force."""

    def acknowledge(self) -> None:
        """Store that they were read; may wait for a disk, so it is called in a thread.

        Raises UnavailableError where it cannot be written.
        """


class Acknowledged(Message):
    """A person said to have read the limits; not stored yet."""


class LimitsPane(ListPane):
    """Paragraphs under their headings, above them what waits for the acknowledgement."""

    names_symbol = False

    def __init__(self, book: LimitsBook, *, clock_ns: Callable[[], int], id: str) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(clock_ns=clock_ns, id=id)
        self._book = book

    def list_rows(self, snapshot: Snapshot, width: int, _height: int) -> Sequence[Row]:
        """All rows of one picture."""
        return [*self._standing(width), *self._paragraphs(risk_of(snapshot), width)]

    def draw_waiting(self, width: int, height: int) -> Sequence[Row]:
        """The same before the engine has shown itself."""
        return [*self._standing(width), *self._paragraphs(None, width)][:height]

    def _standing(self, width: int) -> list[Row]:
        book = self._book
        if book.acknowledged:
            text = f"acknowledged {printable(book.acknowledged)}"
            return [filled(((text, Ink.MUTED),), width)]
        text, ink = "Shown at the first start, once: enter says that you have read it.", Ink.STRONG
        if book.is_needed:
            text, ink = f"Trading stays HALTED here until then. {text}", Ink.WARN
        return [filled(((line, ink),), width) for line in folded(text, width)]

    def _paragraphs(self, risk: RiskView | None, width: int) -> list[Row]:
        rows: list[Row] = []
        for paragraph in self._book.paragraphs(risk):
            rows += [filled((), width), filled(((paragraph.title, Ink.STRONG),), width)]
            for text in paragraph.lines:
                sign = "· "
                for line in folded(printable(text), max(1, min(width, _WIDEST) - 2)):
                    rows.append(filled(((f"{sign}{line}", Ink.TEXT),), width))
                    sign = "  "
        return rows


class LimitsScreen(ReportScreen):
    """Closes with enter, which acknowledges, or with escape, which leaves that for later.

    Args:
        book: See there.
        clock_ns: Monotonic nanoseconds, of the clock that stamps the snapshots.
        arm_seconds: How long enter is not taken: it may have been typed before this was seen.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "acknowledge", "Read", tooltip="I have read the limits", show=False)
    ]

    def __init__(
        self, book: LimitsBook, *, clock_ns: Callable[[], int], arm_seconds: float
    ) -> None:
        pane = LimitsPane(book, clock_ns=clock_ns, id="report")
        super().__init__("Limits in force", _KEYS, pane, clock_ns=clock_ns)
        self._arm_seconds = arm_seconds
        self._is_acknowledged = bool(book.acknowledged)
        self._is_armed = False

    def on_mount(self) -> None:
        """The key counts, and is shown, a moment later."""
        if self._arm_seconds > 0:
            self.set_timer(self._arm_seconds, self._arm)
        else:
            self._arm()

    def _arm(self) -> None:
        self._is_armed = True
        if not self._is_acknowledged:
            self.tell_keys(f"enter I have read this · {_KEYS}")

    def action_acknowledge(self) -> None:
        """Say so, and go back to the cockpit."""
        if self._is_armed:
            self.post_message(Acknowledged())
            self.dismiss(None)
