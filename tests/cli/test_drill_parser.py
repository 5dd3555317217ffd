"""The words of ``botcore drill``."""

import pytest
from command_line import Run, arguments

from botcore_tui.cli.drill_parser import DRILLS, drill_nonsense
from botcore_tui.cli.drills import DRILLS as CARRIED_OUT


@pytest.mark.parametrize("name", DRILLS)
def test_every_drill_that_can_be_asked_for_can_be_carried_out(name: str) -> None:
    parsed = arguments("drill", name, "--json")
    assert (parsed.topic, parsed.json, parsed.flatten) == (name, True, False)
    assert name in CARRIED_OUT


def test_flatten_is_for_halt_only(run: Run) -> None:
    assert drill_nonsense("halt", flatten=True) == ""
    done = run("drill", "crash", "--flatten")
    assert (done.code, "--flatten: only for drill halt" in done.err) == (2, True)


@pytest.mark.parametrize(
    "words", [("drill",), ("drill", "fire"), ("--record", "x", "drill", "halt")]
)
def test_words_that_are_not_known_are_wrong_usage(run: Run, words: tuple[str, ...]) -> None:
    assert run(*words).code == 2
