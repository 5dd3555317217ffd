"""What was paid in an absence must survive a first start at which the income did not come."""

from decimal import Decimal
from pathlib import Path

from builders import NOW_MS
from desk_stage import Stage
from ledger_rows import ACCOUNT, ledger_url, written
from order_builders import NOW_MS as DESK_MS

from botcore_tui.ledger.recall import recall
from botcore_tui.model.event import Append
from botcore_tui.model.ledger import AuditRow, EquityRow, LedgerRow
from botcore_tui.model.severity import Severity

DAY_MS = 86_400_000


def first_start() -> list[LedgerRow]:
    """What a session writes whose picture came without the income (5 s were too short)."""
    desk = Stage().begin()
    picture = desk.venue.picture("again")
    assert picture.income is None
    effects = [*desk.tell(picture), *desk.wait(120_000)]
    return [each.row for each in effects if isinstance(each, Append)]


def test_second_start_asks_for_the_whole_absence(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    away_ms = NOW_MS - 20 * DAY_MS
    written(url, [EquityRow(wallet=Decimal(100), unrealized=Decimal(0), time_ms=away_ms)])
    assert recall(url, ACCOUNT, NOW_MS).payments_ms == away_ms - 3 * DAY_MS
    # Before it went away, its income was read at each start and every hour.
    read = AuditRow(
        code="income.read", severity=Severity.INFO, text="read", time_ms=away_ms - 600_000
    )
    written(url, [read])
    shift = NOW_MS - DESK_MS
    rows = [each for each in first_start() if isinstance(each, EquityRow)]
    assert rows  # equity is recorded although nobody has told of the payments
    written(
        url,
        [
            EquityRow(wallet=r.wallet, unrealized=r.unrealized, time_ms=r.time_ms + shift)
            for r in rows
        ],
    )
    assert recall(url, ACCOUNT, NOW_MS + 600_000).payments_ms <= away_ms
