"""The account is looked at, shown with its money, and confirmed as a whole."""

import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest
from sim_process import Sim, running_sim

from botcore_tui.cli.binding import Confirmations, Inspected, confirmed, inspect, lines
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Environment, environments
from botcore_tui.core.phase import Phase, rules_of
from botcore_tui.errors import ConfigError, UnavailableError
from botcore_tui.exchange.binance.keys import fingerprint
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.binance.permit import Confirmation
from botcore_tui.model.account import Binding

_BINDING: Final = Binding(
    environment="production",
    rest="https://fapi.binance.com",
    ws_private="wss://fstream.binance.com/private",
    fingerprint="0123abcd",
    account_id="FzXqsRfW",
    phase="conservative",
)


def an_account() -> Inspected:
    return Inspected(
        binding=_BINDING,
        equity=Decimal("812.5"),
        positions=1,
        orders=2,
        rights=None,
        doubts=("the API key works from any address: bind it to this machine's",),
    )


@pytest.fixture(scope="module")
def sim() -> Iterator[Sim]:
    with running_sim("--no-limits", "--symbols", "BTCUSDT", "--balance", "750") as exchange:
        yield exchange


@pytest.fixture
def env(sim: Sim, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Variables that open the embedded exchange in production's place."""
    stream = sim.ws_private.removesuffix("/private")
    venue = environments._Venue(sim.rest, stream, takes_hosts=False)
    monkeypatch.setattr(
        environments, "_VENUES", {**environments._VENUES, Environment.PRODUCTION: venue}
    )
    return {
        "BOTCORE_PRODUCTION_API_KEY": sim.api_key,
        "BOTCORE_PRODUCTION_API_SECRET": sim.api_secret,
    }


def looked(env: dict[str, str]) -> Inspected:
    return inspect(Config(), env, Limiter(1_200, SystemClock()), "conservative")


@pytest.mark.requirement("R18")
def test_account_is_looked_at_and_named_with_its_money(sim: Sim, env: dict[str, str]) -> None:
    found = looked(env)
    assert (found.equity, found.positions, found.orders) == (Decimal(750), 0, 0)
    assert found.binding.fingerprint == fingerprint(sim.api_key)
    assert found.binding.rest == sim.rest
    assert found.binding.environment == "production"
    assert len(found.tail) == 4
    assert found.rights is None


def test_key_that_the_venue_does_not_know_is_told(env: dict[str, str]) -> None:
    with pytest.raises(UnavailableError, match="cannot be looked at"):
        looked({**env, "BOTCORE_PRODUCTION_API_KEY": "another"})


def test_missing_key_is_told() -> None:
    with pytest.raises(ConfigError, match="BOTCORE_PRODUCTION_API_KEY"):
        looked({})


@pytest.mark.requirement("R23")
@pytest.mark.requirement("R27")
def test_person_sees_every_percent_beside_its_money() -> None:
    assert lines(an_account(), rules_of(Phase.CONSERVATIVE)) == [
        "REAL MONEY: 812.50 USDT are at risk",
        "account ...sRfW, key 0123abcd, https://fapi.binance.com",
        "1 positions and 2 orders are open there",
        "phase conservative: at most 2 positions, leverage 1",
        "halts after losing 24.38 USDT today (3 %) or 81.25 USDT from the peak (10 %)",
        "NOTE: the API key works from any address: bind it to this machine's",
    ]


def test_typed_tail_confirms_what_was_found() -> None:
    word = confirmed(an_account(), "sRfW", "ann")
    assert word.confirmation.binding == _BINDING
    assert word.confirmation.actor == "ann"
    with pytest.raises(UnavailableError, match="not confirmed"):
        confirmed(an_account(), "srfw", "ann")


def test_last_confirmation_is_kept_for_a_kill_and_only_for_this_user(tmp_path: Path) -> None:
    kept = Confirmations(tmp_path / "state")
    assert kept.last() is None
    confirmation = Confirmation(_BINDING, "ann", 1)
    kept.keep(confirmation)
    assert kept.last() == confirmation
    assert kept.path.stat().st_mode & 0o777 == 0o600


def test_pipe_in_the_way_keeps_no_confirmation_waiting(tmp_path: Path) -> None:
    kept, confirmation = Confirmations(tmp_path), Confirmation(_BINDING, "ann", 1)
    os.mkfifo(tmp_path / f".{kept.path.name}.new")
    kept.keep(confirmation)
    assert kept.last() == confirmation


def test_damaged_confirmation_is_told(tmp_path: Path) -> None:
    kept = Confirmations(tmp_path)
    kept.path.write_text("{")
    with pytest.raises(ConfigError, match="cannot be read"):
        kept.last()


def test_confirmation_that_cannot_be_kept_opens_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnavailableError, match="cannot be written"):
        Confirmations(tmp_path / "file").keep(Confirmation(_BINDING, "ann", 1))
