"""The lines of the log that the cockpit keeps: a ring, a level filter and a search."""

import re
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Sequence

from msgspec.structs import replace

from botcore_tui.model.event import Severity
from botcore_tui.model.snapshot import LogLine
from botcore_tui.ui.panes.cells import printable

KEPT_LINES = 5_000
LONGEST_TEXT = 2_000
"""Characters kept of one line; a page of JSON in the log must not slow every frame down."""

LEVELS = (Severity.DEBUG, Severity.INFO, Severity.WARNING, Severity.ERROR)
"""Minimum levels to choose from; the last one lets critical lines through as well."""

_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


def line_text(line: LogLine) -> str:
    """What is shown and searched of a line: source and text, fit for a terminal."""
    return f"{printable(line.source)} {printable(line.text)}"


def _shortened(line: LogLine) -> LogLine:
    surplus = len(line.text) - LONGEST_TEXT
    if surplus <= 0:
        return line
    return replace(line, text=f"{line.text[:LONGEST_TEXT]}… ({surplus} characters more)")


class LogBuffer:
    """Newest lines, those of them that pass the filter, and those of these that match.

    Lines are known by their sequence numbers, which grow; places in the ring shift.
    """

    def __init__(self, kept: int = KEPT_LINES) -> None:
        self._lines: deque[LogLine] = deque(maxlen=kept)
        self._visible: deque[LogLine] = deque()
        self._matches: deque[int] = deque()
        self._pattern: re.Pattern[str] | None = None
        self.minimum = Severity.INFO
        self.dropped = 0
        """Lines that never came here: jumps of the sequence number."""
        self.query = ""

    @property
    def visible(self) -> Sequence[LogLine]:
        """Lines that pass the filter, oldest first."""
        return self._visible

    @property
    def matches(self) -> Sequence[int]:
        """Sequence numbers of visible lines that contain the query, oldest first."""
        return self._matches

    def append(self, lines: Sequence[LogLine]) -> bool:
        """Take new lines, oldest first; those already here are passed over.

        Returns:
            Whether anything was new.
        """
        newest = self._lines[-1].sequence if self._lines else None
        is_changed = False
        for line in lines:
            if newest is not None:
                if line.sequence <= newest:
                    continue
                self.dropped += line.sequence - newest - 1
            newest = line.sequence
            kept = _shortened(line)
            self._lines.append(kept)
            self._admit(kept)
            is_changed = True
        if is_changed:
            self._forget_before(self._lines[0].sequence)
        return is_changed

    def _admit(self, line: LogLine) -> None:
        if _RANKS[line.severity] < _RANKS[self.minimum]:
            return
        self._visible.append(line)
        if self._pattern is not None and self._pattern.search(line_text(line)):
            self._matches.append(line.sequence)

    def _forget_before(self, sequence: int) -> None:
        while self._visible and self._visible[0].sequence < sequence:
            self._visible.popleft()
        while self._matches and self._matches[0] < sequence:
            self._matches.popleft()

    def clear(self) -> None:
        """Forget every line and start counting anew, as for another engine."""
        self._lines.clear()
        self.dropped = 0
        self._sift()

    def set_minimum(self, minimum: Severity) -> None:
        """Show lines of this severity and above."""
        self.minimum = minimum
        self._sift()

    def set_query(self, query: str) -> None:
        """Look for a text, without regard to case; an empty one looks for nothing."""
        self.query = query
        self._pattern = re.compile(re.escape(query), re.IGNORECASE) if query else None
        self._sift()

    def _sift(self) -> None:
        self._visible.clear()
        self._matches.clear()
        for line in self._lines:
            self._admit(line)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the query stands in a shown text: begin and end of each place."""
        if self._pattern is None:
            return []
        return [match.span() for match in self._pattern.finditer(text)]

    def place_of(self, sequence: int) -> int:
        """Place among the visible lines of the last one that is not newer; -1 if all are newer."""
        return bisect_right(self._visible, sequence, key=lambda line: line.sequence) - 1

    def match_after(self, sequence: int) -> int | None:
        """The next newer match, or the oldest one if there is none; None without any match."""
        place = bisect_right(self._matches, sequence)
        return self._matches[place % len(self._matches)] if self._matches else None

    def match_before(self, sequence: int) -> int | None:
        """The next older match, or the newest one if there is none; None without any match."""
        place = bisect_left(self._matches, sequence)
        return self._matches[place - 1] if self._matches else None

    def number_of(self, sequence: int) -> int:
        """How many matches stand at or before a line."""
        return bisect_right(self._matches, sequence)
