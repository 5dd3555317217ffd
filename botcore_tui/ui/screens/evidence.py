"""The deployment phase in force, and what the ledger shows of what the next one needs."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol

from textual.binding import Binding, BindingType

from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.base import Row, filled
from botcore_tui.ui.panes.cells import cut, printable
from botcore_tui.ui.panes.columns import Column, table_rows
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.listing import Fact, named_rows
from botcore_tui.ui.panes.risk import silent_rows, unknown_rows
from botcore_tui.ui.panes.risk_reading import risk_of
from botcore_tui.ui.panes.risk_rows import phase_facts
from botcore_tui.ui.screens.read import NO_LEDGER, ReadPane, ReadScreen


class EvidenceLine(Protocol):
    """One thing that the next phase needs."""

    @property
    def name(self) -> str:
        """What is needed."""

    @property
    def have(self) -> str:
        """What the ledger shows."""

    @property
    def need(self) -> str:
        """How much is enough."""

    @property
    def is_met(self) -> bool:
        """Whether it is."""


EvidenceLoader = Callable[[], Sequence[EvidenceLine]]
"""Reads the ledger; may take its time, so it is called in a thread of its own."""


class EvidencePane(ReadPane):
    """The phase from the picture, and below it the evidence as it was last read."""

    def __init__(self, *, clock_ns: Callable[[], int], id: str) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(clock_ns=clock_ns, id=id)
        self.lines: Sequence[EvidenceLine] = ()

    def list_rows(self, snapshot: Snapshot, width: int, height: int) -> Sequence[Row]:
        """All rows of one picture."""
        risk = risk_of(snapshot)
        if risk is None:
            return unknown_rows(snapshot, width, height)
        now_ns = self.clock_ns()
        since = risk.phase.since_ms if risk.phase is not None else 0
        facts = phase_facts(risk)
        if since:
            day = f"{fmt.calendar_day(since)} {fmt.clock_minutes(since)}Z"
            facts.insert(1, Fact("since", day))
        if risk.phase is not None and risk.phase.trouble:
            facts.append(Fact("trouble", printable(risk.phase.trouble), Ink.ALARM))
        return [
            *silent_rows(snapshot, now_ns, width),
            *named_rows(facts, width),
            filled((), width),
            *self._evidence(width),
        ]

    def _evidence(self, width: int) -> list[Row]:
        if self.message:
            return [filled(((cut(printable(self.message), width), Ink.MUTED),), width)]
        met = sum(line.is_met for line in self.lines)
        head = f"evidence for the next phase: {met} of {len(self.lines)} met"
        is_complete = met == len(self.lines)
        columns = _columns(self.lines)
        return [
            filled(((head, Ink.GOOD if is_complete else Ink.WARN),), width),
            *table_rows(columns, width),
        ]


class EvidenceScreen(ReadScreen):
    """Reads the evidence when it opens, and again when it is told to.

    Args:
        load: Reads it; None: there is no ledger.
        clock_ns: Monotonic nanoseconds, of the clock that stamps the snapshots.
    """

    about = "the evidence"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "reload", "Read again", tooltip="Read the ledger again", show=False)
    ]

    def __init__(self, load: EvidenceLoader | None, *, clock_ns: Callable[[], int]) -> None:
        self._evidence = EvidencePane(clock_ns=clock_ns, id="report")
        super().__init__("Phase", "r read again · j k scroll", self._evidence, clock_ns=clock_ns)
        self._load = load

    def on_mount(self) -> None:
        """Begin to read."""
        self.action_reload()

    def action_reload(self) -> None:
        """Read the ledger again."""
        if self._load is None:
            self.say(NO_LEDGER)
        else:
            self.read("reading the ledger…", self._load, self._take)

    def _take(self, lines: Sequence[EvidenceLine]) -> str:
        self._evidence.lines = lines
        return "" if lines else "no evidence is asked for here"


def _columns(lines: Sequence[EvidenceLine]) -> list[Column]:
    inks = tuple(Ink.GOOD if line.is_met else Ink.WARN for line in lines)
    return [
        Column("", tuple("✓" if line.is_met else "✗" for line in lines), 9, inks=inks),
        Column("evidence", tuple(printable(line.name) for line in lines), 8, is_number=False),
        Column(
            "have", tuple(printable(line.have) for line in lines), 7, is_number=False, inks=inks
        ),
        Column("need", tuple(printable(line.need) for line in lines), 6, is_number=False),
    ]
