"""What must be shown before the next phase, against what the record shows."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from msgspec import Struct

from botcore_tui.core.phase import Criteria, PhaseRules

_DAY_MS = 86_400_000
_SECOND_MS = 1_000
_TICK_MS: Final = 250
"""Times of the core are those of its ticks."""


class TrackRecord(Struct, frozen=True, kw_only=True):
    """What the ledger shows of one phase; None where it shows nothing."""

    days: int = 0
    """UTC days with a session."""
    trades: int = 0
    """From flat to flat."""
    win_rate_pct: Decimal | None = None
    """Of these, net of fees and funding."""
    monthly_return_pct: Decimal | None = None
    """Since the phase began, day by day, without transfers; in proportion for 30 days."""
    sharpe: Decimal | None = None
    drawdown_pct: Decimal | None = None
    """The deepest, from the highest point of the phase."""
    uptime_pct: Decimal | None = None
    """Of the worst stream."""
    worst_stream: str = ""
    execution_ms: int | None = None
    """99 % of orders left within, from decision to wire."""
    unhandled_errors: int = 0
    """Defects that were caught at the edge, and sessions that died."""
    unexplained_breaks: int = 0
    """Differences between us and the venue that nothing explains."""
    unprotected_ms: int = 0
    trips: int = 0
    drill_ms: int | None = None
    """When a breaker drill was last passed."""
    reviewed_ms: int | None = None
    """When the review of this phase was signed."""


class Evidence(Struct, frozen=True):
    """One criterion."""

    name: str
    have: str
    need: str
    is_met: bool


def evidence_of(record: TrackRecord, rules: PhaseRules, now_ms: int) -> tuple[Evidence, ...]:
    """Every criterion for leaving a phase upwards, in the order in which they are shown.

    What is not known is not met. Empty of the last phase: there is nothing after it.

    Args:
        record: Of the phase.
        rules: Of the same phase.
        now_ms: Decides whether a drill is recent.
    """
    need = rules.exit
    if need is None:
        return ()
    return (
        *_operation(record, need, now_ms),
        *_trading(record, need, rules),
    )


def verdict(evidence: tuple[Evidence, ...]) -> tuple[str, ...]:
    """Why the evidence does not do, a line each; empty if it does."""
    if not evidence:
        return ("there is no phase after this one",)
    return tuple(
        f"{each.name}: {each.have}, needs {each.need}" for each in evidence if not each.is_met
    )


def _operation(record: TrackRecord, need: Criteria, now_ms: int) -> Iterator[Evidence]:
    days = record.days
    yield Evidence("days run", f"{days}", f"at least {need.days}", days >= need.days)
    yield _more(
        f"uptime of {record.worst_stream or 'streams'}", record.uptime_pct, need.uptime_pct, "%"
    )
    yield _none("unhandled errors", record.unhandled_errors)
    yield _none("unexplained differences from the venue", record.unexplained_breaks)
    seconds = Decimal(record.unprotected_ms) / _SECOND_MS
    limit = need.unprotected_seconds
    yield Evidence("time without a stop", f"{seconds:f} s", f"at most {limit} s", seconds <= limit)
    yield _drill(record.drill_ms, need.drill_days, now_ms)
    if need.execution_ms is not None:
        took = record.execution_ms
        yield Evidence(
            "decision to wire, 99 % of orders",
            "unknown" if took is None else f"{took} ms",
            f"below {need.execution_ms} ms and a tick of {_TICK_MS} ms",
            # One that crosses a tick is told as a whole one, however quick it was.
            took is not None and took < need.execution_ms + _TICK_MS,
        )
    if need.needs_review:
        when = record.reviewed_ms
        have = "not signed" if when is None else f"signed {_ago(when, now_ms)}"
        yield Evidence("review of this phase", have, "signed", when is not None)


def _trading(record: TrackRecord, need: Criteria, rules: PhaseRules) -> Iterator[Evidence]:
    yield Evidence(
        "trades", f"{record.trades}", f"at least {need.trades}", record.trades >= need.trades
    )
    drawdown, limit = record.drawdown_pct, rules.drawdown_pct
    yield Evidence(
        "drawdown",
        _shown(drawdown, "%"),
        f"below {limit} %",
        drawdown is not None and drawdown < limit,
    )
    if need.max_trips is not None:
        trips = record.trips
        yield Evidence(
            "breaker trips", f"{trips}", f"at most {need.max_trips}", trips <= need.max_trips
        )
    if need.sharpe is not None:
        yield _more("Sharpe ratio", record.sharpe, need.sharpe)
    if need.win_rate_pct is not None:
        yield _more("winning trades", record.win_rate_pct, need.win_rate_pct, "%")
    if need.monthly_return_pct is not None:
        yield _more("return in 30 days", record.monthly_return_pct, need.monthly_return_pct, "%")


def _more(name: str, have: Decimal | None, need: Decimal, unit: str = "") -> Evidence:
    wanted = f"above {need} {unit}".rstrip()
    return Evidence(name, _shown(have, unit), wanted, have is not None and have > need)


def _none(name: str, count: int) -> Evidence:
    return Evidence(name, f"{count}", "none", count == 0)


def _drill(passed_ms: int | None, days: int, now_ms: int) -> Evidence:
    need = f"passed within {days} days"
    if passed_ms is None:
        return Evidence("breaker drill", "none passed", need, is_met=False)
    is_recent = 0 <= now_ms - passed_ms <= days * _DAY_MS
    return Evidence("breaker drill", f"passed {_ago(passed_ms, now_ms)}", need, is_recent)


def _shown(number: Decimal | None, unit: str) -> str:
    return "unknown" if number is None else f"{number:.2f} {unit}".rstrip()


def _ago(then_ms: int, now_ms: int) -> str:
    return f"{(now_ms - then_ms) / _DAY_MS:.1f} days ago"
