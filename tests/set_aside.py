"""Keeps the garbage collector away from what the tests themselves are: nine thousand stay.

An engine collects when it starts, and lets go at its end of all that anyone had frozen: each of
them would look at all tests once more, which takes longer than most tests.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_freeze: Final = gc.freeze
_unfreeze: Final = gc.unfreeze


def set_aside() -> None:
    """Hide what lives now for good; nothing that runs in this process hides or shows more."""
    _freeze()
    gc.freeze = gc.unfreeze = _leave


@contextmanager
def real_collector() -> Iterator[None]:
    """Let freezing be what it is, and nothing be frozen at first."""
    stand_ins = gc.freeze, gc.unfreeze
    gc.freeze, gc.unfreeze = _freeze, _unfreeze
    _unfreeze()
    try:
        yield
    finally:
        gc.collect()
        _freeze()
        gc.freeze, gc.unfreeze = stand_ins


def _leave() -> None:
    """What was set aside stays so."""
