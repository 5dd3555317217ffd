"""Who gives commands is named in the ledger."""

import os

import pytest

from botcore_tui.cli.actor import actor


def test_the_actor_is_the_user_and_where_a_remote_session_comes_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    monkeypatch.setattr("getpass.getuser", lambda: "ada")
    assert actor() == "ada"
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.7 50000 192.0.2.1 22")
    assert actor() == "ada@192.0.2.7"


def test_a_user_without_a_name_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    monkeypatch.setattr("getpass.getuser", nobody)
    assert actor() == f"uid {os.getuid()}"
