"""What every pane shares: rows of coloured text, repainted only where they changed.

Textual does not compare cells: whatever is marked dirty is written to the terminal again. So a
pane keeps its rows as plain tuples, compares them with the new ones and marks those that differ.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from botcore_tui.clock import SystemClock
from botcore_tui.model.snapshot import Snapshot, View
from botcore_tui.ui.panes.cells import cut, folded, left, printable, width_of

THEME_VARIABLES = {
    "bid": "#56b4e9",
    "ask": "#e69f00",
    "up": "#56b4e9",
    "down": "#e69f00",
    "muted": "#7d8a99",
    "stale": "#6b7480",
    "halted": "#d55e00",
    "warn": "#f0e442",
    "grid": "#33414f",
    "env-demo": "#009e73",
    "env-replay": "#cc79a7",
    "env-paper": "#56b4e9",
    "env-testnet": "#f0e442",
    "env-production": "#d55e00",
}
"""Every theme variable of ours that the panes use, with its default.

An app that lacks one ends at start: return these from ``App.get_theme_variable_defaults``.
"""


class Ink(StrEnum):
    """The component classes of a pane: what a piece of text means, and so its colours."""

    TEXT = "pane--text"
    STRONG = "pane--strong"
    MUTED = "pane--muted"
    GRID = "pane--grid"
    BID = "pane--bid"
    BID_BEST = "pane--bid-best"
    ASK = "pane--ask"
    ASK_BEST = "pane--ask-best"
    UP = "pane--up"
    DOWN = "pane--down"
    STALE = "pane--stale"
    GOOD = "pane--good"
    WARN = "pane--warn"
    ERROR = "pane--error"
    ALARM = "pane--alarm"
    """Reversed warning: what must not be overlooked."""
    HALTED = "pane--halted"
    MATCH = "pane--match"
    ENV_DEMO = "pane--env-demo"
    ENV_REPLAY = "pane--env-replay"
    ENV_PAPER = "pane--env-paper"
    ENV_TESTNET = "pane--env-testnet"
    ENV_PRODUCTION = "pane--env-production"


Row = tuple[tuple[str, Ink], ...]
"""One line of a pane, left to right; the texts together are as wide as the pane."""


def message_rows(
    headline: str, detail: str, *, width: int, height: int, ink: Ink = Ink.MUTED
) -> list[Row]:
    """A message in the middle of a pane.

    Args:
        headline: What is the matter; cut if it must be.
        detail: Why; broken into lines, and cut at the bottom.
        width: Cells of the pane.
        height: Lines of the pane.
        ink: Of the headline; the detail is plain.
    """
    lines = [(cut(printable(headline), width), ink)]
    lines += [(line, Ink.TEXT) for line in folded(printable(detail), width)]
    lines = lines[:height]
    above = (height - len(lines)) // 2
    rows: list[Row] = [()] * above
    for text, line_ink in lines:
        indent = (width - width_of(text)) // 2
        rows.append(((" " * indent, Ink.TEXT), (text, line_ink)))
    return [filled(row, width) for row in rows + [()] * (height - len(rows))]


def filled(row: Row, width: int) -> Row:
    """The row with blanks up to ``width``, and cut there if it is longer."""
    used = 0
    for position, (text, ink) in enumerate(row):
        cells = width_of(text)
        if used + cells > width:
            return (*row[:position], (left(text, width - used), ink))
        used += cells
    return (*row, (" " * (width - used), Ink.TEXT)) if used < width else row


class ViewChange(Message):
    """A pane wants to see something else of the engine: another interval, grouping, more rows.

    Attributes:
        change: Makes the new view of the present one.
    """

    def __init__(self, change: Callable[[View], View]) -> None:
        self.change = change
        super().__init__()


class LinePane(Widget, can_focus=True):
    """A pane that formats one snapshot into rows.

    A subclass says what it is called and implements ``draw``, and ``subtitle`` if the symbol alone
    does not do. Nothing is drawn while the pane has no size, so a hidden pane costs nothing.
    """

    pane_id: ClassVar[str] = ""
    """Stable name, for layouts and key maps."""
    pane_title: ClassVar[str] = ""
    hotkey: ClassVar[str] = ""
    """Digit that moves the focus here."""
    show_period_seconds: ClassVar[float] = 0.1
    """How often ``show`` is worth calling."""
    names_symbol: ClassVar[bool] = True
    """Whether the lower border names the symbol."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {ink.value for ink in Ink}
    DEFAULT_CSS = """
    LinePane {
        color: $foreground;
        overflow: hidden hidden;
        & > .pane--strong { text-style: bold; }
        & > .pane--muted { color: $muted; }
        & > .pane--grid { color: $grid; }
        & > .pane--bid { color: $bid; }
        & > .pane--bid-best { color: $bid; text-style: bold; }
        & > .pane--ask { color: $ask; }
        & > .pane--ask-best { color: $ask; text-style: bold; }
        & > .pane--up { color: $up; }
        & > .pane--down { color: $down; }
        & > .pane--stale { color: $stale; }
        & > .pane--good { color: $success; }
        & > .pane--warn { color: $warn; }
        & > .pane--error { color: $error; text-style: bold; }
        & > .pane--alarm { color: $warn; text-style: bold reverse; }
        & > .pane--halted { color: $halted; text-style: bold reverse; }
        & > .pane--match { text-style: bold reverse; }
        & > .pane--env-demo { color: $env-demo; text-style: bold reverse; }
        & > .pane--env-replay { color: $env-replay; text-style: bold reverse; }
        & > .pane--env-paper { color: $env-paper; text-style: bold reverse; }
        & > .pane--env-testnet { color: $env-testnet; text-style: bold reverse; }
        & > .pane--env-production { color: $env-production; text-style: bold reverse; }
    }
    """

    def __init__(
        self,
        *,
        clock_ns: Callable[[], int] | None = None,
        id: str | None = None,  # noqa: A002 - Textual's name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.clock_ns: Callable[[], int] = clock_ns or SystemClock().monotonic_ns
        """Monotonic nanoseconds, of the clock that stamped the snapshots."""
        self._snapshot: Snapshot | None = None
        self._rows: Sequence[Row] = ()
        self._styles_by_ink: dict[Ink, Style] = {}
        self._caption = ""
        if self.pane_title:
            self.border_title = f"{self.hotkey} {self.pane_title}".strip()

    def show(self, snapshot: Snapshot) -> None:
        """Take the newest picture and repaint the lines that differ.

        The same picture may be shown again: its ages have grown.
        """
        self._snapshot = snapshot
        self.redraw()

    def redraw(self) -> None:
        """Format the last picture again, after a change of size or of what the pane shows."""
        width, height = self.size
        if not (width and height):
            return
        rows = self.rows(width, height)
        self._set_caption(self.caption())
        self.set_rows(rows)

    def rows(self, width: int, height: int) -> Sequence[Row]:
        """What to paint now, at most ``height`` rows, each ``width`` cells wide."""
        snapshot = self._snapshot
        if snapshot is None:
            return self.draw_waiting(width, height)
        return self.draw(snapshot, width, height)

    def caption(self) -> str:
        """What stands in the lower border now."""
        return self.subtitle(self._snapshot) if self._snapshot is not None else ""

    def draw(self, snapshot: Snapshot, width: int, height: int) -> Sequence[Row]:
        """The rows of one picture, at most ``height`` of them, each ``width`` cells wide."""
        raise NotImplementedError

    def draw_waiting(self, width: int, height: int) -> Sequence[Row]:
        """The rows before the first picture."""
        return message_rows("starting…", "", width=width, height=height)

    def subtitle(self, snapshot: Snapshot) -> str:
        """What stands in the lower border; a change repaints the whole pane, so no live number."""
        return printable(snapshot.symbol) if self.names_symbol else ""

    def _set_caption(self, text: str) -> None:
        if text != self._caption:
            self._caption = text
            # Content, because a str would be read as markup and a symbol may hold a bracket.
            self.border_subtitle = Content(text)

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Replace the rows and repaint those that changed."""
        previous, self._rows = self._rows, rows
        width = self.size.width
        regions: list[Region] = []
        start = -1
        length = max(len(rows), len(previous))
        shared = min(len(rows), len(previous))
        for y in range(length + 1):
            is_changed = y < length and (y >= shared or rows[y] != previous[y])
            if is_changed and start < 0:
                start = y
            elif not is_changed and start >= 0:
                regions.append(Region(0, start, width, y - start))
                start = -1
        if regions:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        """One painted line, as wide as the pane."""
        width = self.size.width
        blank = self._style(Ink.TEXT)
        if y >= len(self._rows):
            return Strip.blank(width, blank)
        style = self._style
        strip = Strip([Segment(text, style(ink)) for text, ink in self._rows[y] if text])
        # Between a resize and its event the rows still have the old width.
        return strip.adjust_cell_length(width, blank)

    def _style(self, ink: Ink) -> Style:
        # Textual forgets its own component styles at every refresh.
        style = self._styles_by_ink.get(ink)
        if style is None:
            style = self._styles_by_ink[ink] = self.get_component_rich_style(ink.value)
        return style

    def notify_style_update(self) -> None:
        """Forget the colours: the theme, the focus or a class changed."""
        self._styles_by_ink.clear()
        super().notify_style_update()

    def ask_for(self, change: Callable[[View], View]) -> None:
        """Post a change of the view."""
        self.post_message(ViewChange(change))

    def on_resize(self, _event: events.Resize) -> None:
        """Format for the new size."""
        self.redraw()
