"""The ledger on the screen: its tables, newest rows first, page by page."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar, Final, Protocol

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.worker import Worker, WorkerState

from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui.panes.base import LinePane, Row, filled, message_rows
from botcore_tui.ui.panes.cells import printable
from botcore_tui.ui.panes.columns import Column, table_rows
from botcore_tui.ui.panes.cursor import MARK, NO_MARK
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.listing import Fact, fact_rows
from botcore_tui.ui.panes.status import StatusBand

PAGE_ROWS: Final = 200
MOST_ROWS: Final = 5_000
"""Kept of one table; who needs more has ``botcore ledger export``."""
_WIDEST: Final = 36

Page = tuple[tuple[str, ...], list[tuple[str, ...]]]
"""Names of the columns, the first of which is the sequence number, and rows, newest first."""


class LedgerBrowser(Protocol):
    """Reads the ledger; may take its time, so it is called in a thread of its own."""

    def tables(self) -> tuple[str, ...]:
        """Names of the tables."""

    def page(self, table: str, limit: int, before: int | None) -> Page:
        """Rows of a table, newest first.

        Args:
            table: One of ``tables``.
            limit: Most rows to give.
            before: Only rows with a smaller sequence number; None: from the newest on.
        """


class LedgerTable(LinePane):
    """The rows of one table, with a cursor; or all columns of one row below each other."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self.columns: tuple[str, ...] = ()
        self.lines: list[tuple[str, ...]] = []
        self.place = 0
        self.is_row_open = False
        self.message = ("reading…", "")
        self.trouble = ""
        """Why the rows below the last one could not be read."""
        self._first = 0

    def rows(self, width: int, height: int) -> Sequence[Row]:
        """What is seen now."""
        if not self.lines:
            return message_rows(*self.message, width=width, height=height)
        if self.is_row_open:
            facts = [
                Fact(name, text)
                for name, text in zip(self.columns, self.lines[self.place], strict=True)
            ]
            return fact_rows(facts, width, height)[:height]
        room = max(1, height - 1 - bool(self.trouble))
        lowest = self.place - room + 1
        self._first = max(0, lowest, min(self._first, self.place))
        shown = self._table(self.lines[self._first : self._first + room], width)
        if self.trouble:
            text = printable(f"older rows cannot be read: {self.trouble}")
            shown = [*shown, filled(((text, Ink.ERROR),), width)]
        return shown[:height]

    def _table(self, lines: Sequence[tuple[str, ...]], width: int) -> Sequence[Row]:
        marks = tuple(
            MARK if self._first + index == self.place else NO_MARK for index in range(len(lines))
        )
        columns = [Column("", marks, 100, is_number=False)]
        for index, name in enumerate(self.columns):
            texts = tuple(printable(line[index]) for line in lines)
            # The first columns say which row it is.
            columns.append(Column(name, texts, 99 - index, is_number=False, widest=_WIDEST))
        return table_rows(columns, width)

    def caption(self) -> str:
        """Place of the cursor."""
        return f"{self.place + 1} of {len(self.lines)} read" if self.lines else ""

    def move(self, rows: int) -> None:
        """So many rows further down."""
        self.place = min(max(0, len(self.lines) - 1), max(0, self.place + rows))
        self.redraw()


