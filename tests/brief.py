"""Families of tests whose first members show by default what all of them show."""

from collections.abc import Iterable

import pytest


def brief(values: Iterable[object], count: int = 1) -> list[object]:
    """Values of a parameter; all but the first ``count`` are marked as slow."""
    return [value if index < count else _slow(value) for index, value in enumerate(values)]


def _slow(value: object) -> object:
    several = value if isinstance(value, tuple) else (value,)
    return pytest.param(*several, marks=pytest.mark.slow)
