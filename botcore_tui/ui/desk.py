"""The panes: which are chosen, which are seen, and when each takes the next picture.

Where a pane stands is the style sheet's business. This module only marks the panes: the chosen one,
and the last chosen one of each place that several panes share.
"""

from collections.abc import Callable, Iterable, Sequence

from textual.app import ComposeResult
from textual.containers import Container

from botcore_tui.model.snapshot import LogLine, Snapshot
from botcore_tui.ui.pace import Pace
from botcore_tui.ui.panes.base import LinePane
from botcore_tui.ui.panes.candles import Candles
from botcore_tui.ui.panes.engine import EnginePane
from botcore_tui.ui.panes.feeds import Feeds
from botcore_tui.ui.panes.ladder import Ladder
from botcore_tui.ui.panes.log import LogPane
from botcore_tui.ui.panes.market import MarketPane
from botcore_tui.ui.panes.orders import Orders
from botcore_tui.ui.panes.positions import Positions
from botcore_tui.ui.panes.risk import RiskPane
from botcore_tui.ui.panes.trades import TimeAndSales

_HEALTH = ("market", "engine", "feeds")
"""Share one place below the limits where there is an account."""
_SIDE = ("risk", *_HEALTH)
"""Share one place on a screen of middle width."""
_PLACES = {
    "-right": ("pos", "chart", "orders", "trades", *_SIDE, "log"),
    "-below": ("chart", "orders", "trades", *_SIDE, "log"),
    "-upper": ("chart", "orders", "trades", *_SIDE),
    "-low": ("trades", "pos", "orders"),
    "-side": _SIDE,
    "-beside": _HEALTH,
}
"""Places that several panes share, by the mark of the one that has it; which of these a layout
uses is the style sheet's business. The book has a place of its own, and so have the positions
while there is an account."""
_BOOK = "book"
_TABLE = "orders"
_FIRST_OF_PLACES = ("feeds", "trades", "chart")


class Desk(Container):
    """All panes of the cockpit.

    Args:
        clock_ns: Monotonic nanoseconds, of the clock that stamps the snapshots.
        chosen: The pane to begin with.
        slowness: How many times longer than usual the pane of a name waits for a picture.
    """

    def __init__(
        self, clock_ns: Callable[[], int], *, chosen: str, slowness: Callable[[str], float]
    ) -> None:
        super().__init__(id="desk")
        self._log = LogPane(clock_ns=clock_ns, id="log")
        panes: tuple[LinePane, ...] = (
            Ladder(clock_ns=clock_ns, id="book"),
            Candles(clock_ns=clock_ns, id="chart"),
            Positions(clock_ns=clock_ns, id="pos"),
            Orders(clock_ns=clock_ns, id="orders"),
            RiskPane(clock_ns=clock_ns, id="risk"),
            MarketPane(clock_ns=clock_ns, id="market"),
            EnginePane(clock_ns=clock_ns, id="engine"),
            Feeds(clock_ns=clock_ns, id="feeds"),
            TimeAndSales(clock_ns=clock_ns, id="trades"),
            self._log,
        )
        self.panes = {pane.pane_id: pane for pane in panes}
        """In the order of the grid; also the order of tab."""
        self._side = Container(*(self.panes[name] for name in _SIDE), id="side")
        self._clock_ns = clock_ns
        self._slowness = slowness
        self._pace = Pace()
        self._shown_look: tuple[str, int] = ("", 0)
        self.chosen = ""
        for name in (*_FIRST_OF_PLACES, chosen):
            if name in self.panes:
                self._mark(name)

    def compose(self) -> ComposeResult:
        """The panes in the order of the grid, four of them in a column of their own."""
        yield self.panes["book"]
        yield self.panes["chart"]
        yield self._side
        yield self.panes["pos"]
        yield self.panes["orders"]
        yield self.panes["trades"]
        yield self._log

    def choose(self, name: str) -> None:
        """Make a pane the chosen one: it is seen at every size, and has the focus."""
        self._mark(name)
        self._pace.hurry(name)
        # A pane that was hidden until now can take the focus only once it is laid out.
        self.call_after_refresh(self._focus_chosen)

    def follow_focus(self) -> None:
        """The pane that was given the focus, by tab or by the mouse, is the chosen one now."""
        focused = self.screen.focused
        if isinstance(focused, LinePane) and focused.pane_id != self.chosen:
            self._mark(focused.pane_id)

    def on_mouse_down(self) -> None:
        """A click gave the focus to a pane before it came here."""
        self.follow_focus()

    def _focus_chosen(self) -> None:
        self.panes[self.chosen].focus(scroll_visible=False)

    def seen(self) -> Sequence[LinePane]:
        """The panes that have a place at the present size."""
        return [
            pane
            for pane in self.panes.values()
            if pane.display and (pane.parent is not self._side or self._side.display)
        ]

    def show(self, snapshot: Snapshot, *, at_once: bool = False) -> None:
        """Let each visible pane take the picture that is due for one."""
        now_ns = self._clock_ns()
        look = (snapshot.symbol, snapshot.interval_ms)
        at_once = at_once or look != self._shown_look
        self._shown_look = look
        for pane in self.seen():
            name = pane.pane_id
            if at_once:
                self._pace.hurry(name)
            if self._pace.is_due(
                name, now_ns, pane.show_period_seconds * self._slowness(name) * 1e9
            ):
                pane.show(snapshot)

    def append_log(self, lines: Sequence[LogLine]) -> None:
        """Hand new lines to the log, whether it is seen or not."""
        self._log.append(lines)

    def _mark(self, name: str) -> None:
        self.chosen = name
        _mark_one(self.panes.values(), self.panes[name], "-chosen")
        self._side.set_class(name in _SIDE, "-chosen")
        for mark, sharers in _PLACES.items():
            if name in sharers:
                _mark_one(self.panes.values(), self.panes[name], mark)
                self._side.set_class(name in _SIDE, mark)
        # Orders need the width of the screen: the book gives way to them where it is narrow.
        is_table_seen = self.panes[_TABLE].has_class("-below") and name != _BOOK
        self.set_class(is_table_seen, "-table")


def _mark_one(panes: Iterable[LinePane], marked: LinePane, name: str) -> None:
    for pane in panes:
        pane.set_class(pane is marked, name)
