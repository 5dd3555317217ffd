"""The chart: a candle a column, by time, so that an interval without a trade is a gap."""

from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace
from textual.binding import Binding, BindingType

from botcore_tui.model.market import Bar
from botcore_tui.model.snapshot import INTERVALS_MS, Snapshot, View
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.base import PicturePane, Row, filled, message_rows
from botcore_tui.ui.panes.cells import left, number, printable
from botcore_tui.ui.panes.chart import (
    PRICE_LINE,
    Graph,
    Scale,
    candle,
    is_rising,
    price_ticks,
    scale_of,
    volume_column,
)
from botcore_tui.ui.panes.chart_marks import Marks, chart_marks, label_of, mark_row
from botcore_tui.ui.panes.chart_rows import runs, time_axis
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.reading import is_data_stale, is_engine_silent

_CANDLES_NS = 1_000_000_000
_SMALLEST_PLOT = 12
_BARS = {Ink.UP: Ink.UP_BAR, Ink.DOWN: Ink.DOWN_BAR}
_SMALLEST_HEIGHT_WITH_TIMES = 5
_SMALLEST_HEIGHT_WITH_VOLUME = 8


class _Plot(Struct, frozen=True):
    """Where everything goes."""

    columns: int
    axis: int
    """Cells of the price labels; zero where there is no room."""
    scale: Scale
    volume_rows: int
    time_rows: int
    right_ms: int
    """When the interval in the last column begins."""
    bars: dict[int, Bar]
    """By column."""


class _Canvas(Struct, frozen=True):
    """A chart without the mark of the last price, which moves more often than the candles."""

    key: tuple[object, ...]
    """All that the drawing depends on, apart from the bar that grows."""
    drawn_ns: int
    plot: _Plot
    inks: Sequence[Ink]
    """By column."""
    lines: Sequence[Sequence[str]]
    """Characters of the price rows, by column."""
    rows: Sequence[Row]
    labels: dict[int, str]
    """Of the price axis, by row."""


