"""The example file documents every key and changes nothing."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from botcore_tui.config import KEYS, Config, example_text, load
from botcore_tui.config.catalogue import toml

_EXAMPLE = Path(__file__).parents[2] / "config.example.toml"


def names_in(tree: Mapping[str, object], section: str = "") -> Iterator[str]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from names_in(value, f"{section}{name}.")
        else:
            yield f"{section}{name}"


@pytest.mark.requirement("R55")
def test_the_shipped_example_is_the_one_the_models_write() -> None:
    assert _EXAMPLE.read_text(encoding="utf-8") == example_text()


@pytest.mark.requirement("R55")
def test_the_example_loads_to_exactly_the_defaults() -> None:
    assert load(_EXAMPLE, {}).config == Config()


def test_the_example_sets_every_key_and_no_other() -> None:
    tree = tomllib.loads(_EXAMPLE.read_text(encoding="utf-8"))
    assert set(names_in(tree)) == set(KEYS)


@pytest.mark.requirement("G3")
def test_a_comment_before_each_key_gives_meaning_default_and_what_is_allowed() -> None:
    section = ""
    comment: list[str] = []
    documented: set[str] = set()
    for line in _EXAMPLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            comment.append(line.removeprefix("#").strip())
        elif line.startswith("["):
            section = line.strip("[]")
            comment = []
        elif line:
            name = line.split(" = ")[0]
            key = KEYS[f"{section}.{name}" if section else name]
            text = " ".join(comment)
            assert key.meaning in text
            assert f"Default: {toml(key.default)}." in text
            assert f"Allowed: {key.allowed}." in text
            documented.add(key.dotted)
        else:
            comment = []
    assert documented == set(KEYS)


@pytest.mark.requirement("R16")
def test_the_example_says_where_keys_belong_and_holds_none() -> None:
    text = example_text()
    assert "BOTCORE_TESTNET_API_KEY" in text
    assert "BOTCORE_PRODUCTION_API_SECRET" in text
    assert "api_key =" not in text


def test_no_line_is_wider_than_a_narrow_editor_shows() -> None:
    assert max(map(len, example_text().splitlines())) <= 100
