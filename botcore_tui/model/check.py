"""The monitoring checklist: what was looked at, what was seen, who signed it."""

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct


class CheckState(StrEnum):
    """What a check says, in a word; the sign beside it says the same without colour."""

    OK = "OK"
    LOOK = "LOOK"
    """A person should look; nothing is broken."""
    FAILED = "FAILED"
    NOT_KNOWN = "NOT KNOWN"
    """Nothing on record tells; never taken for OK."""

    @property
    def sign(self) -> str:
        """One character."""
        return _SIGNS[self]


_SIGNS = {
    CheckState.OK: "✓",
    CheckState.LOOK: "!",
    CheckState.FAILED: "✗",
    CheckState.NOT_KNOWN: "?",
}


class Period(StrEnum):
    """How often a list is gone through."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Check(Struct, frozen=True, kw_only=True):
    """One thing that is looked at."""

    code: str
    """Stable, such as ``R58``; several checks may share one."""
    name: str
    state: CheckState
    value: str
    """What is seen, with its unit."""
    limit: str
    source: str
    """Where that was read."""
    age_ms: int | None
    """Of what is seen; None where it has no age."""
    remedy: str
    """What to do next; empty of what is as it should be."""
    details: tuple[str, ...] = ()
    """Lines that say more."""


class Signature(Struct, frozen=True, kw_only=True):
    """Who signed a list, when and why."""

    actor: str
    reason: str
    summary: str
    """What was seen then, in a few words."""
    time_ms: int


class Checklist(Struct, frozen=True, kw_only=True):
    """All checks of one period, as they stand."""

    period: Period
    environment: str
    account: str
    """Empty: there was none yet."""
    checks: tuple[Check, ...]
    signed: Signature | None
    """The newest one; None: this list was never signed."""
    limits: tuple[tuple[str, str], ...]
    """Every limit in force, by its key."""
    changes: tuple[str, ...]
    """What differs in these from the last signed weekly list."""
    time_ms: int


class JournalTrade(Struct, frozen=True, kw_only=True):
    """A trade from flat to flat, and what a person noted of it."""

    number: int
    """Of its last row in the ledger."""
    symbol: str
    net: Decimal
    """After fees and funding, quote units."""
    fees: Decimal
    funding: Decimal
    closed_ms: int
    note: str
    """Empty: nobody has reviewed it."""
    reviewer: str
