"""Log lines as rows: stamp, level, text with the places of a search set off."""

from collections.abc import Callable, Sequence

from botcore_tui.model.event import Severity
from botcore_tui.model.snapshot import LogLine
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.base import Row, filled
from botcore_tui.ui.panes.cells import chopped, cut, printable, width_of
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.log_buffer import line_text

_INKS = {
    Severity.DEBUG: Ink.MUTED,
    Severity.INFO: Ink.TEXT,
    Severity.WARNING: Ink.WARN,
    Severity.ERROR: Ink.ERROR,
    Severity.CRITICAL: Ink.HALTED,
}
_WIDTH_WITH_TIME = 40
_WIDTH_WITH_MILLISECONDS = 80

Spans = Callable[[str], Sequence[tuple[int, int]]]
"""Where in a shown text the search stands."""


def line_rows(
    line: LogLine, width: int, *, spans: Spans, is_wrapped: bool, is_current: bool
) -> list[Row]:
    """One line of the log: a row, or as many as it takes.

    Args:
        line: What to show.
        width: Cells of the pane.
        spans: Finds the places to set off.
        is_wrapped: Fold what is too long instead of cutting it.
        is_current: Whether this is the match that was gone to.
    """
    stamp = ""
    if width >= _WIDTH_WITH_TIME:
        with_milliseconds = width >= _WIDTH_WITH_MILLISECONDS
        stamp = fmt.clock(line.time_ms, with_milliseconds=with_milliseconds) + " "
    level = f"{line.severity:<5} " if width >= _WIDTH_WITH_TIME else f"{line.severity[0]} "
    indent = len(stamp) + len(level)
    text, room = line_text(line), max(1, width - indent)
    ink = Ink.ERROR if line.severity in (Severity.ERROR, Severity.CRITICAL) else Ink.TEXT
    marked = Ink.ALARM if is_current else Ink.MATCH
    rows: list[Row] = []
    for piece in chopped(text, room) if is_wrapped else [cut(text, room)]:
        head: Row = ((stamp, Ink.MUTED), (level, _INKS[line.severity]))
        if rows:
            head = ((" " * indent, Ink.TEXT),)
        rows.append(filled((*head, *_marked(piece, spans(piece), ink, marked)), width))
    return rows


def _marked(text: str, places: Sequence[tuple[int, int]], ink: Ink, marked: Ink) -> Row:
    row: list[tuple[str, Ink]] = []
    done = 0
    for begin, end in places:
        row += [(text[done:begin], ink), (text[begin:end], marked)]
        done = end
    return (*row, (text[done:], ink))


def editor_row(draft: str, width: int) -> Row:
    """A search that is being typed, with a cursor; its end stays in sight."""
    shown = printable(draft)
    while shown and width_of(shown) > width - 2:
        shown = shown[1:]
    return filled((("/", Ink.STRONG), (shown, Ink.STRONG), (" ", Ink.MATCH)), width)
