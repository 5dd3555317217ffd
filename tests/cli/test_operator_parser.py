"""The words of ``botcore operator``."""

from pathlib import Path

import pytest
from command_line import Run, arguments

from botcore_tui.cli import operator_parser
from botcore_tui.model.command import Scope
from botcore_tui.operators.names import MOST_HOURS


def test_topics_have_their_defaults() -> None:
    keygen = arguments("operator", "keygen")
    assert (keygen.topic, keygen.force, keygen.private_key) == ("keygen", False, None)
    issue = arguments("operator", "issue", "--sub", "ada", "--scope", "resume, trade,trade")
    assert (issue.sub, issue.scope, issue.hours) == ("ada", ("trade", "resume"), 8)
    revoke = arguments("operator", "revoke", "0123456789abcdef", "--reason", " lost ")
    assert (revoke.token_id, revoke.reason) == ("0123456789abcdef", "lost")
    assert not arguments("operator", "list").json


def test_state_directory_may_stand_before_or_after_the_command() -> None:
    for words in (
        ("--state-dir", "s", "operator", "list"),
        ("operator", "list", "--state-dir", "s"),
    ):
        assert arguments(*words).state_dir == Path("s")


def test_scopes_and_hours_are_those_that_an_engine_takes() -> None:
    assert tuple(Scope) == operator_parser._SCOPES
    assert operator_parser._MOST_HOURS == MOST_HOURS


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("keygen", "--forc"),
        ("issue", "--sub", "ada"),
        ("issue", "--scope", "trade"),
        ("issue", "--sub", "ada", "--scope", "trade,root"),
        ("issue", "--sub", "ada", "--scope", ""),
        ("issue", "--sub", "ada", "--scope", "trade", "--hours", "0"),
        ("issue", "--sub", "ada", "--scope", "trade", "--hours", "25"),
        ("issue", "--sub", "ada", "--scope", "trade", "--hours", "²"),
        ("revoke", "0123456789abcdef"),
        ("revoke", "0123456789abcdef", "--reason", " "),
        ("revoke", "0123456789abcdef", "--reason", "a\nb"),
        ("revoke", "--reason", "lost"),
        ("list", "--environment", "demo"),
    ],
)
def test_wrong_usage_ends_with_code_two(run: Run, words: tuple[str, ...]) -> None:
    done = run("operator", *words)
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("words", [(), ("keygen",), ("issue",), ("revoke",), ("list",)])
def test_help_is_there_for_every_topic(run: Run, words: tuple[str, ...]) -> None:
    done = run("operator", *words, "--help")
    assert (done.code, done.err) == (0, "")
    assert "usage: botcore operator" in done.out


def test_flags_of_an_engine_are_not_swallowed(run: Run) -> None:
    done = run("--environment", "demo", "operator", "list")
    assert "--environment: not for the command operator" in done.err
