"""A run with an end: after so long, with a report, and an exit code that says how it ended."""

import json
import os
import threading
from types import SimpleNamespace

import pytest

from botcore_tui.cli import trade_report
from botcore_tui.cli.leaving import Settled
from botcore_tui.cli.trade_run import Ending, finish


class FakeWorkplace:
    """Tells what is done with it."""

    def __init__(self, trouble: str | None) -> None:
        self.trading: object = None if trouble is None else object()
        self.settled: Settled | None = None
        self.story: list[str] = []
        self._trouble = trouble or ""

    def settle(self, reason: str) -> None:
        """Note."""
        self.story.append(f"settled: {reason}")
        self.settled = Settled(self._trouble)

    def close(self) -> None:
        """Note."""
        self.story.append("closed")


class FakeReporter:
    """Made before the end, asked after it."""

    def __init__(self, workplace: FakeWorkplace) -> None:
        workplace.story.append("figures gathered")
        self._story = workplace.story
        assert workplace.settled is not None
        self.trouble = workplace.settled.trouble

    def as_json(self) -> str:
        """Note."""
        self._story.append("reported")
        return json.dumps({"orders": 1})


class FakeEngine:
    """Notes halts."""

    def __init__(self) -> None:
        self.halts: list[tuple[str, str]] = []

    def halt(self, actor: str, reason: str) -> None:
        """Note."""
        self.halts.append((actor, reason))


@pytest.mark.parametrize(("trouble", "code"), [("", 0), ("1 orders are UNKNOWN", 1)])
def test_a_report_is_made_while_the_venue_is_there_and_told_when_all_is_closed(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    trouble: str,
    code: int,
) -> None:
    monkeypatch.setattr(trade_report, "Reporter", FakeReporter)
    place = FakeWorkplace(trouble)
    assert finish(place, Ending(wants_report=True)) == code  # type: ignore[arg-type]  # as far as used
    assert place.story == ["settled: the run is over", "figures gathered", "closed", "reported"]
    assert json.loads(capsys.readouterr().out) == {"orders": 1}


@pytest.mark.parametrize("trouble", [None, ""])
def test_without_a_wish_for_a_report_nothing_is_told(
    capsys: pytest.CaptureFixture[str], trouble: str | None
) -> None:
    place = FakeWorkplace(trouble)
    ending = Ending(wants_report=trouble is None)
    assert finish(place, ending) == 0  # type: ignore[arg-type]  # as far as used
    assert place.story == ["closed"]
    assert capsys.readouterr().out == ""


class LeftWorkplace(FakeWorkplace):
    """Looks how the account is left when it is closed, as one does that is no demo."""

    def close(self) -> None:
        """Look, and note."""
        self.settle("the program leaves this environment")
        super().close()


@pytest.mark.parametrize(("trouble", "code"), [("", 0), ("the venue did not say what is open", 1)])
def test_an_account_that_is_left_in_doubt_is_told_without_a_report_too(
    capsys: pytest.CaptureFixture[str], trouble: str, code: int
) -> None:
    place = LeftWorkplace(trouble)
    assert finish(place, Ending()) == code  # type: ignore[arg-type]  # as far as used
    told = capsys.readouterr()
    assert told.out == ""
    assert (f"left in doubt: {trouble}; look at the venue" in told.err) == bool(code)


@pytest.mark.parametrize("is_unseen", [False, True])
@pytest.mark.parametrize("had_session", [False, True])
def test_without_a_screen_the_exit_code_tells_that_no_session_ever_began(
    capsys: pytest.CaptureFixture[str], *, is_unseen: bool, had_session: bool
) -> None:
    place = FakeWorkplace("")
    latest = object() if had_session else None
    place.trading = SimpleNamespace(counter=SimpleNamespace(latest=latest))
    is_bad = is_unseen and not had_session
    assert finish(place, Ending(is_unseen=is_unseen)) == int(is_bad)  # type: ignore[arg-type]  # as far as used
    assert ("no session with the venue ever began" in capsys.readouterr().err) == is_bad


def test_a_duration_halts_then_leaves() -> None:
    engine, told = FakeEngine(), list[str]()
    left = threading.Event()

    def terminate(reason: str) -> None:
        told.append(reason)
        left.set()

    Ending(0.001).schedule(engine, terminate)  # type: ignore[arg-type]  # only halted
    assert left.wait(30)
    assert engine.halts == [("leave", "--duration is over")]
    assert told == ["--duration"]


def test_a_run_ends_with_whoever_holds_its_lifeline() -> None:
    engine, left = FakeEngine(), threading.Event()
    reading, writing = os.pipe()
    Ending(lifeline=reading).schedule(engine, lambda _: left.set())  # type: ignore[arg-type]  # only halted
    os.write(writing, b"alive")
    assert not engine.halts
    os.close(writing)
    assert left.wait(30)
    assert engine.halts == [("leave", "standard input has ended")]
    os.close(reading)


def test_a_lifeline_that_cannot_be_read_has_ended(caplog: pytest.LogCaptureFixture) -> None:
    engine, left = FakeEngine(), threading.Event()
    reading, writing = os.pipe()
    Ending(lifeline=writing).schedule(engine, lambda _: left.set())  # type: ignore[arg-type]  # only halted
    assert left.wait(30)
    assert engine.halts == [("leave", "standard input has ended")]
    assert "standard input cannot be read" in caplog.text
    os.close(reading)
    os.close(writing)


def test_without_a_duration_nothing_ends_by_itself() -> None:
    before = threading.active_count()
    Ending().schedule(FakeEngine(), lambda _: None)  # type: ignore[arg-type]  # never used
    assert threading.active_count() == before
