"""What to know before trading goes one step on, and what stands in the way of that step."""

from botcore_tui.model.event import TradingState
from botcore_tui.model.risk import RiskView, Tier
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.cells import printable
from botcore_tui.ui.panes.risk_reading import (
    breaker_name,
    first_obstacle,
    risk_of,
    tier_of,
    worst_gauge,
)
from botcore_tui.ui.screens.dialog import ARM_SECONDS
from botcore_tui.ui.screens.reasoned import ReasonedDialog

RESUME_WORD = "resume"

_NEXT = {
    # They pass while it is HALTED as well: nobody must think that resuming comes before closing.
    TradingState.HALTED: (
        TradingState.REDUCING,
        "only orders that lower a position pass, as before; the next step lets all pass",
    ),
    TradingState.REDUCING: (TradingState.ACTIVE, "all orders will be allowed"),
}


def resume_dialog(snapshot: Snapshot, *, arm_seconds: float = ARM_SECONDS) -> ReasonedDialog | None:
    """The question for the state of a picture; None if there is no step to take.

    While the engine would refuse the step, the dialog only says why and what to do.
    """
    step = _NEXT.get(snapshot.state)
    if step is None:
        return None
    state, meaning = step
    environment = printable(snapshot.environment).upper()
    lines = [f"{environment}: {snapshot.state} → {state}"]
    blocks = resume_blocks(snapshot)
    if blocks:
        lines += ["Not now:", *(f"✗ {block}" for block in blocks)]
    else:
        lines += [f"From then on {meaning}.", *_remains(snapshot, state)]
    if snapshot.halt is not None:
        halt = snapshot.halt
        actor, reason = printable(halt.actor), printable(halt.reason)
        lines.append(f"Halted by {actor} at {fmt.clock(halt.time_ms)}Z: {reason}")
    if not snapshot.trading_enabled:
        lines.append("Trading is off in the configuration: no order will be sent either way.")
    return ReasonedDialog(
        "Resume",
        lines,
        word="" if blocks else RESUME_WORD,
        label=f"Go to {state}",
        arm_seconds=arm_seconds,
    )


def resume_blocks(snapshot: Snapshot) -> list[str]:
    """Why the engine would refuse a step towards trading, each with how to clear it.

    Only reducing orders pass after the first step, so that a latched breaker alone blocks it.
    """
    risk = risk_of(snapshot)
    latched = () if risk is None else risk.latched
    blocks = [
        f"{breaker_name(risk, code)} is latched: b, then r resets it"
        for code in latched
        if risk is not None
    ]
    if snapshot.state is TradingState.REDUCING:
        blocks += _entry_blocks(snapshot, risk)
    return blocks


def _entry_blocks(snapshot: Snapshot, risk: RiskView | None) -> list[str]:
    account = snapshot.account
    blocks = []
    if account is not None and account.trouble:
        blocks.append(f"{printable(account.trouble)}: w says how to clear it")
    worst = None if risk is None else worst_gauge(risk)
    if risk is not None and worst is not None and worst.tier is not Tier.WARN:
        _, word, _ = tier_of(worst)
        blocks.append(f"{breaker_name(risk, worst.code)} is at {word}: only time or b clears it")
    if risk is not None and risk.phase is not None and risk.phase.trouble:
        blocks.append(f"phase: {printable(risk.phase.trouble)}")
    return blocks


def _remains(snapshot: Snapshot, state: TradingState) -> list[str]:
    obstacle = first_obstacle(snapshot)
    if state is not TradingState.ACTIVE or obstacle is None:
        return []
    return [printable(f"Entries stay denied by {obstacle.code} {obstacle.name}: {obstacle.remedy}")]
