"""The words of ``botcore phase``."""

import pytest
from command_line import Run, arguments

from botcore_tui.cli.phase_parser import phase_nonsense


def test_without_a_topic_it_shows() -> None:
    asked = arguments("phase")
    assert (asked.topic, asked.reason, asked.confirm, asked.account) == ("show", "", None, "")


def test_a_reason_is_one_line() -> None:
    assert arguments("phase", "demote", "--reason", "a\n  bad week").reason == "a bad week"


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["promote"], "needs --reason"),
        (["sign-off", "--reason", " "], "needs --reason"),
        (["show", "--reason", "x"], "--reason: not for"),
        (["--confirm", "scale"], "--confirm: not for"),
        (["demote", "--reason", "x", "--confirm", "scale"], "--confirm: not for"),
        (["demote", "--reason", "\x1b[2J"], "plain characters"),
        (["raise"], "invalid choice"),
    ],
)
def test_words_that_make_no_sense_are_wrong_usage(run: Run, words: list[str], what: str) -> None:
    done = run("phase", *words)
    assert done.code == 2
    assert what in done.err
    assert len(done.err.splitlines()) == 1
    assert done.err.endswith("; see botcore phase --help\n")


def test_a_promotion_may_be_confirmed_in_advance() -> None:
    asked = arguments("phase", "promote", "--reason", "x", "--confirm", "scale")
    assert asked.confirm == "scale"
    assert phase_nonsense("promote", "x", None) == ""
