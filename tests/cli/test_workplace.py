"""What the builder puts together for each environment."""

from pathlib import Path
from typing import Final

import pytest
from synthetic_tape import a_market_tape

from botcore_tui.cli.leaving import Settled
from botcore_tui.cli.workplace import (
    Builder,
    Playback,
    engine_settings,
    market_settings,
    tape_player,
)
from botcore_tui.config import Config, Environment, Hosts, endpoints
from botcore_tui.core.book import Staleness
from botcore_tui.engine.log_ring import LogRing
from botcore_tui.engine.tape import Tape
from botcore_tui.errors import ConfigError, UnavailableError
from botcore_tui.exchange.binance.clocked_feed import ClockedFeed
from botcore_tui.exchange.demo import DemoFeed
from botcore_tui.model.event import TradingState
from botcore_tui.model.snapshot import HaltInfo


def a_builder(config: Config | None = None, record: Path | None = None) -> Builder:
    return Builder(config or Config(), LogRing(), record=record)


@pytest.mark.requirement("R18")
def test_what_is_not_offered_is_not_built() -> None:
    with pytest.raises(UnavailableError, match="environment replay: "):
        a_builder().build(Environment.REPLAY, TradingState.ACTIVE)


@pytest.mark.requirement("R18")
def test_production_is_not_built_without_trading_nor_without_a_confirmation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnavailableError, match="watch its market with paper"):
        a_builder().build(Environment.PRODUCTION, TradingState.ACTIVE)
    monkeypatch.setenv("BOTCORE_PRODUCTION_API_KEY", "key")
    monkeypatch.setenv("BOTCORE_PRODUCTION_API_SECRET", "secret")
    config = Config.model_validate({"trading": {"enabled": True}})
    builder = Builder(config, LogRing(), state_dir=tmp_path)
    with pytest.raises(UnavailableError, match="nobody has confirmed the account"):
        builder.build(Environment.PRODUCTION, TradingState.ACTIVE)
    assert not list(tmp_path.glob("ledger*"))


@pytest.mark.parametrize("environment", [Environment.PAPER, Environment.TESTNET])
def test_live_environments_get_the_venues_market(environment: Environment) -> None:
    built = a_builder().build(environment, TradingState.HALTED)
    assert isinstance(built.engine._feed, ClockedFeed)
    assert built.engine.is_halted
    assert built.recorder is None


@pytest.mark.requirement("A07")
def test_demo_whose_clock_has_a_pace_of_its_own_calls_nothing_late() -> None:
    config = Config.model_validate({"staleness": {"depth_seconds": 2, "gap_multiple": 7}})
    testnet = market_settings(config, Environment.TESTNET)
    assert testnet.staleness == Staleness(floor_ms=2_000, multiple=7)
    assert testnet.has_venue_time
    assert not market_settings(config, Environment.DEMO).has_venue_time


@pytest.mark.requirement("R03")
def test_there_is_one_limiter_and_another_environment_finds_it_as_it_was() -> None:
    builder = a_builder(Config.model_validate({"limits": {"weight_per_minute": 500}}))
    gates = []
    for environment in (Environment.PAPER, Environment.TESTNET, Environment.PAPER):
        feed = builder.build(environment, TradingState.HALTED).engine._feed
        assert isinstance(feed, ClockedFeed)
        assert feed._limiter is feed.feed._limiter is builder.limiter
        gates.append(feed._gate)
    assert gates[0] is gates[2]
    rest = gates[0].state().rest
    assert rest is not None
    assert rest.ceiling == 500


def test_a_host_that_an_environment_does_not_take_is_refused() -> None:
    hosts = Hosts(rest="http://127.0.0.1:1")
    config = Config(environment=Environment.TESTNET, hosts=hosts)
    with pytest.raises(ConfigError, match=r"hosts\.rest"):
        endpoints(Environment.PRODUCTION, config.hosts)


