"""The list of keys is complete, and says of each what a person needs."""

import pytest

from botcore_tui.config import KEYS, Config, Environment
from botcore_tui.config.catalogue import toml, value_of
from botcore_tui.config.masking import names_secret


@pytest.mark.requirement("G3")
def test_every_key_says_what_it_means_and_takes() -> None:
    for key in KEYS.values():
        assert key.meaning.endswith("."), key.dotted
        assert key.allowed, key.dotted
        assert key.kind, key.dotted


def test_numbers_have_both_bounds() -> None:
    numbers = [key for key in KEYS.values() if key.kind in {"number", "whole number"}]
    assert len(numbers) > 20
    for key in numbers:
        is_bounded = ("at least" in key.allowed or "more than" in key.allowed) and (
            "at most" in key.allowed or "less than" in key.allowed
        )
        assert is_bounded or key.allowed.startswith("one of "), key.dotted


@pytest.mark.requirement("R16")
def test_no_key_has_a_name_that_calls_for_a_secret() -> None:
    assert [dotted for dotted in KEYS if names_secret(dotted)] == []


def test_variables_and_dotted_names_are_unique() -> None:
    assert len({key.variable for key in KEYS.values()}) == len(KEYS)
    assert KEYS["environment"].variable == "BOTCORE__ENVIRONMENT"
    assert KEYS["ui.frames_per_second"].variable == "BOTCORE__UI__FRAMES_PER_SECOND"


def test_the_unit_follows_from_the_name() -> None:
    assert KEYS["streams.connect_seconds"].allowed.endswith("(seconds)")
    assert KEYS["streams.backoff_jitter_pct"].allowed.endswith("(percent)")
    assert KEYS["streams.subscribe_per_second"].allowed.endswith("(per second)")
    assert KEYS["streams.depth_interval_ms"].allowed == "one of 100, 250, 500 (milliseconds)"
    assert KEYS["recording.rotate_mb"].allowed.endswith("(megabytes)")


def test_open_and_closed_bounds_are_told_apart() -> None:
    allowed = KEYS["streams.rollover_hours"].allowed
    assert allowed == "a number, more than 0 and less than 24 (hours)"


def test_an_environment_is_one_of_those_there_are() -> None:
    for environment in Environment:
        assert f'"{environment}"' in KEYS["environment"].allowed


def test_defaults_are_those_of_the_models() -> None:
    config = Config()
    assert all(value_of(config, key) == key.default for key in KEYS.values())


def test_values_are_written_as_toml_reads_them() -> None:
    assert toml(value=True) == "true"
    assert toml(0.5) == "0.5"
    assert toml(("币安人生USDT", 'a"b')) == '["币安人生USDT", "a\\"b"]'
    assert toml(Environment.DEMO) == '"demo"'
