"""Which environments are offered."""

from pathlib import Path

import pytest

from botcore_tui.cli.offers import environment_refusal, offers
from botcore_tui.config import Environment


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