def test_a_recording_belongs_to_the_first_environment_alone(tmp_path: Path) -> None:
    builder = a_builder(record=tmp_path / "new.gz")
    first = builder.build(Environment.DEMO, TradingState.ACTIVE)
    second = builder.build(Environment.DEMO, TradingState.HALTED)
    assert first.recorder is not None
    assert second.recorder is None
    first.close()
    assert Tape(tmp_path / "new.gz").parts == [tmp_path / "new.000001.gz"]


def test_the_end_of_a_recording_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    built = a_builder(record=tmp_path / "new.gz").build(Environment.DEMO, TradingState.ACTIVE)
    with caplog.at_level("INFO"):
        built.close()
    assert f"last into {tmp_path / 'new.000001.gz'}; replay them:" in caplog.text
    assert f"botcore replay {tmp_path / 'new.gz'}" in caplog.text


def test_an_existing_tape_is_not_overwritten(tmp_path: Path) -> None:
    tape = a_market_tape(tmp_path)
    before = tape.read_bytes()
    with pytest.raises(UnavailableError, match="exists"):
        a_builder(record=tape).build(Environment.DEMO, TradingState.ACTIVE)
    assert tape.read_bytes() == before


def test_a_replay_is_built_with_its_tape(tmp_path: Path) -> None:
    playback = Playback(Tape(a_market_tape(tmp_path)), 1.0, 0.0)
    builder = Builder(Config(), LogRing(), playback=playback)
    built = builder.build(Environment.REPLAY, TradingState.ACTIVE)
    assert built.environment is Environment.REPLAY
    assert not built.engine.is_halted


