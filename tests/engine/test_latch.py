"""A halt that outlasts the program."""

from pathlib import Path

import pytest

from botcore_tui.core.standing import LEAVING
from botcore_tui.engine.latch import HaltLatch
from botcore_tui.model.snapshot import HaltInfo

FIRST = HaltInfo("anna", "margin call", 1_700_000_000_000)
SECOND = HaltInfo("breaker", "loss of the day", 1_700_000_000_001)
LATE = b'{"environment":"testnet","actor":"ann","reason":"x","time_ms":9223372036854775808}'
OF_LEAVING = HaltInfo(LEAVING, "the program leaves this environment", 1_700_000_000_000)


@pytest.mark.requirement("F14")
def test_halt_is_read_back_until_it_is_cleared(latch: HaltLatch) -> None:
    assert latch.read() is None

    latch.set(FIRST)
    assert latch.read() == FIRST
    assert latch.path.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in latch.path.parent.iterdir()] == ["testnet.halted"]

    latch.clear()
    latch.clear()
    assert latch.read() is None


def test_what_a_terminal_would_obey_is_spelled_out(latch: HaltLatch) -> None:
    latch.set(FIRST)
    latch.path.write_text(latch.path.read_text().replace("margin call", r"\u001b[2J\nresumed"))
    assert latch.read() == HaltInfo("anna", r"\x1b[2J\nresumed", FIRST.time_ms)


def test_first_halt_stays(latch: HaltLatch) -> None:
    latch.set(FIRST)
    latch.set(SECOND)

    assert latch.read() == FIRST


@pytest.mark.requirement("K1")
def test_halt_that_only_belongs_to_a_leave_yields_to_one_that_lasts(latch: HaltLatch) -> None:
    latch.set(OF_LEAVING)
    latch.set(SECOND)
    assert latch.read() == SECOND

    latch.set(OF_LEAVING)
    latch.renew(OF_LEAVING)
    assert latch.read() == SECOND

    latch.clear()
    latch.set(OF_LEAVING)
    latch.renew(FIRST)
    assert latch.read() == FIRST


@pytest.mark.requirement("K1")
def test_halt_is_written_whatever_is_in_its_words(latch: HaltLatch) -> None:
    latch.renew(HaltInfo("anna", "half a character: \udcff", 1))

    kept = latch.read()
    assert kept is not None
    assert kept.reason == "half a character: ?"


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b'{"environment":"testn', LATE])
def test_damaged_file_counts_as_halted_and_says_so(latch: HaltLatch, content: bytes) -> None:
    latch.path.parent.mkdir()
    latch.path.write_bytes(content)

    told = latch.read()

    assert told is not None
    assert told.actor == "latch"
    assert "is damaged" in told.reason
    assert told.time_ms > 0
    latch.set(FIRST)
    assert latch.read() == FIRST


def test_file_of_another_environment_counts_as_halted(latch: HaltLatch) -> None:
    HaltLatch(latch.path, "demo").set(FIRST)

    told = latch.read()

    assert told is not None
    assert "that of environment 'demo'" in told.reason
    latch.set(SECOND)
    assert latch.read() == SECOND


def test_file_that_cannot_be_read_counts_as_halted(latch: HaltLatch) -> None:
    latch.path.mkdir(parents=True)

    told = latch.read()

    assert told is not None
    assert "cannot be read: Is a directory" in told.reason


def test_place_that_is_no_directory_counts_as_halted(blocked: HaltLatch) -> None:
    told = blocked.read()

    assert told is not None
    assert (told.time_ms, told.actor) == (0, "latch")


# --- the writer --------------------------------------------------------------------------------


@pytest.mark.requirement("K6")
@pytest.mark.requirement("K11")
def test_renewed_halt_is_another_file_with_the_first_reason(latch: HaltLatch) -> None:
    latch.renew(FIRST)
    before = latch.identity()
    latch.renew(SECOND)

    assert latch.read() == FIRST
    assert latch.identity() not in {None, before}
    assert [path.name for path in latch.path.parent.iterdir()] == ["testnet.halted"]


@pytest.mark.requirement("K6")
def test_halt_that_is_renewed_while_trading_resumes_stays(latch: HaltLatch) -> None:
    latch.set(FIRST)

    latch.clear(only={None, (1, 2, 3)})
    assert latch.read() == FIRST

    old = latch.identity()
    latch.renew(SECOND)
    latch.clear(only={old})
    assert latch.read() == FIRST
    latch.clear(only={latch.identity()})
    assert latch.read() is None


@pytest.mark.requirement("K6")
@pytest.mark.parametrize("is_followed", [False, True])
def test_halt_that_is_renewed_right_as_the_old_one_is_removed_stays(
    latch: HaltLatch, monkeypatch: pytest.MonkeyPatch, *, is_followed: bool
) -> None:
    latch.set(FIRST)
    old, replace, others = latch.identity(), Path.replace, HaltLatch(latch.path, "testnet")

    def late(self: Path, target: Path) -> Path:
        monkeypatch.undo()
        others.renew(SECOND)
        moved = replace(self, target)
        if is_followed:
            others.renew(SECOND)
        return moved

    monkeypatch.setattr(Path, "replace", late)
    latch.clear(only={old})

    assert latch.read() in {FIRST, SECOND}
    assert latch.identity() != old
    assert [path.name for path in latch.path.parent.iterdir()] == ["testnet.halted"]
