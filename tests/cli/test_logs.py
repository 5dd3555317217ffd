"""The log: written, rotated, apart from other programs' logs, free of secrets."""

import asyncio
import logging
import os
import sys
import threading
from errno import ENOSPC
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from botcore_tui.cli.claim import Claim
from botcore_tui.cli.logs import Logs, _LogFile
from botcore_tui.cli.places import Places, places
from botcore_tui.config import LoggingSettings
from botcore_tui.engine.log_ring import LogRing
from botcore_tui.errors import UnavailableError

logger = logging.getLogger("botcore_tui.test")
SECRET = "Zk3vN8qLp0XwRt5Yb7Ud"


@pytest.fixture
def where(tmp_path: Path) -> Places:
    return places(tmp_path / "state")


class Disk(TextIOWrapper):
    """A file on a disk that may be full."""

    is_full = False

    def __init__(self) -> None:
        super().__init__(BytesIO(), encoding="utf-8")

    def write(self, text: str) -> int:
        if self.is_full:
            raise OSError(ENOSPC, "No space left on device")
        return super().write(text)


def an_error() -> Exception:
    with pytest.raises(ValueError, match=SECRET) as raised:
        raise ValueError(SECRET)
    return raised.value


def lines_in(logs: Logs) -> list[str]:
    return [line.text for line in logs.ring.since(0)]


def test_lines_go_to_the_file_in_utc_and_to_the_ring(where: Places) -> None:
    logs = Logs(where, LoggingSettings(), to_stderr=False)
    logger.info("hello %s", "world")
    logger.debug("too small")
    logs.finish()
    assert logs.path == where.log_dir / "botcore.log"
    (line,) = logs.path.read_text().splitlines()
    assert line.endswith("INFO     MainThread botcore_tui.test: hello world")
    assert line.split()[0].endswith("Z")
    assert lines_in(logs) == ["hello world"]


