"""Who is not at the screen is told of halts and of what is CRITICAL, and nobody waits for that."""

import json
import logging
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from botcore_tui.engine.alerts import Alerts, AlertTerms, send_alert
from botcore_tui.engine.errand import Outcome

SECONDS = 20.0
"""Never waited for in a passing test."""
TERMS = AlertTerms(("program",), 1.0, 0.0)

logger = logging.getLogger("botcore_tui.tested")


class Channel:
    """Notes what is sent; holds each alert until it may go on."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Sequence[str]]] = []
        self.outcome = Outcome(0, "")
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self._changed = threading.Condition()

    def __call__(self, _terms: AlertTerms, environment: str, lines: Sequence[str]) -> Outcome:
        with self._changed:
            self.sent.append((environment, lines))
            self._changed.notify_all()
        assert self.may_go_on.wait(SECONDS)
        return self.outcome

    def wait_for(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.sent) >= count, SECONDS)


@pytest.fixture
def channel() -> Channel:
    return Channel()


@pytest.fixture
def alerts(channel: Channel) -> Iterator[Alerts]:
    alerts = Alerts(TERMS, channel, gather_seconds=0)
    alerts.environment = "testnet"
    logger.addHandler(alerts)
    alerts.start()
    yield alerts
    channel.may_go_on.set()
    alerts.finish(SECONDS)
    logger.removeHandler(alerts)


@pytest.mark.requirement("R54")
@pytest.mark.requirement("R74")
def test_what_is_critical_is_sent_and_nothing_else(alerts: Alerts, channel: Channel) -> None:
    logger.error("an error")
    logger.critical("ACTIVE -> HALTED by %s", "ada", extra={"code": "state.halted"})
    channel.wait_for(1)
    ((environment, (line,)),) = channel.sent
    assert environment == "testnet"
    assert line.startswith("CRITICAL ")
    assert line.endswith("Z state.halted: ACTIVE -> HALTED by ada")


@pytest.mark.requirement("A18")
def test_who_logs_never_waits_and_what_comes_meanwhile_goes_into_one_alert(
    alerts: Alerts, channel: Channel
) -> None:
    channel.may_go_on.clear()
    logger.critical("first")
    channel.wait_for(1)
    for number in range(3):
        logger.critical("later %d", number)
    alerts.environment = "demo"
    logger.critical("elsewhere")
    channel.may_go_on.set()
    channel.wait_for(3)
    assert [(where, len(lines)) for where, lines in channel.sent] == [
        ("testnet", 1),
        ("testnet", 3),
        ("demo", 1),
    ]


def test_the_end_sends_what_waits_without_a_pause(channel: Channel) -> None:
    alerts = Alerts(AlertTerms(("program",), 1.0, 3_600.0), channel, gather_seconds=0)
    alerts.start()
    record = logging.LogRecord("x", logging.CRITICAL, "", 0, "halted", (), None)
    alerts.emit(record)
    channel.wait_for(1)
    alerts.emit(record)
    alerts.finish(SECONDS)
    assert len(channel.sent) == 2


def test_what_comes_within_moments_goes_into_one_alert(channel: Channel) -> None:
    alerts = Alerts(TERMS, channel, gather_seconds=3_600.0)
    alerts.start()
    record = logging.LogRecord("x", logging.CRITICAL, "", 0, "halted", (), None)
    for _ in range(3):
        alerts.emit(record)
    alerts.finish(SECONDS)
    assert [len(lines) for _, lines in channel.sent] == [3]


def test_a_record_whose_arguments_do_not_fit_stops_nobody(channel: Channel) -> None:
    alerts = Alerts(TERMS, channel)
    alerts.start()
    alerts.emit(logging.LogRecord("x", logging.CRITICAL, "", 0, "%d halted", ("one",), None))
    alerts.finish(SECONDS)
    ((_, (line,)),) = channel.sent
    assert line.endswith("Z x: %d halted ('one',)")


def test_a_flood_is_bounded_and_counted_and_the_count_is_told(channel: Channel) -> None:
    alerts = Alerts(TERMS, channel)
    record = logging.LogRecord("x", logging.CRITICAL, "", 0, "halted", (), None)
    for _ in range(1_003):
        alerts.emit(record)
    assert alerts.lost == 3
    alerts.start()
    alerts.finish(SECONDS)
    ((_, (first, *others)),) = channel.sent
    assert (first, len(others)) == ("3 lines before these are in the log only", 1_000)
    assert alerts.lost == 0


@pytest.mark.requirement("R74")
def test_a_failure_is_told_in_the_log_and_causes_no_other_alert(
    alerts: Alerts, channel: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    channel.outcome = Outcome(7, "exit code 7: no route")
    logger.critical("halted")
    channel.wait_for(1)
    alerts.finish(SECONDS)
    told = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert ("ERROR", "alert not sent: exit code 7: no route") in told
    assert len(channel.sent) == 1


def test_the_text_names_machine_and_place_and_is_bounded_and_harmless(tmp_path: Path) -> None:
    file = tmp_path / "told"
    code = "import json, sys; json.dump(sys.stdin.readlines(), open(sys.argv[1], 'w'))"
    terms = AlertTerms((sys.executable, "-c", code, str(file)), SECONDS, 0.0)
    lines = ["CRITICAL a\x1b[2J", "b" * 2_000, *("c" for _ in range(30))]
    assert send_alert(terms, "testnet", lines) == Outcome(0, "")
    head, first, second, *rest = json.loads(file.read_text())
    assert head.startswith("botcore testnet on ")
    assert first == "CRITICAL a\\x1b[2J\n"
    assert len(second) == 501
    assert rest[-1] == "... and 12 more: see the log\n"
    assert len(rest) == 19
