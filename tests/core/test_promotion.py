"""Every criterion of every phase stops a promotion by itself."""

from decimal import Decimal

import pytest
from builders import NOW_MS
from msgspec import structs

from botcore_tui.core.phase import Phase, rules_of
from botcore_tui.core.promotion import Evidence, TrackRecord, evidence_of, verdict

_DAY_MS = 86_400_000
_GOOD = TrackRecord(
    days=20,
    trades=40,
    win_rate_pct=Decimal(60),
    monthly_return_pct=Decimal(8),
    sharpe=Decimal("1.7"),
    drawdown_pct=Decimal(4),
    uptime_pct=Decimal("99.9"),
    worst_stream="public",
    execution_ms=12,
    unprotected_ms=1_500,
    drill_ms=NOW_MS - 5 * _DAY_MS,
    reviewed_ms=NOW_MS - _DAY_MS,
)
_ALL: list[tuple[str, dict[str, object]]] = [
    ("days run", {"days": 6}),
    ("trades", {"trades": 29}),
    ("uptime", {"uptime_pct": Decimal(99)}),
    ("uptime", {"uptime_pct": None}),
    ("unhandled errors", {"unhandled_errors": 1}),
    ("unexplained", {"unexplained_breaks": 1}),
    ("without a stop", {"unprotected_ms": 60_001}),
    ("drill", {"drill_ms": None}),
    ("drill", {"drill_ms": NOW_MS - 32 * _DAY_MS}),
    ("drill", {"drill_ms": NOW_MS + 1}),
    ("drawdown", {"drawdown_pct": Decimal(15)}),
    ("drawdown", {"drawdown_pct": None}),
]
_SOME: list[tuple[Phase, str, dict[str, object]]] = [
    (Phase.TESTNET, "decision to wire", {"execution_ms": 350}),
    (Phase.TESTNET, "decision to wire", {"execution_ms": None}),
    (Phase.CONSERVATIVE, "days run", {"days": 13}),
    (Phase.CONSERVATIVE, "drawdown", {"drawdown_pct": Decimal(10)}),
    (Phase.CONSERVATIVE, "Sharpe", {"sharpe": Decimal("0.5")}),
    (Phase.CONSERVATIVE, "winning", {"win_rate_pct": Decimal(45)}),
    (Phase.CONSERVATIVE, "winning", {"win_rate_pct": None}),
    (Phase.CONSERVATIVE, "trips", {"trips": 1}),
    (Phase.SCALE, "days run", {"days": 13}),
    (Phase.SCALE, "Sharpe", {"sharpe": Decimal(1)}),
    (Phase.SCALE, "Sharpe", {"sharpe": None}),
    (Phase.SCALE, "winning", {"win_rate_pct": Decimal(50)}),
    (Phase.SCALE, "return", {"monthly_return_pct": Decimal(5)}),
]
_LEFT = (Phase.TESTNET, Phase.CONSERVATIVE, Phase.SCALE)


def _of(record: TrackRecord, phase: Phase) -> tuple[Evidence, ...]:
    return evidence_of(record, rules_of(phase), NOW_MS)


@pytest.mark.requirement("G1")
@pytest.mark.requirement("R22")
@pytest.mark.requirement("R23")
@pytest.mark.requirement("R24")
@pytest.mark.parametrize("phase", _LEFT)
def test_a_record_that_shows_everything_does(phase: Phase) -> None:
    assert verdict(_of(_GOOD, phase)) == ()


def _missed(phase: Phase, change: dict[str, object]) -> str:
    (problem,) = verdict(_of(structs.replace(_GOOD, **change), phase))
    assert "needs" in problem
    return problem


@pytest.mark.requirement("G1")
@pytest.mark.requirement("R61")
@pytest.mark.parametrize("phase", _LEFT)
@pytest.mark.parametrize(("name", "change"), _ALL)
def test_a_criterion_of_every_phase_that_is_missed_is_named_alone(
    phase: Phase, name: str, change: dict[str, object]
) -> None:
    assert name in _missed(phase, change)


@pytest.mark.requirement("G1")
@pytest.mark.parametrize(("phase", "name", "change"), _SOME)
def test_a_criterion_of_one_phase_that_is_missed_is_named_alone(
    phase: Phase, name: str, change: dict[str, object]
) -> None:
    assert name in _missed(phase, change)


@pytest.mark.requirement("R76")
def test_after_conservative_nothing_begins_before_its_review_is_signed() -> None:
    assert "review" in _missed(Phase.CONSERVATIVE, {"reviewed_ms": None})
    assert verdict(_of(structs.replace(_GOOD, reviewed_ms=None), Phase.TESTNET)) == ()


def test_an_empty_record_meets_only_what_counts_faults() -> None:
    met = {each.name for each in _of(TrackRecord(), Phase.CONSERVATIVE) if each.is_met}
    assert met == {
        "unhandled errors",
        "unexplained differences from the venue",
        "time without a stop",
        "breaker trips",
    }


def test_trips_are_no_shame_where_they_are_rehearsed() -> None:
    assert verdict(_of(structs.replace(_GOOD, trips=3), Phase.TESTNET)) == ()


@pytest.mark.requirement("R25")
def test_after_full_there_is_nothing_to_show() -> None:
    assert _of(_GOOD, Phase.FULL) == ()
    assert verdict(()) == ("there is no phase after this one",)
