"""The section of the ledger."""

import pytest
from pydantic import ValidationError

from botcore_tui.config import KEYS, LedgerSettings, load
from botcore_tui.errors import ConfigError


@pytest.mark.parametrize("url", ["", "sqlite:////var/l.db", "postgresql+psycopg://ada@db/ledger"])
def test_a_ledger_is_a_file_or_a_postgresql(url: str) -> None:
    assert LedgerSettings(url=url).url == url


@pytest.mark.parametrize("url", ["mysql://h/d", "postgresql://h/d", "sqlite://", "/var/l.db", " "])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        LedgerSettings(url=url)


@pytest.mark.requirement("R16")
@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://ada:hunter2@db/ledger",
        "postgresql+psycopg://db/ledger?user=ada&password=hunter2",
        "mysql://ada:hunter2@db/ledger",
    ],
)
def test_a_password_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(None, {KEYS["ledger.url"].variable: url})
    assert "without a password" in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.requirement("P22")
def test_orders_are_on_the_disk_before_they_leave_unless_told_otherwise() -> None:
    assert LedgerSettings().synchronous == "FULL"
    with pytest.raises(ValidationError):
        LedgerSettings.model_validate({"synchronous": "OFF"})
