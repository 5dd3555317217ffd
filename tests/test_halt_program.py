"""Halts of the real program: by another program while it is stopped, and within it while its loop
is blocked."""

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec
import pytest
from kill_doors import bid, long_position, open_at_venue
from real_program import Program, botcore, surroundings
from sim_process import Sim

from botcore_tui.exchange.lingering import read_trace

pytestmark = pytest.mark.xdist_group("halt_program")

WORDS: Final = ("run", "--headless", "--enable-trading", "--strategy", "none", "--state-dir")
TESTS: Final = Path(__file__).parent


class Blockable(Program):
    """The same with a file that blocks its loop."""

    def __init__(self, *arguments: object, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.blockable_program", *map(str, arguments)],
            env=surroundings(
                home,
                {
                    "PYTHONPATH": f"{TESTS}:{TESTS.parent}",
                    "BOTCORE__BREAKER__STANDSTILL_SECONDS": "1",
                },
            ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=home,
        )
        self.told = ""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    return home


@pytest.fixture
def program(home: Path) -> Iterator[Program]:
    """A demo that trades, and nobody does."""
    with Program(*WORDS, home / "state", home=home) as program:
        program.wait_for("account reconciled")
        yield program
        program.signal(signal.SIGCONT)


def exchange_of(home: Path) -> Sim:
    trace = read_trace(home / "state" / "demo-exchange.json")
    assert trace is not None
    return msgspec.convert(msgspec.to_builtins(trace.ready), Sim)


def told(home: Path, *words: str) -> dict[str, object]:
    done = botcore("--state-dir", home / "state", *words, "--json", home=home)
    answer: dict[str, object] = json.loads(done.stdout)
    return {**answer, "code": done.returncode, "stderr": done.stderr}


@pytest.mark.slow
@pytest.mark.requirement("K6")
@pytest.mark.requirement("K1")
def test_program_that_is_stopped_is_halted_flattened_and_stays_halted_when_it_goes_on(
    home: Path, program: Program
) -> None:
    sim = exchange_of(home)
    bid(sim)
    bid(sim)
    long_position(sim)
    program.signal(signal.SIGSTOP)

    done = told(home, "halt", "--flatten", "--all", "--reason", "enough")

    assert (done["code"], done["is_confirmed"], done["trouble"]) == (0, True, [])
    assert str(done["engine"]).startswith("does not answer")
    assert open_at_venue(sim) == (0, 0)

    program.signal(signal.SIGCONT)
    program.wait_for("HALTED by")
    status = told(home, "status")
    assert (status["engine"], status["state"]) == ("running", "HALTED")


@pytest.mark.slow
@pytest.mark.requirement("K6")
@pytest.mark.requirement("F13")
def test_halt_needs_no_database(home: Path, program: Program) -> None:
    sim = exchange_of(home)
    bid(sim)
    ledger = home / "state" / "ledger-demo.db"
    with closing(sqlite3.connect(ledger, isolation_level=None, timeout=10)) as locked:
        locked.execute("BEGIN EXCLUSIVE")

        done = told(home, "halt")

        assert (done["code"], done["engine"], done["trouble"]) == (0, "halted", [])
        assert open_at_venue(sim)[0] == 0
        locked.execute("ROLLBACK")


@pytest.mark.requirement("K6")
@pytest.mark.requirement("F16")
@pytest.mark.requirement("A14")
@pytest.mark.slow
def test_loop_that_is_blocked_is_halted_by_the_second_way(home: Path) -> None:
    with Blockable(*WORDS, home / "state", home=home) as program:
        program.wait_for("account reconciled")
        sim = exchange_of(home)
        bid(sim)
        wish = home / "state" / "block"
        wish.write_text("4")
        program.wait_for("the loop is blocked")

        program.signal(signal.SIGUSR1)

        program.wait_for("the engine does not take up a halt by signal")
        program.wait_for("rescue 1 of 1 entries cancelled, 0 open")
        assert open_at_venue(sim) == (0, 0)
        program.wait_for("the engine stood still for")
        program.wait_for("ACTIVE -> HALTED by signal")
