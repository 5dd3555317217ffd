"""A tape's duration is found out in a thread; where it cannot be, that is no error."""

import threading
from pathlib import Path

import pytest
from shared_tape import PACK, START_NS, a_file, text_of

from botcore_tui.engine.tape_length import TapeLength

_WAIT_SECONDS = 30.0


def measured(path: Path) -> float | None:
    length = TapeLength(path)
    for thread in threading.enumerate():
        if thread.name == "tape-length":
            thread.join(_WAIT_SECONDS)
    return length.seconds()


@pytest.mark.parametrize("packing", list(PACK))
def test_length_is_from_the_first_frame_to_the_last(tmp_path: Path, packing: str) -> None:
    lines = [(START_NS + second * 1_000_000_000, b"{}") for second in (0, 3, 90)]

    assert measured(a_file(tmp_path, PACK[packing](text_of(lines)))) == 90


def test_length_of_an_absent_tape_stays_unknown(tmp_path: Path) -> None:
    assert measured(tmp_path / "absent") is None


def test_length_of_a_file_without_frames_stays_unknown(tmp_path: Path) -> None:
    assert measured(a_file(tmp_path, b"no tape\n")) is None
