"""Alerts and heartbeat of a run run only where they are configured."""

import logging
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from botcore_tui.cli.telling import Telling, alert_terms, heartbeat_terms
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config
from botcore_tui.core.trader import Trader
from botcore_tui.engine.engine import Engine
from botcore_tui.engine.player import Player, PlayerSettings
from botcore_tui.engine.port import EngineSettings
from botcore_tui.engine.tape import Line

logger = logging.getLogger("botcore_tui.tested")


def no_lines() -> Generator[list[Line], None, None]:
    yield []


def an_engine() -> Engine:
    player = Player(no_lines, PlayerSettings("tape", None), SystemClock())
    return Engine(Trader(), player, SystemClock(), EngineSettings("demo", pins_cores=False))


def told_by(config: Config, lines: Sequence[str]) -> Engine:
    telling, engine = Telling(config), an_engine()
    telling.start()
    telling.follow(engine, "testnet")
    for line in lines:
        logger.critical("%s", line)
    telling.finish()
    return engine


@pytest.mark.requirement("R74")
@pytest.mark.requirement("R16")
def test_a_halt_reaches_the_command_at_the_latest_at_the_end_without_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOTCORE_TESTNET_API_SECRET", "s3cr3t-s3cr3t-s3cr3t")
    file = tmp_path / "told"
    command = ("sh", "-c", f"cat >> {file}")
    config = Config.model_validate({"alerts": {"command": command, "heartbeat_file": "~/beat"}})
    engine = told_by(config, ["HALTED with s3cr3t-s3cr3t-s3cr3t"])
    head, line = file.read_text().splitlines()
    assert head.startswith("botcore testnet on ")
    assert line.endswith("tested: HALTED with ********")
    assert [name for name, _ in engine._services] == ["heartbeat"]
    assert not any(handler.name == "alerts" for handler in logging.getLogger().handlers)
    assert heartbeat_terms(config).file == Path.home() / "beat"


@pytest.mark.requirement("R53")
def test_by_default_nothing_runs() -> None:
    engine = told_by(Config(), ["HALTED"])
    assert engine._services == []
    assert alert_terms(Config()).command == ()
    assert not heartbeat_terms(Config()).is_wanted
