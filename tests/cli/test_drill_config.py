"""A rehearsal has the user's limits and nobody's money."""

from pathlib import Path

import pytest

from botcore_tui.cli.drill_config import as_toml, rehearsal
from botcore_tui.config import Config, Environment, load

_LIMITS = {
    "risk": {"risk_pct": 0.7, "collar_pct": 1.3},
    "breaker": {"daily_loss_pct": 1.5, "on_trip": "flatten"},
    "dead_man": {"countdown_seconds": 200.0},
    "protection": {"stop_pct": 2.0},
}


def a_config(**more: object) -> Config:
    return Config.model_validate({**_LIMITS, **more})


def test_limits_are_the_user_s_own() -> None:
    own = a_config()
    rehearsed = rehearsal(own)
    for section in ("risk", "breaker", "dead_man", "protection", "staleness"):
        assert getattr(rehearsed, section) == getattr(own, section)


def test_whatever_is_configured_it_is_a_demo_with_a_ledger_of_its_own() -> None:
    config = rehearsal(
        a_config(
            environment="production",
            ledger={"url": "postgresql+psycopg://ada@db/ledger"},
            strategy={"name": "ema_cross"},
            demo={"market": "tape:/tmp/tape.zst", "faults": ["disconnect=count:1"]},
        )
    )
    assert config.environment is Environment.DEMO
    assert (config.ledger.url, config.strategy.name) == ("", "")
    assert (config.demo.tape, config.demo.faults) == (None, ())
    assert config.trading.enabled


@pytest.mark.parametrize(
    ("given", "symbols"),
    [
        ({"symbols": ["ETHUSDT", "BTCUSDT"]}, ("ETHUSDT",)),
        ({"symbols": ["ETHUSDT", "BTCUSDT"], "trading": {"symbols": ["BTCUSDT"]}}, ("BTCUSDT",)),
        ({"symbols": ["ETHBTC"]}, ("BTCUSDT",)),
    ],
)
def test_the_first_contract_that_may_be_traded_is_rehearsed(
    given: dict[str, object], symbols: tuple[str, ...]
) -> None:
    config = rehearsal(a_config(**given))
    assert (config.symbols, config.trading.symbols) == (symbols, ())


def test_the_file_says_all_of_it(tmp_path: Path) -> None:
    config = rehearsal(a_config())
    path = tmp_path / "config.toml"
    path.write_text(as_toml(config), encoding="utf-8")
    assert load(path, {}).config == config