def test_the_damage_of_a_tape_is_logged_when_it_was_played(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tape = a_market_tape(tmp_path)
    tape.write_bytes(tape.read_bytes()[:-40])
    assert sum(map(len, tape_player(Playback(Tape(tape), None, 0.0))._opened())) == 899
    assert caplog.messages[-1].startswith("market, line 900: cut off in the middle")


def test_the_demo_follows_the_exchange_that_is_configured() -> None:
    built = a_builder(Config(symbols=("ETHUSDT",))).build(Environment.DEMO, TradingState.ACTIVE)
    engine = built.engine
    assert isinstance(engine._feed, DemoFeed)
    assert "ETHUSDT" in engine._feed._settings.command
    # Its process must not inherit the core and the blocked signals of the engine's thread.
    assert engine._feed.starting == engine.child_process
    assert engine._settings.label == "SYNTHETIC"
    assert list(engine._trader.market.by_symbol) == ["ETHUSDT"]


def test_a_demo_on_a_tape_takes_the_contracts_of_the_tape(tmp_path: Path) -> None:
    config = Config.model_validate({"demo": {"market": f"tape:{a_market_tape(tmp_path)}"}})
    engine = a_builder(config).build(Environment.DEMO, TradingState.ACTIVE).engine
    assert engine._settings.label == "TAPE"
    assert list(engine._trader.market.by_symbol) == []


def test_a_demo_that_cannot_start_is_refused_before_the_screen_changes() -> None:
    config = Config.model_validate({"demo": {"market": "tape:/no/such"}})
    with pytest.raises(ConfigError, match="no such file"):
        a_builder(config).build(Environment.DEMO, TradingState.HALTED)


def test_settings_reach_the_engine() -> None:
    config = Config.model_validate({"engine": {"inbox_capacity": 100, "pin_cores": False}})
    settings = engine_settings(config, Environment.PAPER, "LABEL")
    assert (settings.environment, settings.label) == ("paper", "LABEL")
    assert (settings.inbox_capacity, settings.pins_cores) == (100, False)
    assert not settings.trading_enabled


# --- trading ------------------------------------------------------------------------------------

TRADING: Final = {"trading": {"enabled": True}}


def a_trading_builder(directory: Path, **sections: object) -> Builder:
    config = Config.model_validate({**TRADING, **sections})
    return Builder(config, LogRing(), state_dir=directory, is_fresh=True)


def test_a_demo_that_trades_has_an_account_a_strategy_and_a_halt_that_lasts(
    tmp_path: Path,
) -> None:
    builder = a_trading_builder(tmp_path, strategy={"name": "ema_cross"})
    built = builder.build(Environment.DEMO, TradingState.ACTIVE)
    engine, place = built.engine, built.trading
    assert place is not None
    assert engine._settings.trading_enabled
    assert isinstance(engine._feed, DemoFeed)
    assert engine._feed._settings.trace == tmp_path / "demo-exchange.json"
    assert engine._feed._settings.is_fresh
    assert engine._feed.starting == engine.child_process
    desk = engine._trader.desk
    assert desk is not None
    assert desk._settings.symbols == ("BTCUSDT",)
    assert desk._pilot is not None
    assert desk._pilot.name == "ema_cross"
    place.latch.set(HaltInfo("ada", "too fast", 1))
    again = builder.build(Environment.DEMO, TradingState.ACTIVE)
    assert again.engine.is_halted
    assert isinstance(again.engine._feed, DemoFeed)
    assert not again.engine._feed._settings.is_fresh  # only the first start asked for that


def test_a_demo_on_a_tape_trades_the_contracts_of_the_tape(tmp_path: Path) -> None:
    market = f"tape:{a_market_tape(tmp_path)}"
    builder = a_trading_builder(tmp_path, demo={"market": market})
    desk = builder.build(Environment.DEMO, TradingState.ACTIVE).engine._trader.desk
    assert desk is not None
    assert desk._settings.symbols == ("BTCUSDT",)
    assert desk._pilot is None


def test_testnet_with_a_key_trades_and_is_settled_when_it_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOTCORE_TESTNET_API_KEY", "key")
    monkeypatch.setenv("BOTCORE_TESTNET_API_SECRET", "secret")
    built = a_trading_builder(tmp_path).build(Environment.TESTNET, TradingState.HALTED)
    assert built.trading is not None
    assert built.engine._settings.label == ""
    reasons: list[str] = []

    def settle(_engine: object, reason: str, *, seconds: float) -> Settled:
        reasons.append(reason)
        return Settled("")

    monkeypatch.setattr(built.trading, "settle", settle)
    built.close()  # never started: nothing to settle
    assert reasons == []
    for _ in range(2):
        built.settle("the end")
    assert reasons == ["the end"]
    assert built.settled == Settled("")


@pytest.mark.requirement("R18", "R19")
def test_without_an_account_nothing_trades_though_it_is_enabled(tmp_path: Path) -> None:
    built = a_trading_builder(tmp_path).build(Environment.PAPER, TradingState.HALTED)
    assert built.trading is None
    assert built.engine._trader.desk is None
    assert not built.engine._settings.trading_enabled
    assert built.engine._settings.label == "MARKET DATA ONLY"
    built.settle("the end")
    assert built.settled is None


@pytest.mark.requirement("R52")
def test_an_engine_that_does_not_end_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    built = a_builder().build(Environment.DEMO, TradingState.ACTIVE)
    monkeypatch.setattr(built.engine, "stop", lambda _seconds: False)
    built.close()
    assert "the engine of demo does not end" in caplog.text


def test_a_recording_shows_as_a_feed_of_its_own(tmp_path: Path) -> None:
    built = a_builder(record=tmp_path / "new.gz").build(Environment.DEMO, TradingState.ACTIVE)
    assert built.recorder is not None
    (row,) = built.engine.more_feeds()
    assert (row.name, row.status, row.detail) == ("recording", "live", "new.000001.gz")
    built.recorder.error = "disk full"
    (row,) = built.engine.more_feeds()
    assert (row.status, row.detail) == ("down", "disk full")
    built.recorder.error = ""
    built.close()