def test_lines_go_to_standard_error_where_there_is_no_screen(
    where: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    logs = Logs(where, LoggingSettings(), to_stderr=True)
    logger.warning("seen")
    logs.finish()
    assert capsys.readouterr().err.endswith("botcore_tui.test: seen\n")


@pytest.mark.requirement("R13")
def test_no_traceback_reaches_a_terminal_and_all_of_it_the_file(
    where: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    """A full disk at the start showed one after another."""
    logs = Logs(where, LoggingSettings(), to_stderr=True)
    with pytest.raises(OSError, match="disk is full") as raised:
        raise OSError("disk is full\n(background on this error: elsewhere)") from an_error()
    logger.error("the writer died", exc_info=raised.value)
    logs.finish()
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("the writer died: OSError: disk is full (more in the log file)")
    written = logs.path.read_text()
    assert "Traceback" in written
    assert f"ValueError: {SECRET}" in written


@pytest.mark.requirement("R13")
@pytest.mark.parametrize("depth", [1, 2])
def test_terminal_is_told_why_the_last_of_several_tasks_failed(
    where: Places, capsys: pytest.CaptureFixture[str], depth: int
) -> None:
    async def fail(depth: int) -> None:
        if not depth:
            raise OSError("disk is full")
        async with asyncio.TaskGroup() as group:
            group.create_task(fail(depth - 1))

    logs = Logs(where, LoggingSettings(), to_stderr=True)
    with pytest.raises(ExceptionGroup) as raised:
        asyncio.run(fail(depth))
    logger.critical("the engine ended", exc_info=raised.value)
    logs.finish()
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("the engine ended: OSError: disk is full (more in the log file)")


@pytest.mark.requirement("R13")
def test_terminal_is_told_the_beginning_of_a_message_of_several_lines(
    where: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    logs = Logs(where, LoggingSettings(), to_stderr=True)
    with pytest.raises(ValueError, match="2 errors") as raised:
        raise ValueError("2 errors in a row\nx\n  must be a number\ny\n  must be above zero")
    logger.error("not read", exc_info=raised.value)
    logs.finish()
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("not read: ValueError: 2 errors in a row (more in the log file)")


def test_a_full_file_is_put_aside_and_old_ones_are_dropped(where: Places) -> None:
    logs = Logs(where, LoggingSettings(file_mb=1, keep_files=2), to_stderr=False)
    for number in range(5):
        logger.info("%d %s", number, "x" * 900_000)
    logs.finish()
    names = sorted(path.name for path in where.log_dir.iterdir())
    assert names == ["botcore.log", "botcore.log.1", "botcore.log.2"]
    assert " 4 xxx" in logs.path.read_text()


def test_a_second_program_writes_a_log_of_its_own(where: Places) -> None:
    where.make()
    other = Claim.take(where.lock_dir / "botcore.log.lock")
    assert other is not None
    logs = Logs(where, LoggingSettings(), to_stderr=False)
    assert logs.path.name == "botcore-2.log"
    other.release()


def test_more_programs_than_logs_are_refused(where: Places) -> None:
    where.make()
    names = ["botcore", *(f"botcore-{number}" for number in range(2, 10))]
    claims = [Claim.take(where.lock_dir / f"{name}.log.lock") for name in names]
    with pytest.raises(UnavailableError, match="9 programs write logs in"):
        Logs(where, LoggingSettings(), to_stderr=False)
    for claim in claims:
        assert claim is not None
        claim.release()


@pytest.mark.requirement("R13")
def test_a_log_that_cannot_be_opened_is_told_with_what_to_do(where: Places) -> None:
    where.make()
    (where.log_dir / "botcore.log").mkdir()
    with pytest.raises(UnavailableError, match=r"botcore\.log cannot be written .*--state-dir"):
        Logs(where, LoggingSettings(), to_stderr=False)


@pytest.mark.requirement("R13")
def test_a_pipe_in_place_of_the_log_is_told_and_waited_for_by_nobody(where: Places) -> None:
    """It held the start until somebody read it."""
    where.make()
    os.mkfifo(where.log_dir / "botcore.log")
    with pytest.raises(UnavailableError, match=r"botcore\.log cannot be written .*--state-dir"):
        Logs(where, LoggingSettings(), to_stderr=False)


@pytest.mark.requirement("F13")
def test_a_disk_that_fills_up_is_told_once_in_the_cockpit(where: Places) -> None:
    where.make()
    (where.log_dir / "botcore.log").symlink_to("/dev/full")
    logs = Logs(where, LoggingSettings(), to_stderr=False)
    logger.info("first")
    logger.info("second")
    logs.finish()
    told = lines_in(logs)
    assert "first" in told
    assert "second" in told
    (lost,) = [line for line in told if line.startswith("log lines are lost: ")]
    assert lost.endswith("cannot be written (No space left on device)")


@pytest.mark.requirement("F13")
def test_a_disk_that_fills_up_again_is_told_again(where: Places) -> None:
    where.make()
    ring = LogRing()
    file, disk = _LogFile(where.log_dir / "botcore.log", LoggingSettings(), ring), Disk()
    opened = file.setStream(disk)
    assert opened is not None
    opened.close()
    for disk.is_full in (True, True, False, True, True):
        file.handle(logging.makeLogRecord({"msg": "a line"}))
    told = [line.text for line in ring.since(0)]
    assert [line.startswith("log lines are lost: ") for line in told] == [True, True]
    file.close()


@pytest.mark.requirement("F13")
def test_file_that_was_removed_or_moved_is_begun_anew(where: Places) -> None:
    logs = Logs(where, LoggingSettings(), to_stderr=False)
    logs.path.unlink()
    logger.info("after it was removed")
    logs.finish()
    assert "after it was removed" in logs.path.read_text()
    moved = logs.path.rename(logs.path.with_name("botcore.log.20261128"))
    logger.info("after it was moved")
    logs.finish()
    assert "after it was moved" not in moved.read_text()
    (line,) = logs.path.read_text().splitlines()
    assert line.endswith("after it was moved")


@pytest.mark.requirement("F13")
def test_directory_that_was_removed_is_told_once_and_the_log_goes_on_when_it_is_back(
    where: Places,
) -> None:
    logs = Logs(where, LoggingSettings(), to_stderr=False)
    aside = where.log_dir.rename(where.log_dir.with_name("aside"))
    logger.info("first")
    logger.info("second")
    logs.finish()
    (lost,) = [line for line in lines_in(logs) if line.startswith("log lines are lost: ")]
    assert lost.endswith("cannot be written (No such file or directory)")
    aside.rename(where.log_dir)
    logger.info("third")
    logs.finish()
    (line,) = logs.path.read_text().splitlines()
    assert line.endswith("third")


@pytest.mark.requirement("R16")
def test_no_secret_reaches_file_ring_or_standard_error(
    where: Places, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BOTCORE_TESTNET_API_SECRET", SECRET)
    logs = Logs(where, LoggingSettings(), to_stderr=True)
    logger.info("a %s in the arguments", SECRET)
    logger.info("wrong arguments %d", SECRET)
    logger.error("in a traceback", exc_info=an_error())
    logs.finish()
    everything = logs.path.read_text() + "\n".join(lines_in(logs)) + capsys.readouterr().err
    assert "in the arguments" in everything
    assert "Traceback" in everything
    assert SECRET not in everything


def test_a_thread_that_dies_is_told_in_the_log_and_not_on_the_screen(
    where: Places, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    logs = Logs(where, LoggingSettings(), to_stderr=False)
    logs.start()
    thread = threading.Thread(target=lambda: 1 / 0, name="doomed")
    thread.start()
    thread.join()
    logs.finish()
    assert "thread doomed died" in logs.path.read_text()
    assert "ZeroDivisionError" in logs.path.read_text()
    assert capsys.readouterr().err == ""
