"""The ledger as the cockpit's browser reads it."""

from pathlib import Path

import pytest
from order_builders import NOW_MS

from botcore_tui.cli.ledger_pages import LedgerPages
from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.writer import LedgerWriter
from botcore_tui.model.ledger import AuditRow
from botcore_tui.model.severity import Severity


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/ledger.db"
    for account in ("demo:a", "demo:b"):
        ledger = LedgerWriter.open(url, account, "demo")
        for number in range(3):
            code = f"{account}.{number}"
            severity = Severity.INFO
            ledger.append(AuditRow(code=code, severity=severity, text="", time_ms=NOW_MS))
        ledger.close()
    return url


def test_rows_are_text_newest_first_and_of_one_account(url: str) -> None:
    pages = LedgerPages(url, lambda: "demo:a")
    columns, rows = pages.page("audit", 2, None)
    assert columns[0] == "sequence"
    codes = [row[columns.index("code")] for row in rows]
    assert codes[1] == "demo:a.2"
    assert all(isinstance(cell, str) for row in rows for cell in row)
    _, older = pages.page("audit", 1, int(rows[-1][0]))
    assert older[0][columns.index("code")] == "demo:a.1"
    assert "orders" in pages.tables()


def test_where_no_account_is_traded_the_newest_run_is_shown(url: str) -> None:
    columns, rows = LedgerPages(url, lambda: "").page("audit", 9, None)
    assert {row[columns.index("code")][:6] for row in rows} == {"demo:b", "run.en"}


def test_without_a_ledger_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError):
        LedgerPages(f"sqlite:///{tmp_path}/none.db", lambda: "").tables()
