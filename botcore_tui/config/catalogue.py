"""Every key there is, read off the models: the one source of help, example file and messages."""

import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from msgspec import Struct
from pydantic.fields import FieldInfo

from botcore_tui.config.models import Config
from botcore_tui.config.section import Allowed, Section

PREFIX: Final = "BOTCORE__"
"""Environment variables that begin so are keys of the configuration."""

Value = bool | int | float | str | tuple[str, ...]
Kind = Literal["boolean", "whole number", "number", "text", "list"]

_UNITS: Final = {
    "_per_second": "per second",
    "_per_minute": "per minute",
    "_seconds": "seconds",
    "_hours": "hours",
    "_ms": "milliseconds",
    "_pct": "percent",
    "_mb": "megabytes",
}


class Key(Struct, frozen=True):
    """One key: what it is called, takes and means."""

    section: str
    """Empty for keys that stand before the first section; dotted inside another."""
    name: str
    kind: Kind
    default: Value
    allowed: str
    """Completes the sentence "must be ..."; with unit."""
    meaning: str

    @property
    def dotted(self) -> str:
        """Name with its section."""
        return f"{self.section}.{self.name}" if self.section else self.name

    @property
    def variable(self) -> str:
        """Environment variable that overrides it."""
        return PREFIX + self.dotted.replace(".", "__").upper()


def value_of(config: Config, key: Key) -> Value:
    """The value ``config`` holds for ``key``."""
    holder: Section = config
    for name in filter(None, key.section.split(".")):
        holder = getattr(holder, name)
    value: Value = getattr(holder, key.name)
    return value


def toml(value: Value) -> str:
    """``value`` as the configuration file spells it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(str(value), ensure_ascii=False)
    if isinstance(value, tuple):
        return f"[{', '.join(toml(item) for item in value)}]"
    return repr(value)


def _unit(name: str) -> str:
    found = next((unit for suffix, unit in _UNITS.items() if name.endswith(suffix)), "")
    return f" ({found})" if found else ""


def _bounds(field: FieldInfo) -> tuple[str, str]:
    low, high = "", ""
    for bound in field.metadata:
        match bound:
            case Ge(ge=limit):
                low = f"at least {limit}"
            case Gt(gt=limit):
                low = f"more than {limit}"
            case Le(le=limit):
                high = f"at most {limit}"
            case Lt(lt=limit):
                high = f"less than {limit}"
    return low, high


def _allowed(name: str, field: FieldInfo) -> tuple[Kind, str]:
    annotation = field.annotation
    choices: tuple[Value, ...] = ()
    if get_origin(annotation) is Literal:
        choices = get_args(annotation)
    elif isinstance(annotation, type) and issubclass(annotation, StrEnum):
        choices = tuple(annotation)
    if choices:
        kind: Kind = "text" if isinstance(choices[0], str) else "whole number"
        return kind, f"one of {', '.join(map(toml, choices))}{_unit(name)}"
    if annotation is bool:
        return "boolean", "true or false"
    worded = next((item.text for item in field.metadata if isinstance(item, Allowed)), "")
    if worded:
        return ("text" if annotation is str else "list"), worded
    low, high = _bounds(field)
    kind = "whole number" if annotation is int else "number"
    return kind, f"a {kind}, {low} and {high}{_unit(name)}"


def _keys(model: type[Section], holder: Section, section: str) -> Iterator[Key]:
    for name, field in model.model_fields.items():
        default = getattr(holder, name)
        if isinstance(default, Section):
            yield from _keys(type(default), default, f"{section}.{name}" if section else name)
        else:
            kind, allowed = _allowed(name, field)
            yield Key(section, name, kind, default, allowed, field.description or "")


KEYS: Final[Mapping[str, Key]] = MappingProxyType(
    {key.dotted: key for key in _keys(Config, Config(), "")}
)
"""By dotted name, in the order in which they are documented."""


def _sections(holder: Section, section: str) -> Iterator[tuple[str, str]]:
    for name, value in holder:
        if isinstance(value, Section):
            dotted = f"{section}.{name}" if section else name
            yield dotted, (type(value).__doc__ or "").strip()
            yield from _sections(value, dotted)


SECTIONS: Final[Mapping[str, str]] = MappingProxyType(dict(_sections(Config(), "")))
"""What each section is about; those inside others by their dotted names."""
