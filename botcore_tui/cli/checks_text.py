"""Lists of checks and the journal as text and as JSON."""

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import structs

from botcore_tui.core.checks import about_text, source_text, summary_of, worst
from botcore_tui.ledger.amounts import exact
from botcore_tui.ledger.pnl import moment_of
from botcore_tui.model.check import Check, Checklist, JournalTrade

_INDENT: Final = " " * 12


def checks_text(listed: Checklist) -> str:
    """Every check with what is seen, its limit, source and age, and what to do next."""
    account = listed.account or f"no account of {listed.environment} yet"
    head = f"{listed.period} checks, {account}, {moment_of(listed.time_ms)} UTC"
    lines = [f"{head}: {summary_of(listed.checks)}"]
    for check in listed.checks:
        lines += _lines(check)
    return "\n".join([*lines, _signature(listed)])


def _lines(check: Check) -> Iterator[str]:
    yield f"{check.state.sign} {check.state:<9} {about_text(check)}"
    yield f"{_INDENT}{source_text(check)}"
    for detail in check.details:
        yield f"{_INDENT}- {detail}"
    if check.remedy:
        yield f"{_INDENT}> {check.remedy}"


def _signature(listed: Checklist) -> str:
    signed = listed.signed
    if signed is None:
        return f"never signed: botcore checks sign {listed.period} --reason TEXT"
    who = f"{signed.actor}: {signed.reason}"
    return f"last signed {moment_of(signed.time_ms)} UTC by {who} ({signed.summary})"


def checks_json(listed: Checklist) -> dict[str, object]:
    """The same for other programs."""
    return {
        "period": str(listed.period),
        "environment": listed.environment,
        "account": listed.account,
        "time_ms": listed.time_ms,
        "state": str(worst(check.state for check in listed.checks)),
        "checks": [structs.asdict(check) for check in listed.checks],
        "signed": None if listed.signed is None else structs.asdict(listed.signed),
        "limits": dict(listed.limits),
        "changes": list(listed.changes),
    }


def journal_text(trades: Sequence[JournalTrade], days: int) -> str:
    """One line a trade, newest first."""
    if not trades:
        return f"no trade ended flat in {days} days"
    left = sum(not trade.note for trade in trades)
    return "\n".join(
        (
            f"{len(trades)} trades in {days} days, {left} not reviewed",
            *map(_trade, trades),
        )
    )


def _trade(trade: JournalTrade) -> str:
    told = (
        f"{trade.note} ({trade.reviewer})"
        if trade.note
        else f"NOT REVIEWED: botcore checks review {trade.number} --reason NOTE"
    )
    when = moment_of(trade.closed_ms)
    return f"{trade.number:>8}  {when}  {trade.symbol:<10} {trade.net:>+12,.2f}  {told}"


def journal_json(trades: Sequence[JournalTrade]) -> list[dict[str, object]]:
    """The same for other programs; amounts are exact text."""
    return [
        {
            **structs.asdict(trade),
            "net": exact(trade.net),
            "fees": exact(trade.fees),
            "funding": exact(trade.funding),
        }
        for trade in trades
    ]
