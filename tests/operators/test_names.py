"""Names of operators, keys and tokens, and where their records are."""

from pathlib import Path

import pytest

from botcore_tui.model.command import Scope
from botcore_tui.operators.names import (
    Operator,
    is_fingerprint,
    is_subject,
    is_token_id,
    operators_directory,
    public_key_path,
)

KID = "0123456789abcdef"


def test_an_operator_is_called_by_name_and_key() -> None:
    operator = Operator(
        subject="ada", fingerprint=KID, token_id="t", scopes=(Scope.VIEW,), expires_ms=1
    )
    assert operator.name == f"ada#{KID}"


@pytest.mark.parametrize("name", ["ada", "a", "ada@example.org", "a.b-c_d", "7" * 64])
def test_a_name_is_one_word(name: str) -> None:
    assert is_subject(name)


@pytest.mark.parametrize("name", ["", " ada", "a b", "a#b", "a\n", "é", "-a", ".a", "7" * 65])
def test_nothing_else_is_a_name(name: str) -> None:
    assert is_subject(name) is None


def test_names_of_keys_and_tokens_can_be_no_path() -> None:
    assert is_fingerprint(KID)
    assert not any(map(is_fingerprint, ("", KID.upper(), KID[1:], f"{KID}\n", "../../../../../e")))
    assert is_token_id("a-b_C012")
    assert not any(map(is_token_id, ("", "short", "a/b/c/d/e", "a" * 65, "abcdefgh\n")))


def test_records_are_in_the_state_directory(tmp_path: Path) -> None:
    directory = operators_directory(tmp_path)
    assert directory == tmp_path / "operators"
    assert public_key_path(directory, KID) == directory / f"{KID}.pub.pem"
