"""Asks where the stop of a position is to go."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from botcore_tui.model.snapshot import Snapshot
from botcore_tui.model.trading import PositionView
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.account import price_text, quantity_text, side_of
from botcore_tui.ui.panes.cells import printable
from botcore_tui.ui.screens.dialog import ARM_SECONDS
from botcore_tui.ui.screens.form import Field, FormDialog
from botcore_tui.ui.ticket import number_of, tick_of


class StopDialog(FormDialog[Decimal]):
    """Gives back the new price of the stop, or None.

    Args:
        position: Whose stop it is.
        snapshot: The picture it was asked upon.
        arm_seconds: How long nothing can be confirmed.
    """

    def __init__(
        self, position: PositionView, snapshot: Snapshot, *, arm_seconds: float = ARM_SECONDS
    ) -> None:
        symbol = printable(position.symbol)
        old = price_text(snapshot, position.symbol, position.stop_price)
        super().__init__(
            f"Move the stop of {symbol}",
            (Field("stop", f"now {old}"),),
            label="Move the stop",
            arm_seconds=arm_seconds,
        )
        self._symbol = position.symbol
        self._position: PositionView | None = position
        self._snapshot = snapshot

    def take(self, snapshot: Snapshot) -> None:
        """Keep the position as it is now."""
        positions = snapshot.account.positions if snapshot.account is not None else ()
        self._position = next((each for each in positions if each.symbol == self._symbol), None)
        self._snapshot = snapshot

    def read(self) -> tuple[Decimal | None, Mapping[str, str], Sequence[str]]:
        """What is typed, by the newest mark."""
        position = self._position
        if position is None:
            return None, {"stop": "the position is closed"}, ()
        text = self.texts["stop"].strip()
        try:
            typed = number_of(text)
        except ValueError as problem:
            why = str(problem) if text else "needed"
            return None, {"stop": why}, self._figures(position, None)
        price = self._to_tick(position, typed)
        why = self._problem(position, price)
        return (
            (None if why else price),
            ({"stop": why} if why else {}),
            self._figures(position, price),
        )

    def _to_tick(self, position: PositionView, price: Decimal) -> Decimal:
        """As it will be at the venue, where the contract's tick is known."""
        snapshot = self._snapshot
        if position.symbol != snapshot.symbol or not snapshot.has_instrument:
            return price
        tick = tick_of(snapshot)
        rounding = ROUND_CEILING if position.quantity > 0 else ROUND_FLOOR
        return (price / tick).to_integral_value(rounding) * tick

    def _problem(self, position: PositionView, price: Decimal) -> str:
        if not price:
            return "must be above zero"
        mark = position.mark
        is_long = position.quantity > 0
        if mark is not None and ((price >= mark) if is_long else (price <= mark)):
            side, shown = "below" if is_long else "above", fmt.significant(mark)
            return f"must be {side} the mark {shown}: it would trigger at once"
        return ""

    def _figures(self, position: PositionView, price: Decimal | None) -> tuple[str, ...]:
        snapshot, symbol = self._snapshot, position.symbol
        arrow, _ = side_of(position.quantity)
        quantity = quantity_text(snapshot, symbol, position.quantity)
        entry = price_text(snapshot, symbol, position.entry_price)
        mark = price_text(snapshot, symbol, position.mark)
        stop = price_text(snapshot, symbol, position.stop_price)
        lines = [
            f"position  {arrow} {quantity} at {entry}, mark {mark}",
            f"stop now  {stop} ({position.cover.value})",
        ]
        if price is not None:
            typed = Decimal(self.texts["stop"].strip())
            if price != typed:
                lines.append(f"will be   {price:f}, to the tick")
            result = (price - position.entry_price) * position.quantity
            lines.append(f"at stop   {fmt.signed(result)} without fees")
        lines.append("The new stop is placed and verified first, then the old one is cancelled.")
        return tuple(lines)
