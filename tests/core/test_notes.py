"""An alarm goes into ledger and log with the same words."""

from botcore_tui.core.notes import note
from botcore_tui.model.event import Append, Record, Severity
from botcore_tui.model.ledger import AuditRow


def test_note_is_a_row_and_a_line() -> None:
    effects = note(
        Severity.ERROR, "a.code", "words", time_ms=5, symbol="BTCUSDT", client_order_id="bc-1"
    )
    row = AuditRow(
        code="a.code",
        severity=Severity.ERROR,
        text="words",
        symbol="BTCUSDT",
        client_order_id="bc-1",
        time_ms=5,
    )
    assert effects == [Append(row), Record(Severity.ERROR, "a.code", "words", 5)]
