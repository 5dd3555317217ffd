"""Keeps secrets off the record: what people, strategies and the venue wrote is cleaned."""

from functools import cache
from typing import Final, TypeVar

from msgspec import Struct
from msgspec.structs import fields, replace

from botcore_tui.config.masking import redacted

_WORDS: Final = frozenset({"reason", "text", "actor", "arguments", "evidence"})
"""Fields that hold whatever somebody wrote; all others are names, numbers and choices."""

_Row = TypeVar("_Row", bound=Struct)


def discreet(row: _Row) -> _Row:
    """The row without secrets in its words; the same one where there are none."""
    words, inner = _places(type(row))
    changed: dict[str, object] = {}
    for name in words:
        value: str = getattr(row, name)
        if value and (cleaned := redacted(value)) != value:
            changed[name] = cleaned
    for name in inner:
        part: Struct = getattr(row, name)
        if (shown := discreet(part)) is not part:
            changed[name] = shown
    return replace(row, **changed) if changed else row


@cache
def _places(kind: type[Struct]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the fields with words, and of those that are rows themselves."""
    found = fields(kind)
    words = tuple(field.name for field in found if field.name in _WORDS and field.type is str)
    inner = tuple(
        field.name
        for field in found
        if isinstance(field.type, type) and issubclass(field.type, Struct)
    )
    return words, inner
