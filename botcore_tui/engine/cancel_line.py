"""Cancellations that wait for their turn at the venue: each of them once.

During a ban one request passes in ten seconds, and what is not confirmed is asked for again and
again: the repetitions would all leave when the ban ends, and whatever is new waits behind them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from botcore_tui.model.event import Cancel, CancelAll


class CancelLine:
    """Those that have not left yet."""

    def __init__(self) -> None:
        self._waiting: set[Cancel | CancelAll] = set()

    def __contains__(self, cancel: Cancel | CancelAll) -> bool:
        """Whether the same one waits: it tells the outcome of both."""
        return cancel in self._waiting

    @contextmanager
    def joined(
        self, cancel: Cancel | CancelAll, leaving: Callable[[], None]
    ) -> Iterator[Callable[[], None]]:
        """Line up, until it leaves or is given up.

        Args:
            cancel: One of which none waits.
            leaving: Called when it leaves; if it raises, it does not.

        Yields:
            What is to be called when it leaves.
        """

        is_waiting = True

        def left() -> None:
            nonlocal is_waiting
            leaving()
            self._waiting.discard(cancel)
            is_waiting = False

        self._waiting.add(cancel)
        try:
            yield left
        finally:
            # One that left has no place to give up: the next of its kind may have lined up since.
            if is_waiting:
                self._waiting.discard(cancel)
