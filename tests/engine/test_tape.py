"""What can be read of a tape is played; what cannot is told with its line number."""

import gzip
import os
import threading
from pathlib import Path

import pytest
from backports import zstd
from shared_tape import (
    PACK,
    SHARED_TAPE,
    START_NS,
    a_file,
    errors_of,
    lines_of,
    needs_shared_tape,
    played,
    text_of,
)

from botcore_tui.engine.tape import Extent, Tape, measure
from botcore_tui.engine.tape_files import Splitter
from botcore_tui.errors import TapeError


@pytest.mark.parametrize("form", PACK)
def test_format_is_told_by_the_content_whatever_the_name(tmp_path: Path, form: str) -> None:
    lines = lines_of(5_000)
    for name in ("tape", "tape.gz", "tape.zst", "tape.txt"):
        tape = Tape(a_file(tmp_path, PACK[form](text_of(lines)), name))
        assert played(tape) == lines
        assert tape.errors == []
        assert (tape.frames, tape.first_ns, tape.last_ns) == (5_000, lines[0][0], lines[-1][0])


def test_second_iteration_starts_from_the_beginning(tmp_path: Path) -> None:
    tape = Tape(a_file(tmp_path, text_of(lines_of(10)) + b"garbage\n"))
    assert played(tape) == played(tape) == lines_of(10)
    assert (tape.frames, tape.bad_lines, len(tape.errors)) == (10, 1, 1)


@pytest.mark.parametrize("form", ["gz", "zst"])
def test_concatenated_streams_are_one_tape(tmp_path: Path, form: str) -> None:
    pack = PACK[form]
    content = pack(text_of(lines_of(10))) + pack(text_of(lines_of(10, start=10)))
    tape = Tape(a_file(tmp_path, content))
    assert played(tape) == lines_of(20)
    assert tape.errors == []


def test_zstd_tape_that_begins_with_a_skippable_frame_is_recognised(tmp_path: Path) -> None:
    content = b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd" + zstd.compress(text_of(lines_of(3)))
    assert played(Tape(a_file(tmp_path, content))) == lines_of(3)


# --- what is not there -------------------------------------------------------------------------


def test_missing_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(TapeError, match=r"absent.gz: no such file; check the name") as caught:
        Tape(tmp_path / "absent.gz")
    assert caught.value.line == 0


def test_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TapeError, match="is a directory; name the tape inside it"):
        Tape(tmp_path)


def test_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TapeError, match="is empty; nothing was recorded"):
        Tape(a_file(tmp_path, b""))


def test_file_as_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TapeError, match="cannot be opened: Not a directory"):
        Tape(a_file(tmp_path, b"x") / "tape")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file_is_refused(tmp_path: Path) -> None:
    path = a_file(tmp_path, text_of(lines_of(1)))
    path.chmod(0)
    with pytest.raises(TapeError, match="cannot be opened: Permission denied"):
        Tape(path)


def test_file_that_vanishes_before_it_is_played_is_an_error_of_the_tape(tmp_path: Path) -> None:
    path = a_file(tmp_path, text_of(lines_of(1)))
    tape = Tape(path)
    path.unlink()
    assert played(tape) == []
    assert "No such file" in str(tape.errors[0])


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_compressed_nothing_holds_no_frames(tmp_path: Path, content: bytes) -> None:
    tape = Tape(a_file(tmp_path, gzip.compress(content)))
    assert played(tape) == []
    assert errors_of(tape) == ["tape: holds no frames; nothing was recorded"]


@pytest.mark.parametrize(
    "content",
    [b"hello", b"hello\nworld\n", bytes(range(256)) * 2_000, b"\n".join([b"x"] * 100_000), b"{}"],
)
def test_file_that_is_no_tape_is_named_so_and_not_read_to_its_end(
    tmp_path: Path, content: bytes
) -> None:
    tape = Tape(a_file(tmp_path, content))
    assert played(tape) == []
    assert len(tape.errors) == 1
    assert "not a tape (plain, gzip or Zstandard): a line is a 19-digit UTC" in str(tape.errors[0])
    assert tape.bad_lines < 80_000


# --- damaged lines -----------------------------------------------------------------------------


@pytest.mark.requirement("R09")
@pytest.mark.parametrize(
    "garbage",
    [
        b"garbage",
        b'{"stream":"no time"}',
        b"1723161255000000000",
        b"1723161255000000000{}",
        b"172316125500000000 {}",
        b"17231612550000000000 {}",
        b"172316125500000000x {}",
        b"1723161255_00000000 {}",
        b"-172316125500000000 {}",
        b" 723161255000000000 {}",
        b"1723161255 00000000 {}",
        b"\x00" * 300,
        b"\xff",
    ],
)
def test_bad_line_is_skipped_and_told_and_the_rest_played(tmp_path: Path, garbage: bytes) -> None:
    content = text_of(lines_of(3)) + garbage + b"\n" + text_of(lines_of(3, start=3))
    tape = Tape(a_file(tmp_path, content))
    assert played(tape) == lines_of(6)
    assert [error.line for error in tape.errors] == [4]
    assert "tape, line 4: no time in front, skipped" in errors_of(tape)[0]


