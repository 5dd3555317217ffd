"""What somebody may have meant."""

import pytest

from botcore_tui.config.suggest import instead_of_secret, near_key, near_section, near_variable


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("ui", "thme"), "; did you mean ui.theme?"),
        (("UI", "Theme"), "; did you mean ui.theme?"),
        (("streams", "snapshot_limit"), "; did you mean book.snapshot_limit?"),
        (("frame_per_second",), "; did you mean ui.frames_per_second?"),
        (("symbol",), "; did you mean symbols?"),
        (("completely", "different"), ""),
        (("x" * 100_000,), ""),
    ],
)
def test_the_nearest_key_is_found(parts: tuple[str, ...], expected: str) -> None:
    assert near_key(parts) == expected


def test_the_nearest_section_and_variable_are_found() -> None:
    assert near_section("Engines") == "; did you mean [engine]?"
    assert near_section("xyz") == ""
    assert near_variable("BOTCORE__Ui__Theme") == "; did you mean BOTCORE__UI__THEME?"
    assert near_variable("BOTCORE__") == ""


@pytest.mark.requirement("R16")
@pytest.mark.parametrize(
    ("name", "environment", "expected"),
    [
        ("api_key", "testnet", "BOTCORE_TESTNET_API_KEY"),
        ("api_secret", "production", "BOTCORE_PRODUCTION_API_SECRET"),
        ("token", "testnet", "BOTCORE_TESTNET_API_KEY or BOTCORE_TESTNET_API_SECRET"),
        ("apikey", "demo", "BOTCORE_TESTNET_API_KEY or BOTCORE_PRODUCTION_API_KEY"),
        ("apikey", ["odd"], "BOTCORE_TESTNET_API_KEY or BOTCORE_PRODUCTION_API_KEY"),
        ("private_key", None, "BOTCORE_TESTNET_API_SECRET or BOTCORE_PRODUCTION_API_SECRET"),
    ],
)
def test_a_secret_is_told_its_place(name: str, environment: object, expected: str) -> None:
    advice = instead_of_secret(name, environment)
    assert advice == f"secrets come from the environment only: {expected}"
