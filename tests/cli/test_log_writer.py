"""Writing never holds up whoever logs."""

import logging
import threading

import pytest

from botcore_tui.cli import log_writer as module
from botcore_tui.cli.log_writer import LogWriter


class Stuck(logging.Handler):
    """Takes a record only when it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = threading.Event()
        self.released = threading.Event()
        self.taken: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Wait like a terminal that does not read."""
        self.reached.set()
        self.released.wait()
        self.taken.append(record.getMessage())


def a_record(text: str) -> logging.LogRecord:
    return logging.LogRecord("botcore_tui.test", logging.INFO, "", 0, text, (), None)


@pytest.mark.requirement("F13")
@pytest.mark.requirement("F17")
def test_a_target_that_hangs_holds_up_nobody_and_gets_everything_later() -> None:
    stuck = Stuck()
    writer = LogWriter([stuck])
    writer.start()
    writer.handle(a_record("first"))
    assert stuck.reached.wait(10)
    writer.handle(a_record("second"))
    writer.finish(timeout_seconds=0.01)
    assert stuck.taken == []
    stuck.released.set()
    writer.finish()
    assert stuck.taken == ["first", "second"]


def test_what_finds_no_room_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WAITING", 2)
    stuck = Stuck()
    stuck.released.set()
    writer = LogWriter([stuck])
    for text in ("a", "b", "c"):
        writer.handle(a_record(text))
    assert writer.lost == 1
    writer.finish()
    assert stuck.taken == ["a", "b"]


def test_full_queue_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WAITING", 1)
    stuck = Stuck()
    writer = LogWriter([stuck])
    writer.start()
    writer.handle(a_record("first"))
    assert stuck.reached.wait(10)
    writer.handle(a_record("second"))
    writer.finish(timeout_seconds=0.01)
    stuck.released.set()


def test_arguments_that_do_not_fit_are_written_as_they_are() -> None:
    stuck = Stuck()
    stuck.released.set()
    writer = LogWriter([stuck])
    writer.handle(logging.LogRecord("botcore_tui.test", logging.INFO, "", 0, "%d", ("x",), None))
    writer.finish()
    assert stuck.taken == ["%d ('x',)"]
