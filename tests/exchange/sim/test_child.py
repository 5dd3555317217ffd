"""A child process that is started, listened to, and never left behind."""

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fake_exchange import GIVE_UP_SECONDS, SECRET, a_command, ready_facts
from real_program import ROOT

from botcore_tui.exchange.sim import child
from botcore_tui.exchange.sim.child import EmbeddedExchange, ExchangeOptions, sim_command
from botcore_tui.exchange.sim.ready import Ready

Start = Callable[..., EmbeddedExchange]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a child; whatever is left of it ends with the test."""
    started: list[EmbeddedExchange] = []

    def start_child(command: tuple[str, ...]) -> EmbeddedExchange:
        exchange = EmbeddedExchange(command, lambda: None)
        started.append(exchange)
        exchange.start()
        return exchange

    yield start_child
    for exchange in started:
        exchange.stop()
        assert exchange.wait_for_end(GIVE_UP_SECONDS)


def ready_of(exchange: EmbeddedExchange) -> Ready:
    assert exchange.wait(GIVE_UP_SECONDS)
    assert exchange.ready is not None, exchange.end
    return exchange.ready


def end_of(exchange: EmbeddedExchange) -> str:
    assert exchange.wait_for_end(GIVE_UP_SECONDS)
    return exchange.end


def test_a_child_tells_its_addresses_and_ends_with_its_input(start: Start) -> None:
    exchange = start(a_command())
    ready = ready_of(exchange)
    assert (ready.rest, ready.symbols, ready.seed) == ("http://127.0.0.1:1", ("BTCUSDT",), 7)
    assert exchange.end == ""
    exchange.stop()
    exchange.stop()
    assert end_of(exchange) == "stopped"
    with pytest.raises(ProcessLookupError):
        os.kill(ready.pid, 0)


def test_every_change_is_told() -> None:
    told = threading.Semaphore(0)
    exchange = EmbeddedExchange(a_command(), told.release)
    exchange.start()
    assert told.acquire(timeout=GIVE_UP_SECONDS)
    assert exchange.ready is not None
    exchange.stop()
    assert told.acquire(timeout=GIVE_UP_SECONDS)
    assert exchange.end == "stopped"


@pytest.mark.requirement("R16")
def test_neither_settings_nor_keys_reach_a_child_but_our_modules_do(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOTCORE__UI__THEME", "mono")
    monkeypatch.setenv("BOTCORE_TESTNET_API_SECRET", "none of its business")
    _, names, _, leads_session, *path = ready_of(start(a_command("curious"))).symbols
    assert names == "[]"
    assert leads_session == "True"
    assert str(ROOT) in path


@pytest.mark.parametrize(
    ("words", "end"),
    [
        ("", "left with exit code 7"),
        ("first\nbotcore: --market: no such file", "left with exit code 7: --market: no such file"),
        ("rings \a the bell", r"left with exit code 7: rings \x07 the bell"),
    ],
)
def test_a_child_that_dies_is_told_with_its_last_words(
    start: Start, caplog: pytest.LogCaptureFixture, words: str, end: str
) -> None:
    with caplog.at_level("INFO"):
        exchange = start(a_command("dying", words=words))
        assert end_of(exchange) == end
    assert exchange.ready is None
    assert len(caplog.messages) == len(words.splitlines())


def test_a_child_that_was_ready_and_leaves_is_told(start: Start) -> None:
    exchange = start(a_command("brief"))
    assert end_of(exchange) == "left with exit code 0"
    assert exchange.ready is not None


def test_a_child_that_is_killed_is_told(start: Start) -> None:
    exchange = start(a_command())
    os.kill(ready_of(exchange).pid, signal.SIGKILL)
    assert end_of(exchange) == "killed by SIGKILL"
    assert child._how(-63) == "killed by signal 63"  # a real-time signal, which has no name


def test_a_child_that_says_something_else_first_is_ended(start: Start) -> None:
    exchange = start(a_command("babbling"))
    assert "its first line is not what an exchange says" in end_of(exchange)
    assert exchange.ready is None


def test_waiting_for_a_silent_child_has_an_end(start: Start) -> None:
    exchange = start(a_command("silent"))
    assert not exchange.wait(0.001)
    assert not exchange.wait_for_end(0.001)
    exchange.stop()
    assert end_of(exchange) == "stopped"


def test_a_child_that_does_not_heed_its_input_is_killed(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "_GRACE_SECONDS", 0.01)
    exchange = start(a_command("deaf"))
    pid = ready_of(exchange).pid
    exchange.stop()
    assert end_of(exchange) == "stopped"
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_child_that_lingers_is_told_by_a_signal() -> None:
    exchange = EmbeddedExchange(a_command("deaf"), lambda: None, lingers=True)
    exchange.start()
    ready_of(exchange)
    exchange.stop()
    assert end_of(exchange) == "stopped"


def test_what_cannot_be_started_says_so_and_needs_no_stop() -> None:
    exchange = EmbeddedExchange(("/no/such/program",), lambda: None)
    with pytest.raises(FileNotFoundError):
        exchange.start()
    exchange.stop()
    assert not exchange.wait(0.0)


def test_stopping_what_has_ended_leaves_no_timer_behind(start: Start) -> None:
    exchange = start(a_command("brief"))
    end = end_of(exchange)
    exchange.stop()
    assert exchange.end == end
    assert exchange._force is not None
    exchange._force.join(GIVE_UP_SECONDS)
    assert not exchange._force.is_alive()


_PARENT = """
import sys, threading
from botcore_tui.exchange.sim.child import EmbeddedExchange
exchange = EmbeddedExchange(sys.argv[1:], lambda: None)
exchange.start()
exchange.wait(30)
assert exchange.ready, exchange.end
print("ready", flush=True)
threading.Event().wait()
"""


@pytest.mark.requirement("F17")
def test_a_child_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    fifo = tmp_path / "held"
    os.mkfifo(fifo)
    command = a_command("holding", more=[str(fifo)])
    held = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT, *command], stdout=subprocess.PIPE, cwd=ROOT
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        parent.kill()
    # The system closes the other end when, and not before, the child has ended.
    assert select.select([held], [], [], GIVE_UP_SECONDS)[0]
    assert os.read(held, 1) == b""
    os.close(held)


def test_secrets_do_not_show_when_a_ready_line_is_shown() -> None:
    assert SECRET not in f"{ready_facts()!r} {ready_facts()}"


def test_the_command_has_every_option() -> None:
    options = ExchangeOptions(
        symbols=("BTCUSDT", "ETHUSDT"),
        market="tape:/x y",
        seed=3,
        balance="12.5",
        speed=2.5,
        faults=("disconnect=count:1", "F11"),
    )
    words = " ".join(sim_command(options))
    assert words.startswith(f"{sys.executable} -P -m botcore_tui sim --json --until-eof ")
    assert "--market tape:/x y --seed 3 --balance 12.5 --speed 2.5" in words
    assert "--symbols BTCUSDT,ETHUSDT --fault disconnect=count:1 --fault F11" in words
    assert "--symbols" not in sim_command(ExchangeOptions(market="tape:x"))
    assert "--linger" not in words
    assert "--linger 120" in " ".join(sim_command(ExchangeOptions(linger_seconds=120)))
