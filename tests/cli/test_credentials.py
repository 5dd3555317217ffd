"""Secrets come from variables, files or the keyring; whatever is wrong shows none of them."""

import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest

from botcore_tui.cli.credentials import (
    credentials_of,
    secret_of,
    secrets_in_files,
)
from botcore_tui.cli.secrecy import without_secrets
from botcore_tui.config import Environment
from botcore_tui.errors import ConfigError

KEY, SECRET = "BOTCORE_TESTNET_API_KEY", "BOTCORE_TESTNET_API_SECRET"
VALUE = "Zq9Zq8Zq7Zq6Zq5"


def problems_of(env: Mapping[str, str]) -> str:
    with pytest.raises(ConfigError) as refused:
        credentials_of(Environment.TESTNET, env)
    return "\n".join(refused.value.problems)


@pytest.mark.requirement("R16")
def test_variables_and_files_give_the_same_key(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("the-key\n")
    (tmp_path / "secret").write_text(f"  {VALUE}\r\n")
    files = {f"{KEY}_FILE": str(tmp_path / "key"), f"{SECRET}_FILE": str(tmp_path / "secret")}
    for env in (
        {KEY: "the-key", SECRET: VALUE},
        files,
        {KEY: "the-key", **dict([*files.items()][1:])},
    ):
        found = credentials_of(Environment.TESTNET, env)
        assert (found.api_key, found.secret) == ("the-key", VALUE)


@pytest.mark.parametrize(
    ("env", "missing"),
    [({}, f"{KEY} and {SECRET}"), ({KEY: "k"}, SECRET), ({SECRET: "s", KEY: " "}, KEY)],
)
def test_a_missing_key_is_one_message_that_says_what_to_set(
    env: Mapping[str, str], missing: str
) -> None:
    assert problems_of(env) == (
        f"trading on testnet needs a key: set {missing}, or for each the same name with _FILE at"
        " its end to the path of a file with it"
    )


def test_two_sources_for_one_value_are_refused(tmp_path: Path) -> None:
    env = {KEY: "k", SECRET: VALUE, f"{SECRET}_FILE": str(tmp_path)}
    assert problems_of(env) == f"{SECRET} and {SECRET}_FILE are both set; unset one of them"


@pytest.mark.requirement("R16")
def test_a_file_that_holds_no_key_is_named_and_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "file"
    env = {KEY: "k", f"{SECRET}_FILE": str(path)}
    assert problems_of(env) == f"{SECRET}_FILE: {path}: cannot be read: No such file or directory"
    for content in (b"", b"\xff\xfe", b"x" * 20_000):
        path.write_bytes(content)
        assert problems_of(env) == f"{SECRET}_FILE: {path}: is no file with a key"
    assert "is no file with a key" in problems_of({**env, f"{SECRET}_FILE": "a\0b"})
    path.write_text(f"-----BEGIN PRIVATE KEY-----\n{VALUE}\n-----END PRIVATE KEY-----\n")
    told = problems_of(env)
    assert told.startswith("testnet: API secret: ")
    assert VALUE not in told


def test_what_must_not_be_shown_of_a_file_is_every_line_but_the_frame(tmp_path: Path) -> None:
    path = tmp_path / "pem"
    path.write_text(f"-----BEGIN PRIVATE KEY-----\n{VALUE}\nabc\n-----END PRIVATE KEY-----\n")
    env = {f"{SECRET}_FILE": str(path), f"{KEY}_FILE": str(tmp_path / "missing")}
    assert secrets_in_files(env) == {VALUE}
    assert secrets_in_files({}) == frozenset()


# --- systemd ---------------------------------------------------------------------------------


@pytest.mark.requirement("R16")
def test_credentials_that_systemd_hands_over_are_found_by_their_names(tmp_path: Path) -> None:
    (tmp_path / KEY).write_text("the-key\n")
    (tmp_path / SECRET).write_text(VALUE)
    env = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    found = credentials_of(Environment.TESTNET, env)
    assert (found.api_key, found.secret) == ("the-key", VALUE)
    assert secrets_in_files(env) == {VALUE}
    both = f"{KEY} and CREDENTIALS_DIRECTORY/{KEY} are both set; unset one of them"
    assert problems_of({**env, KEY: "k"}) == both


def test_a_credentials_directory_without_the_file_is_no_source(tmp_path: Path) -> None:
    env = {"CREDENTIALS_DIRECTORY": str(tmp_path), KEY: "the-key", SECRET: VALUE}
    assert credentials_of(Environment.TESTNET, env).secret == VALUE
    assert secret_of(KEY, {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == ""


def test_a_credentials_directory_that_cannot_be_looked_into_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(_path: Path, *_: object) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "exists", denied)
    monkeypatch.setattr(Path, "open", denied)
    told = problems_of({"CREDENTIALS_DIRECTORY": str(tmp_path), SECRET: VALUE, KEY: ""})
    assert f"CREDENTIALS_DIRECTORY/{KEY}: {tmp_path / KEY}: cannot be read" in told


# --- the keyring -----------------------------------------------------------------------------


class KeyringError(Exception):
    """As the package has it."""


class NoKeyringError(KeyringError, RuntimeError):
    """As the package has it."""


class Ring:
    """A keyring that holds what a test puts into it."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.asked: list[str] = []
        self.error: Exception | None = None

    def get_password(self, service: str, name: str) -> str | None:
        self.asked.append(name)
        if self.error is not None:
            raise self.error
        return self.kept.get((service, name))


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    ring, package, errors = Ring(), ModuleType("keyring"), ModuleType("keyring.errors")
    for module, name, value in (
        (package, "get_password", ring.get_password),
        (package, "errors", errors),
        (errors, "KeyringError", KeyringError),
        (errors, "NoKeyringError", NoKeyringError),
    ):
        monkeypatch.setattr(module, name, value, raising=False)
    monkeypatch.setitem(sys.modules, "keyring", package)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    return ring


@pytest.mark.requirement("R16")
def test_the_keyring_is_asked_last_and_what_it_gives_is_never_shown(ring: Ring) -> None:
    ring.kept = {("botcore", KEY): "the-key", ("botcore", SECRET): f" {VALUE}\n"}
    found = credentials_of(Environment.TESTNET, {})
    assert (found.api_key, found.secret) == ("the-key", VALUE)
    assert without_secrets(f"a{VALUE}b") == "a********b"

    ring.asked.clear()
    assert credentials_of(Environment.TESTNET, {KEY: "k", SECRET: "s"}).secret == "s"
    assert secret_of(SECRET, {}, asks_keyring=False) == ""
    assert ring.asked == []


def test_an_empty_or_absent_keyring_is_no_trouble(
    ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert secret_of(SECRET, {}) == ""
    ring.error = NoKeyringError("no backend")
    assert secret_of(SECRET, {}) == ""
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert secret_of(SECRET, {}) == ""


@pytest.mark.requirement("R16")
def test_a_locked_keyring_is_told_without_what_it_said(ring: Ring) -> None:
    ring.error = KeyringError(VALUE)
    assert problems_of({KEY: "k"}) == (
        f"{SECRET}: the keyring cannot be read (KeyringError); unlock it"
    )
