"""The phase of an account as its ledger and that of the testnet say."""

from decimal import Decimal
from pathlib import Path

import pytest
from ledger_rows import tampered, written
from phase_record import END_MS, a_good_record
from risk_rows import a_drill, a_phase, a_transfer, an_equity

from botcore_tui.cli.phase_report import phase_report
from botcore_tui.config import Config, Environment
from botcore_tui.core.phase import Phase, rules_of
from botcore_tui.core.promotion import Evidence
from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.store import default_url
from botcore_tui.model.ledger import LedgerRow

_CONFIG = Config()


def _drill(evidence: tuple[Evidence, ...]) -> Evidence:
    (found,) = (each for each in evidence if each.name == "breaker drill")
    return found


def test_without_ledgers_the_tightest_is_told(tmp_path: Path) -> None:
    report = phase_report(_CONFIG, tmp_path, Environment.PRODUCTION, "", END_MS)
    assert (report.account, report.evidence, report.equity) == ("", (), None)
    assert report.rules == rules_of(Phase.CONSERVATIVE)
    assert (report.view.phase, report.target) == ("testnet", Phase.CONSERVATIVE)
    assert "no gate" in report.view.trouble
    assert list(tmp_path.glob("*.db")) == []


@pytest.mark.requirement("R30")
def test_the_capital_is_what_was_put_in(tmp_path: Path) -> None:
    url = default_url(tmp_path, "testnet")
    rows: list[LedgerRow] = [
        a_phase("testnet", "", equity="4000", time_ms=5),
        a_transfer("500", time_ms=6),
        an_equity("9000", time_ms=7),
    ]
    written(url, rows, account="testnet:a")
    report = phase_report(_CONFIG, tmp_path, Environment.TESTNET, "", END_MS)
    assert (report.account, report.view.capital) == ("testnet:a", Decimal(4_500))
    assert (report.view.is_in_band, report.equity) == (True, Decimal(9_000))


def test_play_money_has_no_band(tmp_path: Path) -> None:
    written(default_url(tmp_path, "demo"), [a_phase("testnet", "", equity="99999")])
    tampered(default_url(tmp_path, "demo"), "UPDATE runs SET environment = 'demo'")
    report = phase_report(_CONFIG, tmp_path, Environment.DEMO, "", END_MS)
    assert (report.view.is_in_band, report.view.trouble) == (None, "")


@pytest.mark.requirement("K8")
def test_a_drill_in_another_ledger_counts(tmp_path: Path) -> None:
    written(default_url(tmp_path, "testnet"), a_good_record(has_drill=False))
    report = phase_report(_CONFIG, tmp_path, Environment.TESTNET, "", END_MS)
    assert not _drill(report.evidence).is_met
    written(default_url(tmp_path, "demo"), [a_drill(time_ms=END_MS - 1)], account="demo:x")
    (tmp_path / "ledger-paper.db").write_bytes(b"")
    report = phase_report(_CONFIG, tmp_path, Environment.TESTNET, "", END_MS)
    assert _drill(report.evidence).is_met


def test_a_ledger_of_another_version_is_no_evidence(tmp_path: Path) -> None:
    url = default_url(tmp_path, "testnet")
    written(url, a_good_record())
    tampered(url, "UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(UnavailableError, match="version 0001"):
        phase_report(_CONFIG, tmp_path, Environment.TESTNET, "", END_MS)


def test_what_is_no_ledger_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "ledger-testnet.db").write_bytes(b"no database at all, and long enough for one")
    with pytest.raises(UnavailableError, match="cannot be read: file is not a database"):
        phase_report(_CONFIG, tmp_path, Environment.TESTNET, "", END_MS)
