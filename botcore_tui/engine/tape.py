"""Recorded market data, read back as it was written.

A tape is a text file, plain or compressed with gzip or Zstandard: each line is the local UTC time
of reception (19 digits, nanoseconds), one space, the raw frame, and a line feed. What can be read
is played; what cannot is skipped, remembered with its line number, and never raised half-way.

A recording that rotates consists of parts, ``name.000001.gz``, ``name.000002.gz`` ...: opening
one of them plays it and all that follow; opening ``name.gz`` plays them all.
"""

import re
from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Final

import msgspec

from botcore_tui.engine.tape_files import Source, Splitter, find_parts, missing_part
from botcore_tui.errors import TapeError

Line = tuple[int, bytes]
"""Local UTC time of reception in nanoseconds, and the raw frame."""

_ERRORS_KEPT: Final = 5
_HOPELESS: Final = 1_000
"""Bad lines before the first good one after which a file is no tape."""
_TAIL: Final = 1024 * 1024
_CUT_LINE: Final = "cut off in the middle: the recording ended here; all before was played"
_FORMAT: Final = "a line is a 19-digit UTC time in nanoseconds, a space and a frame"
_PREFIX: Final = re.compile(rb"[0-9]{19} ")
_TIMES: Final = re.compile(rb"^([0-9]{19}) ", re.MULTILINE)


class Tape:
    """Frames of a recording, in batches of some hundred; each iteration starts from the beginning.

    Lines may end in CR LF: JSON takes the carriage return left on the frame for white space.
    Blank lines are skipped. The counters belong to the latest iteration.

    Attributes:
        path: As given.
        parts: The files that are played, in order.
        errors: What could not be read; complete after the last batch. Bad lines beyond the first
            five share one entry.
        frames: Frames read.
        bad_lines: Lines skipped.
        backward_steps: Frames older than the one before; they are played all the same.
        first_ns: Local time of the first frame, UTC nanoseconds; None before it is read.
        last_ns: Local time of the latest frame read.

    Raises:
        TapeError: There is nothing to read: no such file, a directory, not permitted, empty.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.parts = find_parts(self.path)
        self._reset()

    def __iter__(self) -> Generator[list[Line], None, None]:
        self._reset()
        for part in self.parts:
            yield from self._play(part)
            if self._is_hopeless():
                break
        self._conclude()

    def _reset(self) -> None:
        self.errors: list[TapeError] = []
        self.frames = 0
        self.bad_lines = 0
        self.backward_steps = 0
        self.first_ns: int | None = None
        self.last_ns: int | None = None
        self._damages = 0

    def _play(self, part: Path) -> Iterator[list[Line]]:
        source = Source(part)
        splitter = Splitter()
        number = 1
        for chunk in source:
            lines = splitter.split(chunk)
            batch = self._parse(lines, part, number)
            number += len(lines)
            if batch:
                yield batch
            if self._is_hopeless():
                return
        tail = splitter.tail().rstrip()
        # The last line may lack its line feed, or its end: complete JSON tells.
        if _PREFIX.match(tail) and _is_json(tail[20:]):
            yield self._parse([tail], part, number)
            number += 1
        elif _PREFIX.match(tail) or tail.isdigit():
            source.damage = source.damage or _CUT_LINE
        elif not source.damage:
            self._parse([tail], part, number)
        if source.damage:
            self._remember(part, number, source.damage)

    def _parse(self, lines: list[bytes], part: Path, number: int) -> list[Line]:
        # Checked for the whole batch at once: a quarter of a microsecond a line instead of one.
        prefixes = [line[:20] for line in lines]
        joined = b"".join(prefixes)
        digits = joined.replace(b" ", b"")
        count = len(lines)
        if (
            len(joined) != 20 * count
            or joined[19::20] != b" " * count
            or len(digits) != 19 * count
            or not digits.isdigit()
        ):
            lines = self._without_bad(lines, part, number)
            prefixes = [line[:20] for line in lines]
        batch = list(zip(map(int, prefixes), [line[20:] for line in lines], strict=True))
        if batch:
            self._count(batch, prefixes)
        return batch

    def _without_bad(self, lines: list[bytes], part: Path, number: int) -> list[bytes]:
        good = []
        for offset, line in enumerate(lines):
            if _PREFIX.match(line):
                good.append(line)
            elif line.strip():
                self.bad_lines += 1
                if self.bad_lines <= _ERRORS_KEPT:
                    self.errors.append(TapeError(str(part), number + offset, _why_bad(line)))
        return good

    def _count(self, batch: list[Line], prefixes: list[bytes]) -> None:
        if self.first_ns is None or self.last_ns is None:
            self.first_ns = batch[0][0]
        elif batch[0][0] < self.last_ns:
            self.backward_steps += 1
        self.last_ns = batch[-1][0]
        self.frames += len(batch)
        if prefixes != sorted(prefixes):
            self.backward_steps += sum(after < before for before, after in pairwise(prefixes))

    def _remember(self, part: Path, number: int, damage: str) -> None:
        self._damages += 1
        self.errors.append(TapeError(str(part), number, damage))

    def _is_hopeless(self) -> bool:
        return not self.frames and self.bad_lines >= _HOPELESS

    def _conclude(self) -> None:
        if not self.frames and not self._damages:
            reason = f"not a tape (plain, gzip or Zstandard): {_FORMAT}"
            if not self.bad_lines:
                reason = "holds no frames; nothing was recorded"
            self.errors = [TapeError(str(self.path), min(1, self.bad_lines), reason)]
            return
        if self.bad_lines > _ERRORS_KEPT:
            more = f"{self.bad_lines - _ERRORS_KEPT:,} more bad lines skipped"
            self.errors.append(TapeError(str(self.path), 0, more))
        missing = missing_part(self.parts[-1])
        if missing is not None:
            reason = "this part is missing; later ones exist, open the next one to play them"
            self.errors.append(TapeError(str(missing), 0, reason))


class Extent(msgspec.Struct, frozen=True):
    """Local time of the first and the last frame of a tape, UTC nanoseconds."""

    first_ns: int
    last_ns: int

    def seconds(self) -> float:
        """Duration; 0 for one frame, or where the clock was set back."""
        return max(0, self.last_ns - self.first_ns) / 1_000_000_000


def measure(path: Path | str) -> Extent | None:
    """Find out how long a tape lasts; None if that cannot be told (a pipe, nothing readable).

    A plain file takes two short reads. The last part of a compressed one is decompressed to its
    end, for half of what playing it costs: do this in a thread, beside the replay.

    Raises:
        TapeError: There is nothing to read.
    """
    tape = Tape(path)
    if any(not part.is_file() for part in tape.parts):
        return None
    with closing(iter(tape)) as batches:
        next(batches, None)
    if tape.first_ns is None:
        return None
    for part in reversed(tape.parts):
        times: list[bytes] = _TIMES.findall(Source(part).tail(_TAIL))
        if times:
            return Extent(tape.first_ns, int(times[-1]))
    return None


def _is_json(frame: bytes) -> bool:
    try:
        msgspec.json.decode(frame, type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _why_bad(line: bytes) -> str:
    if line == Splitter.OVERLONG:
        return f"longer than {Splitter.LONGEST // 1024 // 1024} MiB; skipped"
    return f"no time in front, skipped: {_FORMAT}; this one starts with {line[:24]!r}"
