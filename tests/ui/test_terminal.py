"""The halt matcher and the writer, without a program around them."""

import os
import pty
import select
import threading
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botcore_tui.ui.terminal import HaltMatcher, TerminalWriter

HALTS = {
    b"\x1b[24~": "F12",
    b"\x1b[24;2~": "F12",
    b"\x1b[24;129~": "F12",
    b"\x1b[24;1:1~": "F12",
    b"\x0b": "ctrl+k",
    b"\x1b\x0b": "ctrl+k",
    b"\x1b[107;5u": "ctrl+k",
    b"\x1b[107;69u": "ctrl+k",
    b"\x1b[107;133u": "ctrl+k",
    b"\x1b[107;197u": "ctrl+k",
    b"\x1b[107;5:1u": "ctrl+k",
    b"\x1b[107;5:2u": "ctrl+k",
    b"\x1b[107:75;5u": "ctrl+k",
    b"\x1b[107:75:107;5:1u": "ctrl+k",
    b"\x1b[27;5;107~": "ctrl+k",
}
OTHERS = (
    b"k",
    b"\x1b",
    b"\x1b[23~",
    b"\x1b[24",
    b"\x1b[24;~",
    b"[24~",
    b"\x1b[124~",
    b"\x1b[107u",
    b"\x1b[107;5:3u",
    b"\x1b[107;6u",
    b"\x1b[107;1u",
    b"\x1b[108;5u",
    b"\x1b[<35;24;5M",
    b"\x1b[200~",
    b"\x1b[104:72;2;72u",
)
input_bytes = st.lists(st.sampled_from([*HALTS, *OTHERS]) | st.binary(max_size=4), max_size=12).map(
    b"".join
)


@pytest.mark.parametrize(("sequence", "key"), HALTS.items())
def test_each_form_of_a_halt_key_is_found(sequence: bytes, key: str) -> None:
    assert HaltMatcher().feed(b"abc" + sequence + b"def") == [key]


@pytest.mark.parametrize("sequence", OTHERS)
def test_other_input_does_not_halt(sequence: bytes) -> None:
    assert HaltMatcher().feed(sequence + b" ") == []


def test_halt_key_inside_an_unfinished_paste_is_found() -> None:
    assert HaltMatcher().feed(b"\x1b[200~half a paste \x1b[24~") == ["F12"]


@pytest.mark.requirement("F18")
@given(data=input_bytes, cuts=st.lists(st.integers(0, 100), max_size=8))
def test_any_cutting_into_reads_finds_the_same_halts(data: bytes, cuts: list[int]) -> None:
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    matcher = HaltMatcher()
    found = [key for start, end in pairwise(edges) for key in matcher.feed(data[start:end])]
    assert found == HaltMatcher().feed(data)


@given(data=input_bytes)
def test_byte_by_byte_finds_the_same_halts(data: bytes) -> None:
    matcher = HaltMatcher()
    found = [key for byte in data for key in matcher.feed(bytes([byte]))]
    assert found == HaltMatcher().feed(data)


class Ends:
    """What a writer reports, as events to wait for."""

    def __init__(self) -> None:
        self.drained = threading.Event()
        self.lost = threading.Event()

    def writer(self, fileno: int) -> TerminalWriter:
        writer = TerminalWriter(fileno, on_drained=self.drained.set, on_lost=self.lost.set)
        writer.start()
        return writer


def read_until(fileno: int, end: bytes) -> bytes:
    data = b""
    while not data.endswith(end):
        data += os.read(fileno, 65536)
    return data


def read_while(fileno: int, is_going_on: Callable[[], bool]) -> bytes:
    data = b""
    # What was written before it ended is all in the pipe, so the last look comes after.
    while is_going_on() or select.select([fileno], [], [], 0)[0]:
        if select.select([fileno], [], [], 0.01)[0]:
            data += os.read(fileno, 65536)
    return data


def test_frames_above_the_limit_are_dropped_until_the_terminal_has_read_the_rest() -> None:
    reader, fileno = os.pipe()
    ends = Ends()
    writer = ends.writer(fileno)
    for _ in range(2):
        ends.drained.clear()
        for number in range(100):
            writer.write(b"%03d" % number + b"." * 9997)
        data = read_while(reader, lambda: not ends.drained.is_set())
        kept = [int(piece) for piece in data.split(b"." * 9997) if piece]
        assert kept == list(range(len(kept)))
        assert 25 <= len(kept) < 40
    writer.write(b"whole again")
    assert read_until(reader, b"again") == b"whole again"
    writer.stop(b"bye")
    assert read_until(reader, b"bye") == b"bye"
    os.close(reader)
    os.close(fileno)


def test_a_single_frame_is_taken_however_large() -> None:
    reader, fileno = os.pipe()
    ends = Ends()
    writer = ends.writer(fileno)
    writer.write(b"x" * 1_000_000 + b"end")
    assert len(read_until(reader, b"end")) == 1_000_003
    writer.stop(b"")
    assert not writer.is_alive()
    os.close(reader)
    os.close(fileno)


def test_a_writer_that_waits_for_a_stalled_terminal_still_says_farewell() -> None:
    master, slave = pty.openpty()
    ends = Ends()
    writer = ends.writer(slave)
    writer.write(b"x" * 200_000)
    writer.write(b"never shown")
    writer.stop(b"farewell!")
    assert not writer.is_alive()
    assert b"never shown" not in read_until(master, b"farewell!")
    os.close(master)
    os.close(slave)


def test_a_writer_in_non_blocking_mode_loses_nothing() -> None:
    reader, fileno = os.pipe()
    os.set_blocking(fileno, False)
    ends = Ends()
    writer = ends.writer(fileno)
    writer.write(b"x" * 200_000 + b"end")
    assert len(read_until(reader, b"end")) == 200_003
    writer.stop(b"")
    assert not ends.lost.is_set()
    os.close(reader)
    os.close(fileno)


def test_a_terminal_that_hung_up_is_reported_once_and_takes_no_more_frames() -> None:
    master, slave = pty.openpty()
    os.close(master)
    ends = Ends()
    writer = ends.writer(slave)
    writer.write(b"x")
    assert ends.lost.wait(10)
    ends.lost.clear()
    writer.write(b"y")
    writer.stop(b"bye")
    assert not writer.is_alive()
    assert not ends.lost.is_set()
    os.close(slave)
