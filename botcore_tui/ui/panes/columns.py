"""Tables of text: which columns fit, and rows made of them."""

from collections.abc import Sequence

from msgspec import Struct

from botcore_tui.ui.panes.base import Row, filled
from botcore_tui.ui.panes.cells import left, number, right, width_of
from botcore_tui.ui.panes.ink import Ink


class Column(Struct, frozen=True):
    """A column of a table and the texts in it, top to bottom."""

    title: str
    texts: tuple[str, ...]
    importance: int
    """The lowest one is the first to go when the pane is narrow."""
    is_number: bool = True
    """Numbers stand at the right and are never cut; texts stand at the left."""
    widest: int = 999
    """Cells; longer texts are cut."""
    inks: tuple[Ink, ...] = ()
    """One for each text; plain if there are none."""

    @property
    def width(self) -> int:
        """Cells that the column wants."""
        longest = max((width_of(text) for text in (self.title, *self.texts)), default=0)
        return min(longest, self.widest)


def fitting(columns: Sequence[Column], width: int) -> list[Column]:
    """The columns that fit beside each other with a blank between, in their order.

    The most important one always stays.
    """
    kept = list(columns)
    while len(kept) > 1 and sum(column.width + 1 for column in kept) - 1 > width:
        kept.remove(min(kept, key=lambda column: column.importance))
    return kept


def table_rows(columns: Sequence[Column], width: int) -> list[Row]:
    """A line of titles and one for each text, of the columns that fit."""
    kept = fitting(columns, width)
    widths = [min(column.width, width) for column in kept]
    title = " ".join(
        (right if column.is_number else left)(column.title, cells)
        for column, cells in zip(kept, widths, strict=True)
    )
    rows = [filled(((title, Ink.MUTED),), width)]
    for index in range(len(kept[0].texts) if kept else 0):
        row: list[tuple[str, Ink]] = []
        for column, cells in zip(kept, widths, strict=True):
            text = (number if column.is_number else left)(column.texts[index], cells)
            ink = column.inks[index] if column.inks else Ink.TEXT
            row.append((f" {text}" if row else text, ink))
        rows.append(filled(tuple(row), width))
    return rows
