"""Keeps Textual's strips out of their own caches.

Textual 8.2.8 remembers in a strip what it was cut into, and an uncut strip is its own result: a
cycle for every line painted, which only the collector can free. At ten pictures a second its next
run then stops all threads for 70 to 110 ms (measured: 68,000 objects in 50 pictures; none after).
Returning the strip itself before the cache is asked gives the same lines.
"""

from collections.abc import Iterable, Sequence

from rich.style import Style
from textual.strip import Strip

_divide = Strip.divide
_crop_extend = Strip.crop_extend


def divide(self: Strip, cuts: Iterable[int]) -> Sequence[Strip]:
    """``Strip.divide``, but for a strip that stays whole."""
    inside = [cut for cut in cuts if cut <= self.cell_length]
    return [self] if inside == [self.cell_length] else _divide(self, inside)


def crop_extend(self: Strip, start: int, end: int, style: Style | None) -> Strip:
    """``Strip.crop_extend``, but for a strip that has the length already."""
    if start <= 0 and end == self.cell_length:
        return self
    return _crop_extend(self, start, end, style)


def keep_strips_free_of_cycles() -> None:
    """Put the two in place for the whole process; once is enough, again does no harm."""
    Strip.divide = divide  # type: ignore[method-assign]  # the point of this module
    Strip.crop_extend = crop_extend  # type: ignore[method-assign]  # the same
