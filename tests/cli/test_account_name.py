"""The account is the one that the key opens."""

import pytest

from botcore_tui.cli.account_name import account_here
from botcore_tui.config import Environment


def test_the_key_names_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOTCORE_TESTNET_API_KEY", "a" * 64)
    monkeypatch.setenv("BOTCORE_TESTNET_API_SECRET", "b" * 64)
    assert account_here(Environment.TESTNET).startswith("testnet:")


def test_without_a_key_it_is_that_of_the_newest_run(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BOTCORE_TESTNET_API_KEY", "BOTCORE_TESTNET_API_SECRET"):
        monkeypatch.delenv(name, raising=False)
    assert account_here(Environment.TESTNET) == ""
    assert account_here(Environment.DEMO) == ""
