"""Credentials are blanked out, everything else stays."""

import logging
from pathlib import Path
from types import TracebackType

import pytest
from operator_builders import a_key, a_token, private_pem

from botcore_tui.cli.secrecy import SecrecyFilter, without_secrets

SECRET = "Zk3vN8qLp0XwRt5Yb7Ud"


def a_record(text: str, *values: object) -> logging.LogRecord:
    return logging.LogRecord("name", logging.INFO, "path", 1, text, values, None)


@pytest.mark.requirement("R16")
@pytest.mark.parametrize("name", ["TESTNET_API_KEY", "TESTNET_API_SECRET", "PRODUCTION_API_SECRET"])
def test_every_credential_is_blanked_out_wherever_it_stands(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"BOTCORE_{name}", SECRET)
    assert without_secrets(f"a{SECRET}b {SECRET}") == "a********b ********"


@pytest.mark.requirement("R16")
def test_records_lose_credentials_and_keep_their_meaning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOTCORE_TESTNET_API_SECRET", SECRET)
    record = a_record("%s and %d", SECRET, 7)
    assert SecrecyFilter().filter(record)
    assert record.getMessage() == "******** and 7"


def test_without_credentials_records_stay_as_they_are() -> None:
    record = a_record("%s", "text")
    assert SecrecyFilter().filter(record)
    assert record.args == ("text",)


@pytest.mark.requirement("R16")
def test_a_credential_in_a_file_is_blanked_out_as_well(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    monkeypatch.setenv("BOTCORE_TESTNET_API_SECRET_FILE", str(tmp_path / "secret"))
    assert without_secrets(f"a{SECRET}b") == "a********b"
    record = a_record("%s", SECRET)
    assert SecrecyFilter().filter(record)
    assert record.getMessage() == "********"


# --- everything that is secret, wherever it stands ------------------------------------------


@pytest.mark.requirement("R16")
def test_the_token_of_an_operator_is_a_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BOTCORE_OPERATOR_TOKEN", SECRET)
    assert without_secrets(f"a{SECRET}b") == "a********b"
    monkeypatch.delenv("BOTCORE_OPERATOR_TOKEN")
    (tmp_path / "token").write_text(SECRET)
    monkeypatch.setenv("BOTCORE_OPERATOR_TOKEN_FILE", str(tmp_path / "token"))
    assert without_secrets(f"a{SECRET}b") == "a********b"


@pytest.mark.requirement("R16")
def test_every_line_of_a_private_key_is_a_secret_however_it_came(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = ("MC4CAQAwBQYDK2VwBCIEIAbCd", "Ef0123456789==")
    for end in ("\n", "\\n", "\r\n", " "):
        text = end.join(("-----BEGIN PRIVATE KEY-----", *lines, "-----END PRIVATE KEY-----"))
        monkeypatch.setenv("BOTCORE_TESTNET_API_SECRET", text)
        for shown in (*lines, text, repr(text), "".join(lines)):
            assert not any(line in without_secrets(shown) for line in lines)


@pytest.mark.requirement("R16")
def test_tokens_and_private_keys_are_known_by_their_looks() -> None:
    token = a_token()
    pem = private_pem(a_key()).decode()
    body = pem.splitlines()[5]
    assert without_secrets(f"with {token}.") == "with ********."
    assert without_secrets(f"x\n{pem}y") == "x\n********\ny"
    # Whatever follows a key that was cut off may still be the key.
    assert without_secrets(f"x {pem[:600]}") == "x ********"
    assert body not in without_secrets(repr(pem))
    innocent = "eyes.of.the 0x12ab BTCUSDT 61,800.10 key 8b5d702ad67126ab -----BEGIN a poem-----"
    assert without_secrets(innocent) == innocent


def failure(text: str) -> "tuple[type[BaseException], BaseException, TracebackType | None]":
    try:
        return {"": failure}[text](text)
    except KeyError as error:
        return type(error), error, error.__traceback__


@pytest.mark.requirement("R16")
@pytest.mark.parametrize("is_formatted", [False, True])
def test_tracebacks_and_stacks_lose_secrets(
    is_formatted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOTCORE_TESTNET_API_SECRET", SECRET)
    record = a_record("failed")
    record.exc_info, record.stack_info = failure(SECRET), f"at {SECRET}"
    if is_formatted:  # another handler was first, and left the text for all
        logging.Formatter().format(record)
        assert record.exc_text
    assert SecrecyFilter().filter(record)
    text = logging.Formatter().format(record)
    assert text.count("********") == 2
    assert SECRET not in text


@pytest.mark.requirement("R16")
def test_arguments_that_do_not_fit_are_cleaned_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOTCORE_TESTNET_API_SECRET", SECRET)
    record = a_record("%d of %d", SECRET)
    assert SecrecyFilter().filter(record)
    assert record.getMessage() == "%d of %d ('********',)"


def test_an_innocent_traceback_stays_with_its_exception() -> None:
    record = a_record("failed")
    record.exc_info = failure("nothing")
    assert SecrecyFilter().filter(record)
    assert record.exc_info is not None
    assert record.exc_text is None
