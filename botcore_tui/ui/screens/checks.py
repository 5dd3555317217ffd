"""The monitoring checklist: daily, weekly and monthly checks, and the journal of trades."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar, Final, Protocol

from textual.binding import Binding, BindingType
from textual.message import Message

from botcore_tui.core.checks import about_text, source_text, summary_of, worst
from botcore_tui.model.check import Check, Checklist, CheckState, JournalTrade, Period
from botcore_tui.model.risk import RiskView
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.base import Row, filled
from botcore_tui.ui.panes.cells import folded, printable
from botcore_tui.ui.panes.columns import Column, table_rows
from botcore_tui.ui.panes.cursor import MARK, NO_MARK
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.screens.read import NO_LEDGER, ReadPane, ReadScreen

JOURNAL: Final = "journal"
_TABS: Final = (*map(str, Period), JOURNAL)
_INDENT: Final = "            "
_MILLI: Final = 1_000_000
_INKS: Final = {
    CheckState.OK: Ink.GOOD,
    CheckState.LOOK: Ink.WARN,
    CheckState.FAILED: Ink.ERROR,
    CheckState.NOT_KNOWN: Ink.STALE,
}


class ChecksDesk(Protocol):
    """Reads the checklist; may take its time, so it is called in a thread of its own."""

    def read(self, period: Period, risk: RiskView | None) -> Checklist:
        """All checks of a period, as they stand."""

    def journal(self) -> Sequence[JournalTrade]:
        """Trades of the last days, newest first."""

    def reminder(self) -> str:
        """That the daily review is due; empty if it is not."""


class SignAsked(Message):
    """A list is to be signed; nothing was asked yet."""

    def __init__(self, listed: Checklist) -> None:
        super().__init__()
        self.listed = listed


class NoteAsked(Message):
    """A trade is to be reviewed; nothing was asked yet."""

    def __init__(self, trade: JournalTrade) -> None:
        super().__init__()
        self.trade = trade


class ChecksPane(ReadPane):
    """One of the lists, or the journal with a cursor."""

    def __init__(self, *, clock_ns: Callable[[], int], id: str) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(clock_ns=clock_ns, id=id)
        self.tab = 0
        self.listed: Checklist | None = None
        self.trades: Sequence[JournalTrade] = ()
        self.place = 0
        self.read_ns = 0
        """When it was read."""
        self._cursor_line = 0

    @property
    def is_journal(self) -> bool:
        """Whether trades are shown."""
        return _TABS[self.tab] == JOURNAL

    def draw(self, snapshot: Snapshot, width: int, height: int) -> Sequence[Row]:
        """The rows in sight; in the journal the chosen one among them."""
        if self.is_journal and self.trades and not self.message:
            self.list_rows(snapshot, width, height)  # finds the cursor's line
            lowest = self._cursor_line - height + 1
            self._first = max(0, lowest, min(self._first, self._cursor_line))
        return super().draw(snapshot, width, height)

    def list_rows(self, snapshot: Snapshot, width: int, height: int) -> Sequence[Row]:  # noqa: ARG002 - as every pane
        """The tabs, and below them what was read."""
        rows = [_tabs(self.tab, width), filled((), width)]
        if self.message:
            return [*rows, *_lines(self.message, "", Ink.MUTED, width)]
        if self.is_journal:
            return [*rows, *self._journal(width, len(rows))]
        return rows if self.listed is None else [*rows, *self._checks(self.listed, width)]

    def action_scroll_lines(self, lines: int) -> None:
        """So many lines further down; in the journal so many trades."""
        if not self.is_journal:
            super().action_scroll_lines(lines)
            return
        self.place = min(max(0, len(self.trades) - 1), max(0, self.place + lines))
        self.redraw()

    def _checks(self, listed: Checklist, width: int) -> list[Row]:
        later_ms = max(0, self.clock_ns() - self.read_ns) // _MILLI
        state = worst(check.state for check in listed.checks)
        head = f"{state.sign} {summary_of(listed.checks)}, read {_ago(later_ms)}"
        rows = _lines(head, "", _INKS[state], width)
        for check in listed.checks:
            rows += _check_rows(check, later_ms, width)
        return [*rows, filled((), width), *_lines(_signature(listed), "", Ink.MUTED, width)]

    def _journal(self, width: int, above: int) -> list[Row]:
        trades = self.trades
        if not trades:
            return _lines("no trade ended flat in 7 days", "", Ink.MUTED, width)
        self.place = min(self.place, len(trades) - 1)
        left = sum(not trade.note for trade in trades)
        ink = Ink.WARN if left else Ink.GOOD
        head = _lines(f"{len(trades)} trades in 7 days, {left} not reviewed", "", ink, width)
        self._cursor_line = above + len(head) + 1 + self.place
        return [*head, *table_rows(_columns(trades, self.place), width)]


class ChecksScreen(ReadScreen):
    """Reads a list when it is chosen, and again when it is told to.

    Args:
        desk: Reads them; None: there is no ledger.
        risk: Of the newest picture.
        clock_ns: Monotonic nanoseconds, of the clock that stamps the snapshots.
    """

    about = "the checks"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("C", "close", "Close", tooltip="Back", show=False),
        Binding("right,l,tab", "turn(1)", "Next list", tooltip="The next list", show=False),
        Binding("left,h,shift+tab", "turn(-1)", "List before", tooltip="List before", show=False),
        Binding("s", "sign", "Sign", tooltip="Sign this list; asks", show=False),
        Binding("enter", "note", "Note", tooltip="Review the chosen trade; asks", show=False),
        Binding("r", "reload", "Read again", tooltip="Read it again", show=False),
    ]

    def __init__(
        self,
        desk: ChecksDesk | None,
        risk: Callable[[], RiskView | None],
        *,
        clock_ns: Callable[[], int],
    ) -> None:
        self._checks = ChecksPane(clock_ns=clock_ns, id="report")
        keys = "←→ list · s sign · enter review a trade · r read again · j k"
        super().__init__("Checks", keys, self._checks, clock_ns=clock_ns)
        self._desk, self._risk, self._clock_ns = desk, risk, clock_ns

    def on_mount(self) -> None:
        """Begin to read."""
        self.action_reload()

    def action_turn(self, step: int) -> None:
        """Another list."""
        self._checks.tab = (self._checks.tab + step) % len(_TABS)
        self._checks.action_scroll_first()
        self.action_reload()

    def action_reload(self) -> None:
        """Read the list again."""
        pane, desk = self._checks, self._desk
        pane.listed, pane.trades = None, ()
        if desk is None:
            self.say(NO_LEDGER)
        elif pane.is_journal:
            self.read("reading…", desk.journal, self._take_trades)
        else:
            read = partial(desk.read, Period(_TABS[pane.tab]), self._risk())
            self.read("reading…", read, self._take_list)

    def _take_list(self, listed: Checklist) -> str:
        self._checks.listed, self._checks.read_ns = listed, self._clock_ns()
        return ""

    def _take_trades(self, trades: Sequence[JournalTrade]) -> str:
        self._checks.trades = trades
        return ""

    def action_sign(self) -> None:
        """Ask for a signature under the list that is shown."""
        if self._checks.listed is not None:
            self.post_message(SignAsked(self._checks.listed))

    def action_note(self) -> None:
        """Ask for a note about the chosen trade."""
        pane = self._checks
        if pane.is_journal and pane.trades:
            self.post_message(NoteAsked(pane.trades[pane.place]))


def _tabs(chosen: int, width: int) -> Row:
    row = tuple(
        (f"[{name}]", Ink.STRONG) if index == chosen else (f" {name} ", Ink.MUTED)
        for index, name in enumerate(_TABS)
    )
    return filled(row, width)


def _check_rows(check: Check, later_ms: int, width: int) -> list[Row]:
    ink = _INKS[check.state]
    mark = f"{check.state.sign} {check.state:<9} "
    first, *more = folded(printable(about_text(check)), max(1, width - len(mark)))
    rows = [filled(((mark, ink), (first, Ink.STRONG)), width)]
    rows += [filled(((f"{_INDENT}{line}", Ink.STRONG),), width) for line in more]
    rows += _lines(source_text(check, later_ms), _INDENT, Ink.MUTED, width)
    for detail in check.details:
        rows += _lines(f"- {detail}", _INDENT, Ink.TEXT, width)
    if check.remedy:
        rows += _lines(f"→ {check.remedy}", _INDENT, Ink.WARN, width)
    return rows


def _lines(text: str, indent: str, ink: Ink, width: int) -> list[Row]:
    lines = folded(printable(text), max(1, width - len(indent)))
    return [filled(((f"{indent}{line}", ink),), width) for line in lines]


def _signature(listed: Checklist) -> str:
    signed = listed.signed
    if signed is None:
        return f"the {listed.period} list was never signed: s signs it"
    when = f"{fmt.calendar_day(signed.time_ms)} {fmt.clock_minutes(signed.time_ms)}Z"
    return f"last signed {when} by {signed.actor}: {signed.reason} ({signed.summary})"


def _ago(later_ms: int) -> str:
    return f"{fmt.lapse(later_ms * _MILLI)} ago"


def _columns(trades: Sequence[JournalTrade], place: int) -> list[Column]:
    marks = tuple(MARK if index == place else NO_MARK for index in range(len(trades)))
    inks = tuple(Ink.TEXT if trade.note else Ink.WARN for trade in trades)
    days = tuple(
        f"{fmt.calendar_day(trade.closed_ms)} {fmt.clock_minutes(trade.closed_ms)}Z"
        for trade in trades
    )
    notes = tuple(
        printable(f"✓ {trade.note} ({trade.reviewer})") if trade.note else "! not reviewed"
        for trade in trades
    )
    return [
        Column("", marks, 10, is_number=False),
        Column("number", tuple(str(trade.number) for trade in trades), 5),
        Column("closed", days, 7, is_number=False),
        Column("symbol", tuple(printable(trade.symbol) for trade in trades), 8, is_number=False),
        Column("net", tuple(fmt.signed(trade.net) for trade in trades), 9),
        Column("review", notes, 9, is_number=False, widest=44, inks=inks),
    ]
