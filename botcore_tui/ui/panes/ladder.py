"""The order book as a ladder: asks above, the spread in the middle, bids below."""

from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace
from textual.binding import Binding, BindingType

from botcore_tui.model.snapshot import GROUPINGS, LadderRow, Snapshot, View
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.base import PicturePane, Row, filled, message_rows
from botcore_tui.ui.panes.cells import bar, cut, number, printable, right, width_of
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.own_orders import marks_of, own_prices
from botcore_tui.ui.panes.reading import BookCondition, book_condition, mid, spread

_SMALLEST_BAR = 4
_LARGEST_BAR = 24
_SMALLEST_HEIGHT_WITH_TITLES = 6
_NOISE = 1e-6
"""Of a row's step."""
_ASK = ("▲", Ink.ASK, Ink.ASK_BEST, Ink.ASK_BAR)
_BID = ("▼", Ink.BID, Ink.BID_BEST, Ink.BID_BAR)


class _Widths(Struct, frozen=True):
    """Cells of each column; zero where it is not shown. Between columns stands one blank."""

    price: int
    size: int
    total: int
    bar: int


class _Half(Struct, frozen=True):
    """The visible rows of one side, best first."""

    levels: tuple[LadderRow, ...]
    whole: int
    """So many of them lie within the depth of the book's snapshot."""
    inks: tuple[str, Ink, Ink, Ink]
    """Sign, colour, that of the best, that of bars."""

    marks: dict[int, str]
    """Our orders, by place."""

    @property
    def is_partial(self) -> bool:
        """Whether levels may be missing from some of the rows."""
        return self.whole < len(self.levels)


class Ladder(PicturePane):
    """Prices, sizes, running totals and depth bars around the spread.

    Only a live book is drawn in full colour. A stale one is dimmed, and one that is being rebuilt
    or crosses itself is not drawn at all: the pane says why instead. Rows beyond the depth of the
    book's snapshot are muted and their sums marked ``~``: levels there may be missing. Beside the
    price stand marks of our own orders: ◆ entry, ◇ exit, ■ stop, ? one that may not be there.
    """

    pane_id = "book"
    pane_title = "book"
    hotkey = "2"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "plus,equals_sign",
            "coarser",
            "Coarser",
            tooltip="Put more ticks into one row of the book",
            key_display="+",
        ),
        Binding(
            "minus,underscore",
            "finer",
            "Finer",
            tooltip="Put fewer ticks into one row of the book",
            key_display="-",
        ),
    ]

    _widths_key: tuple[str, int] = ("", 0)
    _widest: tuple[int, int, int] = (0, 0, 0)
    _asked_rows = 0

    def redraw(self) -> None:
        """Format the last picture again, and ask for as many rows as there is room for."""
        height = self.size.height
        rows = max(1, _half(height - _title_lines(height), is_upper=False))
        if height and rows != self._asked_rows:
            self._asked_rows = rows
            self.ask_for(lambda view: replace(view, book_rows=rows))
        super().redraw()

    def subtitle(self, snapshot: Snapshot) -> str:
        """Symbol, state of the book, where it is partial and price per row."""
        condition = book_condition(snapshot, self.clock_ns())
        parts = [printable(snapshot.symbol), condition.word]
        if not condition.is_hidden:
            parts += _partial(snapshot, self.size.height)
        parts.append(f"step {fmt.fixed(snapshot.book.row_step, snapshot.price_decimals)}")
        return " · ".join(parts)

    def draw(self, snapshot: Snapshot, width: int, height: int) -> Sequence[Row]:
        """The rows of one picture."""
        condition = book_condition(snapshot, self.clock_ns())
        if condition.is_hidden:
            return message_rows(
                f" BOOK {condition.word.upper()} ",
                condition.reason,
                width=width,
                height=height,
                ink=Ink.ALARM,
            )
        titles = _title_lines(height)
        asks, bids = _halves(snapshot, height)
        above = _half(height - titles, is_upper=True) - len(asks.levels)
        widths = self._measure(snapshot, (asks, bids), width)
        levels = (*asks.levels, *bids.levels)
        largest = max((level.quantity for level in levels), default=0.0)
        rows: list[Row] = [filled((), width)] * above
        rows += _level_rows(snapshot, asks, widths, largest=largest)[::-1]
        rows.append(_spread_row(snapshot, condition, width))
        rows += _level_rows(snapshot, bids, widths, largest=largest)
        if titles:
            rows.insert(0, _title_row(widths))
        if not condition.is_live:
            rows = [_dimmed(row) for row in rows]
        return [filled(row, width) for row in rows]

    def _measure(self, snapshot: Snapshot, halves: Sequence[_Half], width: int) -> _Widths:
        # Widths that only grow while symbol and pane stay, so that columns do not dance.
        if self._widths_key != (snapshot.symbol, width):
            self._widths_key = (snapshot.symbol, width)
            self._widest = (0, 0, 0)
        texts = [row for half in halves for row in _texts(snapshot, half)]
        price, size, total = (
            max(before, len(title), max((len(row[column]) for row in texts), default=0))
            for column, (before, title) in enumerate(
                zip(self._widest, ("price", "size", "sum"), strict=True)
            )
        )
        self._widest = (price, size, total)
        return _fit(price, size, total, width)

    def action_coarser(self) -> None:
        """More ticks per row."""
        self.ask_for(lambda view: _regrouped(view, 1))

    def action_finer(self) -> None:
        """Fewer ticks per row."""
        self.ask_for(lambda view: _regrouped(view, -1))


