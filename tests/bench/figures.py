"""What a bench finds: rows of ours beside something else, with a target."""

import statistics
from collections.abc import Callable, Sequence
from typing import TypeVar

from msgspec import Struct

T = TypeVar("T")


class SkippedError(Exception):
    """A bench cannot run here; the text says why."""


class FailedError(Exception):
    """A program did not do, or not in time, what it was started for."""


class Options(Struct, frozen=True):
    """What the command line asks of every bench."""

    runs: int = 5
    """Rounds; in each of them every side is measured once."""


class Target(Struct, frozen=True):
    """A limit that is kept or missed."""

    limit: float
    is_ratio: bool = True
    """Of the ratio of both sides; else of our own figure."""
    is_least: bool = False
    """The figure must reach it; else it must not exceed it."""

    def text(self, unit: str) -> str:
        """For people: ``<= 1.5 x``."""
        return f"{'>=' if self.is_least else '<='} {self.limit:,g} {'x' if self.is_ratio else unit}"

    def is_met(self, value: float) -> bool:
        """Whether a figure keeps the limit."""
        return value >= self.limit if self.is_least else value <= self.limit


class Side(Struct, frozen=True):
    """One thing measured: a figure for each round."""

    name: str
    values: Sequence[float]

    @property
    def median(self) -> float:
        """Of all rounds."""
        return statistics.median(self.values)

    def worst(self, *, is_most_best: bool) -> float:
        """Of all rounds."""
        return min(self.values) if is_most_best else max(self.values)


class Row(Struct, frozen=True):
    """One line of the report."""

    name: str
    unit: str
    ours: float
    """Median of the rounds."""
    worst: float
    beside_name: str
    beside: float | None
    ratio: float | None
    """Median of the ratios of each round: both sides of a round saw the same machine."""
    worst_ratio: float | None
    target: str
    is_met: bool | None
    """None where nothing is demanded."""
    rounds: Sequence[float]
    beside_rounds: Sequence[float]
    note: str


def compared(
    name: str,
    unit: str,
    *,
    ours: Sequence[float],
    beside: Side | None = None,
    target: Target | None = None,
    note: str = "",
) -> Row:
    """Put rounds of ours beside another side's and judge the median."""
    is_most_best = unit.endswith("/s") and not unit.startswith("kB")
    side = Side("ours", ours)
    ratios: list[float] = []
    if beside is not None:
        ratios = [mine / other for mine, other in zip(ours, beside.values, strict=True)]
    ratio = statistics.median(ratios) if ratios else None
    judged = ratio if target is not None and target.is_ratio else side.median
    return Row(
        name=name,
        unit=unit,
        ours=side.median,
        worst=side.worst(is_most_best=is_most_best),
        beside_name=beside.name if beside else "",
        beside=beside.median if beside else None,
        ratio=ratio,
        worst_ratio=Side("", ratios).worst(is_most_best=is_most_best) if ratios else None,
        target=target.text(unit) if target else "",
        is_met=None if target is None or judged is None else target.is_met(judged),
        rounds=list(ours),
        beside_rounds=list(beside.values) if beside else [],
        note=note,
    )


def interleaved(
    sides: Sequence[Callable[[], T]], *, runs: int, warms_up: bool = True
) -> list[list[T]]:
    """Measure every side once a round, in turns.

    Args:
        sides: Each measures itself once and returns what it found.
        runs: Rounds.
        warms_up: Throw one round away first.

    Returns:
        For each side the findings of all rounds.
    """
    figures: list[list[T]] = [[] for _ in sides]
    for number in range(-1 if warms_up else 0, runs):
        # Back and forth: whoever always comes second would always find the caches of the first.
        order = range(len(sides)) if number % 2 else reversed(range(len(sides)))
        for index in order:
            figure = sides[index]()
            if number >= 0:
                figures[index].append(figure)
    return figures


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of all values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
