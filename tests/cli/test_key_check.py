"""What the venue tells of the key; silence is told, never guessed."""

from collections.abc import Callable

import pytest

from botcore_tui.cli import key_check
from botcore_tui.cli.key_check import told_rights
from botcore_tui.config import Config, Environment
from botcore_tui.errors import FetchError
from botcore_tui.model.account import KeyRights

RIGHTS = KeyRights(may_trade=True, may_withdraw=False, may_transfer=False, is_ip_bound=True)


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOTCORE_PRODUCTION_API_KEY", "a" * 64)
    monkeypatch.setenv("BOTCORE_PRODUCTION_API_SECRET", "b" * 64)


def answering(
    monkeypatch: pytest.MonkeyPatch, answer: Callable[[], KeyRights | None]
) -> tuple[KeyRights | None, str]:
    async def ask(*_: object, **__: object) -> KeyRights | None:
        return answer()

    monkeypatch.setattr(key_check, "ask_rights", ask)
    return told_rights(Config(), Environment.PRODUCTION)


@pytest.mark.requirement("R69")
def test_the_testnet_does_not_tell() -> None:
    assert told_rights(Config(), Environment.TESTNET) == (
        None,
        "the venue does not tell what this key may do",
    )


@pytest.mark.requirement("R69")
@pytest.mark.usefixtures("real")
def test_production_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    assert answering(monkeypatch, lambda: RIGHTS) == (RIGHTS, "")
    rights, why = answering(monkeypatch, lambda: None)
    assert (rights, "does not tell" in why) == (None, True)


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize(
    ("error", "why"), [(FetchError("no route"), "no route"), (TimeoutError(), "within 10 s")]
)
def test_a_venue_that_does_not_answer_is_told(
    monkeypatch: pytest.MonkeyPatch, error: Exception, why: str
) -> None:
    def fail() -> KeyRights | None:
        raise error

    rights, said = answering(monkeypatch, fail)
    assert rights is None
    assert why in said


def test_without_a_key_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BOTCORE_PRODUCTION_API_KEY", "BOTCORE_PRODUCTION_API_SECRET"):
        monkeypatch.delenv(name, raising=False)
    rights, why = told_rights(Config(), Environment.PRODUCTION)
    assert rights is None
    assert why.startswith("the venue did not tell: ")