class Candles(PicturePane):
    """Candles and volume of one symbol, with the last price marked on the axis.

    The candles are drawn anew once a second and when one closes; the mark follows every picture.
    """

    pane_id = "chart"
    pane_title = "chart"
    hotkey = "3"
    # As often as the book: two prices on one screen must be those of one moment.
    show_period_seconds = 0.1

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "left_square_bracket",
            "shorter",
            "Shorter",
            tooltip="Show the next shorter interval",
            key_display="[",
        ),
        Binding(
            "right_square_bracket",
            "longer",
            "Longer",
            tooltip="Show the next longer interval",
            key_display="]",
        ),
        Binding("c", "graph", "Style", tooltip="Draw candles as lines, as blocks or in ASCII"),
        Binding("v", "volume", "Volume", tooltip="Show or hide the volume"),
    ]

    graph = Graph.LINE
    """What candles are made of."""
    has_volume = True
    """Whether volume is drawn, where there is room for it."""
    _asked_bars = 0
    _canvas: _Canvas | None = None

    def redraw(self) -> None:
        """Format the last picture again, and ask for as many bars as there is room for."""
        bars = self.size.width
        if bars and bars != self._asked_bars:
            self._asked_bars = bars
            self.ask_for(lambda view: replace(view, bars=bars))
        super().redraw()

    def subtitle(self, snapshot: Snapshot) -> str:
        """Symbol, interval, where the bars come from, how they are drawn and if they are stale."""
        parts = [printable(snapshot.symbol), fmt.interval(snapshot.interval_ms)]
        if snapshot.interval_ms < 60_000:
            parts.append("from trades")
        if self._is_stale(snapshot):
            parts.append("stale")
        return " · ".join((*parts, self.graph.value))

    def draw(self, snapshot: Snapshot, width: int, height: int) -> Sequence[Row]:
        """The rows of one picture."""
        if not snapshot.bars:
            return message_rows("no trades yet", "", width=width, height=height)
        canvas = self._current_canvas(snapshot, width, height)
        rows = list(canvas.rows)
        last, plot = snapshot.last_price, canvas.plot
        marks = self._marks(snapshot, plot)
        for y in marks.rows:
            row = mark_row(canvas.lines[y], canvas.inks, y, marks, self.graph)
            rows[y] = filled((*row, *self._own_label(snapshot, canvas, y, marks)), width)
        if last is not None:
            y = plot.scale.row(last)
            characters, inks = marks.over(canvas.lines[y], canvas.inks, y)
            row = runs(characters, inks, PRICE_LINE[self.graph])
            label = (self._last_label(snapshot, last, plot.axis - 2),) if plot.axis else ()
            rows[y] = filled((*row, *label), width)
        return rows

    def _marks(self, snapshot: Snapshot, plot: _Plot) -> Marks:
        return chart_marks(snapshot, plot.scale, right_ms=plot.right_ms, columns=plot.columns)

    def _own_label(self, snapshot: Snapshot, canvas: _Canvas, y: int, marks: Marks) -> Row:
        axis = canvas.plot.axis
        if not axis:
            return ()
        label = label_of(marks, y, axis - 2, snapshot.price_decimals)
        if label is not None:
            return (label,)
        return ((f"  {canvas.labels[y]}", Ink.MUTED),) if y in canvas.labels else ()

    def _current_canvas(self, snapshot: Snapshot, width: int, height: int) -> _Canvas:
        now_ns = self.clock_ns()
        newest_ms = snapshot.bars[-1].open_time_ms
        key = (
            *(snapshot.symbol, snapshot.interval_ms, snapshot.bars[0].open_time_ms, newest_ms),
            *(width, height, self.graph, self.has_volume, snapshot.price_decimals),
        )
        canvas, last = self._canvas, snapshot.last_price
        if (
            canvas is None
            or canvas.key != key
            or not 0 <= now_ns - canvas.drawn_ns < _CANDLES_NS
            or not (last is None or canvas.plot.scale.holds(last))
        ):
            canvas = self._canvas = self._new_canvas(snapshot, width, height, key=key)
        return canvas

    def _new_canvas(
        self, snapshot: Snapshot, width: int, height: int, *, key: tuple[object, ...]
    ) -> _Canvas:
        plot = self._plot(snapshot, width, height)
        inks = [_ink_of(plot.bars.get(column)) for column in range(plot.columns)]
        lines = self._price_lines(plot)
        labels = dict(price_ticks(plot.scale, decimals=snapshot.price_decimals))
        rows: list[Row] = []
        for y, characters in enumerate(lines):
            label = ((f"  {labels[y]}", Ink.MUTED),) if plot.axis and y in labels else ()
            rows.append((*runs(characters, inks, " "), *label))
        rows += self._volume_rows(snapshot, plot, inks)
        if plot.time_rows:
            rows.append(
                (
                    (
                        time_axis(
                            plot.right_ms,
                            snapshot.interval_ms,
                            plot.columns,
                            width=plot.columns + plot.axis,
                        ),
                        Ink.MUTED,
                    ),
                )
            )
        shown = [filled(row, width) for row in rows]
        return _Canvas(key, self.clock_ns(), plot, inks, lines, shown, labels)

    def _plot(self, snapshot: Snapshot, width: int, height: int) -> _Plot:
        decimals = snapshot.price_decimals
        time_rows = 1 if height >= _SMALLEST_HEIGHT_WITH_TIMES else 0
        with_volume = self.has_volume and height >= _SMALLEST_HEIGHT_WITH_VOLUME
        volume_rows = height // 5 if with_volume else 0
        prices = [bar.high for bar in snapshot.bars] + [bar.low for bar in snapshot.bars]
        if snapshot.last_price is not None:
            prices.append(snapshot.last_price)
        label = max(len(fmt.fixed(price, decimals)) for price in (min(prices), max(prices)))
        axis = label + 2 if width - label - 2 >= _SMALLEST_PLOT else 0
        columns = width - axis
        right_ms = _right_ms(snapshot, columns)
        bars: dict[int, Bar] = {}
        for bar in snapshot.bars:
            column = columns - 1 - (right_ms - bar.open_time_ms) // snapshot.interval_ms
            if 0 <= column < columns:
                bars[column] = bar
        visible = [bar.high for bar in bars.values()] + [bar.low for bar in bars.values()]
        if snapshot.last_price is not None:
            visible.append(snapshot.last_price)
        rows = height - time_rows - volume_rows
        scale = scale_of(min(visible), max(visible), rows, smallest=10.0**-decimals)
        return _Plot(columns, axis, scale, volume_rows, time_rows, right_ms, bars)

    def _price_lines(self, plot: _Plot) -> list[tuple[str, ...]]:
        columns = [" " * plot.scale.rows] * plot.columns
        for column, bar in plot.bars.items():
            columns[column] = candle(bar, plot.scale, self.graph)
        return list(zip(*columns, strict=True))

    def _last_label(self, snapshot: Snapshot, last: float, width: int) -> tuple[str, Ink]:
        text = number(fmt.fixed(last, snapshot.price_decimals), width)
        previous = snapshot.previous_price
        if self._is_stale(snapshot):
            # No direction any more: the line runs on to its price, and the border says why.
            return f"{PRICE_LINE[self.graph] * 2}{text}", Ink.STALE
        if previous is None or previous == last:
            return f" ={text}", Ink.STRONG
        return (f" ▲{text}", Ink.UP) if last > previous else (f" ▼{text}", Ink.DOWN)

    def _is_stale(self, snapshot: Snapshot) -> bool:
        now_ns = self.clock_ns()
        return is_data_stale(snapshot, now_ns) or is_engine_silent(snapshot, now_ns)

    def _volume_rows(self, snapshot: Snapshot, plot: _Plot, inks: Sequence[Ink]) -> list[Row]:
        if not plot.volume_rows:
            return []
        largest = max((bar.volume for bar in plot.bars.values()), default=0.0)
        columns = [" " * plot.volume_rows] * plot.columns
        for column, bar in plot.bars.items():
            columns[column] = volume_column(bar.volume, largest, plot.volume_rows, self.graph)
        inks = [_BARS.get(ink, ink) for ink in inks]
        rows = [runs(characters, inks, " ") for characters in zip(*columns, strict=True)]
        if plot.axis:
            text = fmt.fixed(largest, snapshot.quantity_decimals)
            rows[0] += (("  " + number(text, plot.axis - 2), Ink.MUTED),)
            if len(rows) > 1:
                rows[-1] += ((left("  volume", plot.axis), Ink.MUTED),)
        return rows

    def action_shorter(self) -> None:
        """The next shorter interval."""
        self.ask_for(lambda view: _with_interval(view, -1))

    def action_longer(self) -> None:
        """The next longer interval."""
        self.ask_for(lambda view: _with_interval(view, 1))

    def action_graph(self) -> None:
        """The next way to draw."""
        graphs = list(Graph)
        self.graph = graphs[(graphs.index(self.graph) + 1) % len(graphs)]
        self.redraw()

    def action_volume(self) -> None:
        """Show or hide the volume."""
        self.has_volume = not self.has_volume
        self.redraw()


def _right_ms(snapshot: Snapshot, columns: int) -> int:
    # Beginning of the last column: the interval that runs now, unless that hides the last
    # bar.
    interval_ms = snapshot.interval_ms
    newest_ms = snapshot.bars[-1].open_time_ms
    passed = max(0, (snapshot.time_ms - newest_ms) // interval_ms)
    return newest_ms + min(passed, columns - 1) * interval_ms


def _ink_of(bar: Bar | None) -> Ink:
    if bar is None:
        return Ink.GRID
    return Ink.UP if is_rising(bar) else Ink.DOWN


def _with_interval(view: View, steps: int) -> View:
    # The view with the interval so many places on; an unknown one counts as the next below.
    place = max((i for i, each in enumerate(INTERVALS_MS) if each <= view.interval_ms), default=0)
    place = min(len(INTERVALS_MS) - 1, max(0, place + steps))
    return replace(view, interval_ms=INTERVALS_MS[place])
