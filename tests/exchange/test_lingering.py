"""The trace of an exchange, and an exchange that is not our child."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fake_exchange import GIVE_UP_SECONDS, SECRET, ready_facts
from msgspec.structs import replace

from botcore_tui.exchange import lingering
from botcore_tui.exchange.lingering import (
    AttachedExchange,
    read_trace,
    remove_trace,
    write_trace,
)
from botcore_tui.exchange.sim.ready import Ready

HEARS = "import signal; print(flush=True); signal.pause()"
DEAF = (
    "import signal; signal.signal(15, signal.SIG_IGN); print(flush=True)\nwhile 1: signal.pause()"
)


@contextmanager
def a_stranger(code: str = HEARS) -> Iterator[Ready]:
    """A process with a port that answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        process = subprocess.Popen([sys.executable, "-S", "-c", code], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        port = listening.getsockname()[1]
        try:
            yield replace(ready_facts(f"http://127.0.0.1:{port}"), pid=process.pid)
        finally:
            process.kill()
            process.communicate()


def attach(ready: Ready) -> tuple[AttachedExchange, threading.Semaphore]:
    told = threading.Semaphore(0)
    exchange = AttachedExchange.attach(ready, told.release)
    assert exchange is not None
    return exchange, told


@pytest.fixture(params=["pidfd", "number"])
def _ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "number":
        monkeypatch.delattr(os, "pidfd_open", raising=False)
        # A child of the test stays there until it is waited for: it would live for ever.
        monkeypatch.setattr(lingering, "_lives", lambda pid: os.waitpid(pid, os.WNOHANG)[0] == 0)


@pytest.mark.usefixtures("_ways")
def test_one_that_is_told_to_end_does_and_says_so_once() -> None:
    with a_stranger() as ready:
        exchange, told = attach(ready)
        assert (exchange.ready, exchange.end) == (ready, "")
        exchange.stop()
        exchange.stop()
        assert told.acquire(timeout=GIVE_UP_SECONDS)
        assert exchange.wait_for_end(GIVE_UP_SECONDS)
        assert exchange.end == "stopped"


@pytest.mark.usefixtures("_ways")
def test_one_that_does_not_hear_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lingering, "_GRACE_SECONDS", 0.01)
    with a_stranger(DEAF) as ready:
        exchange, _ = attach(ready)
        exchange.stop()
        assert exchange.wait_for_end(GIVE_UP_SECONDS)
        assert exchange.end == "stopped"


def test_one_that_dies_is_noticed() -> None:
    with a_stranger() as ready:
        exchange, told = attach(ready)
        assert not exchange.wait_for_end(0.0)
        os.kill(ready.pid, signal.SIGKILL)
        assert told.acquire(timeout=GIVE_UP_SECONDS)
        assert exchange.end == "ended"


def test_what_lives_no_more_or_answers_nowhere_is_not_taken_over() -> None:
    with a_stranger() as ready:
        silent = replace(ready, rest="http://127.0.0.1:1")
        assert AttachedExchange.attach(silent, lambda: None) is None
        nowhere = replace(ready, rest="http://[nonsense")
        assert AttachedExchange.attach(nowhere, lambda: None) is None
    assert AttachedExchange.attach(ready, lambda: None) is None
    assert AttachedExchange.attach(replace(ready, pid=0), lambda: None) is None
    assert not lingering._lives(ready.pid)


def test_without_process_descriptors_a_silent_one_is_not_taken_over_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(os, "pidfd_open", raising=False)
    own = replace(ready_facts(), pid=os.getpid())
    assert AttachedExchange.attach(own, lambda: None) is None
    assert lingering._lives(os.getpid())


def test_a_trace_is_read_as_it_was_written_and_is_for_nobody_else(tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    for pid in (3, 4):  # a later one replaces it
        write_trace(path, ["sim", "--seed", "4"], replace(ready_facts(), pid=pid))
    trace = read_trace(path)
    assert trace is not None
    assert trace.command == ("sim", "--seed", "4")
    assert (trace.ready.pid, trace.ready.instance) == (4, "0123abcd")
    assert path.stat().st_mode & 0o777 == 0o600
    assert SECRET not in repr(trace)
    assert list(tmp_path.iterdir()) == [path]
    remove_trace(path)
    remove_trace(path)
    assert read_trace(path) is None


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"command": 1}', b"[" * 100_000])
def test_a_trace_that_is_none_is_left_alone(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    path.write_bytes(content)
    assert read_trace(path) is None
    assert read_trace(tmp_path) is None
