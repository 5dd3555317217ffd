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

        def left() -> None:
            leaving()
            self._waiting.discard(cancel)

        self._waiting.add(cancel)
        try:
            yield left
        finally:
            self._waiting.discard(cancel)
