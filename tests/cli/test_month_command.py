"""``botcore report`` from the outside."""

import json
from pathlib import Path

import pytest
from builders import NOW_MS
from check_stage import ACCOUNT, DAY_MS, recorded
from command_line import Run, arguments
from ledger_rows import tampered
from risk_rows import an_equity

from botcore_tui.cli.month_command import run_report
from botcore_tui.clock import ManualClock
from botcore_tui.ledger.store import default_url


def go(state: Path, *words: str) -> int:
    place = ("--environment", "testnet", "--account", ACCOUNT, "--state-dir", str(state))
    return run_report(arguments("report", *words, *place), ManualClock(NOW_MS))


@pytest.mark.requirement("R67")
def test_the_month_before_is_reported_unless_another_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(tmp_path, an_equity("5000", time_ms=NOW_MS - 20 * DAY_MS))
    assert go(tmp_path) == 0
    assert capsys.readouterr().out.startswith("2023-10: testnet:3f9c0a12")
    assert go(tmp_path, "--month", "2023-11", "--json") == 0
    assert json.loads(capsys.readouterr().out)["month"] == "2023-11"


@pytest.mark.requirement("G6")
def test_a_record_that_was_edited_is_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(tmp_path, an_equity("5000"))
    tampered(default_url(tmp_path, "testnet"), "UPDATE equity SET wallet = '9000'")
    assert go(tmp_path) == 1
    assert "TAMPERED" in capsys.readouterr().out


def test_without_a_ledger_one_line_says_so(run: Run, tmp_path: Path) -> None:
    done = run("report", "--state-dir", tmp_path)
    assert (done.code, done.out) == (1, "")
    assert done.err == "botcore: demo has no ledger yet: nothing was traded there\n"
