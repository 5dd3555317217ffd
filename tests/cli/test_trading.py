"""What trades is put together as it is configured, and closed whatever happens."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sim_process import Sim, running_sim

from botcore_tui.cli.addresses import Address, demo_address, venue_address
from botcore_tui.cli.trading import (
    Counter,
    config_hash,
    strategy_of,
)
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Environment
from botcore_tui.errors import ConfigError, UnavailableError
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.binance.receiver import Receiver
from botcore_tui.ledger.reader import LedgerReader
from botcore_tui.ledger.writer import LedgerWriter
from botcore_tui.model.account import LedgerHealth, UserStreamUp
from botcore_tui.model.event import Event
from botcore_tui.model.ledger import Recollection
from botcore_tui.strategies.ema_cross import EmaCross


class Overseer:
    """Watches."""

    bars_entries = False

    def on_death(self, name: str, error: Exception) -> None:
        """Fail the test."""
        raise AssertionError(name) from error


class Heard:
    """A sink that knows when enough has come."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.is_up = asyncio.Event()

    def deliver(self, event: Event, received_ns: int) -> None:
        """Remember."""
        self.events.append(event)
        if isinstance(event, UserStreamUp):
            self.is_up.set()

    async def room(self) -> None:
        """There is."""


@pytest.fixture(scope="module")
def sim() -> Iterator[Sim]:
    with running_sim("--no-limits", "--symbols", "BTCUSDT") as exchange:
        yield exchange


def a_config(**sections: object) -> Config:
    return Config.model_validate({"trading": {"enabled": True}, **sections})


def a_counter(directory: Path, config: Config | None = None) -> Counter:
    limiter = Limiter(2_400, SystemClock())
    return Counter(config or a_config(), directory, limiter, Overseer())


def test_the_strategy_is_the_one_configured_with_its_own_keys() -> None:
    assert strategy_of(a_config()) is None
    keys = {"name": "ema_cross", "ema_cross": {"interval": "5m", "fast": 3, "slow": 8}}
    strategy = strategy_of(a_config(strategy=keys))
    assert isinstance(strategy, EmaCross)
    assert (strategy.params.interval, strategy.params.fast, strategy.params.slow) == ("5m", 3, 8)
    with pytest.raises(ConfigError, match="cannot import no_such_module"):
        strategy_of(a_config(strategy={"name": "no_such_module:Idea"}))


def test_configurations_are_told_apart() -> None:
    assert config_hash(a_config()) == config_hash(a_config())
    assert config_hash(a_config()) != config_hash(a_config(risk={"risk_pct": 1.0}))
    assert len(config_hash(Config())) == 12


@pytest.mark.requirement("A17")
async def test_a_leave_while_the_ledger_is_opened_keeps_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {"BOTCORE_TESTNET_API_KEY": "left-early", "BOTCORE_TESTNET_API_SECRET": "secret"}
    address = venue_address(a_config(), Environment.TESTNET, keys)
    counter, loop = a_counter(tmp_path), asyncio.get_running_loop()
    opens, may_end, written = asyncio.Event(), threading.Event(), counter._written

    def slowly(address: Address, health: object) -> LedgerWriter:
        loop.call_soon_threadsafe(opens.set)
        may_end.wait(10)
        return written(address, health)  # type: ignore[arg-type]  # of a private type

    async def begin() -> None:
        async with counter.session(address, Receiver()):
            raise AssertionError("it was left before")

    monkeypatch.setattr(counter, "_written", slowly)
    session = asyncio.create_task(begin())
    await opens.wait()
    session.cancel()
    with pytest.raises(asyncio.CancelledError):
        await session
    may_end.set()
    await loop.shutdown_default_executor()
    again = a_counter(tmp_path)
    again.prepare(address)
    again.close()


@pytest.mark.slow
async def test_a_session_begins_with_what_the_ledger_knows_and_leaves_it_closed(
    sim: Sim, tmp_path: Path
) -> None:
    counter = a_counter(tmp_path)
    runs = []
    for _ in range(2):
        heard = Heard()
        async with counter.session(demo_address(sim), Receiver()) as session:
            account = counter.account
            assert account is not None
            assert account.session is session
            running = asyncio.create_task(session.run(heard))
            async with asyncio.timeout(30):
                await heard.is_up.wait()
            assert (await account.venue.balance()).wallet == 5_000
            running.cancel()
            await asyncio.wait([running])
        assert counter.account is None
        first = heard.events[0]
        assert isinstance(first, Recollection)
        assert first.account == f"demo:{sim.instance}"
        runs.append(first.run_id)
    with LedgerReader(f"sqlite:///{tmp_path}/ledger-demo.db") as reader:
        assert [row["run_id"] for row in reader.everything("runs")] == runs


@pytest.mark.requirement("G2")
async def test_two_programs_cannot_trade_one_account(sim: Sim, tmp_path: Path) -> None:
    first, second = a_counter(tmp_path), a_counter(tmp_path)
    address = demo_address(sim)
    first.prepare(address)
    with pytest.raises(UnavailableError, match=f"demo:{sim.instance}"):
        async with second.session(address, Receiver()):
            pass
    first.close()
    first.close()
    async with second.session(address, Receiver()):
        assert second.account is not None


@pytest.mark.requirement("A17", "F20")
async def test_two_programs_cannot_trade_one_account_from_two_state_directories(
    sim: Sim, tmp_path: Path
) -> None:
    directories = [tmp_path / "one", tmp_path / "two"]
    for directory in directories:
        directory.mkdir()
    first, second = map(a_counter, directories)
    address = demo_address(sim)
    first.prepare(address)
    with pytest.raises(UnavailableError, match=f"demo:{sim.instance} is in use"):
        second.prepare(address)
    first.close()
    async with second.session(address, Receiver()):
        assert second.account is not None
    first.prepare(address)
    first.close()


async def test_an_account_is_free_again_after_its_ledger_could_not_be_opened(
    sim: Sim, tmp_path: Path
) -> None:
    broken, whole = tmp_path / "broken", tmp_path / "whole"
    whole.mkdir()
    (broken / "ledger-demo.db").mkdir(parents=True)
    with pytest.raises(UnavailableError, match="cannot be written"):
        a_counter(broken).prepare(demo_address(sim))
    counter = a_counter(whole)
    counter.prepare(demo_address(sim))
    counter.close()


async def test_a_ledger_that_was_opened_before_is_used_and_its_health_told(
    sim: Sim, tmp_path: Path
) -> None:
    counter, address = a_counter(tmp_path), demo_address(sim)
    counter.prepare(address)
    assert counter._prepared is not None
    ledger, health = counter._prepared.ledger, counter._prepared.health
    trouble = LedgerHealth(is_writable=False, reason="disk full", time_ms=1)
    health.tell(trouble)  # nobody there yet
    async with counter.session(address, Receiver()) as session:
        account = counter.account
        assert account is not None
        assert account.ledger is ledger
        health.tell(trouble)
        assert session._health == trouble


async def test_a_ledger_that_cannot_be_opened_is_told(sim: Sim, tmp_path: Path) -> None:
    (tmp_path / "ledger-demo.db").mkdir()
    with pytest.raises(UnavailableError, match="cannot be written"):
        async with a_counter(tmp_path).session(demo_address(sim), Receiver()):
            pass
