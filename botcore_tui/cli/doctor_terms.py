"""What a doctor finds."""

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct


class Grade(StrEnum):
    """How much a finding matters."""

    GOOD = "ok"
    NOTE = "NOTE"
    """Worth knowing; nothing is wrong."""
    WARN = "WARN"
    """Trading works; this should be put right before it matters."""
    BAD = "FAIL"
    """The program does not run, or nobody can trade, until this is put right."""


class Finding(Struct, frozen=True):
    """One thing that was looked at."""

    grade: Grade
    name: str
    text: str
    remedy: str = ""
    """What to do next; empty of what is as it should be."""


def good(name: str, text: str) -> Finding:
    """As it should be."""
    return Finding(Grade.GOOD, name, text)


def exit_code(findings: Iterable[Finding]) -> int:
    """0: notes at most; 3: warnings; 1: something fails."""
    grades = {finding.grade for finding in findings}
    if Grade.BAD in grades:
        return 1
    return 3 if Grade.WARN in grades else 0
