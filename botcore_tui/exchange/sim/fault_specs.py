"""Faults as people write them, on the command line and in JSON, and what is wrong with it."""

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Final, TypeVar

from msgspec import Struct

from botcore_tui.errors import ConfigError
from botcore_tui.exchange.sim.fault_catalogue import (
    GROUPS,
    KINDS,
    client_note,
    kinds_of,
)
from botcore_tui.exchange.sim.fault_kinds import FaultKind, Narrowing, Value
from botcore_tui.exchange.sim.fault_values import (
    count,
    milliseconds,
    narrowed,
    own_value,
    period,
    probability,
    symbol,
)

_T = TypeVar("_T")

_SEE: Final = "botcore sim --list-faults shows all"


class Fault(Struct, frozen=True, kw_only=True):
    """A fault as it is to be armed; times are simulated milliseconds."""

    name: str
    probability: float = 1.0
    count: int | None = None
    """How often at most; None: without an end."""
    symbol: str = ""
    """Only for this contract; empty: for all."""
    endpoint: str = ""
    """Only for this request, user event, route or kind of stream; empty: for all."""
    at_ms: int | None = None
    """Armed so long after the exchange started; None: ``after_ms`` counts."""
    after_ms: int = 0
    """Armed so long after it was added."""
    for_ms: int | None = None
    """Armed so long; None: without an end."""
    every_ms: int = 1000
    """Between the repetitions of an act."""
    values: Mapping[str, Value] = {}
    """Its own parameters; those that are missing have their defaults."""

    @property
    def kind(self) -> FaultKind:
        """What the catalogue says of it."""
        return KINDS[self.name]

    def amount(self, parameter: str) -> int:
        """A parameter that is a whole number."""
        value = self._value(parameter)
        assert isinstance(value, int)
        return value

    def word(self, parameter: str) -> str:
        """A parameter that is text."""
        return str(self._value(parameter))

    def _value(self, parameter: str) -> Value:
        return self.values.get(parameter, self.kind.defaults[parameter])


def parse_spec(text: str) -> tuple[Fault, ...]:
    """The faults of ``NAME[=KEY:VALUE,...]``; several where NAME is an id such as ``F11``.

    Raises:
        ConfigError: It is none; says what is wrong with which part, and what is allowed.
    """
    name, _, rest = text.strip().partition("=")
    items: dict[str, object] = {}
    for part in filter(None, rest.split(",")):
        key, colon, value = part.partition(":")
        if not colon:
            raise ConfigError([f"fault {text!r}: {part!r} is no KEY:VALUE, such as count:3"])
        if key.strip() in items:
            raise ConfigError([f"fault {text!r}: {key.strip()} is given twice"])
        items[key.strip()] = value.strip()
    return read_fault(name.strip(), items, f"fault {text!r}")


def parse_json(data: object) -> tuple[Fault, ...]:
    """The faults of a decoded JSON object, or of a list of such.

    Raises:
        ConfigError: With every problem of every fault.
    """
    entries = data if isinstance(data, list) else [data]
    faults: list[Fault] = []
    problems: list[str] = []
    for number, entry in enumerate(entries, start=1):
        place = f"fault {number}" if isinstance(data, list) else "fault"
        try:
            faults += _entry(entry, place)
        except ConfigError as error:
            problems += error.problems
    if not entries:
        problems.append("there is no fault in the list")
    if problems:
        raise ConfigError(problems)
    return tuple(faults)


def _entry(entry: object, place: str) -> tuple[Fault, ...]:
    if not isinstance(entry, dict):
        raise ConfigError([f'{place}: must be an object such as {{"name": "create-lost"}}'])
    items = dict(entry)
    name = items.pop("name", None)
    if not isinstance(name, str) or not name:
        raise ConfigError([f"{place}: has no name; {_SEE}"])
    return read_fault(name, items, place)


def read_fault(name: str, items: Mapping[str, object], place: str) -> tuple[Fault, ...]:
    """The fault of a name, or those of a catalogue id, with what was given for them.

    Args:
        name: Of the fault, or an id such as ``F11``.
        items: Key to value, text or of the right type.
        place: Begins every message.

    Raises:
        ConfigError: With everything that is wrong.
    """
    identifier = name[:1].upper() + name[1:]
    kinds = (KINDS[name],) if name in KINDS else kinds_of(identifier)
    if not kinds:
        raise ConfigError([f"{place}: {_unknown(name, identifier)}"])
    reader = _Reader(kinds, items)
    faults = tuple(reader.fault(kind) for kind in kinds)
    if reader.problems:
        raise ConfigError([f"{place}: {problem}" for problem in reader.problems])
    return faults


