"""The readiness report: what ``botcore doctor`` finds, read by a program of its own (R72)."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Final, Protocol

from textual import on
from textual.binding import Binding, BindingType
from textual.worker import Worker, WorkerState

from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.base import Row, filled
from botcore_tui.ui.panes.cells import folded, left, printable
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.listing import ListPane
from botcore_tui.ui.screens.report import ReportScreen

_NAME_WIDTH: Final = 14
_SIGNS: Final = {
    "ok": ("✓ ok  ", Ink.GOOD),
    "NOTE": ("· NOTE", Ink.TEXT),
    "WARN": ("▲ WARN", Ink.WARN),
    "FAIL": ("✗ FAIL", Ink.ERROR),
}
_UNKNOWN: Final = ("? ", Ink.WARN)
_OLD_NS: Final = 600_000_000_000
"""A report that is older says little about now."""


class FindingLine(Protocol):
    """One thing that was looked at."""

    @property
    def grade(self) -> str:
        """``ok``, ``NOTE``, ``WARN``, ``FAIL``."""

    @property
    def name(self) -> str:
        """What it is."""

    @property
    def text(self) -> str:
        """What was seen."""

    @property
    def remedy(self) -> str:
        """What to do next; empty where nothing is to be done."""


class Doctor(Protocol):
    """Looks at machine, configuration and environment."""

    def look(self) -> Sequence[FindingLine]:
        """All findings; takes seconds, so it is called in a thread.

        Raises UnavailableError where there are none.
        """

    def stop(self) -> None:
        """End a look that nobody waits for any more; any thread."""


class ReadinessBook:
    """The last report, kept while the cockpit is open.

    Args:
        doctor: Who looks; None: nobody can here.
        clock_ns: Monotonic nanoseconds.
    """

    def __init__(self, doctor: Doctor | None, clock_ns: Callable[[], int]) -> None:
        self.doctor = doctor
        self.findings: Sequence[FindingLine] = ()
        self.read_ns = 0
        """When they were complete; 0: never."""
        self.message = ""
        """Why there are no newer ones; empty: nobody has tried."""
        self.clock_ns = clock_ns

    def take(self, findings: Sequence[FindingLine]) -> None:
        """A report is complete."""
        self.findings, self.read_ns, self.message = findings, self.clock_ns(), ""


class ReadinessPane(ListPane):
    """Age and count of the findings, then each; the gravest first."""

    names_symbol = False

    def __init__(self, book: ReadinessBook, *, id: str) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(clock_ns=book.clock_ns, id=id)
        self._book = book
        self.looking_ns = 0
        """Since when a look is under way; 0: none is."""

    def list_rows(self, _snapshot: Snapshot, width: int, _height: int) -> Sequence[Row]:
        """All rows; the picture does not matter, their age does."""
        return self._rows_now(width)

    def draw_waiting(self, width: int, height: int) -> Sequence[Row]:
        """The same before the engine has shown itself."""
        return self._rows_now(width)[:height]

    def _rows_now(self, width: int) -> list[Row]:
        book, now_ns = self._book, self.clock_ns()
        rows: list[Row] = []
        if self.looking_ns:
            text = f"looking for {fmt.lapse(now_ns - self.looking_ns)}…"
            rows.append(filled(((text, Ink.STRONG),), width))
        if book.message:
            rows += [
                filled(((line, Ink.ALARM),), width)
                for line in folded(printable(book.message), width)
            ]
        if book.read_ns:
            age_ns = now_ns - book.read_ns
            grades = [finding.grade for finding in book.findings]
            counts = (f"{grades.count(grade)} {grade}" for grade in reversed(_SIGNS))
            head = f"{fmt.lapse(age_ns)} old: {' · '.join(counts)}"
            rows.append(filled(((head, Ink.ALARM if age_ns > _OLD_NS else Ink.STRONG),), width))
        for grade in reversed(_SIGNS):
            for finding in book.findings:
                if finding.grade == grade:
                    rows += _finding_rows(finding, width)
        return rows


class ReadinessScreen(ReportScreen):
    """Looks when it opens for the first time, and again when it is told to.

    Args:
        book: Keeps the last report.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "look", "Look again", tooltip="Let the doctor look again", show=False)
    ]

    def __init__(self, book: ReadinessBook) -> None:
        self._readiness = ReadinessPane(book, id="report")
        super().__init__(
            "Readiness", "r look again · j k scroll", self._readiness, clock_ns=book.clock_ns
        )
        self._book = book
        self._looking: Worker[Sequence[FindingLine]] | None = None

    def on_mount(self) -> None:
        """Begin to look, unless somebody has."""
        if not self._book.read_ns:
            self.action_look()

    def on_unmount(self) -> None:
        """Nobody waits for it any more."""
        if self._looking is not None and self._book.doctor is not None:
            self._book.doctor.stop()

    def action_look(self) -> None:
        """Look again, unless a look is under way."""
        if self._looking is not None:
            return
        if self._book.doctor is None:
            self._book.message = "nobody can look from here: run botcore doctor"
            self._readiness.redraw()
            return
        self._book.message = ""
        self._readiness.looking_ns = self._book.clock_ns()
        self._looking = self.run_worker(
            self._book.doctor.look, thread=True, exit_on_error=False, group="doctor"
        )
        self._readiness.redraw()

    @on(Worker.StateChanged)
    def _take(self, event: Worker.StateChanged) -> None:
        worker = self._looking
        if worker is None or event.worker is not worker or not worker.is_finished:
            return
        self._looking, self._readiness.looking_ns = None, 0
        if event.state is WorkerState.SUCCESS:
            self._book.take(worker.result or ())
        else:
            self._book.message = f"the doctor could not look: {worker.error}"
        self._readiness.redraw()


def _finding_rows(finding: FindingLine, width: int) -> list[Row]:
    sign, ink = _SIGNS.get(finding.grade, _UNKNOWN)
    name = left(printable(finding.name), _NAME_WIDTH)
    indent = " " * (len(sign) + len(name) + 2)
    room = max(1, width - len(indent))
    rows: list[Row] = []
    for line in folded(printable(finding.text), room) or [""]:
        head: Row = ((f"{sign} {name} ", ink), (line, Ink.TEXT))
        rows.append(filled(head if not rows else ((indent + line, Ink.TEXT),), width))
    rows += [
        filled(((f"{indent}→ {line}", Ink.WARN if finding.grade != "NOTE" else Ink.MUTED),), width)
        for line in folded(printable(finding.remedy), max(1, room - 2))
    ]
    return rows
