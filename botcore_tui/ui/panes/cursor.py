"""Tables of which one row is chosen, for the keys that act upon it."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui.panes.base import PicturePane, Row

MARK = "▶ "
NO_MARK = "  "


class CursorPane(PicturePane):
    """A table with a cursor, which stays with its row when rows come, go and move."""

    names_symbol = False
    show_period_seconds = 0.25

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "Down", tooltip="To the row below", show=False),
        Binding("k,up", "move(-1)", "Up", tooltip="To the row above", show=False),
        Binding("pagedown", "page(1)", "Page down", tooltip="A page further down", show=False),
        Binding("pageup", "page(-1)", "Page up", tooltip="A page further up", show=False),
        Binding("home", "move(-9999)", "Top", tooltip="To the first row", show=False),
        Binding("end", "move(9999)", "Bottom", tooltip="To the last row", show=False),
    ]

    _key = ""
    """Of the chosen row; empty until there was one."""
    _is_moved = False
    """Whether a person chose a row, and has not been let go of it."""
    _is_pending = False
    """Whether something could still be done about the row when it was chosen."""
    _place = 0
    _first = 0
    _head = 0
    _length = 0

    @abstractmethod
    def keys(self, snapshot: Snapshot) -> Sequence[str]:
        """What tells the rows apart, top to bottom."""

    @abstractmethod
    def head(self, snapshot: Snapshot, width: int) -> Sequence[Row]:
        """Rows above the titles that never scroll."""

    @abstractmethod
    def table(self, snapshot: Snapshot, cursor: int, width: int) -> Sequence[Row]:
        """A row of titles and one for each key."""

    @abstractmethod
    def empty(self, snapshot: Snapshot, width: int, height: int) -> Sequence[Row]:
        """What to show without any row."""

    def is_over(self, snapshot: Snapshot, place: int) -> bool:  # noqa: ARG002 - a row may say so
        """Whether a row is only shown: there is nothing left to do about it."""
        return False

    @property
    def place(self) -> int | None:
        """Place of the chosen row in the last picture; None without rows."""
        if self._snapshot is None:
            return None
        keys = self.keys(self._snapshot)
        self._follow(self._snapshot, keys)
        return self._place if keys else None

    def draw(self, snapshot: Snapshot, width: int, height: int) -> Sequence[Row]:
        """The rows in sight, the chosen one among them."""
        keys = self.keys(snapshot)
        self._follow(snapshot, keys)
        head = [*self.head(snapshot, width)]
        if not keys:
            self._length = 0
            shown = [*head, *self.empty(snapshot, width, max(0, height - len(head)))]
            return shown[:height]
        titles, *body = self.table(snapshot, self._place, width)
        # Titles are the first to give way, a row of the table the last.
        head = [*head, titles][: max(0, height - 1)]
        room = height - len(head)
        lowest = self._place - room + 1
        self._first = max(0, lowest, min(self._first, self._place, len(body) - room))
        self._head, self._length = len(head), len(body)
        return [*head, *body[self._first : self._first + room]]

    def subtitle(self, snapshot: Snapshot) -> str:
        """How many rows are out of sight."""
        below = max(0, self._length - self._first - self.size.height + self._head)
        parts = (f"↑{self._first}" if self._first else "", f"↓{below}" if below else "")
        return " ".join(part for part in parts if part and self.keys(snapshot))

    def _follow(self, snapshot: Snapshot, keys: Sequence[str]) -> None:
        # The place where the row stands now; the same place if it is gone.
        if self._is_moved and not self.has_focus and self._is_done(snapshot, keys):
            # It would keep what is over in sight, and what is open out of it. Under the focus it
            # stays: a key must not meet another row than the one that is looked at.
            self._is_moved = False
        if not (self._is_moved or self.has_focus):
            # Nobody chose: what is new, and what is open, stands on top and stays in sight.
            self._place, self._key = 0, keys[0] if keys else ""
        elif self._key in keys:
            self._place = keys.index(self._key)
        elif keys:
            self._place = min(self._place, len(keys) - 1)
            self._key = keys[self._place]
        else:
            self._place, self._key = 0, ""

    def _is_done(self, snapshot: Snapshot, keys: Sequence[str]) -> bool:
        if self._key not in keys:
            return True
        return self._is_pending and self.is_over(snapshot, keys.index(self._key))

    def _choose(self, place: int) -> None:
        snapshot = self._snapshot
        keys = self.keys(snapshot) if snapshot is not None else ()
        if snapshot is not None and keys:
            self._place = min(len(keys) - 1, max(0, place))
            self._key = keys[self._place]
            self._is_moved = True
            self._is_pending = not self.is_over(snapshot, self._place)
            self.redraw()

    def action_move(self, rows: int) -> None:
        """So many rows further down."""
        self._choose(self._place + rows)

    def action_page(self, pages: int) -> None:
        """So many pages further down."""
        self._choose(self._place + pages * max(1, self.size.height - self._head - 1))

    def on_click(self, event: events.Click) -> None:
        """Choose what was clicked."""
        offset = event.get_content_offset(self)
        if offset is not None and offset.y >= self._head:
            self._choose(self._first + offset.y - self._head)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """One row down."""
        event.stop()
        self.action_move(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """One row up."""
        event.stop()
        self.action_move(-1)
