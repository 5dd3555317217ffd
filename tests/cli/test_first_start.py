"""Nothing is armed where the venue's account is at stake before somebody has read the limits."""

from pathlib import Path

import pytest
from command_line import Run

from botcore_tui.cli.first_start import (
    WAITING,
    Acknowledgements,
    CautiousAuthority,
    FirstStart,
    is_needed,
    waiting,
)
from botcore_tui.cli.workplace import Builder
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Environment
from botcore_tui.engine.log_ring import LogRing
from botcore_tui.errors import UnavailableError
from botcore_tui.model.command import ClosePosition, Command, Halt, Resume
from botcore_tui.model.event import TradingState

NOW = SystemClock().now_ms()
RESUME = Resume("ada", "looked", NOW)
TRADING = Config.model_validate({"environment": "testnet", "trading": {"enabled": True}})
LOOPBACK = {"environment": "testnet", "trading": {"enabled": True}}


class Everybody:
    """Admits whatever comes."""

    def admit(self, command: Command, credential: str | None, peer: str) -> Command | str:
        return command


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOTCORE_TESTNET_API_KEY", "key")
    monkeypatch.setenv("BOTCORE_TESTNET_API_SECRET", "secret")


@pytest.mark.requirement("R71")
def test_it_is_stored_once_with_date_and_actor(tmp_path: Path) -> None:
    marks = Acknowledgements(tmp_path / "state")
    assert marks.last() is None
    kept = marks.keep("ada@10.0.0.1", "testnet")
    assert marks.last() == kept
    assert kept.actor == "ada@10.0.0.1"
    assert kept.environment == "testnet"
    assert abs(kept.time_ms - NOW) < 600_000
    assert kept.text.endswith("Z by ada@10.0.0.1")
    assert list(marks.path.parent.iterdir()) == [marks.path]


def test_a_damaged_mark_asks_once_more(tmp_path: Path) -> None:
    marks = Acknowledgements(tmp_path)
    marks.path.write_text("{")
    assert marks.last() is None


def test_a_mark_that_cannot_be_stored_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError, match=r"acknowledged\.json cannot be written .*state-dir"):
        Acknowledgements(tmp_path / "file").keep("ada", "demo")


@pytest.mark.requirement("R71")
@pytest.mark.parametrize(
    ("changes", "environment", "waits"),
    [
        ({}, Environment.TESTNET, True),
        ({}, Environment.PRODUCTION, True),
        ({}, Environment.DEMO, False),
        ({}, Environment.PAPER, False),
        ({"trading": {"enabled": False}}, Environment.TESTNET, False),
        ({"hosts": {"rest": "http://127.0.0.1:1"}}, Environment.TESTNET, False),
    ],
    ids=["testnet", "production", "demo", "paper", "off", "own-exchange"],
)
def test_it_is_needed_where_orders_reach_the_venue(
    changes: dict[str, object], environment: Environment, waits: bool, tmp_path: Path
) -> None:
    config = Config.model_validate({**LOOPBACK, **changes})
    assert is_needed(config, environment) is waits
    assert bool(waiting(config, environment, tmp_path)) is waits
    Acknowledgements(tmp_path).keep("ada", "testnet")
    assert waiting(config, environment, tmp_path) == ""


@pytest.mark.requirement("R71")
@pytest.mark.requirement("K7")
def test_until_then_nobody_resumes_and_everything_that_lowers_risk_is_taken() -> None:
    waits = [WAITING]
    authority = CautiousAuthority(Everybody(), lambda: waits[-1])
    assert authority.admit(RESUME, None, "ada") == WAITING
    halt = Halt("ada", "now", NOW)
    close = ClosePosition(
        command_id="1", actor="ada", symbol="BTCUSDT", reason="enough", time_ms=NOW
    )
    assert authority.admit(halt, None, "ada") is halt
    assert authority.admit(close, None, "ada") is close
    waits.append("")
    assert authority.admit(RESUME, None, "ada") is RESUME


@pytest.mark.requirement("R71")
@pytest.mark.usefixtures("keys")
def test_an_engine_begins_halted_until_then_and_says_why(tmp_path: Path) -> None:
    def begun() -> tuple[TradingState, str]:
        builder = Builder(TRADING, LogRing(), state_dir=tmp_path)
        workplace = builder.build(Environment.TESTNET, TradingState.ACTIVE)
        assert workplace.trading is not None
        door = workplace.trading._authority.admit(RESUME, None, "ada")
        standing = workplace.engine._trader.standing
        workplace.trading.close(None)
        halt = standing.halt
        reason = "" if halt is None else halt.reason
        assert (door == WAITING) is (reason == WAITING)
        return standing.state, reason

    assert begun() == (TradingState.HALTED, WAITING)
    Acknowledgements(tmp_path).keep("ada", "testnet")
    assert begun() == (TradingState.ACTIVE, "")


@pytest.mark.requirement("R71")
@pytest.mark.usefixtures("keys")
def test_without_a_screen_it_does_not_start_and_names_the_way(run: Run, tmp_path: Path) -> None:
    done = run(
        *("run", "--headless", "--environment", "testnet", "--enable-trading"),
        *("--state-dir", tmp_path / "state"),
    )
    assert (done.code, done.out) == (1, "")
    assert done.err.count("\n") == 1
    assert "botcore setup --accept" in done.err
    assert not (tmp_path / "state").exists()


@pytest.mark.requirement("R71")
def test_the_cockpit_is_told_the_limits_and_stores_who_has_read_them(tmp_path: Path) -> None:
    def a_start() -> FirstStart:
        return FirstStart(TRADING, Environment.TESTNET, tmp_path, "ada")

    first = a_start()
    assert first.is_needed
    assert first.acknowledged == ""
    assert first.paragraphs(None)[0].lines[0].startswith("TESTNET: ")
    first.acknowledge()
    assert first.acknowledged.endswith("by ada")
    assert a_start().acknowledged == first.acknowledged
