"""What a strategy is to the core: closed bars in, the position it wants out."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from botcore_tui.model.command import Signal
from botcore_tui.model.market import Bar


@runtime_checkable
class Strategy(Protocol):
    """Decides from closed bars what a symbol's position should be.

    It keeps its own state for each symbol, does no I/O, reads no clock, and answers at once. What
    it returns is a wish: sizing, gate and protection are not its business. One that raises, or
    wants what is no number, is left out from then on.
    """

    @property
    def name(self) -> str:
        """Short and stable; stands in signals, in the ledger and on the screen."""

    @property
    def interval_ms(self) -> int:
        """Length of the bars that it wants."""

    def warm(self, symbol: str, bars: Sequence[Bar]) -> Signal | None:
        """Begin anew with a symbol's history.

        Args:
            symbol: Whatever was known of it before is forgotten.
            bars: Closed bars of ``interval_ms``, oldest first; intervals without a trade are
                absent; empty where nothing is known.

        Returns:
            The target that follows from the last bar; None while there is no wish.
        """

    def on_bar(self, bar: Bar) -> Signal | None:
        """Take the next closed bar of its symbol; each comes once, in order.

        Returns:
            The target that follows; the same as before is as good as None.
        """
