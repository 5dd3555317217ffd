import pytest
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from botcore_tui.config.models import Config
from botcore_tui.config.problems import Sources, problems_in

SOURCES = Sources(
    origins={"ui.theme": "environment variable BOTCORE__UI__THEME"},
    file="config.toml",
    environment="demo",
    secrets=("hunter2hunter2",),
)


def errors_of(**values: object) -> list[ErrorDetails]:
    with pytest.raises(ValidationError) as caught:
        Config.model_validate(values)
    return caught.value.errors()


def texts(**values: object) -> list[str]:
    return [problem.text for problem in problems_in(errors_of(**values), {}, SOURCES)]


def test_wrong_value_names_place_key_value_and_what_is_allowed() -> None:
    (text,) = texts(ui={"frames_per_second": 11})
    assert text.startswith("config.toml: ui.frames_per_second = 11: must be ")


def test_place_is_the_variable_that_set_the_key() -> None:
    (text,) = texts(ui={"theme": "No Such"})
    assert text.startswith("environment variable BOTCORE__UI__THEME: ui.theme = ")


def test_unknown_key_and_section_suggest_the_nearest() -> None:
    key, section = texts(ui={"themes": "mono"}, streems={"connect_seconds": 1})
    assert "ui.theme" in key
    assert "streams" in section


@pytest.mark.requirement("R16")
def test_secret_is_refused_without_being_repeated() -> None:
    (text,) = texts(api_secret="hunter2hunter2")
    assert "refused" in text
    assert "hunter2" not in text


def test_contradiction_gives_a_line_for_the_key_at_fault_and_what_to_leave_out() -> None:
    errors = errors_of(streams={"backoff_base_seconds": 10.0, "backoff_cap_seconds": 5.0})
    (problem,) = problems_in(errors, {"streams.backoff_cap_seconds": 5.0}, SOURCES)
    assert "streams.backoff_cap_seconds = 5" in problem.text
    assert ("streams", "backoff_cap_seconds") in problem.paths
    assert ("streams", "backoff_base_seconds") in problem.paths


def test_section_that_is_a_value_is_told_how_to_write_it() -> None:
    (text,) = texts(ui=1)
    assert "must be a section, written [ui]" in text


def test_a_section_inside_a_section_is_named_whole() -> None:
    (wrong,) = texts(strategy={"ema_cross": {"fast": 1}})
    assert wrong.startswith("config.toml: strategy.ema_cross.fast = 1: must be a whole number")
    (value,) = texts(strategy={"ema_cross": 3})
    assert "must be a section, written [strategy.ema_cross]" in value
    (unknown,) = texts(strategy={"ema_crss": {"fast": 3}})
    assert "[strategy.ema_crss]: no such section; did you mean [strategy.ema_cross]?" in unknown
    (key,) = texts(strategy={"ema_cross": {"fats": 3}})
    assert "strategy.ema_cross.fats: no such key; did you mean strategy.ema_cross.fast?" in key


def test_a_contradiction_inside_a_section_names_both_keys_to_leave_out() -> None:
    errors = errors_of(strategy={"ema_cross": {"fast": 30, "slow": 20}})
    (problem,) = problems_in(errors, {"strategy.ema_cross.fast": 30}, SOURCES)
    assert "strategy.ema_cross.fast = 30: must be less than slow = 20" in problem.text
    assert problem.paths == (("strategy", "ema_cross", "fast"), ("strategy", "ema_cross", "slow"))
