"""Lets every test import the shared builders and fakes that stand beside this file."""

import decimal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def usual_decimals() -> Iterator[None]:
    """Put back how decimals are rounded: ccxt's unified calls change it for the whole thread."""
    # The context itself, not a copy: tasks that a test starts share it.
    context = decimal.getcontext()
    rounding, precision, traps = context.rounding, context.prec, dict(context.traps)
    yield
    context.rounding, context.prec = rounding, precision
    context.traps.update(traps)
