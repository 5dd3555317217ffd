"""Time and sales: every trade, newest on top."""

from collections.abc import Sequence

from msgspec.structs import replace

from botcore_tui.model.market import Side
from botcore_tui.model.snapshot import Snapshot, TradeRow
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.base import PicturePane, Row, filled, message_rows
from botcore_tui.ui.panes.cells import bar, number, right
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.reading import is_data_stale, is_engine_silent

_SMALLEST_BAR = 3
_LARGEST_BAR = 40
_LONG_TIME = 12
_SHORT_TIME = 8
_SMALLEST_HEIGHT_WITH_TITLES = 4


class TimeAndSales(PicturePane):
    """Time, side of the taker, price and size of the last trades.

    The side that took is an arrow and a colour: up for a buyer, down for a seller. The bar compares
    sizes within what is visible.
    """

    pane_id = "trades"
    pane_title = "trades"
    hotkey = "8"

    _asked_trades = 0

    def redraw(self) -> None:
        """Format the last picture again, and ask for as many trades as there is room for."""
        trades = self.size.height
        if trades and trades != self._asked_trades:
            self._asked_trades = trades
            self.ask_for(lambda view: replace(view, trades=trades))
        super().redraw()

    def draw(self, snapshot: Snapshot, width: int, height: int) -> Sequence[Row]:
        """The rows of one picture."""
        titles = 1 if height >= _SMALLEST_HEIGHT_WITH_TITLES else 0
        trades = snapshot.trades[: height - titles]
        if not trades:
            return message_rows("no trades yet", "", width=width, height=height)
        price, size, time, bars = _widths(snapshot, trades, width)
        now_ns = self.clock_ns()
        is_old = is_data_stale(snapshot, now_ns) or is_engine_silent(snapshot, now_ns)
        largest = max(trade.quantity for trade in trades)
        rows: list[Row] = []
        if titles:
            title = ("time (UTC)" if time == _LONG_TIME else "UTC" if time else "").ljust(time + 2)
            title += right("price", price + 1) + (right("size", size + 1) if size else "")
            rows.append(((title, Ink.MUTED),))
        for trade in trades:
            is_buy = trade.taker is Side.BUY
            ink = Ink.UP if is_buy else Ink.DOWN
            stamp = fmt.clock(trade.time_ms, with_milliseconds=time == _LONG_TIME) if time else ""
            mark = "▲ " if is_buy else "▼ "
            price_text = number(fmt.fixed(trade.price, snapshot.price_decimals), price)
            size_text = fmt.fixed(trade.quantity, snapshot.quantity_decimals)
            row: Row = (
                (f"{stamp} " if time else "", Ink.STALE if is_old else Ink.MUTED),
                (mark + price_text, Ink.STALE if is_old else ink),
                (f" {number(size_text, size)}" if size else "", Ink.STALE if is_old else Ink.TEXT),
            )
            if bars:
                bar_ink = Ink.STALE if is_old else Ink.UP_BAR if is_buy else Ink.DOWN_BAR
                row += ((" " + bar(trade.quantity, largest, bars), bar_ink),)
            rows.append(row)
        return [filled(row, width) for row in rows]


def _widths(
    snapshot: Snapshot, trades: Sequence[TradeRow], width: int
) -> tuple[int, int, int, int]:
    # Cells of price, size, time and bar; the bar goes first, then the time, then the size.
    price = max(len(fmt.fixed(trade.price, snapshot.price_decimals)) for trade in trades)
    size = max(len(fmt.fixed(trade.quantity, snapshot.quantity_decimals)) for trade in trades)
    price, size = max(price, len("price")), max(size, len("size"))
    core = 2 + price + 1 + size
    if core > width:
        return min(price, max(0, width - 2)), 0, 0, 0
    rest = width - core
    time = _LONG_TIME if rest > _LONG_TIME else _SHORT_TIME if rest > _SHORT_TIME else 0
    rest -= time + 1 if time else 0
    bars = min(_LARGEST_BAR, rest - 1)
    return price, size, time, bars if bars >= _SMALLEST_BAR else 0
