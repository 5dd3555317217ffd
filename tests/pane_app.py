"""An app around one pane: what it paints, what it marks dirty, what it asks for."""

from collections.abc import Callable, Sequence

from textual.app import App, ComposeResult
from textual.geometry import Region

from botcore_tui.model.snapshot import View
from botcore_tui.ui.panes.base import LinePane, Row, ViewChange
from botcore_tui.ui.panes.ink import THEME_VARIABLES


def row_texts(rows: Sequence[Row]) -> list[str]:
    """The text of each row, colours left out."""
    return ["".join(text for text, _ in row) for row in rows]


class PaneApp(App[None]):
    """Fills the screen with one pane and applies its view changes."""

    CSS = "LinePane { width: 100%; height: 100%; }"

    def __init__(self, pane: LinePane) -> None:
        super().__init__()
        self.pane = pane
        self.view = View()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """What the app of the product provides as well."""
        return THEME_VARIABLES

    def compose(self) -> ComposeResult:
        """The one pane."""
        yield self.pane

    def on_view_change(self, event: ViewChange) -> None:
        """Apply the wish."""
        self.view = event.change(self.view)

    def lines(self) -> list[str]:
        """What the pane paints, line by line."""
        return [self.pane.render_line(y).text for y in range(self.pane.size.height)]


def record_repaints(pane: LinePane, into: list[Region] | None = None) -> list[int]:
    """Collect the numbers of the lines that a pane marks dirty from now on, and the regions."""
    marked: list[int] = []
    original: Callable[..., LinePane] = pane.refresh

    def refresh(*regions: Region, repaint: bool = True, layout: bool = False) -> LinePane:
        for region in regions:
            marked.extend(region.line_range)
        if into is not None:
            into.extend(regions)
        return original(*regions, repaint=repaint, layout=layout)

    pane.refresh = refresh  # type: ignore[method-assign, assignment]  # a spy on Textual's method
    return marked
