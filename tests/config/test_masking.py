"""What may be shown of a value."""

import pytest

from botcore_tui.config.masking import (
    HIDDEN,
    all_credential_variables,
    keep_secret,
    masked,
    printable,
    redacted,
    secret_parts,
    secret_variables,
    secrets_in,
    shown,
    shown_key,
    without,
    without_keys,
)

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
@pytest.mark.parametrize(
    "text",
    ["Ab3" * 22, "-----BEGIN PRIVATE KEY-----\nMC4", "eyJhbGciOi.eyJpc3MiOi.QdgJtLEOu3-8_"],
)
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


@pytest.mark.requirement("R16")
def test_the_operators_token_is_among_the_secrets() -> None:
    assert secret_variables() == (*all_credential_variables(), "BOTCORE_OPERATOR_TOKEN")
    assert secrets_in({"BOTCORE_OPERATOR_TOKEN": _SECRET}) == {_SECRET}


@pytest.mark.requirement("R16")
def test_a_secret_of_several_lines_is_hidden_line_by_line_and_its_frame_is_not() -> None:
    assert secret_parts(f"-----BEGIN PRIVATE KEY-----\\n{_SECRET}\\nshort\\n-----END X-----") == {
        _SECRET
    }
    assert secret_parts("") == frozenset()


@pytest.mark.requirement("R16")
def test_of_two_secrets_that_overlap_nothing_is_left() -> None:
    assert without("abcdefghijkl abcdefgh", {"abcdefgh", "abcdefghijkl"}) == f"{HIDDEN} {HIDDEN}"


@pytest.mark.requirement("R16")
def test_of_a_secret_that_was_cut_off_nothing_is_left() -> None:
    secret = "Zk3vN8qLp0XwRt5Yb7Ud"
    for length in range(8, len(secret)):
        cut = secret[:length]
        assert without(f"a {cut}", {secret}) == f"a {HIDDEN}"
        assert without(f"a {cut}! {secret}", {secret}) == f"a {HIDDEN}! {HIDDEN}"
    assert without("Zk3vN8q", {secret}) == "Zk3vN8q"
    assert without("eyJhbGciOi.eyJpc3MiOi", ()) == HIDDEN


@pytest.mark.requirement("R16")
def test_keys_in_innocent_company_are_blanked_out_alone() -> None:
    assert without_keys("a eyJhbGciOi.eyJpc3MiOi.QdgJtLEOu3-8_, b") == f"a {HIDDEN}, b"
    assert without_keys("eyes.are.open") == "eyes.are.open"


@pytest.mark.requirement("R16")
def test_what_is_kept_secret_is_shown_nowhere() -> None:
    assert redacted(_SECRET) == printable(_SECRET) == _SECRET
    keep_secret({_SECRET})
    keep_secret({_SECRET[:9], f"{_SECRET}-and-more"})
    assert redacted(f"a {_SECRET} b") == f"a {HIDDEN} b"
    assert printable(f"{_SECRET}-and-more\n") == f"{HIDDEN}\\n"