def _unknown(name: str, identifier: str) -> str:
    if identifier in GROUPS:
        return f"{identifier} is nothing that a venue can inject: {client_note(identifier)}"
    return f"there is no fault {name!r}; {_meant(name, KINDS)}{_SEE}"


def _meant(word: str, words: Iterable[str]) -> str:
    close = difflib.get_close_matches(word.lower(), list(words), n=2, cutoff=0.6)
    return f"did you mean {' or '.join(close)}? " if close else ""


class _Reader:
    """Reads the values given for one or several kinds, and collects what is wrong with them."""

    def __init__(self, kinds: Sequence[FaultKind], items: Mapping[str, object]) -> None:
        self.problems: list[str] = []
        self._items = items
        self._check_keys(kinds)

    def _check_keys(self, kinds: Sequence[FaultKind]) -> None:
        title = kinds[0].name if len(kinds) == 1 else kinds[0].catalogue
        known = [key for key in _keys(kinds[0]) if all(key in _keys(kind) for kind in kinds)]
        if len(kinds) > 1:
            own = {item.name for kind in kinds for item in kind.parameters}
            known = [key for key in known if key not in own]
        for key in self._items:
            if key not in known:
                self.problems.append(
                    f"{title} has no key {key!r}; {_meant(key, known)}it takes {', '.join(known)}"
                )
        if "at_ms" in self._items and "after_ms" in self._items:
            self.problems.append("at_ms and after_ms exclude each other; give one of them")

    def fault(self, kind: FaultKind) -> Fault:
        """The fault of a kind; of no worth if there are problems."""
        return Fault(
            name=kind.name,
            probability=self._read("probability", probability, 1.0),
            count=self._read("count", count, kind.count),
            symbol=self._read("symbol", symbol, ""),
            endpoint=self._narrowing(kind),
            at_ms=self._read("at_ms", milliseconds, None),
            after_ms=self._read("after_ms", milliseconds, 0),
            for_ms=self._read("for_ms", period, None),
            every_ms=self._read("every_ms", period, 1000),
            values=self._values(kind),
        )

    def _read(self, key: str, read: Callable[[object], _T], default: _T) -> _T:
        if key not in self._items:
            return default
        try:
            return read(self._items[key])
        except ValueError as error:
            problem = f"{key} must be {error}; not {_shown(self._items[key])}"
            if problem not in self.problems:  # the same for each fault of an id
                self.problems.append(problem)
            return default

    def _narrowing(self, kind: FaultKind) -> str:
        if kind.narrowing is Narrowing.NOTHING:
            return ""
        return self._read(kind.narrowing.value, partial(narrowed, kind), "")

    def _values(self, kind: FaultKind) -> dict[str, Value]:
        return {
            item.name: self._read(item.name, partial(own_value, item), item.default)
            for item in kind.parameters
        }


def _keys(kind: FaultKind) -> list[str]:
    """Every key that a fault takes, its own first."""
    keys = [item.name for item in kind.parameters]
    keys += [kind.narrowing.value] * (kind.narrowing is not Narrowing.NOTHING)
    keys += ["symbol"] * kind.has_symbol
    keys += ["probability", "count", "after_ms", "at_ms", "for_ms"]
    return [*keys, "every_ms"] if kind.is_act else keys


def _shown(value: object) -> str:
    return repr(value) if isinstance(value, str) else str(value)


def to_json(fault: Fault) -> dict[str, object]:
    """What ``parse_json`` makes the same fault of."""
    kind = fault.kind
    given: dict[str, object] = {
        "name": fault.name,
        "probability": fault.probability,
        "count": fault.count,
    }
    if fault.symbol:
        given["symbol"] = fault.symbol
    if fault.endpoint:
        given[kind.narrowing.value] = fault.endpoint
    if fault.at_ms is not None:
        given["at_ms"] = fault.at_ms
    elif fault.after_ms:
        given["after_ms"] = fault.after_ms
    if fault.for_ms is not None:
        given["for_ms"] = fault.for_ms
    if kind.is_act:
        given["every_ms"] = fault.every_ms
    return given | kind.defaults | dict(fault.values)
