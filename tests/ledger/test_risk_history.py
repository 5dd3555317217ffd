"""What limited trading, in one list."""

from pathlib import Path

from ledger_rows import ACCOUNT, ledger_url, written
from risk_rows import a_drill, a_phase, a_strategy, a_stream, a_trip, an_anchor

from botcore_tui.ledger.reader import LedgerReader


def test_rows_of_all_tables_come_newest_first(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    written(url, [an_anchor(), a_trip(time_ms=7), a_stream(), a_strategy(), a_phase(), a_drill()])
    with LedgerReader(url, ACCOUNT) as reader:
        page = reader.risk(4)
    assert page.columns == ("sequence", "time_ms", "table", "what")
    assert [row[2] for row in page.rows] == ["drills", "phases", "strategies", "trips"]
    assert page.rows[-1][1] == 7
    assert page.before == page.rows[-1][0]


def test_a_row_is_told_in_words_without_what_is_empty(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    written(url, [a_trip(observed=None), a_strategy()])
    with LedgerReader(url, ACCOUNT) as reader:
        strategy, trip = (row[3] for row in reader.risk(9).rows)
    assert trip == (
        "code A01, limit 5, amount 260, limit_amount 250, action hold, text daily loss 5.2 %"
    )
    assert strategy == "strategy ema_cross, is_enabled no, code P19, reason x"
