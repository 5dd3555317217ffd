"""Asks before every position is closed at market; halting comes with it, and comes first."""

from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.account import quantity_text, side_of
from botcore_tui.ui.panes.cells import printable
from botcore_tui.ui.screens.confirm import TypedDialog
from botcore_tui.ui.screens.dialog import ARM_SECONDS

FLATTEN_WORD = "flatten"


class FlattenDialog(TypedDialog):
    """A halt leaves this question alone: it asks for less risk, not for more.

    Args:
        snapshot: The picture it is asked upon.
        arm_seconds: How long nothing can be confirmed.
    """

    def __init__(self, snapshot: Snapshot, *, arm_seconds: float = ARM_SECONDS) -> None:
        super().__init__(
            "Flatten all positions",
            _lines(snapshot),
            word=FLATTEN_WORD,
            label="Close all at market",
            arm_seconds=arm_seconds,
        )

    def show(self, snapshot: Snapshot) -> None:
        """Take a newer picture: what is listed is what is held now."""
        self.tell(_lines(snapshot))


def _lines(snapshot: Snapshot) -> list[str]:
    environment = printable(snapshot.environment).upper()
    return [
        f"{environment}: halt, then close EVERY position at market,",
        "those that this program did not open as well.",
        "Entries are cancelled first; stops stay until it is flat.",
        *_positions(snapshot),
    ]


def _positions(snapshot: Snapshot) -> list[str]:
    positions = snapshot.account.positions if snapshot.account is not None else ()
    if not positions:
        return ["No position is known here; the venue is asked all the same."]
    lines = []
    for each in positions:
        arrow, _ = side_of(each.quantity)
        quantity = quantity_text(snapshot, each.symbol, each.quantity)
        worth = f"worth {fmt.grouped(each.notional, 2)}  uPnL {fmt.signed(each.unrealized)}"
        lines.append(f"{printable(each.symbol)} {arrow} {quantity}  {worth}")
    return lines
