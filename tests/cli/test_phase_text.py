"""A phase in words and as JSON."""

from decimal import Decimal

from msgspec import structs

from botcore_tui.cli.phase_report import PhaseReport
from botcore_tui.cli.phase_text import phase_json, phase_text
from botcore_tui.config import Environment
from botcore_tui.core.phase import Phase, rules_of, starting_rules
from botcore_tui.core.promotion import Evidence
from botcore_tui.core.tenure import Tenure
from botcore_tui.model.ledger import RiskMemory


def a_report() -> PhaseReport:
    rules = starting_rules(is_real_money=False)
    view = Tenure(rules, RiskMemory(), is_real_money=False).view()
    assert view is not None
    return PhaseReport(
        environment=Environment.TESTNET,
        account="testnet:a",
        view=view,
        rules=rules,
        caps=structs.replace(rules.caps, risk_pct=Decimal("0.50")),
        equity=Decimal(1_234),
        target=Phase.CONSERVATIVE,
        evidence=(
            Evidence("days run", "3", "at least 7", is_met=False),
            Evidence("trades", "40", "at least 30", is_met=True),
        ),
        evidence_account="testnet:a",
        evidence_url="sqlite:///x",
    )


def _lines(report: PhaseReport) -> list[str]:
    return [" ".join(line.split()) for line in phase_text(report).splitlines()]


def test_evidence_says_what_is_missing_in_a_word_not_only_a_colour() -> None:
    lines = _lines(a_report())
    assert "evidence for conservative, of testnet:a: 1 missing" in lines
    assert "MISSING days run 3, needs at least 7" in lines
    assert "ok trades 40, needs at least 30" in lines
    assert "daily loss 5 % 61.70 5 %" in lines
    assert "risk a trade 0.5 % 6.17 2 %" in lines
    assert "positions 3 3" in lines
    assert "leverage 1x 1x" in lines


def test_complete_evidence_says_so() -> None:
    report = structs.replace(a_report(), evidence=a_report().evidence[1:], evidence_account="")
    assert "evidence for conservative: complete" in _lines(report)


def test_the_last_phase_has_no_upper_end_and_nothing_after_it() -> None:
    view = structs.replace(a_report().view, phase="full", band_low=Decimal(10_000), band_high=None)
    report = structs.replace(
        a_report(),
        account="",
        view=view,
        rules=rules_of(Phase.FULL),
        target=None,
        evidence=(),
        equity=None,
    )
    lines = _lines(report)
    assert lines[0] == "phase full, no account of testnet yet"
    assert lines[1] == "capital unknown, for 10,000 and more"
    assert lines[-1] == "there is no phase after this one"
    assert "daily loss 5 % - 5 %" in lines
    told = phase_json(report)
    assert (told["next"], told["band"], told["equity"]) == (None, ["10000", None], None)


def test_for_programs_amounts_are_exact_text() -> None:
    told = phase_json(a_report())
    assert told["missing"] == ["days run"]
    assert told["equity"] == "1234"
    assert told["limits"] == {
        "daily_loss_pct": "5",
        "drawdown_pct": "15",
        "risk_pct": "0.5",
        "max_positions": 3,
        "max_leverage": "1",
    }
    assert told["phase_limits"] == told["limits"] | {"risk_pct": "2"}


def test_without_a_record_that_is_said() -> None:
    report = structs.replace(a_report(), evidence=())
    assert _lines(report)[-1] == "evidence for conservative: no session is on record yet"
