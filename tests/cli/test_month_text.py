"""The month as text and as JSON: exact amounts, nothing unknown shown as zero."""

import json
from pathlib import Path

import pytest
from builders import NOW_MS
from check_stage import DAY_MS, recorded
from ledger_rows import a_fill, a_position, tampered
from risk_rows import an_equity

from botcore_tui.cli.month_report import MonthReport, month_report
from botcore_tui.cli.month_text import month_json, month_text
from botcore_tui.config import Config, Environment
from botcore_tui.ledger.store import default_url


def a_report(state: Path, month: str = "2023-11") -> MonthReport:
    return month_report(Config(), state, Environment.TESTNET, "", month, NOW_MS)


@pytest.mark.requirement("R67")
def test_performance_and_costs_are_told(tmp_path: Path) -> None:
    rows = (
        an_equity("1000", time_ms=NOW_MS - 2 * DAY_MS),
        an_equity("1050", time_ms=NOW_MS - DAY_MS),
        an_equity("1029", time_ms=NOW_MS),
        a_fill(1, realized="30", fee="1"),
        a_fill(2, fee="0.1", fee_asset="BNB"),
        a_position("0", realized="30"),
    )
    recorded(tmp_path, *rows)
    report = a_report(tmp_path)
    lines = month_text(report).splitlines()
    assert lines[0] == "2023-11, not over yet: testnet:3f9c0a12, phase testnet"
    text = "\n".join(lines)
    for line in (
        "  equity        1,000.00 to 1,029.00 USDT",
        "  return        +2.90 %",
        "  max drawdown  2.00 %",
        "  trades        1, 1 won, win rate 100.00 %",
        "  realized  +30.00, 2 fills",
        "  fees      1.00; 1 fills paid in another asset",
        "  net       +29.00",
        "  slippage  not known: no conditional order was filled",
    ):
        assert line in text
    assert "MISSING days run: 0, needs at least 7" in text
    assert "  K8       drills: none" in text
    told = json.loads(json.dumps(month_json(report)))
    assert (told["return_pct"], told["fees"], told["net"]) == ("2.9", "1", "29")
    assert (told["trades"], told["win_rate_pct"], told["slippage"]) == (1, "100", None)
    assert told["controls"][0]["code"] == "G1"


@pytest.mark.requirement("R67")
def test_what_is_unknown_is_never_a_number(tmp_path: Path) -> None:
    recorded(tmp_path)
    report = a_report(tmp_path, "2023-10")
    text = month_text(report)
    assert text.startswith("2023-10: testnet")
    assert "equity        unknown to unknown USDT" in text
    assert "return        unknown" in text
    assert "win rate unknown" in text
    told = month_json(report)
    assert (told["return_pct"], told["sharpe"], told["win_rate_pct"]) == (None, None, None)


@pytest.mark.requirement("G6")
def test_a_record_that_was_edited_is_the_last_word(tmp_path: Path) -> None:
    recorded(tmp_path, an_equity("5000"))
    tampered(default_url(tmp_path, "testnet"), "UPDATE equity SET wallet = '9000'")
    report = a_report(tmp_path)
    assert month_text(report).splitlines()[-1].startswith("THE RECORD WAS TAMPERED WITH: ")
    assert month_json(report)["broken"]
