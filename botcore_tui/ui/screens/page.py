"""Incident pages over the cockpit: of the codes that were in sight, or all of them (G7)."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui.panes.base import Row, filled
from botcore_tui.ui.panes.cells import folded, printable
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.listing import ListPane
from botcore_tui.ui.runbook import PARTS, Page, page_of
from botcore_tui.ui.screens.report import ReportScreen

_WIDEST = 100
_TITLES = {
    "Means": "What it means",
    "Done": "What the program has done",
    "Check": "What to look at",
    "Clear": "How to clear it",
}


class PagePane(ListPane):
    """One page at a time; ``n`` and ``N`` go through them."""

    names_symbol = False

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n,right", "turn(1)", "Next", tooltip="The next page", show=False),
        Binding("N,p,left", "turn(-1)", "Previous", tooltip="The page before", show=False),
    ]

    def __init__(
        self,
        pages: Sequence[Page],
        about: str,
        *,
        clock_ns: Callable[[], int],
        id: str,  # noqa: A002 - Textual's name for it
    ) -> None:
        super().__init__(clock_ns=clock_ns, id=id)
        self._pages = pages
        self._about = about
        self._place = 0

    def list_rows(self, _snapshot: Snapshot, width: int, _height: int) -> Sequence[Row]:
        """All rows of the page; the picture does not matter."""
        return self._page_rows(width)

    def draw_waiting(self, width: int, height: int) -> Sequence[Row]:
        """The same before the engine has shown itself."""
        return self._page_rows(width)[:height]

    def subtitle(self, snapshot: Snapshot) -> str:
        """Which page it is, and how many lines are out of sight."""
        place = f"{self._place + 1} of {len(self._pages)}"
        return f"{place} {super().subtitle(snapshot)}".rstrip()

    def action_turn(self, pages: int) -> None:
        """So many pages on, around the ends."""
        self._place = (self._place + pages) % len(self._pages)
        self._first = 0
        self.redraw()

    def _page_rows(self, width: int) -> list[Row]:
        page, room = self._pages[self._place], min(width, _WIDEST)
        count = f"page {self._place + 1} of {len(self._pages)}"
        rows = [
            filled(((line, Ink.STRONG),), width)
            for line in folded(f"{page.heading}  ({count})", room)
        ]
        if self._about and not self._place:
            rows += [filled(((line, Ink.MUTED),), width) for line in folded(self._about, room)]
        for part in PARTS:
            rows += [filled((), width), filled(((_TITLES[part], Ink.STRONG),), width)]
            text = printable(page.parts.get(part, ""))
            rows += [filled(((line, Ink.TEXT),), width) for line in folded(text, room)]
        return rows


def page_screen(
    codes: Sequence[str], about: str, *, clock_ns: Callable[[], int]
) -> ReportScreen | None:
    """The pages of some codes, each once; None if none of them has one.

    Args:
        codes: In their order.
        about: A line to stand above the first one.
        clock_ns: Monotonic nanoseconds, of the clock that stamps the snapshots.
    """
    found = [page_of(code) for code in codes]
    pages = list({page.codes: page for page in found if page is not None}.values())
    if not pages:
        return None
    pane = PagePane(pages, printable(about), clock_ns=clock_ns, id="report")
    return ReportScreen("Runbook", "n N pages · j k scroll", pane, clock_ns=clock_ns)