class LedgerScreen(ModalScreen[None]):
    """All tables of the ledger, to be read only; whether we trade stays in sight above them.

    Args:
        browser: Reads it; None: there is none.
        clock_ns: Monotonic nanoseconds, of the clock that stamps the snapshots.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,L", "close", "Close", tooltip="Back", show=False),
        Binding("right,l,tab", "table(1)", "Next table", tooltip="The next table", show=False),
        Binding(
            "left,h,shift+tab", "table(-1)", "Table before", tooltip="Table before", show=False
        ),
        Binding("j,down", "move(1)", "Down", tooltip="One row down", show=False),
        Binding("k,up", "move(-1)", "Up", tooltip="One row up", show=False),
        Binding("pagedown", "page(1)", "Page down", tooltip="One page down", show=False),
        Binding("pageup", "page(-1)", "Page up", tooltip="One page up", show=False),
        Binding("home,r", "reload", "Newest", tooltip="Read again from the newest", show=False),
        Binding("enter", "open_row", "Row", tooltip="All columns of a row", show=False),
    ]

    def __init__(self, browser: LedgerBrowser | None, *, clock_ns: Callable[[], int]) -> None:
        super().__init__(classes="dialog report")
        self._band = StatusBand(clock_ns=clock_ns, id="report-status")
        self._browser = browser
        self._tables: tuple[str, ...] = ()
        self._chosen = 0
        self._is_whole = False
        """Whether the oldest row was read."""
        self._reading: Worker[Page] | None = None
        self._listing: Worker[tuple[str, ...]] | None = None
        self._table = LedgerTable(id="ledger-table")
        self._tabs = _Tabs(id="ledger-tabs")

    def compose(self) -> ComposeResult:
        """Band, the names of the tables, and one of them."""
        yield self._band
        with Vertical(classes="box whole") as box:
            box.border_title = "Ledger"
            box.border_subtitle = Content("←→ table · j k row · enter all of it · r newest · esc")
            yield self._tabs
            yield self._table

    def on_mount(self) -> None:
        """Begin to read."""
        if self._browser is None:
            self._say("there is no ledger here", "it is written where trading is enabled")
            return
        self._listing = self.run_worker(
            self._browser.tables, thread=True, exit_on_error=False, group="tables"
        )

    def show(self, snapshot: Snapshot, *, is_halting: bool) -> None:
        """Take a newer picture.

        Args:
            snapshot: The picture.
            is_halting: Whether a halt was asked for that no picture confirms yet.
        """
        self._band.show(snapshot)
        if self._band.halting != is_halting:
            self._band.halting = is_halting

    def action_close(self) -> None:
        """Back: to the rows if one is open, else to the cockpit."""
        if self._table.is_row_open:
            self.action_open_row()
        else:
            self.dismiss(None)

    def action_table(self, step: int) -> None:
        """Another table."""
        if self._tables:
            self._chosen = (self._chosen + step) % len(self._tables)
            self.action_reload()

    def action_move(self, rows: int) -> None:
        """So many rows further down; older ones are read where the known ones end."""
        self._table.move(rows)
        is_last = self._table.place >= len(self._table.lines) - 1
        if rows > 0 and is_last and not self._is_whole and self._table.lines:
            self._read(self._oldest())

    def action_page(self, pages: int) -> None:
        """So many pages further down."""
        self.action_move(pages * max(1, self._table.size.height - 2))

    def action_reload(self) -> None:
        """Read the table again, from its newest row on."""
        if self._tables:
            self._tabs.choose(self._tables, self._chosen)
            self._table.lines, self._table.place, self._table.trouble = [], 0, ""
            self._table.is_row_open = self._is_whole = False
            self._say("reading…", "")
            self._read(None)

    def action_open_row(self) -> None:
        """Show all columns of the chosen row, or no longer."""
        if self._table.lines:
            self._table.is_row_open = not self._table.is_row_open
            self._table.redraw()

    def _say(self, headline: str, detail: str) -> None:
        self._table.message = (headline, detail)
        self._table.redraw()

    def _oldest(self) -> int | None:
        text = self._table.lines[-1][0]
        return int(text) if text.isdecimal() else None

    def _read(self, before: int | None) -> None:
        is_busy = self._reading is not None and not self._reading.is_finished
        if self._browser is None or (is_busy and before is not None):
            return
        if before is None and self._table.lines:
            return
        read = partial(self._browser.page, self._tables[self._chosen], PAGE_ROWS, before)
        # A newer question makes the older one's answer worthless.
        self._reading = self.run_worker(
            read, thread=True, exit_on_error=False, group="page", exclusive=True
        )

    @on(Worker.StateChanged)
    def _take(self, event: Worker.StateChanged) -> None:
        worker = event.worker
        if event.state is WorkerState.ERROR and worker in (self._listing, self._reading):
            # Below rows that are there, it is no end: the next key tries again.
            self._table.trouble = str(worker.error)
            self._say("the ledger cannot be read", str(worker.error))
        elif event.state is not WorkerState.SUCCESS:
            return
        elif worker is self._listing:
            self._list(self._listing.result or ())
        elif worker is self._reading and self._reading.result is not None:
            self._add(self._reading.result)

    def _list(self, tables: tuple[str, ...]) -> None:
        self._tables = tables
        self.action_reload()
        if not tables:
            self._say("the ledger has no tables", "")

    def _add(self, page: Page) -> None:
        columns, lines = page
        table = self._table
        table.columns = columns
        table.lines += lines
        table.trouble = ""
        self._is_whole = len(lines) < PAGE_ROWS or len(table.lines) >= MOST_ROWS
        self._say("nothing is in this table", "")


class _Tabs(LinePane, can_focus=False):
    """The names of the tables in one line, the chosen one reversed and always in sight."""

    _names: tuple[str, ...] = ()
    _chosen = 0

    def choose(self, names: tuple[str, ...], chosen: int) -> None:
        """Show these."""
        self._names, self._chosen = names, chosen
        self.redraw()

    def rows(self, width: int, height: int) -> Sequence[Row]:
        """One line, begun at the chosen name where not all fit."""
        texts = [f" {printable(name)} " for name in self._names]
        first = 0
        while first < self._chosen and sum(map(len, texts[first : self._chosen + 1])) > width:
            first += 1
        row: Row = tuple(
            (text, Ink.MATCH if index == self._chosen else Ink.MUTED)
            for index, text in enumerate(texts)
            if index >= first
        )
        return [filled(row, width)][:height]
