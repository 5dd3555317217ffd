"""Scripts of faults: a TOML file that says which fault happens at which simulated second."""

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from botcore_tui.errors import ConfigError
from botcore_tui.exchange.sim.fault_specs import Fault, read_fault

_HEADER: Final = re.compile(r"[ \t]*\[\[[ \t]*(fault|\"fault\"|'fault')[ \t]*\]\]")
_TIMES: Final = {"at_seconds": "at_ms", "for_seconds": "for_ms", "every_seconds": "every_ms"}
_MOST_SECONDS: Final = 366 * 86_400
_EXAMPLE: Final = (
    'it holds tables such as [[fault]] with at_seconds = 12.5 and name = "create-lost"'
)


def parse_scenario(text: str, name: str) -> tuple[Fault, ...]:
    """The faults of a script, by time.

    Each is a table ``[[fault]]`` with ``name`` and any of ``at_seconds`` (since the start of the
    exchange, else 0), ``for_seconds``, ``every_seconds`` (of an act), and the keys of the fault
    itself as ``--fault`` takes them.

    Args:
        text: The file, TOML.
        name: Of the file, for messages.

    Raises:
        ConfigError: With every problem and its place.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{name}: is no valid TOML: {error}"]) from error
    except ValueError as error:  # a whole number of thousands of digits, a 13th month
        raise ConfigError([f"{name}: a number or date is out of range"]) from error
    except RecursionError as error:
        raise ConfigError([f"{name}: brackets are nested too deep"]) from error
    problems = [f"{name}: unknown key {key!r}; {_EXAMPLE}" for key in tables if key != "fault"]
    entries = tables.get("fault", [])
    if not isinstance(entries, list) or not entries:
        raise ConfigError([*problems, f"{name}: has no faults; {_EXAMPLE}"])
    faults: list[Fault] = []
    for entry, place in zip(entries, _places(text, name, len(entries)), strict=True):
        try:
            faults += _faults(entry, place)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return tuple(sorted(faults, key=lambda fault: fault.at_ms or 0))


def _places(text: str, name: str, count: int) -> list[str]:
    lines = [number for number, line in enumerate(text.splitlines(), 1) if _HEADER.match(line)]
    if len(lines) != count:  # written as an inline array, say
        return [f"{name}, fault {number}" for number in range(1, count + 1)]
    return [f"{name}, line {line}, fault {number}" for number, line in enumerate(lines, 1)]


def _faults(entry: object, place: str) -> tuple[Fault, ...]:
    if not isinstance(entry, dict):
        raise ConfigError([f"{place}: is no table; {_EXAMPLE}"])
    problems: list[str] = []
    items: dict[str, object] = {"at_ms": 0}
    for key, value in entry.items():
        if key in _TIMES:
            milliseconds = _milliseconds(value, 0 if key == "at_seconds" else 1)
            if milliseconds is None:
                problems.append(f"{place}: {key} must be {_meaning(key)}; not {value!r}")
            else:
                items[_TIMES[key]] = milliseconds
        elif key in {"at_ms", "after_ms", "for_ms", "every_ms"}:
            problems.append(f"{place}: {key} is not for scripts; use {_instead(key)}")
        elif key != "name":
            items[key] = value
    return _named(entry, items, place, problems)


def _named(
    entry: Mapping[str, object], items: Mapping[str, object], place: str, problems: list[str]
) -> tuple[Fault, ...]:
    name = entry.get("name")
    if not isinstance(name, str) or not name:
        problems.append(f'{place}: has no name, such as name = "create-lost"')
        raise ConfigError(problems)
    try:
        faults = read_fault(name, items, f"{place} ({name})")
    except ConfigError as error:
        raise ConfigError([*problems, *error.problems]) from error
    if problems:
        raise ConfigError(problems)
    return faults


def _milliseconds(value: object, least: int) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not 0 <= value <= _MOST_SECONDS:  # not a number fails, too
        return None
    milliseconds = Decimal(str(value)) * 1000
    is_whole = milliseconds == int(milliseconds)
    return int(milliseconds) if is_whole and milliseconds >= least else None


def _meaning(key: str) -> str:
    least = "0" if key == "at_seconds" else "0.001"
    return f"a number of seconds from {least} to {_MOST_SECONDS}, of whole milliseconds"


def _instead(key: str) -> str:
    return "at_seconds" if key == "after_ms" else key.replace("_ms", "_seconds")
