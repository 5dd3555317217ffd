"""What to know before trading goes one step on."""

from botcore_tui.model.event import TradingState
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.cells import printable
from botcore_tui.ui.screens.confirm import ARM_SECONDS, TypedDialog

RESUME_WORD = "resume"

_NEXT = {
    TradingState.HALTED: (TradingState.REDUCING, "orders that lower a position will be allowed"),
    TradingState.REDUCING: (TradingState.ACTIVE, "all orders will be allowed"),
}


def resume_dialog(snapshot: Snapshot, *, arm_seconds: float = ARM_SECONDS) -> TypedDialog | None:
    """The question for the state of a picture; None if there is no step to take."""
    step = _NEXT.get(snapshot.state)
    if step is None:
        return None
    state, meaning = step
    environment = printable(snapshot.environment).upper()
    lines = [f"{environment}: {snapshot.state} → {state}", f"From then on {meaning}."]
    if snapshot.halt is not None:
        halt = snapshot.halt
        actor, reason = printable(halt.actor), printable(halt.reason)
        lines.append(f"Halted by {actor} at {fmt.clock(halt.time_ms)}Z: {reason}")
    if not snapshot.trading_enabled:
        lines.append("Trading is off in the configuration: no order will be sent either way.")
    return TypedDialog(
        "Resume", lines, word=RESUME_WORD, label=f"Go to {state}", arm_seconds=arm_seconds
    )
