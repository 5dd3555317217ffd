"""Parameters of a request: where they may stand, and what their words and numbers must look like.

Source: Binance USD-M futures, "General Info" and "Error Codes" (2026-05).
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Self, TypeVar
from urllib.parse import unquote_plus

from botcore_tui.exchange.sim.refusals import RefusalError

# Plain decimals only: no exponent, no "NaN", no digits beyond what any contract has.
_is_decimal: Final = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{0,20})?", re.ASCII).fullmatch
_is_whole: Final = re.compile(r"-?[0-9]{1,19}", re.ASCII).fullmatch
_FLAGS: Final = {"true": True, "false": False}
_NONE: Final[Mapping[str, str]] = {}

Word = TypeVar("Word", bound=StrEnum)


class Parameters:
    """What a request asks for, by name; names that nobody reads are ignored.

    Args:
        values: Decoded texts.
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    @classmethod
    def read(cls, query: str, body: str = "") -> Self:
        """Parameters of a query string and a form body; the query wins.

        Raises:
            RefusalError: -1101, a name stands twice in one of them.
        """
        if not body:
            return cls(_pairs(query) if query else _NONE)
        values = _pairs(body)
        if query:
            values.update(_pairs(query))
        return cls(values)

    def has(self, name: str) -> bool:
        """Whether it was sent, even if empty."""
        return name in self._values

    def value(self, name: str) -> str:
        """What was sent, whatever it is; empty where nothing was."""
        return self._values.get(name, "")

    def text(self, name: str, default: str = "") -> str:
        """An optional text.

        Raises:
            RefusalError: -1105, it was sent empty.
        """
        value = self._values.get(name)
        if value is None:
            return default
        if not value:
            raise RefusalError(-1105, name)
        return value

    def required(self, name: str) -> str:
        """A text that must be there.

        Raises:
            RefusalError: -1102, it is not, or is empty.
        """
        value = self._values.get(name)
        if not value:
            raise RefusalError(-1102, name)
        return value

    def integer(self, name: str) -> int | None:
        """An optional whole number; None where it was not sent.

        Raises:
            RefusalError: -1105 or -1102, it is empty or malformed.
        """
        value = self.text(name)
        return _whole(name, value) if value else None

    def required_integer(self, name: str) -> int:
        """A whole number that must be there.

        Raises:
            RefusalError: -1102, it is not, or is malformed.
        """
        return _whole(name, self.required(name))

    def decimal(self, name: str) -> str:
        """An optional plain decimal as text; empty where it was not sent.

        Raises:
            RefusalError: -1105 or -1102, it is empty or malformed.
        """
        value = self.text(name)
        if value and _is_decimal(value) is None:
            raise RefusalError(-1102, name)
        return value

    def required_decimal(self, name: str) -> str:
        """A plain decimal that must be there.

        Raises:
            RefusalError: -1102, it is not, or is malformed.
        """
        value = self.required(name)
        if _is_decimal(value) is None:
            raise RefusalError(-1102, name)
        return value

    def flag(self, name: str) -> bool:
        """An optional ``true`` or ``false``, in any case; false where it was not sent.

        Raises:
            RefusalError: -1105 or -1102, it is empty or another word.
        """
        value = self.text(name)
        return self.required_flag(name) if value else False

    def required_flag(self, name: str) -> bool:
        """A ``true`` or ``false`` that must be there.

        Raises:
            RefusalError: -1102, it is not, or is another word.
        """
        flag = _FLAGS.get(self.required(name).lower())
        if flag is None:
            raise RefusalError(-1102, name)
        return flag

    def word(self, name: str, words: type[Word], code: int, *details: object) -> Word | None:
        """An optional word of an enumeration; None where it was not sent.

        Args:
            name: Of the parameter.
            words: Those allowed.
            code: What any other word is refused with.
            details: Fill the ``%s`` of its message.
        """
        value = self.text(name)
        if not value:
            return None
        word = words.__members__.get(value)
        if word is None:
            raise RefusalError(code, *details)
        return word

    def required_word(self, name: str, words: type[Word], code: int) -> Word:
        """A word of an enumeration that must be there; see `word`."""
        word = words.__members__.get(self.required(name))
        if word is None:
            raise RefusalError(code)
        return word

    def limit(self, default: int, most: int, name: str = "limit") -> int:
        """How many are asked for.

        Raises:
            RefusalError: -1130, less than one or more than ``most``.
        """
        value = self.integer(name)
        if value is None:
            return default
        if not 1 <= value <= most:
            raise RefusalError(-1130, name)
        return value

    def span(self) -> tuple[int | None, int | None]:
        """``startTime`` and ``endTime``, milliseconds.

        Raises:
            RefusalError: -1023, the start is after the end.
        """
        start, end = self.integer("startTime"), self.integer("endTime")
        if start is not None and end is not None and start > end:
            raise RefusalError(-1023)
        return start, end


def scaled(text: str, decimals: int) -> int | None:
    """A plain decimal in units of its last digit; None where it has more digits than that.

    ``scaled("60000.1", 2)`` is 6000010. Zeros at the end do not count as digits.
    """
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0")
    if len(fraction) > decimals:
        return None
    return int(whole + fraction.ljust(decimals, "0"))


def _whole(name: str, value: str) -> int:
    if _is_whole(value) is None:
        raise RefusalError(-1102, name)
    return int(value)


def _pairs(text: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for pair in text.split("&"):
        name, _, value = pair.partition("=")
        if "%" in pair or "+" in pair:
            name, value = unquote_plus(name), unquote_plus(value)
        if name in values:
            raise RefusalError(-1101, name)
        values[name] = value
    values.pop("", None)
    return values
