"""Alarms that must be found again: a row of the ledger and a line of the log, in one."""

from botcore_tui.model.event import Append, Effect, Record
from botcore_tui.model.ledger import AuditRow
from botcore_tui.model.severity import Severity


def note(
    severity: Severity,
    code: str,
    text: str,
    *,
    time_ms: int,
    symbol: str = "",
    client_order_id: str = "",
) -> list[Effect]:
    """Both, with the same words.

    Args:
        severity: See there.
        code: Stable, dotted.
        text: What happened, one line.
        time_ms: When.
        symbol: Empty if it is about none.
        client_order_id: Empty if it is about no order of ours.
    """
    row = AuditRow(
        code=code,
        severity=severity,
        text=text,
        symbol=symbol,
        client_order_id=client_order_id,
        time_ms=time_ms,
    )
    return [Append(row), Record(severity, code, text, time_ms)]
