"""Each error says what, where and why, and keeps what callers act upon."""

import ast
import concurrent.futures
import re

import pytest
from source_trees import modules, nodes

from botcore_tui import errors
from botcore_tui.errors import (
    BotcoreError,
    ConfigError,
    DecodeError,
    FetchError,
    TapeError,
    UnavailableError,
    why_unanswered,
)


def _declared() -> set[str]:
    """Names of all classes of the program that descend from ``BotcoreError``."""
    bases = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for module in modules()
        for node in nodes(module)
        if isinstance(node, ast.ClassDef)
    }
    found = {"BotcoreError"}
    while more := {name for name, above in bases.items() if above & found} - found:
        found |= more
    return found


@pytest.mark.xdist_group("architecture")
@pytest.mark.requirement("R50")
def test_tree_of_the_docstring_is_the_tree_there_is() -> None:
    drawn = re.findall(r"^(?:.*── )?(\w+Error)\b", errors.__doc__ or "", re.MULTILINE)
    assert sorted(drawn) == sorted(_declared())
    assert len(drawn) <= 12


def test_configuration_error_carries_every_problem_and_shows_one_a_line() -> None:
    error = ConfigError(["config.toml: a: bad", "config.toml: b: worse"])
    assert error.problems == ("config.toml: a: bad", "config.toml: b: worse")
    assert str(error) == "config.toml: a: bad\nconfig.toml: b: worse"


def test_decode_error_keeps_its_kind_for_counting() -> None:
    error = DecodeError("depth", "no bids")
    assert (error.kind, str(error)) == ("depth", "depth: no bids")


@pytest.mark.parametrize(("line", "text"), [(7, "a.gz, line 7: cut"), (0, "a.gz: cut")])
def test_tape_error_says_where_the_damage_is(line: int, text: str) -> None:
    error = TapeError("a.gz", line, "cut")
    assert (error.line, str(error)) == (line, text)


@pytest.mark.parametrize("kind", [FetchError, UnavailableError])
def test_plain_error_shows_its_text(kind: type[BotcoreError]) -> None:
    assert str(kind("no network: check the cable")) == "no network: check the cable"


def test_question_without_an_answer_has_a_reason_in_any_case() -> None:
    assert why_unanswered(FetchError("502"), 5.0) == "502"
    assert why_unanswered(TimeoutError(), 5.0) == "no answer within 5 s"
    assert why_unanswered(concurrent.futures.CancelledError(), 5.0) == "CancelledError"
