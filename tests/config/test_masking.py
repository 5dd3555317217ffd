"""What may be shown of a value."""

import pytest

from botcore_tui.config.masking import HIDDEN, masked, printable, secrets_in, shown, shown_key

_SECRET = "Zq9Zq8Zq7Zq6Zq5"


@pytest.mark.requirement("R16")
def test_a_long_secret_shows_its_last_four_characters() -> None:
    assert masked(_SECRET) == f"{HIDDEN}6Zq5"


@pytest.mark.requirement("R16")
@pytest.mark.parametrize("secret", ["", "a", "elevenchars", "twelve\x1b[31mchars"])
def test_a_short_or_unprintable_secret_shows_nothing(secret: str) -> None:
    assert masked(secret) == HIDDEN


@pytest.mark.requirement("R16")
def test_a_credential_is_hidden_wherever_it_turns_up() -> None:
    secrets = secrets_in({"BOTCORE_TESTNET_API_SECRET": f" {_SECRET}\n"})
    assert shown(f"x{_SECRET}x", secrets) == HIDDEN
    assert _SECRET not in shown_key(["ui", _SECRET], secrets)


@pytest.mark.requirement("R16")
@pytest.mark.parametrize("text", ["Ab3" * 22, "-----BEGIN PRIVATE KEY-----\nMC4"])
def test_what_looks_like_a_key_is_hidden_though_nobody_named_it(text: str) -> None:
    assert shown(text, ()) == HIDDEN


def test_a_number_that_is_a_credential_is_hidden() -> None:
    secrets = secrets_in({"BOTCORE_TESTNET_API_KEY": "123456789012"})
    assert shown(123456789012, secrets) == HIDDEN


def test_short_credentials_do_not_blot_out_innocent_text() -> None:
    assert secrets_in({"BOTCORE_TESTNET_API_KEY": "demo"}) == frozenset()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, "true"),
        (5, "5"),
        (0.5, "0.5"),
        ("fast", '"fast"'),
        ('a"b', '"a\\"b"'),
        ({"a": 1}, "a table"),
        (["a"], "a list"),
        pytest.param(1 << 20_000, "a huge number", id="huge"),
        pytest.param("word " * 100, '"' + ("word " * 100)[:60] + '…"', id="long"),
    ],
)
def test_a_value_is_shown_short(value: object, expected: str) -> None:
    assert shown(value, ()) == expected


def test_nothing_a_terminal_would_obey_is_shown() -> None:
    assert shown("\x1b[2J", ()) == '"\\x1b[2J"'
    assert printable("a\nb\udcff") == "a\\nb\\udcff"
    assert shown_key(["ui", "\x1b"], ()) == 'ui."\\x1b"'
