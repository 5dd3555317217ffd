"""When the venue is asked about one order, again and again until it is known what became of it."""

from enum import Enum
from typing import Final

_LOST_MS: Final = 15_000
"""A question that was not answered until then will not be."""
_EMPTY_TRIES: Final = 5
"""Questions without a useful answer, after which it is told."""
_LONGEST_MS: Final = 30_000
_GROWING: Final = (1_000, 2_000, 4_000, 8_000, 16_000, _LONGEST_MS)


class Need(Enum):
    """What is to be found out of an order, most pressing first."""

    EXISTENCE = "whether the venue has it"
    FILLS = "fills that it must have"
    STATE = "whether it is still there"
    OUTCOME = "what became of it after its trigger"
    SIGHT = "that the venue shows it"


_PAUSES: Final = {
    # A08: an order in flight is asked for at once, five times within seconds.
    Need.EXISTENCE: (500, 1_000, 2_000, 4_000, 5_000),
    Need.FILLS: _GROWING,
    Need.STATE: _GROWING,
    Need.OUTCOME: _GROWING,
    Need.SIGHT: _GROWING,
}
_FIRST_MS: Final = {Need.OUTCOME: 1_000, Need.SIGHT: 1_000}
"""Usually the user stream tells it before; the others are asked at once."""


class Inquiry:
    """Questions about one order; one at a time, with growing pauses.

    Attributes:
        need: What is asked for; None: nothing.
        tries: Questions so far that serve this need.
        trouble: Why the last question brought no answer; empty if it did.
        answers: Questions for this need that were answered, since the last one that was not.
    """

    def __init__(self) -> None:
        self.need: Need | None = None
        self.tries = 0
        self.trouble = ""
        self.answers = 0
        self._next_ms = 0
        self._asked_ms: int | None = None
        self._is_told = False

    def turn_to(self, need: Need | None, time_ms: int, *, grace_ms: int = 0) -> None:
        """Ask for something else from now on; the same as before changes nothing.

        Args:
            need: None: nothing is to be asked.
            time_ms: Now.
            grace_ms: How long to wait before the first question, for what is likely on its way.
        """
        if need is self.need:
            return
        self.need = need
        self.tries = self.answers = 0
        self._is_told = False
        if need is not None:
            self._next_ms = time_ms + max(grace_ms, _FIRST_MS.get(need, 0))

    def hasten(self, time_ms: int) -> None:
        """Ask as soon as no question is open."""
        self._next_ms = min(self._next_ms, time_ms)

    def is_due(self, time_ms: int) -> bool:
        """Whether to ask now."""
        if self.need is None or time_ms < self._next_ms:
            return False
        return self._asked_ms is None or time_ms - self._asked_ms >= _LOST_MS

    def asked(self, time_ms: int) -> None:
        """The question is on its way."""
        assert self.need is not None
        pauses = _PAUSES[self.need]
        self._asked_ms = time_ms
        self._next_ms = time_ms + pauses[min(self.tries, len(pauses) - 1)]
        self.tries += 1

    def answered(self, trouble: str = "") -> None:
        """An answer came, or it is certain that none will, and why."""
        self._asked_ms = None
        self.trouble = trouble
        self.answers = 0 if trouble else self.answers + 1

    @property
    def is_in_vain(self) -> bool:
        """Whether the venue answers, time and again, and not with what is asked for."""
        return self._asked_ms is None and self.answers >= _EMPTY_TRIES

    def take_alarm(self) -> bool:
        """Whether it has gone on for so long that it must be told; true once for each need."""
        is_open = self._asked_ms is not None
        if self._is_told or self.tries - is_open < _EMPTY_TRIES:
            return False
        self._is_told = True
        return True
