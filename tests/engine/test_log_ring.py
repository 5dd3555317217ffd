"""The newest log lines in memory: what is kept, what is told, and from which thread."""

import logging
import threading
from collections.abc import Iterator

import pytest

from botcore_tui.engine.log_ring import LEVELS, LogRing
from botcore_tui.model.event import Severity

_WAIT_SECONDS = 30.0


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    logger = logging.getLogger("botcore_tui.engine.ring_test")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    yield logger
    logger.handlers.clear()


@pytest.fixture
def ring(logger: logging.Logger) -> LogRing:
    ring = LogRing(capacity=5)
    logger.addHandler(ring)
    return ring


def test_line_has_text_severity_source_and_time(ring: LogRing, logger: logging.Logger) -> None:
    logger.warning("%d updates missed", 3)

    (line,) = ring.since(0)
    assert line.text == "3 updates missed"
    assert line.severity is Severity.WARNING
    assert line.source == "engine.ring_test"
    assert line.sequence == 1
    assert line.time_ms > 1_700_000_000_000


def test_time_and_code_given_with_the_record_stand_in_for_writing_time_and_logger(
    ring: LogRing, logger: logging.Logger
) -> None:
    logger.info("gap", extra={"time_ms": 42, "code": "book.gap"})

    (line,) = ring.since(0)
    assert (line.time_ms, line.source) == (42, "book.gap")


@pytest.mark.parametrize("severity", list(Severity))
def test_every_severity_survives_its_way_through_a_level(
    ring: LogRing, logger: logging.Logger, severity: Severity
) -> None:
    logger.log(LEVELS[severity], "something")

    assert ring.since(0)[0].severity is severity


def test_level_without_a_severity_is_shown_as_info(ring: LogRing, logger: logging.Logger) -> None:
    logger.log(25, "odd")

    assert ring.since(0)[0].severity is Severity.INFO


def test_exception_is_told_in_one_line(ring: LogRing, logger: logging.Logger) -> None:
    logger.error("processing failed", exc_info=ValueError("no such price"))

    assert ring.since(0)[0].text == "processing failed: ValueError: no such price"


def test_absent_exception_adds_nothing(ring: LogRing, logger: logging.Logger) -> None:
    logger.error("failed", exc_info=True)  # noqa: LOG014 - what is tested

    assert ring.since(0)[0].text == "failed"


def test_arguments_that_do_not_fit_are_shown_and_never_raised(
    ring: LogRing, logger: logging.Logger
) -> None:
    logger.info("%d updates", "three")

    assert ring.since(0)[0].text == "%d updates ('three',)"


def test_since_returns_only_newer_lines_oldest_first(ring: LogRing, logger: logging.Logger) -> None:
    for number in range(4):
        logger.info("line %d", number)

    assert [line.text for line in ring.since(2)] == ["line 2", "line 3"]
    assert list(ring.since(4)) == []
    assert list(ring.since(99)) == []


def test_overflow_drops_the_oldest_and_leaves_a_jump_in_the_numbers(
    ring: LogRing, logger: logging.Logger
) -> None:
    for number in range(12):
        logger.info("line %d", number)

    lines = ring.since(3)

    assert [line.sequence for line in lines] == [8, 9, 10, 11, 12]
    assert [line.text for line in lines] == [f"line {number}" for number in range(7, 12)]
    assert ring.end == 12


def test_lines_of_many_threads_are_numbered_without_gap_while_others_read(
    logger: logging.Logger,
) -> None:
    ring = LogRing(capacity=10_000)
    logger.addHandler(ring)

    def write() -> None:
        for _ in range(500):
            logger.info("x")

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    seen = 0
    read = []
    while seen < 2_000:
        for line in ring.since(seen):
            read.append(line.sequence)
            seen = line.sequence
    for thread in threads:
        thread.join(_WAIT_SECONDS)

    assert read == list(range(1, 2_001))
