"""Characters and colours of the chart as rows of a pane."""

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

from botcore_tui.ui.panes.base import Row
from botcore_tui.ui.panes.chart import time_ticks
from botcore_tui.ui.panes.ink import Ink


def runs(
    characters: Sequence[str], inks: Sequence[Ink], behind: str, behind_ink: Ink = Ink.GRID
) -> Row:
    """Neighbours of one colour in one piece.

    Args:
        characters: One a column; blank where nothing is drawn.
        inks: By column.
        behind: Shows through where nothing is drawn.
        behind_ink: Its colour.
    """
    drawn = "".join(characters)
    if drawn.isspace():
        return ((behind * len(drawn), behind_ink),)
    cells = [
        (behind, behind_ink) if character == " " else (character, ink)
        for character, ink in zip(characters, inks, strict=True)
    ]
    if behind == " ":
        # A blank has no colour of its own, so it does not end a run.
        ink = behind_ink
        for index, (character, own) in enumerate(cells):
            ink = ink if character == " " else own
            cells[index] = (character, ink)
    return tuple(
        ("".join(character for character, _ in run), ink)
        for ink, run in groupby(cells, key=itemgetter(1))
    )


def time_axis(right_ms: int, interval_ms: int, columns: int, *, width: int) -> str:
    """The line of times below the chart; arguments as of ``time_ticks``."""
    line = ""
    for column, text in time_ticks(right_ms, interval_ms, columns, width=width):
        line = line.ljust(column) + text
    return line