def test_many_bad_lines_are_told_by_the_first_five_and_a_count(tmp_path: Path) -> None:
    content = b"".join(text_of(lines_of(1, start=n)) + b"bad\n" for n in range(2_000))
    tape = Tape(a_file(tmp_path, content))
    assert played(tape) == lines_of(2_000)
    assert [error.line for error in tape.errors] == [2, 4, 6, 8, 10, 0]
    assert errors_of(tape)[-1] == "tape: 1,995 more bad lines skipped"


def test_blank_lines_and_carriage_returns_are_tolerated(tmp_path: Path) -> None:
    content = text_of(lines_of(3), end=b"\r\n") + b"\r\n\n  \n"
    tape = Tape(a_file(tmp_path, content))
    assert played(tape) == [(local_ns, raw + b"\r") for local_ns, raw in lines_of(3)]
    assert tape.errors == []


def test_frames_out_of_order_are_played_and_counted(tmp_path: Path) -> None:
    lines = lines_of(4_000)
    lines[100], lines[101] = lines[101], lines[100]
    lines[3_999] = (START_NS, b"{}")
    tape = Tape(a_file(tmp_path, text_of(lines)))
    assert played(tape) == lines
    assert tape.backward_steps == 2
    assert tape.errors == []


def test_clock_set_back_between_parts_is_counted(tmp_path: Path) -> None:
    a_file(tmp_path, text_of(lines_of(5, start=5)), "t.000001.gz")
    a_file(tmp_path, text_of(lines_of(5)), "t.000002.gz")
    tape = Tape(tmp_path / "t.gz")
    assert len(played(tape)) == 10
    assert tape.backward_steps == 1


def test_frame_longer_than_the_bound_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Splitter, "LONGEST", 1024 * 1024)
    long = (START_NS, b"x" * 3_000_000)
    content = text_of([*lines_of(2), long, *lines_of(2, start=2), long])
    tape = Tape(a_file(tmp_path, content))
    assert played(tape) == lines_of(4)
    assert errors_of(tape) == [
        "tape, line 3: longer than 1 MiB; skipped",
        "tape, line 6: longer than 1 MiB; skipped",
    ]


def test_frame_of_many_chunks_is_whole(tmp_path: Path) -> None:
    lines = [(START_NS, b"x" * 5_000_000), *lines_of(2)]
    assert played(Tape(a_file(tmp_path, gzip.compress(text_of(lines))))) == lines


# --- measuring ---------------------------------------------------------------------------------


@pytest.mark.parametrize("form", PACK)
def test_measure_finds_the_first_and_the_last_time(tmp_path: Path, form: str) -> None:
    lines = lines_of(40_000)
    extent = measure(a_file(tmp_path, PACK[form](text_of(lines))))
    assert extent == Extent(lines[0][0], lines[-1][0])
    assert extent.seconds() == pytest.approx(39_999e-9)


def test_measure_of_a_cut_tape_goes_to_the_cut(tmp_path: Path) -> None:
    packed = gzip.compress(text_of(lines_of(40_000)))
    extent = measure(a_file(tmp_path, packed[: len(packed) // 2]))
    assert extent is not None
    assert START_NS + 10_000 < extent.last_ns < START_NS + 30_000


def test_measure_of_a_clock_set_back_is_no_negative_duration() -> None:
    assert Extent(first_ns=10, last_ns=5).seconds() == 0


@pytest.mark.parametrize("content", [b"hello\n", gzip.compress(b"")], ids=["text", "empty"])
def test_measure_of_what_cannot_be_played_is_unknown(tmp_path: Path, content: bytes) -> None:
    assert measure(a_file(tmp_path, content)) is None


def test_pipe_is_played_once_and_not_measured(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    assert measure(path) is None
    writer = threading.Thread(target=path.write_bytes, args=(gzip.compress(text_of(lines_of(9))),))
    writer.start()
    assert played(Tape(path)) == lines_of(9)
    writer.join()


# --- the real capture --------------------------------------------------------------------------


@needs_shared_tape
def test_real_capture_is_read_without_an_error() -> None:
    tape = Tape(SHARED_TAPE)
    frames = sum(len(batch) for batch in tape)
    assert frames == tape.frames == 93_954
    assert (tape.errors, tape.backward_steps) == ([], 0)
    assert tape.first_ns == 1_723_161_255_030_314_667
    assert measure(SHARED_TAPE) == Extent(tape.first_ns, 1_723_161_599_833_492_584)
