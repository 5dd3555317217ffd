"""What stands around an engine that trades, and what is left of it after a leave."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from botcore_tui.cli.leaving import Settled
from botcore_tui.cli.trading_place import TradingPlace
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Environment
from botcore_tui.core.standing import LEAVING as LEAVE
from botcore_tui.core.trader import Trader
from botcore_tui.engine.engine import Engine
from botcore_tui.engine.latch import HaltLatch
from botcore_tui.engine.port import EngineSettings
from botcore_tui.errors import ConfigError, UnavailableError
from botcore_tui.exchange.account_feed import AccountFeed
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.demo import DemoFeed
from botcore_tui.model.snapshot import HaltInfo

LEAVING, PERSONS = HaltInfo(LEAVE, "the end", 1), HaltInfo("ada", "too fast", 1)


def a_place(directory: Path, environment: Environment = Environment.DEMO) -> TradingPlace:
    config = Config.model_validate({"trading": {"enabled": True}})
    return TradingPlace(config, environment, directory, Limiter(2_400, SystemClock()))


@pytest.fixture
def testnet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TradingPlace:
    monkeypatch.setenv("BOTCORE_TESTNET_API_KEY", "key")
    monkeypatch.setenv("BOTCORE_TESTNET_API_SECRET", "secret")
    return a_place(tmp_path, Environment.TESTNET)


def test_a_demo_leaves_its_trace_beside_the_rest_of_the_state(tmp_path: Path) -> None:
    feed = a_place(tmp_path).feed(is_fresh=True)
    assert isinstance(feed, DemoFeed)
    assert feed._settings.trace == tmp_path / "demo-exchange.json"
    assert feed._settings.is_fresh


def test_testnet_opens_its_ledger_at_once_and_closes_what_nobody_used(
    testnet: TradingPlace, tmp_path: Path
) -> None:
    feed = testnet.feed(is_fresh=False)
    assert isinstance(feed, AccountFeed)
    other = a_place(tmp_path, Environment.TESTNET)
    with pytest.raises(UnavailableError, match="testnet:2c70e12b"):
        other.feed(is_fresh=False)
    testnet.close(None)
    other.feed(is_fresh=False)
    other.close(None)


@pytest.mark.requirement("F14")
def test_halt_file_says_whose_account_was_traded(testnet: TradingPlace) -> None:
    testnet.feed(is_fresh=False)
    testnet.latch.set(PERSONS)
    kept = testnet.latch.read()
    assert kept == replace(PERSONS, account="testnet:2c70e12b")
    other = HaltLatch(testnet.latch.path, "testnet")
    other.account = "testnet:other"
    other.renew(HaltInfo("ben", "me too", 2))
    assert other.read() == kept, "who renews it leaves that as it is"
    testnet.close(None)


def test_testnet_without_a_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="needs a key"):
        a_place(tmp_path, Environment.TESTNET).feed(is_fresh=False)


def test_the_engine_gets_a_door_for_commands_and_its_halts_count(
    tmp_path: Path, testnet: TradingPlace
) -> None:
    place = a_place(tmp_path)
    engine = Engine(
        Trader(),
        place.feed(is_fresh=False),
        SystemClock(),
        EngineSettings("demo", pins_cores=False),
        latch=place.latch,
    )
    place.attach(engine)
    overseer = place.counter._overseer
    halted = [overseer.bars_entries]
    overseer.on_death("market", RuntimeError("a defect"))
    assert [*halted, overseer.bars_entries] == [False, True]
    assert {"control", "uptime", "calls"} <= {name for name, _ in engine._services}


@pytest.mark.requirement("R61")
def test_without_an_account_there_are_no_streams_to_record(testnet: TradingPlace) -> None:
    assert testnet._streams(1) == ()
    assert testnet._append() is None
    assert testnet._calls() is None


@pytest.mark.requirement("R19")
@pytest.mark.parametrize(
    ("halt", "settled", "stays"),
    [
        (LEAVING, Settled(""), False),
        (LEAVING, Settled("1 orders are UNKNOWN"), True),
        (LEAVING, None, True),
        (PERSONS, Settled(""), True),
    ],
)
def test_a_halt_outlasts_a_leave_unless_it_was_only_for_a_clean_one(
    testnet: TradingPlace, halt: HaltInfo, settled: Settled | None, *, stays: bool
) -> None:
    testnet.latch.set(halt)
    testnet.close(settled)
    assert (testnet.latch.read() == halt) is stays


@pytest.mark.requirement("K1")
def test_a_halt_from_another_program_during_a_clean_leave_stays(testnet: TradingPlace) -> None:
    testnet.latch.set(LEAVING)
    HaltLatch(testnet.latch.path, "testnet").renew(PERSONS)
    testnet.close(Settled(""))
    assert testnet.latch.read() == PERSONS


@pytest.mark.requirement("K1")
def test_a_halt_that_comes_as_the_leave_forgets_its_own_stays(
    testnet: TradingPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    testnet.latch.set(LEAVING)
    read = HaltLatch.read

    def and_then(self: HaltLatch) -> HaltInfo | None:
        seen = read(self)
        if seen == LEAVING:
            HaltLatch(self.path, "testnet").renew(PERSONS)
        return seen

    monkeypatch.setattr(HaltLatch, "read", and_then)
    testnet.close(Settled(""))
    assert read(testnet.latch) == PERSONS


def test_no_halt_outlasts_the_account_of_a_demo(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    place.latch.set(PERSONS)
    place.close(None)
    assert place.latch.read() is None
    place.close(None)


def test_a_halt_file_that_cannot_be_removed_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = a_place(tmp_path)
    place.latch.set(LEAVING)

    def refuse(_seen: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(place.latch, "clear", refuse)
    place.close(Settled(""))
    assert "the halt file cannot be removed: Operation not permitted" in caplog.text


def test_the_browser_reads_the_ledger_of_the_environment(testnet: TradingPlace) -> None:
    pages = testnet.pages()
    with pytest.raises(UnavailableError):  # none yet
        pages.tables()
    testnet.feed(is_fresh=False)
    assert "orders" in pages.tables()
    columns, rows = pages.page("runs", 10, None)
    assert [dict(zip(columns, row, strict=True))["environment"] for row in rows] == ["testnet"]
    testnet.close(None)
