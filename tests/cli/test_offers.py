"""Which environments are offered."""

from pathlib import Path

import pytest

from botcore_tui.cli.offers import (
    environment_refusal,
    obstacle_of_production,
    obstacle_of_testnet,
    offers,
    trades,
)
from botcore_tui.config import Config, Environment


def usable(tape: Path | None) -> list[str]:
    return [str(offer.environment) for offer in offers(tape) if offer.is_available]


def test_replay_is_offered_only_with_a_tape() -> None:
    assert usable(None) == ["demo", "paper", "testnet", "production"]
    assert usable(Path("tape")) == ["demo", "replay", "paper", "testnet", "production"]


@pytest.mark.requirement("R18")
def test_production_is_not_offered_where_something_is_missing_and_says_what() -> None:
    obstacle = obstacle_of_production(Config(), {})
    assert "start with --enable-trading" in obstacle
    refused = {offer.environment: offer.reason for offer in offers(None, production=obstacle)}
    assert refused[Environment.PRODUCTION] == obstacle
    enabled = Config.model_validate({"trading": {"enabled": True}})
    assert "BOTCORE_PRODUCTION_API_KEY" in obstacle_of_production(enabled, {})
    env = {"BOTCORE_PRODUCTION_API_KEY": "key", "BOTCORE_PRODUCTION_API_SECRET": "secret"}
    assert obstacle_of_production(enabled, env) == ""


def test_testnet_is_offered_to_trade_only_with_a_key() -> None:
    assert obstacle_of_testnet(Config(), {}) == "", "to watch"
    enabled = Config.model_validate({"trading": {"enabled": True}})
    obstacle = obstacle_of_testnet(enabled, {})
    assert "BOTCORE_TESTNET_API_KEY" in obstacle
    refused = {offer.environment: offer for offer in offers(None, testnet=obstacle)}
    assert not refused[Environment.TESTNET].is_available
    assert refused[Environment.TESTNET].reason == obstacle
    env = {"BOTCORE_TESTNET_API_KEY": "key", "BOTCORE_TESTNET_API_SECRET": "secret"}
    assert obstacle_of_testnet(enabled, env) == ""


def test_every_environment_says_what_it_is() -> None:
    assert [offer.environment for offer in offers(None)] == list(Environment)
    assert all(offer.reason for offer in offers(None))


def test_only_environments_that_exist_and_cannot_start_are_refused() -> None:
    assert environment_refusal("demo") == environment_refusal("nowhere") == ""


@pytest.mark.requirement("R18")
def test_production_is_refused_unless_it_was_asked_for_at_this_start() -> None:
    refusal = environment_refusal("production")
    assert refusal.startswith('environment = "production": real money: start it with ')
    assert environment_refusal("production", is_production_asked=True) == ""


@pytest.mark.requirement("R18", "R19")
def test_orders_leave_where_an_account_is_and_only_if_a_person_enabled_it() -> None:
    enabled = Config.model_validate({"trading": {"enabled": True}})
    assert [str(each) for each in Environment if trades(enabled, each)] == [
        "demo",
        "testnet",
        "production",
    ]
    assert not any(trades(Config(), each) for each in Environment)
