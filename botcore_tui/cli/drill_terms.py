"""What a drill sees, step by step, and what it comes to."""

import json
from collections.abc import Iterable

from msgspec import Struct


class Seen(Struct, frozen=True):
    """One look at whether something has come true."""

    is_so: bool
    text: str
    """What is there, whether it is what was wanted or not."""


class Step(Struct, frozen=True, kw_only=True):
    """One thing that had to happen."""

    name: str
    is_passed: bool
    text: str
    ms: float | None = None
    """From what caused it until it was seen; None where nothing is measured."""


class DrillReport(Struct, frozen=True, kw_only=True):
    """What came of a drill."""

    drill: str
    is_passed: bool
    steps: tuple[Step, ...]
    notes: tuple[str, ...]
    """How the rehearsal differs from the real thing."""
    trouble: tuple[str, ...]
    """Why it could not be carried through, or not be recorded; empty if it was."""
    total_ms: float
    version: str
    config_hash: str
    time_ms: int


def timings(steps: Iterable[Step]) -> str:
    """Milliseconds by name, as the ledger keeps them."""
    measured = {step.name: round(step.ms, 1) for step in steps if step.ms is not None}
    return json.dumps(measured, ensure_ascii=False)


def lines(report: DrillReport) -> list[str]:
    """The report for people."""
    width = max((len(step.name) for step in report.steps), default=0)
    found = [f"drill {report.drill}: {note}" for note in report.notes]
    for step in report.steps:
        grade = "ok  " if step.is_passed else "FAIL"
        took = "" if step.ms is None else f"{step.ms:,.0f} ms"
        found.append(f"{grade}  {step.name:<{width}}  {took:>9}  {step.text}")
    verdict = "PASSED" if report.is_passed else "FAILED"
    found.append(f"{verdict}: drill {report.drill} in {report.total_ms / 1000:.1f} s")
    return found
