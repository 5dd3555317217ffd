"""The month of an account, and the self-assessment that follows from its ledger."""

from pathlib import Path

import pytest
from builders import NOW_MS
from check_stage import ACCOUNT, DAY_MS, recorded
from ledger_rows import tampered
from risk_rows import a_call, a_drill, a_stream, a_trip, an_equity

from botcore_tui import __version__
from botcore_tui.cli.checks_sign import Signing, a_sign_off
from botcore_tui.cli.month_report import MonthReport, bounds_of, month_before, month_report
from botcore_tui.cli.places import places
from botcore_tui.clock import ManualClock
from botcore_tui.config import Config, Environment
from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.store import default_url

TESTNET = Environment.TESTNET


def a_report(state: Path, month: str = "2023-11", account: str = "") -> MonthReport:
    return month_report(Config(), state, TESTNET, account, month, NOW_MS)


def controls(report: MonthReport) -> dict[str, str]:
    return {f"{each.code} {each.name}": each.text for each in report.controls}


def test_months_end_where_the_next_one_begins() -> None:
    assert bounds_of("2023-12")[1] == bounds_of("2024-01")[0]
    from_ms, to_ms = bounds_of("2024-02")
    assert (to_ms - from_ms) == 29 * DAY_MS


def test_the_month_before_has_a_name_also_in_january() -> None:
    from_ms, to_ms = bounds_of("2023-11")
    assert [month_before(now_ms) for now_ms in (NOW_MS, from_ms, to_ms - 1, to_ms)] == [
        "2023-10",
        "2023-10",
        "2023-10",
        "2023-11",
    ]
    january = 1_704_067_200_000
    assert [month_before(january - 1), month_before(january)] == ["2023-11", "2023-12"]


@pytest.mark.requirement("G5")
@pytest.mark.requirement("R67")
def test_the_assessment_follows_from_the_ledger(tmp_path: Path) -> None:
    rows = (
        an_equity("5000", time_ms=NOW_MS - DAY_MS),
        an_equity("5100", time_ms=NOW_MS),
        a_trip("A01"),
        a_stream(up_ms=594_000),
        a_call(limited=2, failed=2),
        a_drill(),
        a_drill("halt", is_passed=False),
    )
    recorded(tmp_path, *rows)
    signing = Signing(Config(), places(tmp_path), TESTNET, ACCOUNT, ManualClock(NOW_MS))
    assert signing.sign(a_sign_off("daily", "read", NOW_MS)) == ()
    report = a_report(tmp_path)
    assert (report.account, report.phase, report.is_over) == (ACCOUNT, "testnet", False)
    assert report.figures.return_pct == 2
    assert len(report.evidence) == 9
    told = controls(report)
    assert told["G1 phase"].startswith("testnet; evidence met: ")
    assert told["G2 runs"] == f"2 runs, versions {__version__}, 1.2, configurations c0"
    assert told["G6 record"] == "chained and complete, as it was written"
    assert told["P01-P24 denied"] == "nothing"
    assert told["A01 tripped"] == "1 times"
    assert told["K8 drills"] == "breaker 1 of 1 passed, halt 0 of 1 passed"
    assert told["R60 rate limits broken"] == "2"
    assert told["R61 uptime of the worst stream"] == "99.00 %, public"
    assert told["R62 requests failed"] == "2 of 100, 2.00 %"
    assert told["R75 daily checks"].startswith("last signed 2023-11-14 22:13 UTC by ")
    assert told["R75 weekly checks"] == "never signed"


@pytest.mark.requirement("G5")
def test_a_month_without_a_record_knows_little_and_says_so(tmp_path: Path) -> None:
    recorded(tmp_path, a_call(), at_ms=NOW_MS)
    signing = Signing(Config(), places(tmp_path), TESTNET, ACCOUNT, ManualClock(NOW_MS))
    signing.sign(a_sign_off("daily", "read", NOW_MS - 40 * DAY_MS))
    report = a_report(tmp_path, "2023-10")
    told = controls(report)
    assert report.is_over
    assert told["R60 rate limits broken"] == "not known"
    assert told["R61 uptime of the worst stream"] == "not known"
    assert told["R62 requests failed"] == "not known"
    assert told["G2 runs"] == "0 runs, versions none recorded, configurations none recorded"
    later = controls(a_report(tmp_path))["R75 daily checks"]
    assert later.endswith(", not since the month began")


@pytest.mark.requirement("G6")
def test_a_record_that_was_edited_is_told(tmp_path: Path) -> None:
    recorded(tmp_path, an_equity("5000"))
    tampered(default_url(tmp_path, "testnet"), "UPDATE equity SET wallet = '9000'")
    report = a_report(tmp_path)
    assert report.broken
    assert controls(report)["G6 record"] == "tampered with"


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="no ledger yet"):
        a_report(tmp_path)
    with pytest.raises(UnavailableError, match="has not begun"):
        a_report(tmp_path, "2031-01")
    recorded(tmp_path, account="production:x", environment="testnet")
    assert a_report(tmp_path).account == "production:x"
