"""A month of one account: performance, and the self-assessment that the ledger gives (G5)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from msgspec import Struct

from botcore_tui.cli.ledger_place import ledger_url, reading
from botcore_tui.cli.phase_report import PhaseReport, phase_report
from botcore_tui.config import Config, Environment
from botcore_tui.core.checks import percent, share
from botcore_tui.core.promotion import Evidence
from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.checkup import Checkup, SignedList
from botcore_tui.ledger.month import MonthFigures, month_figures
from botcore_tui.ledger.reader import newest_account
from botcore_tui.ledger.verify import verify
from botcore_tui.model.check import Period
from botcore_tui.model.instrument import SETTLEMENT_ASSET

_SECOND_MS: Final = 1_000


class Finding(Struct, frozen=True):
    """What the ledger shows of one control."""

    code: str
    """Id of the control."""
    name: str
    text: str


class MonthReport(Struct, frozen=True, kw_only=True):
    """Everything that is told of a month."""

    month: str
    environment: str
    account: str
    from_ms: int
    to_ms: int
    """Not included."""
    is_over: bool
    figures: MonthFigures
    phase: str
    evidence: tuple[Evidence, ...]
    """For the next phase, as it stands now."""
    controls: tuple[Finding, ...]
    broken: tuple[str, ...]
    """What is wrong with the record itself; empty: it is as it was written."""


def month_report(
    config: Config, state_dir: Path, environment: Environment, account: str, month: str, now_ms: int
) -> MonthReport:
    """Read it.

    Args:
        config: Checked.
        state_dir: Ledgers are there where no other is configured.
        environment: Whose account.
        account: Empty for that of the newest run there.
        month: Such as 2026-10.
        now_ms: UTC.

    Raises:
        UnavailableError: There is no ledger or no account, the month has not begun, or the ledger
            cannot be read.
    """
    from_ms, to_ms = bounds_of(month)
    if from_ms > now_ms:
        raise UnavailableError(f"{month} has not begun: name an earlier month with --month")
    url = ledger_url(config, state_dir, environment)
    with reading(url) as connection:
        if connection is None:
            raise UnavailableError(f"{environment} has no ledger yet: nothing was traded there")
        account = account or newest_account(connection, str(environment))
        if not account:
            raise UnavailableError(f"no account of {environment} is on record yet")
        figures = month_figures(connection, account, from_ms, to_ms, asset=SETTLEMENT_ASSET)
        checkup = Checkup(connection, account)
        signed = {str(period): checkup.signed(str(period)) for period in Period}
    phase = phase_report(config, state_dir, environment, account, now_ms)
    broken = tuple(str(each) for each in verify(url).breaks)
    return MonthReport(
        month=month,
        environment=str(environment),
        account=account,
        from_ms=from_ms,
        to_ms=to_ms,
        is_over=to_ms <= now_ms,
        figures=figures,
        phase=phase.view.phase,
        evidence=phase.evidence,
        controls=tuple(_controls(figures, phase, signed, broken, from_ms)),
        broken=broken,
    )


def bounds_of(month: str) -> tuple[int, int]:
    """Begin and end, not included, of a month such as 2026-10; UTC."""
    year, number = map(int, month.split("-"))
    following = (year + 1, 1) if number == 12 else (year, number + 1)
    return _ms(year, number), _ms(*following)


def month_before(now_ms: int) -> str:
    """The month before the present one, such as 2026-10; UTC."""
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    year, number = (now.year - 1, 12) if now.month == 1 else (now.year, now.month - 1)
    return f"{year:04d}-{number:02d}"


def _ms(year: int, month: int) -> int:
    return round(datetime(year, month, 1, tzinfo=UTC).timestamp() * 1000)


def _controls(
    figures: MonthFigures,
    phase: PhaseReport,
    signed: dict[str, SignedList | None],
    broken: tuple[str, ...],
    from_ms: int,
) -> Iterator[Finding]:
    met = sum(each.is_met for each in phase.evidence)
    yield Finding(
        "G1", "phase", f"{phase.view.phase}; evidence met: {met} of {len(phase.evidence)}"
    )
    configurations = ", ".join(figures.configurations) or "none recorded"
    versions = ", ".join(figures.versions) or "none recorded"
    runs = f"{figures.runs} runs, versions {versions}, configurations {configurations}"
    yield Finding("G2", "runs", runs)
    yield Finding(
        "G6", "record", "tampered with" if broken else "chained and complete, as it was written"
    )
    denied = [Finding(code, "denied", f"{count} times") for code, count in figures.denied.items()]
    yield from denied or [Finding("P01-P24", "denied", "nothing")]
    trips = [Finding(code, "tripped", f"{count} times") for code, count in figures.trips.items()]
    yield from trips or [Finding("A01-A18", "tripped", "nothing")]
    seconds = Decimal(figures.unprotected_ms) / _SECOND_MS
    yield Finding("A06", "time without a stop", f"{seconds:f} s")
    yield Finding("K1", "halts", f"{figures.halts}")
    yield Finding("K7", "breakers reset by name", f"{figures.resets}")
    yield Finding("P24", "limits relaxed", f"{figures.overrides}")
    drills = ", ".join(
        f"{name} {passed} of {held} passed" for name, (held, passed) in figures.drills.items()
    )
    yield Finding("K8", "drills", drills or "none")
    yield from _operation(figures)
    for period, found in signed.items():
        yield Finding("R75", f"{period} checks", _signed(found, from_ms))


def _operation(figures: MonthFigures) -> Iterator[Finding]:
    calls, orders = figures.calls, figures.orders
    refused = sum(each.limited + each.banned for each in calls)
    sent, failed = sum(each.attempts for each in calls), sum(each.failed for each in calls)
    known = f"{refused}" if calls else "not known"
    yield Finding("R60", "rate limits broken", known)
    worst = min(figures.streams, key=lambda each: each.up_pct, default=None)
    uptime = "not known" if worst is None else f"{percent(worst.up_pct)}, {worst.name}"
    yield Finding("R61", "uptime of the worst stream", uptime)
    rate = f"{failed} of {sent:,}, {percent(share(failed, sent))}" if calls else "not known"
    yield Finding("R62", "requests failed", rate)
    yield Finding("R62", "orders failed", f"{orders.failed} of {orders.total:,}")
    reviewed = sum(bool(trade.note) for trade in figures.trades)
    yield Finding("R63", "trades reviewed", f"{reviewed} of {len(figures.trades)}")
    alarms = ", ".join(f"{code} {count}" for code, count in figures.alarms.items())
    yield Finding("G5", "alarms on record", alarms or "none")


def _signed(found: SignedList | None, from_ms: int) -> str:
    if found is None:
        return "never signed"
    when = datetime.fromtimestamp(found.signature.time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M")
    since = "" if found.signature.time_ms >= from_ms else ", not since the month began"
    return f"last signed {when} UTC by {found.signature.actor}{since}"
