"""The phase of an account as text and as JSON."""

from decimal import Decimal
from typing import Final

from msgspec import structs

from botcore_tui.cli.phase_report import PhaseReport
from botcore_tui.core.phase import Caps
from botcore_tui.ledger.amounts import exact
from botcore_tui.ledger.pnl import moment_of

_HUNDRED: Final = Decimal(100)


def phase_text(report: PhaseReport) -> str:
    """Phase, limits in percent and money, evidence and what is missing."""
    view, rules = report.view, report.rules
    since = f" since {moment_of(view.since_ms)}" if view.since_ms else ""
    high = "and more" if view.band_high is None else f"to {view.band_high:,f}"
    band = f"{view.band_low:,f} {high}" if rules.has_band else "any amount, it is play money"
    counts = (
        ("positions", str(report.caps.max_positions), str(view.max_positions)),
        ("leverage", _times(report.caps.max_leverage), _times(view.max_leverage)),
    )
    lines = [
        f"phase {view.phase}{since}, {report.account or f'no account of {report.environment} yet'}",
        f"capital {_money(view.capital)}, for {band}",
        *([f"no new risk: {view.trouble}"] if view.trouble else []),
        f"limits in force, of equity {_money(report.equity)}; this phase allows at most:",
        *(
            f"  {name:<14}{_pct(pct):>7}  {_share(report, pct):>12}    {_pct(most)}"
            for name, pct, most in _percents(report)
        ),
        *(f"  {name:<14}{now:>7}  {'':>12}    {most}" for name, now, most in counts),
    ]
    return "\n".join([*lines, *_evidence_lines(report)])


def _evidence_lines(report: PhaseReport) -> list[str]:
    if report.target is None:
        return ["there is no phase after this one"]
    if not report.evidence:
        return [f"evidence for {report.target}: no session is on record yet"]
    width = max(len(each.name) for each in report.evidence)
    missing = sum(not each.is_met for each in report.evidence)
    counted = f"{missing} missing" if missing else "complete"
    of_account = f", of {report.evidence_account}" if report.evidence_account else ""
    return [
        f"evidence for {report.target}{of_account}: {counted}",
        *(
            f"  {'ok     ' if each.is_met else 'MISSING'} {each.name:<{width}}  {each.have},"
            f" needs {each.need}"
            for each in report.evidence
        ),
    ]


def phase_json(report: PhaseReport) -> dict[str, object]:
    """The same for other programs; amounts are exact text."""
    view = report.view
    return {
        "environment": str(report.environment),
        "account": report.account,
        "phase": view.phase,
        "since_ms": view.since_ms,
        "trouble": view.trouble,
        "capital": _exact(view.capital),
        "is_in_band": view.is_in_band,
        "band": [exact(view.band_low), _exact(view.band_high)],
        "equity": _exact(report.equity),
        "limits": _caps(report.caps),
        "phase_limits": _caps(report.rules.caps),
        "next": None if report.target is None else str(report.target),
        "evidence_of": report.evidence_account,
        "evidence": [structs.asdict(each) for each in report.evidence],
        "missing": [each.name for each in report.evidence if not each.is_met],
    }


def _caps(caps: Caps) -> dict[str, str | int]:
    return {
        "daily_loss_pct": exact(caps.daily_loss_pct),
        "drawdown_pct": exact(caps.drawdown_pct),
        "risk_pct": exact(caps.risk_pct),
        "max_positions": caps.max_positions,
        "max_leverage": exact(caps.max_leverage),
    }


def _percents(report: PhaseReport) -> tuple[tuple[str, Decimal, Decimal], ...]:
    caps, view = report.caps, report.view
    return (
        ("daily loss", caps.daily_loss_pct, view.daily_loss_pct),
        ("drawdown", caps.drawdown_pct, view.drawdown_pct),
        ("risk a trade", caps.risk_pct, view.risk_pct),
    )


def _times(leverage: Decimal) -> str:
    return f"{exact(leverage)}x"


def _share(report: PhaseReport, pct: Decimal) -> str:
    return "-" if report.equity is None else _money(report.equity * pct / _HUNDRED)


def _pct(pct: Decimal) -> str:
    return f"{exact(pct)} %"


def _money(amount: Decimal | None) -> str:
    return "unknown" if amount is None else f"{amount:,.2f}"


def _exact(amount: Decimal | None) -> str | None:
    return None if amount is None else exact(amount)
