"""Asks for a signature under a list of checks, or for a note about a trade."""

from botcore_tui.core.checks import about_text, summary_of
from botcore_tui.model.check import Checklist, CheckState, JournalTrade, Period
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.cells import printable
from botcore_tui.ui.screens.dialog import ARM_SECONDS
from botcore_tui.ui.screens.reasoned import ReasonedDialog

LIMITS_WORD = "limits"
"""Typed where limits have changed since the last signature: they are confirmed as well."""
NOTE_WORD = "reviewed"
_SHOWN = 6


class SignDialog(ReasonedDialog):
    """Gives back the reason or note, or the empty string for no."""


def sign_dialog(listed: Checklist, *, arm_seconds: float = ARM_SECONDS) -> SignDialog:
    """The question for a list as it was read."""
    bad = [check for check in listed.checks if check.state is not CheckState.OK]
    environment, summary = printable(listed.environment).upper(), summary_of(listed.checks)
    lines = [
        f"{environment}: {listed.period} checks: {summary}",
        *(f"{each.state.sign} {each.state} {printable(about_text(each))}" for each in bad[:_SHOWN]),
    ]
    if len(bad) > _SHOWN:
        lines.append(f"and {len(bad) - _SHOWN} more")
    is_changed = listed.period is Period.WEEKLY and bool(listed.changes)
    if is_changed:
        lines.append("Signing confirms the limits that have changed:")
        lines += [f"  {printable(change)}" for change in listed.changes]
    lines.append("Your name and what was seen stay on record.")
    return SignDialog(
        f"Sign the {listed.period} checks",
        lines,
        word=LIMITS_WORD if is_changed else str(listed.period),
        label="Sign",
        arm_seconds=arm_seconds,
    )


def note_dialog(trade: JournalTrade, *, arm_seconds: float = ARM_SECONDS) -> SignDialog:
    """The question for one trade of the journal."""
    when = f"{fmt.calendar_day(trade.closed_ms)} {fmt.clock_minutes(trade.closed_ms)}Z"
    lines = [
        f"{printable(trade.symbol)}, ended flat {when}: {fmt.signed(trade.net)} USDT",
        f"fees {fmt.grouped(trade.fees, 2)}, funding {fmt.signed(trade.funding)}",
    ]
    if trade.note:
        lines.append(f"noted before by {printable(trade.reviewer)}: {printable(trade.note)}")
    return SignDialog(
        f"Review trade {trade.number}",
        lines,
        word=NOTE_WORD,
        label="Reviewed",
        arm_seconds=arm_seconds,
    )
