"""What a doctor finds."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

from msgspec import Struct

_INDENT: Final = " " * 20


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


class Told(Struct, frozen=True):
    """All of it, for other programs."""

    findings: tuple[Finding, ...]
    is_ready: bool
    """Nothing fails."""


def good(name: str, text: str) -> Finding:
    """As it should be."""
    return Finding(Grade.GOOD, name, text)


def finding_lines(finding: Finding) -> Iterator[str]:
    """As text: what was seen, and below it what to do."""
    yield f"{finding.grade:<4}  {finding.name:<13} {finding.text}"
    if finding.remedy:
        yield f"{_INDENT}> {finding.remedy}"


def exit_code(findings: Iterable[Finding]) -> int:
    """0: notes at most; 3: warnings; 1: something fails."""
    grades = {finding.grade for finding in findings}
    if Grade.BAD in grades:
        return 1
    return 3 if Grade.WARN in grades else 0