def _title_lines(height: int) -> int:
    return 1 if height >= _SMALLEST_HEIGHT_WITH_TITLES else 0


def _halves(snapshot: Snapshot, height: int) -> tuple[_Half, _Half]:
    # What is to be seen of asks and bids in a pane of this height.
    lines = height - _title_lines(height)
    book = snapshot.book
    asks = book.asks[: _half(lines, is_upper=True)]
    bids = book.bids[: _half(lines, is_upper=False)]
    # A row's price is its far end, so one that only reaches over the edge is beyond it as well.
    # Row prices carry the noise of a multiplication.
    noise = book.row_step * _NOISE
    lowest, highest = book.bids_known_to, book.asks_known_to
    whole_asks = [level for level in asks if highest is None or level.price <= highest + noise]
    whole_bids = [level for level in bids if lowest is None or level.price >= lowest - noise]
    above, below = _own(snapshot)
    ask_marks = marks_of(asks, above, book.row_step, is_bid=False)
    bid_marks = marks_of(bids, below, book.row_step, is_bid=True)
    return (
        _Half(asks, len(whole_asks), _ASK, ask_marks),
        _Half(bids, len(whole_bids), _BID, bid_marks),
    )


def _own(snapshot: Snapshot) -> tuple[list[tuple[float, str]], list[tuple[float, str]]]:
    # Our orders above and below the middle of the book.
    own = own_prices(snapshot)
    middle = mid(snapshot.book) if own else None
    if middle is None:
        return [], []
    return [o for o in own if o[0] >= middle], [o for o in own if o[0] < middle]


def _partial(snapshot: Snapshot, height: int) -> list[str]:
    # Beyond which prices the visible part of the book may lack something.
    asks, bids = _halves(snapshot, height)
    decimals = snapshot.price_decimals
    parts = []
    if bids.is_partial:
        parts.append(f"partial below {fmt.fixed(snapshot.book.bids_known_to, decimals)}")
    if asks.is_partial:
        parts.append(f"partial above {fmt.fixed(snapshot.book.asks_known_to, decimals)}")
    return parts


def _half(lines: int, *, is_upper: bool) -> int:
    # Rows of one side when one line goes to the spread; the odd one goes to the bids.
    rest = max(0, lines - 1)
    return rest // 2 if is_upper else rest - rest // 2


