"""The example configuration, written from the models so that the two cannot disagree.

To write ``config.example.toml`` anew::

    python -c "from botcore_tui.config import example_text as e; print(e(), end='')"
"""

import textwrap
from collections.abc import Iterator
from typing import Final

from botcore_tui.config.catalogue import KEYS, PREFIX, SECTIONS, Key, toml
from botcore_tui.config.environments import Environment, credential_variables

_WIDTH: Final = 98


def example_text() -> str:
    """Every key with its default, and before it what it means and what it takes."""
    lines = [*_header(), *_credentials()]
    section = ""
    for key in KEYS.values():
        if key.section != section:
            section = key.section
            lines += ["", *_comment(SECTIONS[section]), f"[{section}]"]
        lines += ["", *_key(key)]
    return "\n".join(lines) + "\n"


def first_text() -> str:
    """The same for a first configuration: the testnet, nothing enabled (R55, R73)."""
    key = KEYS["environment"]
    line = f"{key.name} = {toml(key.default)}\n"
    return example_text().replace(line, f"{key.name} = {toml(Environment.TESTNET)}\n", 1)


def _header() -> Iterator[str]:
    yield from _comment(
        "Configuration of botcore: every key with its default. Keys may be left out; unknown ones"
        f" are refused. A variable {PREFIX}SECTION__KEY overrides the file, such as"
        f" {KEYS['ui.theme'].variable} or {KEYS['environment'].variable}; lists as"
        f" {KEYS['symbols'].variable}=BTCUSDT,ETHUSDT."
    )
    yield "#"
    yield from _comment(
        '"botcore config check" names every mistake; "botcore config show" tells which value is in'
        " force and where it came from."
    )
    yield "#"


def _credentials() -> Iterator[str]:
    yield from _comment("API keys never stand in this file. They come from the environment only:")
    for environment in Environment:
        names = credential_variables(environment)
        if names is not None:
            yield f"#   {environment:<10}  {names.api_key}, {names.api_secret}"
    yield from _comment(
        "or from files: the same names with _FILE at their end hold the path of one, such as"
        " BOTCORE_TESTNET_API_SECRET_FILE for an Ed25519 key in PEM form. They are read where"
        " trading is enabled."
    )
    without = [item for item in Environment if credential_variables(item) is None]
    yield from _comment(f"The others use no key at all: {', '.join(without)}.")


def _key(key: Key) -> Iterator[str]:
    yield from _comment(key.meaning)
    yield from _comment(f"Default: {toml(key.default)}. Allowed: {key.allowed}.")
    yield f"{key.name} = {toml(key.default)}"


def _comment(text: str) -> list[str]:
    return textwrap.wrap(
        " ".join(text.split()),
        _WIDTH,
        initial_indent="# ",
        subsequent_indent="# ",
        break_on_hyphens=False,
        break_long_words=False,
    )
