"""What is ours on the chart: fills where and when they happened, and the line of the stop."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from botcore_tui.model.market import Side
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.model.trading import Cover
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.base import Row
from botcore_tui.ui.panes.cells import number
from botcore_tui.ui.panes.chart import Graph, Scale
from botcore_tui.ui.panes.chart_rows import runs
from botcore_tui.ui.panes.ink import Ink

FILL_MARKS: Final = {Side.BUY: "▲", Side.SELL: "▼"}
STOP_LINE: Final = {Graph.LINE: "╌", Graph.BLOCK: "╌", Graph.ASCII: "-"}


class StopLine(Struct, frozen=True):
    """Where the stop of the shown contract's position is."""

    price: float
    row: int
    sign: str
    """Two characters: a square, and ``?`` if it is not verified, or an arrow if it is beyond."""
    is_inside: bool
    """On the scale; else only its label stands at the edge."""


class Marks(Struct, frozen=True):
    """Everything of ours on one chart."""

    fills: dict[int, dict[int, str]]
    """Signs by row and column."""
    stop: StopLine | None

    @property
    def rows(self) -> set[int]:
        """Rows that look different for the marks."""
        return {*self.fills, *((self.stop.row,) if self.stop is not None else ())}

    def over(
        self, characters: Sequence[str], inks: Sequence[Ink], row: int
    ) -> tuple[Sequence[str], Sequence[Ink]]:
        """A row of the chart with the fills on it."""
        fills = self.fills.get(row)
        if not fills:
            return characters, inks
        drawn, colours = list(characters), list(inks)
        for column, sign in fills.items():
            drawn[column], colours[column] = sign, Ink.OWN
        return drawn, colours


def chart_marks(snapshot: Snapshot, scale: Scale, *, right_ms: int, columns: int) -> Marks:
    """Fills and stop of the shown contract.

    Args:
        snapshot: With an account; without one there are no marks.
        scale: Of the prices.
        right_ms: When the interval in the last column begins.
        columns: Columns of the chart.
    """
    account = snapshot.account
    fills: dict[int, dict[int, str]] = {}
    if account is None:
        return Marks(fills, None)
    for fill in account.fills:
        price = float(fill.price)
        column = columns - 1 + (fill.time_ms - right_ms) // snapshot.interval_ms
        if fill.symbol == snapshot.symbol and 0 <= column < columns and scale.holds(price):
            fills.setdefault(scale.row(price), {})[column] = FILL_MARKS[fill.side]
    return Marks(fills, _stop(snapshot, scale))


def _stop(snapshot: Snapshot, scale: Scale) -> StopLine | None:
    positions = snapshot.account.positions if snapshot.account is not None else ()
    own = [each for each in positions if each.symbol == snapshot.symbol]
    if not own or own[0].stop_price is None:
        return None
    price = float(own[0].stop_price)
    is_inside = scale.holds(price)
    doubt = " " if own[0].cover is Cover.VERIFIED else "?"
    arrow = doubt if is_inside else "↑" if price > scale.high else "↓"
    first = "■" if is_inside or doubt == " " else "?"
    return StopLine(price, scale.row(price), first + arrow, is_inside)


def mark_row(
    characters: Sequence[str], inks: Sequence[Ink], row: int, marks: Marks, graph: Graph
) -> Row:
    """One row of the chart with what is ours on it."""
    drawn, colours = marks.over(characters, inks, row)
    stop = marks.stop
    if stop is not None and stop.row == row and stop.is_inside:
        return runs(drawn, colours, STOP_LINE[graph], Ink.OWN)
    return runs(drawn, colours, " ")


def label_of(marks: Marks, row: int, width: int, decimals: int) -> tuple[str, Ink] | None:
    """The stop's label on the axis of prices; None on any other row."""
    stop = marks.stop
    if stop is None or stop.row != row:
        return None
    return stop.sign + number(fmt.fixed(stop.price, decimals), width), Ink.OWN
