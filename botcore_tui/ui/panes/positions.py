"""Positions: what is held, what it is worth, and whether a stop protects it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.message import Message

from botcore_tui.model.snapshot import Snapshot
from botcore_tui.model.trading import FIGURES_OLD_NS, Cover, PositionView
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.account import (
    absent_rows,
    age_of,
    is_old,
    mark_age_ns,
    notice_rows,
    price_text,
    quantity_text,
    side_of,
    signed_ink,
    since_ns,
)
from botcore_tui.ui.panes.base import Row, message_rows
from botcore_tui.ui.panes.cells import printable
from botcore_tui.ui.panes.columns import Column, table_rows
from botcore_tui.ui.panes.cursor import MARK, NO_MARK, CursorPane
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.reading import is_data_stale, is_engine_silent

COVERS: Final = {
    Cover.VERIFIED: ("✓ verified", Ink.GOOD),
    Cover.PLACING: ("… PLACING", Ink.ALARM),
    Cover.NAKED: ("✗ NAKED", Ink.HALTED),
    Cover.CLOSING: ("! CLOSING", Ink.HALTED),
}
"""How a position is protected: sign, word and colour."""
_NEAR_LIQUIDATION_PCT: Final = 5.0


class CloseAsked(Message):
    """The chosen position is to be closed; nothing was asked yet."""

    def __init__(self, position: PositionView) -> None:
        self.position = position
        super().__init__()


class MoveStopAsked(Message):
    """The stop of the chosen position is to be moved; nothing was asked yet."""

    def __init__(self, position: PositionView) -> None:
        self.position = position
        super().__init__()


class Positions(CursorPane):
    """One row a position. Columns give way by their worth; the cover is among the last to go."""

    pane_id = "pos"
    pane_title = "positions"
    hotkey = "1"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "close", "Close", tooltip="Close the chosen position at market; asks"),
        Binding("s", "move_stop", "Stop", tooltip="Move the stop of the chosen position; asks"),
    ]

    def keys(self, snapshot: Snapshot) -> Sequence[str]:
        """Symbols."""
        return [position.symbol for position in _positions(snapshot)]

    def head(self, snapshot: Snapshot, width: int) -> Sequence[Row]:
        """Why no new risk is taken."""
        return notice_rows(snapshot, width)

    def empty(self, snapshot: Snapshot, width: int, height: int) -> Sequence[Row]:
        """Flat, or why nothing is known."""
        if snapshot.account is None:
            return absent_rows(width, height, snapshot=snapshot)
        if not snapshot.account.is_reconciled:
            return message_rows("not reconciled yet", "", width=width, height=height)
        return message_rows("no positions", "", width=width, height=height)

    def table(self, snapshot: Snapshot, cursor: int, width: int) -> Sequence[Row]:
        """A row of titles and one a position."""
        positions = _positions(snapshot)
        now_ns = self.clock_ns()
        columns = [
            *_identity(snapshot, positions, cursor),
            *_prices(snapshot, positions, now_ns),
            *_money(snapshot, positions, now_ns),
            *_history(snapshot, positions, now_ns),
        ]
        return table_rows(columns, width)

    @property
    def chosen(self) -> PositionView | None:
        """The position under the cursor."""
        place = self.place
        if place is None or self._snapshot is None:
            return None
        return _positions(self._snapshot)[place]

    def action_close(self) -> None:
        """Ask for the chosen position to be closed."""
        if position := self.chosen:
            self.post_message(CloseAsked(position))

    def action_move_stop(self) -> None:
        """Ask for another stop of the chosen position."""
        if position := self.chosen:
            self.post_message(MoveStopAsked(position))


def _positions(snapshot: Snapshot) -> Sequence[PositionView]:
    return snapshot.account.positions if snapshot.account is not None else ()


def _identity(
    snapshot: Snapshot, positions: Sequence[PositionView], cursor: int
) -> Sequence[Column]:
    sides = [side_of(each.quantity) for each in positions]
    covers = [COVERS[each.cover] for each in positions]
    names = tuple(
        (MARK if index == cursor else NO_MARK) + printable(each.symbol)
        for index, each in enumerate(positions)
    )
    columns = [
        Column("  symbol", names, 30, is_number=False, widest=16),
        Column("side", _first(sides), 28, is_number=False, inks=_second(sides)),
        Column("cover", _first(covers), 29, is_number=False, inks=_second(covers)),
        Column(
            "qty",
            tuple(quantity_text(snapshot, each.symbol, each.quantity) for each in positions),
            27,
        ),
    ]
    tags = tuple(printable(each.tag) for each in positions)
    if any(tags):
        columns.insert(1, Column("tag", tags, 17, is_number=False, inks=(Ink.WARN,) * len(tags)))
    return columns


def _prices(snapshot: Snapshot, positions: Sequence[PositionView], now_ns: int) -> Sequence[Column]:
    def column(title: str, prices: Sequence[Decimal | None], importance: int) -> Column:
        symbols = [each.symbol for each in positions]
        pairs = zip(symbols, prices, strict=True)
        texts = tuple(price_text(snapshot, symbol, price) for symbol, price in pairs)
        return Column(title, texts, importance)

    is_stale = is_data_stale(snapshot, now_ns) or is_engine_silent(snapshot, now_ns)
    ages = [_mark_age(snapshot, each, now_ns) for each in positions]
    mark = column("mark", [each.mark for each in positions], 21)
    inks = tuple(Ink.STALE if is_stale or age else Ink.TEXT for age in ages)
    columns = [
        column("entry", [each.entry_price for each in positions], 20),
        Column(mark.title, mark.texts, mark.importance, inks=inks),
        column("stop", [each.stop_price for each in positions], 24),
    ]
    if any(ages):
        # As much worth as what is computed with it: an old profit must not look like a new one.
        warns = tuple(Ink.WARN if age else Ink.TEXT for age in ages)
        texts = tuple(age or "✓" for age in ages)
        columns.insert(2, Column("mark age", texts, 26, inks=warns))
    targets = [each.target_price for each in positions]
    if any(targets):
        columns.append(column("target", targets, 9))
    if any(each.trail_pct for each in positions):
        trails = tuple(
            f"{fmt.exact(each.trail_pct)}%" if each.trail_pct else fmt.MISSING for each in positions
        )
        columns.append(Column("trail", trails, 8))
    return columns


def _mark_age(snapshot: Snapshot, position: PositionView, now_ns: int) -> str:
    """How old its mark is, if it is too old to say nothing of it."""
    if position.mark is None or position.mark_age_ms is None:
        return ""
    age_ns = mark_age_ns(snapshot, position.mark_age_ms, now_ns)
    return fmt.lapse(age_ns) if age_ns > FIGURES_OLD_NS else ""


def _money(snapshot: Snapshot, positions: Sequence[PositionView], now_ns: int) -> Sequence[Column]:
    is_silent = is_engine_silent(snapshot, now_ns)
    stale = [is_silent or bool(_mark_age(snapshot, each, now_ns)) for each in positions]

    def inks_of(values: Sequence[Decimal | float | None]) -> tuple[Ink, ...]:
        pairs = zip(values, stale, strict=True)
        return tuple(Ink.STALE if is_stale else signed_ink(value) for value, is_stale in pairs)

    def column(title: str, values: Sequence[Decimal | None], importance: int) -> Column:
        texts = tuple(fmt.signed(value) for value in values)
        return Column(title, texts, importance, inks=inks_of(values))

    percents = [each.unrealized_pct for each in positions]
    # An old one goes before its age does.
    worth = 25 if any(_mark_age(snapshot, each, now_ns) for each in positions) else 26
    return [
        column("uPnL", [each.unrealized for each in positions], worth),
        Column(
            "uPnL%",
            tuple(fmt.signed_percent(percent) for percent in percents),
            19,
            inks=inks_of(percents),
        ),
        Column("risk", tuple(fmt.grouped(each.risk, 2) for each in positions), 16),
    ]


def _history(
    snapshot: Snapshot, positions: Sequence[PositionView], now_ns: int
) -> Sequence[Column]:
    distances = [each.liquidation_pct for each in positions]
    is_near = [each is not None and each < _NEAR_LIQUIDATION_PCT for each in distances]
    columns = [
        Column(
            "liq%",
            tuple(
                f"{'!' if near else ''}{fmt.fixed(pct, 1)}"
                for near, pct in zip(is_near, distances, strict=True)
            ),
            22,
            inks=tuple(Ink.ERROR if near else Ink.TEXT for near in is_near),
        ),
        Column(
            "liq",
            tuple(price_text(snapshot, each.symbol, each.liquidation_price) for each in positions),
            11,
        ),
        Column(
            "fees",
            tuple(
                # Those in another asset are in no sum: it is at least so much.
                f"{'≥' if each.has_other_fees else ''}{fmt.grouped(each.fees, 2)}"
                for each in positions
            ),
            13,
        ),
        Column("funding", tuple(fmt.signed(each.funding) for each in positions), 12),
        Column(
            "age",
            tuple(fmt.lapse(since_ns(snapshot, each.opened_ms, now_ns)) for each in positions),
            18,
        ),
    ]
    old = [is_old(each.confirmed_ns, now_ns) for each in positions]
    if any(old):
        texts = tuple(
            _confirmed(each, now_ns) if late else "✓"
            for each, late in zip(positions, old, strict=True)
        )
        inks = tuple(Ink.WARN if late else Ink.TEXT for late in old)
        columns.append(Column("confirmed", texts, 25, is_number=False, inks=inks))
    if any(each.unprotected_seconds for each in positions):
        naked = tuple(f"{fmt.fixed(each.unprotected_seconds, 1)}s" for each in positions)
        columns.append(Column("unprot", naked, 10))
    return columns


def _confirmed(position: PositionView, now_ns: int) -> str:
    age_ns = age_of(position.confirmed_ns, now_ns)
    return "never" if age_ns is None else f"{fmt.lapse(age_ns)} ago"


def _first(pairs: Sequence[tuple[str, Ink]]) -> tuple[str, ...]:
    return tuple(text for text, _ in pairs)


def _second(pairs: Sequence[tuple[str, Ink]]) -> tuple[Ink, ...]:
    return tuple(ink for _, ink in pairs)
