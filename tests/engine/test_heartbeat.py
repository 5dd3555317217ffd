"""Other programs see that the engine turns, and that it does not."""

import asyncio
import contextlib
import threading
from pathlib import Path

import pytest

from botcore_tui.clock import ManualClock
from botcore_tui.engine.heartbeat import Heartbeat, HeartbeatTerms


def a_heartbeat(clock: ManualClock, file: Path | None, *command: str) -> Heartbeat:
    heartbeat = Heartbeat(HeartbeatTerms(file, command, 30.0, 20.0), clock)
    heartbeat.environment = "testnet"
    return heartbeat


async def turn(heartbeat: Heartbeat) -> None:
    """Let the engine's loop turn once."""
    task = asyncio.create_task(heartbeat.beat())
    await asyncio.sleep(0)  # the turn
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


@pytest.mark.requirement("R54")
async def test_the_file_is_written_while_the_engine_turns_and_not_when_it_hangs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock, file = ManualClock(1_700_000_000_000), tmp_path / "beat"
    heartbeat = a_heartbeat(clock, file)
    await turn(heartbeat)
    heartbeat.show()
    assert file.read_text().startswith("2023-11-14T22:13:21Z testnet pid ")
    file.unlink()
    clock.advance(60)
    for _ in range(2):
        heartbeat.show()
    assert not file.exists()
    assert [record.getMessage() for record in caplog.records] == [
        "the engine does not turn: its heartbeat is held back"
    ]


@pytest.mark.requirement("R54")
async def test_the_command_is_called_and_a_failure_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    heartbeat = a_heartbeat(ManualClock(), tmp_path / "none" / "beat", "false")
    await turn(heartbeat)
    for _ in range(2):
        heartbeat.show()
    (record,) = caplog.records
    assert record.getMessage().endswith(
        "cannot be written (No such file or directory); heartbeat command failed: exit code 1"
    )


def test_the_thread_shows_it_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = threading.Semaphore(0)
    monkeypatch.setattr(Heartbeat, "show", lambda _: shown.release())
    heartbeat = Heartbeat(HeartbeatTerms(None, ("true",), 0.01, 20.0), ManualClock())
    heartbeat.start()
    assert shown.acquire(timeout=20)
    assert shown.acquire(timeout=20)
    heartbeat.finish()
    heartbeat._thread.join(20)
    assert not heartbeat._thread.is_alive()


def test_nobody_looks_unless_it_is_configured() -> None:
    assert not HeartbeatTerms(None, (), 30.0, 10.0).is_wanted
    assert HeartbeatTerms(None, ("true",), 30.0, 10.0).is_wanted
    assert HeartbeatTerms(Path("beat"), (), 30.0, 10.0).is_wanted