def _fit(price: int, size: int, total: int, width: int) -> _Widths:
    # Drop the bar first, then the sum, then the size; the price always stays.
    with_price = 2 + price
    with_size = with_price + 1 + size
    with_total = with_size + 1 + total
    if with_total <= width:
        rest = min(_LARGEST_BAR, width - with_total - 1)
        return _Widths(price, size, total, rest if rest >= _SMALLEST_BAR else 0)
    if with_size <= width:
        return _Widths(price, size, 0, 0)
    return _Widths(min(price, max(0, width - 2)), 0, 0, 0)


def _texts(snapshot: Snapshot, half: _Half) -> list[tuple[str, str, str]]:
    return [
        (
            fmt.fixed(level.price, snapshot.price_decimals),
            fmt.fixed(level.quantity, snapshot.quantity_decimals),
            ("~" if index >= half.whole else "")
            + fmt.fixed(level.cumulative, snapshot.quantity_decimals),
        )
        for index, level in enumerate(half.levels)
    ]


def _level_rows(snapshot: Snapshot, half: _Half, widths: _Widths, *, largest: float) -> list[Row]:
    # One row a level, best first.
    sign, ink, best, bars = half.inks
    rows: list[Row] = []
    texts = _texts(snapshot, half)
    for index, (level, (price, size, total)) in enumerate(zip(half.levels, texts, strict=True)):
        numbers = " " + number(size, widths.size) if widths.size else ""
        if widths.total:
            numbers += " " + number(total, widths.total)
        price_ink = ink if rows else best
        mark = half.marks.get(index)
        head: Row = ((f"{sign} {number(price, widths.price)}", price_ink),)
        if mark is not None:
            head = ((sign, price_ink), (mark + number(price, widths.price), Ink.OWN))
        row: Row = (*head, (numbers, Ink.TEXT))
        if widths.bar:
            row += ((" " + bar(level.quantity, largest, widths.bar), bars),)
        if index >= half.whole:
            row = tuple((text, ink if ink is Ink.OWN else Ink.MUTED) for text, ink in row)
        rows.append(row)
    return rows


def _title_row(widths: _Widths) -> Row:
    text = "  " + right("price", widths.price)
    if widths.size:
        text += " " + right("size", widths.size)
    if widths.total:
        text += " " + right("sum", widths.total)
    return ((text, Ink.MUTED),)


def _spread_row(snapshot: Snapshot, condition: BookCondition, width: int) -> Row:
    # The middle line: what is wrong if something is, else spread and mid as far as they fit.
    if not condition.is_live:
        text = cut(f" {condition.word.upper()} · {printable(condition.reason)} ", width)
        return ((text, Ink.ALARM),)
    book, decimals = snapshot.book, snapshot.price_decimals
    if not book.bids and not book.asks:
        return ((cut("── the book is empty ", width), Ink.WARN),)
    # The mid of two prices may lie between two ticks, so it has a digit more.
    parts = [
        f"spread {fmt.fixed(spread(book), decimals)}",
        f"mid {fmt.fixed(mid(book), decimals + 1)}",
    ]
    while parts and width_of(" · ".join(parts)) + 6 > width:
        parts.pop()
    text = f"── {' · '.join(parts)} ──" if parts else "─" * min(width, 6)
    return ((text, Ink.MUTED),)


def _dimmed(row: Row) -> Row:
    return tuple((text, ink if ink is Ink.ALARM else Ink.STALE) for text, ink in row)


def _regrouped(view: View, steps: int) -> View:
    # The view with the grouping so many places on; an unknown one counts as the next below.
    place = max((i for i, ticks in enumerate(GROUPINGS) if ticks <= view.grouping), default=0)
    place = min(len(GROUPINGS) - 1, max(0, place + steps))
    return replace(view, grouping=GROUPINGS[place])
