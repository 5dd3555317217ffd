"""The first start of the real program: the limits are shown once, and are in nobody's way."""

import json
import signal
from pathlib import Path

import pytest
from real_program import ENTER, F12, Program, Screen


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    return home


@pytest.mark.slow
@pytest.mark.requirement("R71")
def test_the_first_screen_lets_a_halt_through_is_acknowledged_once_and_not_shown_again(
    home: Path,
) -> None:
    state = home / ".local" / "state" / "botcore"
    with Screen(home=home, is_first_start=True) as screen:
        screen.wait_for("DEMO", "Limits in force", "What halts trading by itself", "spread 0.10")
        screen.send(F12)
        screen.wait_for("HALTED by", "CRIT", "key F12", "enter I have read this")
        screen.send(ENTER)
        screen.wait_for("limits acknowledged")
        screen.signal(signal.SIGTERM)
        assert screen.wait_for_exit() == 0
        screen.assert_is_restored()
    kept = json.loads((state / "acknowledged.json").read_text())
    assert kept["environment"] == "demo"
    assert kept["actor"]
    with Screen(home=home, is_first_start=True) as screen:
        screen.wait_for("ACTIVE", "· live ·")
        assert "Limits in force" not in screen.text
        screen.signal(signal.SIGTERM)
        assert screen.wait_for_exit() == 0


@pytest.mark.slow
@pytest.mark.requirement("R72")
def test_the_readiness_report_opens_in_the_cockpit(home: Path) -> None:
    with Screen(home=home, size=(100, 40)) as screen:
        screen.wait_for("ACTIVE", "· live ·")
        screen.send(b"D")
        screen.wait_for("old: 0 FAIL", "the embedded one is ready")
        screen.signal(signal.SIGTERM)
        assert screen.wait_for_exit() == 0


@pytest.mark.slow
@pytest.mark.requirement("R54")
@pytest.mark.requirement("R74")
def test_with_the_screen_closed_a_halt_is_told_and_the_heartbeat_ends_with_the_engine(
    home: Path, tmp_path: Path
) -> None:
    told, beat = tmp_path / "told", tmp_path / "beat"
    env = {
        "BOTCORE__ALERTS__COMMAND": json.dumps(["cp", "/dev/stdin", str(told)]),
        "BOTCORE__ALERTS__HEARTBEAT_FILE": str(beat),
        "BOTCORE__ALERTS__HEARTBEAT_SECONDS": "1",
    }
    with Program("--headless", home=home, env=env) as program:
        program.wait_for("BTCUSDT book is live")
        program.signal(signal.SIGUSR1)
        program.wait_for("HALTED by signal: SIGUSR1")
        program.signal(signal.SIGTERM)
        assert program.wait_for_exit() == 0
    head, line = told.read_text().splitlines()
    assert head.startswith("botcore demo on ")
    assert line.endswith("state.halted: ACTIVE -> HALTED by signal: SIGUSR1")
    assert "Traceback" not in program.told
