"""Values of a fault's keys as people give them: text, or what JSON and TOML make of it.

Each function raises ``ValueError`` with words that complete "must be ..." where a value is refused.
"""

import re
from collections.abc import Sequence
from typing import Final

from botcore_tui.exchange.sim.fault_kinds import FaultKind, Narrowing, Parameter, Value

UNLIMITED: Final = "unlimited"
"""A count without an end, as it is written."""
_MOST_MS: Final = 366 * 86_400_000
_FRACTION: Final = re.compile(r"([0-9]+(\.[0-9]*)?|\.[0-9]+)(e[+-]?[0-9]+)?")
_NARROWED_BY: Final = {
    Narrowing.ENDPOINT: (r"((GET|POST|PUT|DELETE) )?/[^\s,]+", "such as POST /fapi/v1/order"),
    Narrowing.STREAM: (r"[A-Za-z0-9]+", "such as depth or bookTicker"),
}


def whole(value: object, least: int, most: int, meaning: str) -> int:
    """A whole number within bounds."""
    if isinstance(value, int | str) and re.fullmatch(r"[+-]?[0-9]{1,18}", str(value)):
        number = int(value)
        if least <= number <= most:
            return number
    raise ValueError(meaning)


def milliseconds(value: object) -> int:
    """A moment, from some beginning."""
    return whole(value, 0, _MOST_MS, "a whole number of milliseconds, 0 to one year")


def period(value: object) -> int:
    """A length of time."""
    return whole(value, 1, _MOST_MS, "a whole number of milliseconds, 1 to one year")


def count(value: object) -> int | None:
    """How often; None for without an end."""
    if value is None or value == UNLIMITED:
        return None
    return whole(value, 1, 10**9, f"a whole number, at least 1, or {UNLIMITED}")


def probability(value: object) -> float:
    """A chance that is not zero."""
    number = 0.0
    if isinstance(value, int | float | str) and _FRACTION.fullmatch(str(value)):
        number = float(value)
    if not 0 < number <= 1:
        raise ValueError("a number above 0 and at most 1")
    return number


def symbol(value: object) -> str:
    """Of a contract."""
    return _matching(r"[^\W_a-z]+", "a symbol in upper case, such as BTCUSDT", value)


def narrowed(kind: FaultKind, value: object) -> str:
    """What else a fault is kept to."""
    if not kind.only:
        return _matching(*_NARROWED_BY[kind.narrowing], value)
    paths = {one.partition(" ")[2] for one in kind.only}  # each stands for all methods
    if isinstance(value, str) and value in {*kind.only, *paths} - {""}:
        return value
    raise ValueError(_either(kind.only))


def own_value(item: Parameter, value: object) -> Value:
    """A value of a fault's own parameter."""
    if item.choices:
        chosen = next((one for one in item.choices if str(one) == str(value)), None)
        if chosen is None:
            raise ValueError(_either(item.choices))
        return chosen
    if isinstance(item.default, int):
        meaning = f"a whole number from {item.least} to {item.most}"
        return whole(value, item.least, item.most, meaning)
    text = str(value)
    if not re.fullmatch(r"[+-]?[0-9]{1,12}(\.[0-9]{1,8})?", text) or not float(text):
        raise ValueError("a number such as 250 or -0.5, not zero")
    return text


def _either(choices: Sequence[Value]) -> str:
    *others, last = map(str, choices)
    return f"{', '.join(others)} or {last}"


def _matching(pattern: str, meaning: str, value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise ValueError(meaning)
    return value
