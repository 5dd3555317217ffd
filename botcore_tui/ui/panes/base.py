"""What every pane shares: rows of coloured text, repainted only where they changed.

Textual does not compare cells: whatever is marked dirty is written to the terminal again. So a
pane keeps its rows as plain tuples, compares them with the new ones and marks those that differ.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
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
from botcore_tui.ui.abstract import AbstractWidgetMeta
from botcore_tui.ui.panes.cells import cut, folded, left, printable, width_of
from botcore_tui.ui.panes.ink import Ink, ink_style

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


def _changed_cells(before: Row, after: Row, width: int) -> int:
    # Cells from the left in which two rows differ, in whole pieces of text. Where the difference
    # begins does not matter: Textual writes a line of a widget from its left border on.
    if before == after:
        return 0
    for old, new in zip(reversed(before), reversed(after), strict=False):
        if old != new:
            break
        width -= width_of(new[0])
    return width


class ViewChange(Message):
    """A pane wants to see something else of the engine: another interval, grouping, more rows.

    Attributes:
        change: Makes the new view of the present one.
    """

    def __init__(self, change: Callable[[View], View]) -> None:
        self.change = change
        super().__init__()


class PagesAsked(Message):
    """A person wants to know what the codes in a pane mean.

    Attributes:
        codes: In the order in which they are wanted; those without a page do no harm.
        about: The line in which the first one stood; empty: none in particular.
    """

    def __init__(self, codes: Sequence[str], about: str = "") -> None:
        self.codes = tuple(codes)
        self.about = about
        super().__init__()


class LinePane(Widget, can_focus=True):
    """A pane of rows.

    A subclass says what it is called and what its ``rows`` are. Nothing is drawn while the pane
    has no size, so a hidden pane costs nothing.
    """

    pane_id: ClassVar[str] = ""
    """Stable name, for layouts and key maps."""
    pane_title: ClassVar[str] = ""
    hotkey: ClassVar[str] = ""
    """Digit that moves the focus here."""
    show_period_seconds: ClassVar[float] = 0.1
    """How often ``show`` is worth calling."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    LinePane {
        color: $foreground;
        overflow: hidden hidden;
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
        self._painted_width = 0
        self._styles_by_ink: dict[Ink, Style] = {}
        self._variables: Mapping[str, str] = {}
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
        return self.draw_waiting(width, height)

    def caption(self) -> str:
        """What stands in the lower border now."""
        return ""

    def draw_waiting(self, width: int, height: int) -> Sequence[Row]:
        """The rows before there is anything to show."""
        return message_rows("starting…", "", width=width, height=height)

    def _set_caption(self, text: str) -> None:
        if text != self._caption:
            self._caption = text
            # Content, because a str would be read as markup and a symbol may hold a bracket.
            self.border_subtitle = Content(text)

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Replace the rows and repaint the parts that changed."""
        previous, self._rows = self._rows, rows
        width = self.size.width
        is_resized, self._painted_width = width != self._painted_width, width
        regions: list[Region] = []
        for y in range(max(len(rows), len(previous))):
            is_new = is_resized or y >= len(rows) or y >= len(previous)
            cells = width if is_new else _changed_cells(previous[y], rows[y], width)
            last = regions[-1] if regions else Region()
            if cells and (last.bottom, last.width) == (y, cells):
                regions[-1] = last.grow((0, 0, 1, 0))
            elif cells:
                regions.append(Region(0, y, cells, 1))
        if regions:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        """One painted line, as wide as the pane."""
        width = self.size.width
        blank = self._style(Ink.TEXT)
        if y >= len(self._rows):
            return Strip.blank(width, blank)
        segments: list[Segment] = []
        for text, ink in self._rows[y]:
            style = self._style(ink)
            before, before_style, _ = segments[-1] if segments else Segment("")
            # A blank has no colour to show, and a change of colour takes some forty bytes.
            is_bare = text.isspace() and not style.reverse
            if before_style is style or (before_style and is_bare and not before_style.reverse):
                segments[-1] = Segment(before + text, before_style)
            elif text:
                segments.append(Segment(text, style))
        # Between a resize and its event the rows still have the old width.
        return Strip(segments).adjust_cell_length(width, blank)

    def _style(self, ink: Ink) -> Style:
        # From the variables and not from component classes: Textual matches those against every
        # rule at every change of focus or class, 25 of the 43 ms that a halt took to be shown.
        style = self._styles_by_ink.get(ink)
        if style is None:
            style = self.rich_style + ink_style(
                ink, self.app.theme_variables, self.background_colors[1]
            )
            self._styles_by_ink[ink] = style
        return style

    def notify_style_update(self) -> None:
        """Forget the colours: the theme, the focus or a class changed."""
        self._styles_by_ink.clear()
        super().notify_style_update()
        variables = self.app.theme_variables
        if variables is not self._variables:
            self._variables = variables
            self.refresh()

    def ask_for(self, change: Callable[[View], View]) -> None:
        """Post a change of the view."""
        self.post_message(ViewChange(change))

    def on_resize(self, _event: events.Resize) -> None:
        """Format for the new size."""
        self.redraw()


class PicturePane(LinePane, metaclass=AbstractWidgetMeta):
    """A pane that formats one snapshot into rows.

    A subclass implements ``draw``, and ``subtitle`` if the symbol alone does not do.
    """

    names_symbol: ClassVar[bool] = True
    """Whether the lower border names the symbol."""

    def rows(self, width: int, height: int) -> Sequence[Row]:
        """What to paint now: the last picture, or that there is none yet."""
        snapshot = self._snapshot
        if snapshot is None:
            return self.draw_waiting(width, height)
        return self.draw(snapshot, width, height)

    def caption(self) -> str:
        """What stands in the lower border now."""
        return self.subtitle(self._snapshot) if self._snapshot is not None else ""

    @abstractmethod
    def draw(self, snapshot: Snapshot, width: int, height: int) -> Sequence[Row]:
        """The rows of one picture, at most ``height`` of them, each ``width`` cells wide."""

    def subtitle(self, snapshot: Snapshot) -> str:
        """What stands in the lower border; a change repaints the whole pane, so no live number."""
        return printable(snapshot.symbol) if self.names_symbol else ""
