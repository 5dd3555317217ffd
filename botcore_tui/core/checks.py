"""What the checks of a day, a week and a month have in common."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

import msgspec
from msgspec import Struct

from botcore_tui.model.check import Check, Checklist, CheckState, Period

DAY_MS: Final = 86_400_000
HUNDRED: Final = Decimal(100)
RECORDING: Final = "it is recorded while trading is enabled: botcore run --enable-trading"
"""What to do where nothing is on record."""
_RANKS: Final = (CheckState.OK, CheckState.LOOK, CheckState.NOT_KNOWN, CheckState.FAILED)
"""From harmless to grave."""


class Sums(Struct, frozen=True, kw_only=True):
    """What became of the requests of one endpoint in a span of time."""

    endpoint: str
    attempts: int
    repeated: int
    saved: int
    given_up: int
    failed: int
    limited: int
    banned: int
    newest_ms: int
    """End of what is recorded."""


class Delivery(Struct, frozen=True):
    """How long a stream delivered, of a span of time."""

    name: str
    span_ms: int
    up_ms: int
    newest_ms: int

    @property
    def up_pct(self) -> Decimal:
        """Share of the time."""
        return share(self.up_ms, self.span_ms)


class OrderCount(Struct, frozen=True):
    """Orders that were decided on in a span of time."""

    total: int
    failed: int
    """Refused by the venue, never placed, or UNKNOWN to this day."""


def about_text(check: Check) -> str:
    """What was looked at and what was seen, in a line."""
    return f"{check.code} {check.name}: {check.value}"


def source_text(check: Check, later_ms: int = 0) -> str:
    """Its limit, where that was read, and how old it is.

    Args:
        check: See there.
        later_ms: Time since it was read.
    """
    age_ms = None if check.age_ms is None else check.age_ms + later_ms
    place = ", ".join(filter(None, (check.source, age_text(age_ms))))
    return f"limit {check.limit}; from {place}"


def worst(states: Iterable[CheckState]) -> CheckState:
    """The gravest; OK if there is none."""
    return max(states, key=_RANKS.index, default=CheckState.OK)


def summary_of(checks: Iterable[Check]) -> str:
    """How many are in which state, such as ``4 OK, 1 LOOK``."""
    states = [check.state for check in checks]
    counts = ((state, states.count(state)) for state in CheckState)
    return ", ".join(f"{count} {state}" for state, count in counts if count)


def signed_summary(listed: Checklist) -> str:
    """What a signature says in a line: how the checks stood, and which limits it confirms."""
    summary = summary_of(listed.checks)
    if listed.period is Period.WEEKLY and listed.changes:
        summary += f"; limits changed: {', '.join(listed.changes)}"
    return summary


def seen_of(listed: Checklist) -> str:
    """What a signature keeps of what was seen: states, values and the limits in force; JSON."""
    seen = {
        "checks": [
            {"code": each.code, "name": each.name, "state": str(each.state), "value": each.value}
            for each in listed.checks
        ],
        "limits": dict(listed.limits),
    }
    return msgspec.json.encode(seen).decode()


def share(part: int, whole: int) -> Decimal:
    """Percent; zero of nothing."""
    return HUNDRED * part / whole if whole else Decimal(0)


def percent(number: Decimal) -> str:
    """Two digits, and no more digits than it has."""
    return f"{number:.2f} %"


def plain(number: Decimal) -> str:
    """As a person would type it: 1.5 also of 1.50."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(amount: Decimal) -> str:
    """Quote units, to the cent."""
    return f"{amount:,.2f} USDT"


def age_of(newest_ms: int, now_ms: int) -> int:
    """How old it is; a clock that was set back makes nothing younger than now."""
    return max(0, now_ms - newest_ms)


def age_text(age_ms: int | None) -> str:
    """How old something is, such as ``3 min old``; empty where it has no age."""
    if age_ms is None:
        return ""
    for unit, size_ms in _SPANS:
        if age_ms >= 2 * size_ms:
            return f"{age_ms // size_ms} {unit} old"
    return "now"


_SPANS: Final = (("days", DAY_MS), ("h", 3_600_000), ("min", 60_000), ("s", 1_000))
