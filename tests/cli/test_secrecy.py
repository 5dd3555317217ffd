"""Credentials are blanked out, everything else stays."""

import logging
from pathlib import Path

import pytest

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
