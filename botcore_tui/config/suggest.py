"""What somebody may have meant by a key that does not exist."""

import difflib
from collections.abc import Sequence
from typing import Final

from botcore_tui.config.catalogue import KEYS, PREFIX, SECTIONS
from botcore_tui.config.environments import Environment, credential_variables
from botcore_tui.config.masking import all_credential_variables

_LONGEST_COMPARED: Final = 64
"""Characters; the comparison takes quadratic time."""


def near_variable(name: str) -> str:
    """``; did you mean NAME?`` for an environment variable, empty where nothing is near."""
    known = [key.variable.removeprefix(PREFIX) for key in KEYS.values()]
    near = _nearest(name.upper().removeprefix(PREFIX), known)
    return f"; did you mean {PREFIX}{near}?" if near else ""


def near_key(parts: Sequence[str]) -> str:
    """``; did you mean section.key?``, empty where nothing is near.

    Args:
        parts: Section, if any, and name, as they stand in the file.
    """
    name = parts[-1].lower()
    dotted = ".".join(parts).lower()
    same_name = [key.dotted for key in KEYS.values() if key.name == name]
    near = _nearest(dotted, same_name, cutoff=0) or _nearest(dotted, list(KEYS))
    if not near and len(parts) == 1:
        near = _nearest(dotted, [key.name for key in KEYS.values()])
        near = next((key.dotted for key in KEYS.values() if key.name == near), "")
    return f"; did you mean {near}?" if near else ""


def near_section(name: str) -> str:
    """``; did you mean [section]?``, empty where nothing is near."""
    near = _nearest(name.lower(), list(SECTIONS))
    return f"; did you mean [{near}]?" if near else ""


def instead_of_secret(name: str, environment: object = None) -> str:
    """Where the secret belongs that somebody wrote under ``name``.

    Args:
        name: The key; its words tell a secret from an API key.
        environment: Value of ``environment`` next to it, if known; narrows the answer.
    """
    names = all_credential_variables()
    if isinstance(environment, str) and environment in tuple(Environment):
        own = credential_variables(Environment(environment))
        names = (own.api_key, own.api_secret) if own else names
    words = name.lower()
    if "secret" in words or "passw" in words or "private" in words:
        names = tuple(item for item in names if item.endswith("_SECRET"))
    elif "key" in words:
        names = tuple(item for item in names if item.endswith("_KEY"))
    return f"secrets come from the environment only: {' or '.join(names)}"


def _nearest(name: str, known: Sequence[str], *, cutoff: float = 0.6) -> str:
    near = difflib.get_close_matches(name[:_LONGEST_COMPARED], known, n=1, cutoff=cutoff)
    return near[0] if near else ""
