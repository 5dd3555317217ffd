"""Which environments are offered."""

from pathlib import Path

import pytest

from botcore_tui.cli.offers import environment_refusal, offers, trades
from botcore_tui.config import Config, Environment


def usable(tape: Path | None) -> list[str]:
    return [str(offer.environment) for offer in offers(tape) if offer.is_available]


@pytest.mark.requirement("R18")
def test_production_is_never_offered_and_replay_only_with_a_tape() -> None:
    assert usable(None) == ["demo", "paper", "testnet"]
    assert usable(Path("tape")) == ["demo", "replay", "paper", "testnet"]


def test_every_environment_says_what_it_is() -> None:
    assert [offer.environment for offer in offers(None)] == list(Environment)
    assert all(offer.reason for offer in offers(None))


def test_only_environments_that_exist_and_cannot_start_are_refused() -> None:
    assert environment_refusal("demo") == environment_refusal("nowhere") == ""
    assert environment_refusal("production").startswith('environment = "production": ')


@pytest.mark.requirement("R18", "R19")
def test_orders_leave_in_demo_and_on_testnet_and_only_if_a_person_enabled_it() -> None:
    enabled = Config.model_validate({"trading": {"enabled": True}})
    assert [str(each) for each in Environment if trades(enabled, each)] == ["demo", "testnet"]
    assert not any(trades(Config(), each) for each in Environment)
