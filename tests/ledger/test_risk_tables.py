"""Tables of what limits trading are chained, written and read whole."""

from pathlib import Path

import pytest
from ledger_rows import ACCOUNT, ledger_url, tampered, written
from risk_rows import (
    a_drill,
    a_phase,
    a_reset,
    a_strategy,
    a_stream,
    a_trip,
    an_anchor,
    an_override,
)

from botcore_tui.ledger.reader import LedgerReader
from botcore_tui.ledger.risk_tables import RISK
from botcore_tui.ledger.tables import CHAINED
from botcore_tui.ledger.verify import verify
from botcore_tui.model.ledger import LedgerRow

ROWS: list[LedgerRow] = [
    an_anchor(),
    a_trip(),
    a_reset(),
    an_override(),
    a_strategy(),
    a_phase(),
    a_drill(),
    a_stream(),
]


def test_each_is_under_the_chain() -> None:
    assert [CHAINED[str(table.name)] for table in RISK] == list(RISK)


@pytest.mark.requirement("G6")
def test_each_row_is_written_under_the_chain_and_read_back(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    written(url, ROWS)
    assert verify(url).is_intact
    with LedgerReader(url, ACCOUNT) as reader:
        for table in RISK:
            (row,) = reader.everything(str(table.name))
            assert row["account"] == ACCOUNT


@pytest.mark.requirement("G6")
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE phases SET phase = 'full'",
        """UPDATE trips SET "limit" = '50'""",
        "DELETE FROM trips",
        "UPDATE drills SET is_passed = 1 - is_passed",
        "UPDATE anchors SET equity = '1'",
    ],
)
def test_a_row_that_was_edited_is_found(tmp_path: Path, change: str) -> None:
    url = ledger_url(tmp_path)
    written(url, ROWS)
    tampered(url, change)
    assert not verify(url).is_intact
