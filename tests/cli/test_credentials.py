"""Keys come from the environment or from files it names; whatever is wrong shows none of them."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from botcore_tui.cli.credentials import credentials_of, secrets_in_files
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
