"""Panes of facts, which may be more than there are lines: they scroll."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct
from textual import events
from textual.binding import Binding, BindingType

from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui.panes.base import PicturePane, Row, filled
from botcore_tui.ui.panes.cells import cut, folded, left, printable, width_of
from botcore_tui.ui.panes.ink import Ink

_SMALLEST_COLUMN = 34
_GAP = 3


class Fact(Struct, frozen=True):
    """A name and what is known of it; without a name a line of text of its own."""

    name: str
    value: str
    ink: Ink = Ink.TEXT


def fact_rows(facts: Sequence[Fact], width: int, height: int) -> list[Row]:
    """Facts below each other, in two columns where one is too short and the pane is wide."""
    plain = [fact for fact in facts if fact.name]
    notes = [fact for fact in facts if not fact.name]
    name_width = max((width_of(fact.name) for fact in plain), default=0)
    if len(facts) > height and width >= 2 * _SMALLEST_COLUMN + _GAP:
        column = (width - _GAP) // 2
        half = -(-len(plain) // 2)
        rows = []
        for index in range(half):
            row = _fact_row(plain[index], name_width, column)
            if index + half < len(plain):
                row += ((" " * _GAP, Ink.TEXT), *_fact_row(plain[index + half], name_width, column))
            rows.append(filled(row, width))
    else:
        rows = [filled(_fact_row(fact, name_width, width), width) for fact in plain]
    for note in notes:
        rows += [
            filled(((line, note.ink),), width) for line in folded(printable(note.value), width)
        ]
    return rows


def named_rows(facts: Sequence[Fact], width: int) -> list[Row]:
    """Facts below each other; what does not fit goes on in the next line, below its value.

    A fact without a name goes on with the one above it.
    """
    name_width = max((width_of(fact.name) for fact in facts), default=0)
    room = max(1, width - name_width - 1)
    rows: list[Row] = []
    for fact in facts:
        name = fact.name
        for line in folded(printable(fact.value), room):
            pieces = ((f"{left(name, name_width)} ", Ink.MUTED), (line, fact.ink))
            rows.append(filled(pieces, width))
            name = ""
    return rows


def _fact_row(fact: Fact, name_width: int, width: int) -> Row:
    # Name at the left, value behind it; where both do not fit the value has the line.
    value = printable(fact.value)
    room = width - name_width - 1
    if width_of(value) > room:
        short = cut(fact.name, max(0, width - width_of(value) - 1))
        # A bare value says nothing, but a bare name says less, and half a number lies.
        if width_of(value) > width:
            return filled(((left(fact.name, width), Ink.MUTED),), width)
        return filled(((f"{short} " if short else "", Ink.MUTED), (value, fact.ink)), width)
    return filled(((left(fact.name, name_width + 1), Ink.MUTED), (value, fact.ink)), width)


class ListPane(PicturePane):
    """A pane that shows as many of its rows as fit, from where the user scrolled to."""

    show_period_seconds = 0.25

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll_lines(1)", "Down", tooltip="Show the lines below", show=False),
        Binding("k,up", "scroll_lines(-1)", "Up", tooltip="Show the lines above", show=False),
        Binding(
            "pagedown", "scroll_pages(1)", "Page down", tooltip="Show the next page", show=False
        ),
        Binding(
            "pageup", "scroll_pages(-1)", "Page up", tooltip="Show the page before", show=False
        ),
        Binding("home", "scroll_first", "Top", tooltip="Show the first line", show=False),
        Binding("end", "scroll_last", "Bottom", tooltip="Show the last line", show=False),
    ]

    _first = 0
    _length = 0

    @abstractmethod
    def list_rows(self, snapshot: Snapshot, width: int, height: int) -> Sequence[Row]:
        """All rows of one picture, each ``width`` cells wide."""

    def draw(self, snapshot: Snapshot, width: int, height: int) -> Sequence[Row]:
        """The rows that are scrolled into sight."""
        rows = self.list_rows(snapshot, width, height)
        self._length = len(rows)
        self._first = max(0, min(self._first, len(rows) - height))
        return rows[self._first : self._first + height]

    def subtitle(self, snapshot: Snapshot) -> str:
        """Symbol, and how many lines are out of sight."""
        below = max(0, self._length - self._first - self.size.height)
        parts = (
            super().subtitle(snapshot),
            f"↑{self._first}" if self._first else "",
            f"↓{below}" if below else "",
        )
        return " ".join(part for part in parts if part)

    def action_scroll_lines(self, lines: int) -> None:
        """So many lines further down."""
        self._first = max(0, self._first + lines)
        self.redraw()

    def action_scroll_pages(self, pages: int) -> None:
        """So many pages further down."""
        self.action_scroll_lines(pages * max(1, self.size.height - 1))

    def action_scroll_first(self) -> None:
        """To the first line."""
        self._first = 0
        self.redraw()

    def action_scroll_last(self) -> None:
        """To the last line."""
        self._first = self._length
        self.redraw()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Three lines down."""
        event.stop()
        self.action_scroll_lines(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Three lines up."""
        event.stop()
        self.action_scroll_lines(-3)
