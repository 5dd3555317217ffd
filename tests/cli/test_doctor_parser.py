"""The words of ``botcore doctor``."""

import pytest
from command_line import Run, arguments


def test_doctor_takes_json_before_and_after_the_usual_flags() -> None:
    assert arguments("doctor").json is False
    assert arguments("doctor", "--json", "--environment", "testnet").json is True


def test_help_tells_every_exit_code(run: Run) -> None:
    text = run("doctor", "--help").out
    assert "0 ok, notes at most; 1 something fails; 2 wrong usage; 3 warnings only" in text


@pytest.mark.parametrize("words", [("--colour",), ("now",)])
def test_words_that_are_not_known_are_wrong_usage(run: Run, words: tuple[str, ...]) -> None:
    assert run("doctor", *words).code == 2
