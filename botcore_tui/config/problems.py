"""Problems in words: where, which key, which value, what is allowed. Never a secret."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct
from pydantic_core import ErrorDetails

from botcore_tui.config.catalogue import KEYS, SECTIONS
from botcore_tui.config.masking import names_secret, shown, shown_key
from botcore_tui.config.suggest import instead_of_secret, near_key, near_section

_COMPARED_KEYS: Final = 20
"""Unknown keys that get a suggestion; a file with more is no configuration of ours."""
_DEEPEST: Final = 6
"""Tables within tables that are searched for a secret; a file can nest them beyond any stack."""

Path = tuple[str, ...]


class Sources(Struct, frozen=True):
    """Where each value came from, and what must not be shown of it."""

    origins: Mapping[str, str]
    """By dotted key: "default", "file PATH" or "environment variable NAME"."""
    file: str
    """Path of the file; empty if there is none."""
    environment: object
    """The value of the key of this name."""
    secrets: Collection[str]

    def where(self, *dotted: str) -> str:
        """Place of the first of these keys that somebody set."""
        for key in dotted:
            origin = self.origins.get(key, "default")
            if origin != "default":
                return origin.removeprefix("file ")
        return self.file


class Problem(Struct, frozen=True):
    """One refused value."""

    text: str
    paths: tuple[Path, ...]
    """Keys to leave out so that the rest can be checked."""


def problems_in(
    errors: Sequence[ErrorDetails], values: Mapping[str, object], sources: Sources
) -> Iterator[Problem]:
    """Every problem in the order of the file's documentation, each wrong key once.

    Args:
        errors: What the models refused.
        values: By dotted key, for keys that contradict each other.
        sources: See there.
    """
    compared = 0
    for error in errors:
        parts = tuple(str(part) for part in error["loc"])
        if error["type"] == "contradiction":
            yield from _contradictions(error, parts, values, sources)
        elif error["type"] == "too_short" and any(
            one["loc"][:-1] == error["loc"] for one in errors
        ):
            continue  # only without its refused items, each of which is told
        elif error["type"] == "extra_forbidden":
            compared += 1
            yield from _unknown(
                parts, error["input"], sources, is_compared=compared <= _COMPARED_KEYS
            )
        else:
            yield _refused(error, parts, sources)


def _refused(error: ErrorDetails, parts: Path, sources: Sources) -> Problem:
    context = error.get("ctx", {})
    value = shown(context.get("value", error["input"]), sources.secrets)
    path = _known(parts)
    section = ".".join(path)
    if section in SECTIONS:
        text = f"must be a section, written [{section}] on a line of its own"
        return Problem(f"{sources.file}: {section} = {value}: {text}", (path,))
    key = KEYS[".".join(path)]
    reason = f" ({error['msg']})" if error["type"] == "reason" else ""
    return Problem(
        f"{sources.where(key.dotted)}: {key.dotted} = {value}: must be {key.allowed}{reason}",
        (path,),
    )


def _known(parts: Path) -> Path:
    """The key, or the section, in which this place lies."""
    length = 1
    while length < len(parts) and ".".join(parts[:length]) in SECTIONS:
        length += 1
    return parts[:length]


def _contradictions(
    error: ErrorDetails, section: Path, values: Mapping[str, object], sources: Sources
) -> Iterator[Problem]:
    context = error.get("ctx", {})
    others = tuple(".".join((*section, name)) for name in context["others"])
    paths = tuple(tuple(other.split(".")) for other in others)
    for name in context["keys"]:
        dotted = ".".join((*section, name))
        value = shown(values.get(dotted, KEYS[dotted].default), sources.secrets)
        yield Problem(
            f"{sources.where(dotted, *others)}: {dotted} = {value}: {context['reason']}",
            (tuple(dotted.split(".")), *paths),
        )


def _unknown(
    parts: Path, value: object, sources: Sources, *, is_compared: bool
) -> Iterator[Problem]:
    found = list(_secret_paths(parts, value))
    for path in found:
        name = shown_key(path, sources.secrets)
        advice = instead_of_secret(path[-1], sources.environment)
        yield Problem(f"{sources.file}: {name}: refused; {advice}", (parts,))
    if found:
        return
    name = shown_key(parts, sources.secrets)
    if isinstance(value, dict) and (len(parts) == 1 or ".".join(parts[:-1]) in SECTIONS):
        near = near_section(".".join(parts)) if is_compared else ""
        yield Problem(f"{sources.file}: [{name}]: no such section{near}", (parts,))
    else:
        near = near_key(parts) if is_compared else ""
        yield Problem(f"{sources.file}: {name}: no such key{near}", (parts,))


def _secret_paths(parts: Path, value: object) -> Iterator[Path]:
    if names_secret(parts[-1]):
        yield parts
    elif isinstance(value, dict) and len(parts) < _DEEPEST:
        for name, inner in value.items():
            yield from _secret_paths((*parts, str(name)), inner)
