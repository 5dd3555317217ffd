"""A recording is whole up to the last second, whatever happens to the disk or to the program."""

import errno
import gzip
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable
from pathlib import Path
from threading import Event, Semaphore
from typing import Final

import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st
from property_examples import examples
from shared_tape import START_NS, lines_of, played

from botcore_tui.engine.recorder import Recorder
from botcore_tui.engine.tape import Line, Tape
from botcore_tui.errors import UnavailableError

_ROOT: Final = Path(__file__).resolve().parents[2]
_SUFFIXES: Final = ("", ".gz", ".zst")
_WAIT_SECONDS: Final = 30.0

frames_with_times = st.lists(
    st.tuples(st.integers(0, 10**19 - 1), st.binary(max_size=60).filter(lambda b: b"\n" not in b)),
    max_size=30,
)


def recorded(path: Path, lines: list[Line], *, rotate_bytes: int | None = None) -> Recorder:
    recorder = Recorder(path, rotate_bytes=rotate_bytes)
    for line in lines:
        recorder.write(*line)
    recorder.close()
    return recorder


class Disk:
    """A disk whose fsync is told what to do; ``reached`` is set when it is called."""

    def __init__(self, error: int | None = None) -> None:
        self.reached, self.go = Event(), Event()
        self._error = error

    def sync(self, descriptor: int) -> None:
        self.reached.set()
        assert self.go.wait(_WAIT_SECONDS)
        if self._error is not None:
            raise OSError(self._error, os.strerror(self._error))


# --- what is written ---------------------------------------------------------------------------


@settings(max_examples=examples(60), deadline=None)
@given(
    lines=frames_with_times,
    suffix=st.sampled_from(_SUFFIXES),
    rotate_bytes=st.one_of(st.none(), st.integers(1, 400)),
)
def test_what_was_written_is_read_back_in_every_format_and_across_parts(
    lines: list[Line], suffix: str, rotate_bytes: int | None
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"tape{suffix}")
        recorder = recorded(path, lines, rotate_bytes=rotate_bytes)
        assert (recorder.error, recorder.frames, recorder.dropped) == ("", len(lines), 0)
        if lines:
            tape = Tape(path)
            assert played(tape) == lines
            assert tape.errors == []


@given(raw=st.binary(max_size=80), suffix=st.sampled_from(_SUFFIXES))
@settings(max_examples=examples(40), deadline=None)
def test_frame_never_breaks_the_line_it_stands_on(raw: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"tape{suffix}")
        recorder = recorded(path, [(START_NS, raw), (START_NS + 1, b"{}")])
        safe = raw.replace(b"\n", b" ")
        assert played(Tape(path)) == [(START_NS, safe), (START_NS + 1, b"{}")]
        assert recorder.line_feeds == raw.count(b"\n")


def test_usual_tools_read_the_formats(tmp_path: Path) -> None:
    plain, packed, dense = (tmp_path / f"t{suffix}" for suffix in ("", ".gz", ".zst"))
    for path in (plain, packed, dense):
        recorded(path, lines_of(5_000))
    assert plain.read_bytes() == gzip.decompress(packed.read_bytes())
    assert plain.read_bytes() == zstd.decompress(dense.read_bytes())
    assert packed.stat().st_size < plain.stat().st_size / 3


def test_parts_keep_to_their_size_and_sort_as_they_play(tmp_path: Path) -> None:
    recorded(tmp_path / "t", lines_of(1_000), rotate_bytes=5_000)
    parts = sorted(tmp_path.iterdir())
    assert [part.name for part in parts[:2]] == ["t.000001", "t.000002"]
    assert Tape(tmp_path / "t").parts == parts
    assert all(4_900 < part.stat().st_size <= 5_000 for part in parts[:-1])


def test_tape_without_frames_says_so(tmp_path: Path) -> None:
    recorder = recorded(tmp_path / "t.gz", [])
    assert recorder.error == ""
    tape = Tape(tmp_path / "t.gz")
    assert played(tape) == []
    assert "holds no frames" in str(tape.errors[0])


def test_part_names_the_file_being_written(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "t.gz", rotate_bytes=1_000)
    assert recorder.part == tmp_path / "t.000001.gz"
    assert not recorder.failed
    recorder.close()


# --- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize("rotate_bytes", [None, 1_000])
def test_existing_file_is_never_overwritten(tmp_path: Path, rotate_bytes: int | None) -> None:
    path = tmp_path / "t.gz"
    path.write_bytes(b"precious")
    with pytest.raises(UnavailableError, match=r"t.gz: it exists, and nothing is overwritten"):
        Recorder(path, rotate_bytes=rotate_bytes)
    assert path.read_bytes() == b"precious"


def test_old_part_stands_in_the_way_of_a_new_recording(tmp_path: Path) -> None:
    (tmp_path / "t.000007.gz").write_bytes(b"precious")
    with pytest.raises(UnavailableError, match="move all of its parts away"):
        Recorder(tmp_path / "t.gz", rotate_bytes=1_000)


@pytest.mark.parametrize("rotate_bytes", [None, 1_000])
def test_missing_folder_is_named(tmp_path: Path, rotate_bytes: int | None) -> None:
    with pytest.raises(UnavailableError, match=r"cannot record to .*absent.*: No such file"):
        Recorder(tmp_path / "absent" / "t.gz", rotate_bytes=rotate_bytes)


# --- disks that fail ---------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.requirement("F13")
def test_slow_disk_costs_frames_but_never_the_caller(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    disk = Disk()
    recorder = Recorder(tmp_path / "t", queue_bytes=100_000, sync=disk.sync)
    lines = lines_of(5_000)
    recorder.write(*lines[0])
    assert disk.reached.wait(_WAIT_SECONDS)
    for line in lines[1:]:
        recorder.write(*line)
    assert 0 < recorder.dropped < 5_000
    assert not recorder.failed
    with caplog.at_level(logging.WARNING):
        disk.go.set()
        recorder.close()
    kept = played(Tape(tmp_path / "t"))
    assert kept == lines[: len(kept)]
    assert len(kept) == recorder.frames == 5_000 - recorder.dropped
    assert caplog.text.count("recording falls behind the market: frames are being dropped") == 1


@pytest.mark.requirement("F13")
@pytest.mark.parametrize("suffix", _SUFFIXES)
def test_full_disk_stops_the_recording_with_one_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, suffix: str
) -> None:
    disk = Disk(errno.ENOSPC)
    recorder = Recorder(tmp_path / f"t{suffix}", sync=disk.sync)
    recorder.write(*lines_of(1)[0])
    disk.go.set()
    recorder.close()
    for line in lines_of(10):
        recorder.write(*line)
    assert recorder.failed
    assert "stopped: No space left on device; what was written stays playable" in recorder.error
    assert (recorder.frames, recorder.dropped) == (0, 11)
    assert [record.message for record in caplog.records] == [recorder.error]


@pytest.mark.requirement("F13")
def test_recording_ends_before_it_takes_the_room_of_ledger_and_halt_file(tmp_path: Path) -> None:
    """In weeks a tape fills any disk, and an engine that cannot write may not trade."""
    spare, looked = 256 * 1024 * 1024, Semaphore(0)
    left = iter([spare, spare - 1])

    def free(_descriptor: int) -> int:
        looked.release()
        return next(left)

    path = tmp_path / "a.txt"
    recorder = Recorder(path, free=free)
    recorder.write(1, b"first")
    assert looked.acquire(timeout=30)
    assert not recorder.failed
    recorder.write(2, b"second")
    recorder.close()
    assert "stopped: less than 256 MiB are left, which ledger and halt file need" in recorder.error
    assert (recorder.frames, path.read_bytes().count(b"\n")) == (2, 2)


@pytest.mark.requirement("F13")
def test_deleted_folder_stops_the_recording(tmp_path: Path) -> None:
    folder = tmp_path / "tapes"
    folder.mkdir()
    recorder = Recorder(folder / "t.gz")
    shutil.rmtree(folder)
    recorder.write(*lines_of(1)[0])
    recorder.close()
    assert "stopped: the file was deleted meanwhile" in recorder.error


@pytest.mark.requirement("F13")
def test_folder_deleted_before_the_next_part_leaves_the_last_one_closed(tmp_path: Path) -> None:
    folder = tmp_path / "tapes"
    folder.mkdir()
    recorder = Recorder(folder / "t.gz", rotate_bytes=100)
    folder.rename(tmp_path / "moved")
    for line in lines_of(20):
        recorder.write(*line)
    recorder.close()
    assert "t.000002.gz: No such file or directory" in recorder.error
    tape = Tape(tmp_path / "moved" / "t.gz")
    assert played(tape) == lines_of(2)
    assert tape.errors == []


@pytest.mark.requirement("F13")
def test_part_in_the_way_stops_the_recording_and_is_not_touched(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "t", rotate_bytes=100)
    (tmp_path / "t.000002").write_bytes(b"precious")
    for line in lines_of(20):
        recorder.write(*line)
    recorder.close()
    assert "t.000002: File exists" in recorder.error
    assert (tmp_path / "t.000002").read_bytes() == b"precious"


@pytest.mark.slow
@pytest.mark.requirement("F13")
def test_hanging_disk_does_not_keep_the_program_from_ending(tmp_path: Path) -> None:
    disk = Disk()
    recorder = Recorder(tmp_path / "t", sync=disk.sync)
    recorder.write(*lines_of(1)[0])
    assert disk.reached.wait(_WAIT_SECONDS)
    recorder.close(timeout_seconds=0.01)
    assert "did not take the last frames within 0.01 s" in recorder.error
    disk.go.set()
    recorder.close()


@pytest.mark.slow
def test_disk_that_recovers_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    disk = Disk()
    recorder = Recorder(tmp_path / "t", queue_bytes=1_000, sync=disk.sync)
    recovered = Event()

    class Told(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "keeps up again" in record.getMessage():
                recovered.set()

    logging.getLogger("botcore_tui.engine.recorder").addHandler(handler := Told())
    for line in lines_of(100):
        recorder.write(*line)
    disk.go.set()
    assert recovered.wait(_WAIT_SECONDS)
    recorder.close()
    logging.getLogger("botcore_tui.engine.recorder").removeHandler(handler)
    assert len(caplog.records) == 2
    assert f"{recorder.dropped} frames were dropped so far" in caplog.text


# The defect is meant to end its thread, which pytest would report.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_defect_in_the_writing_thread_is_a_failed_recording(tmp_path: Path) -> None:
    def sync(descriptor: int) -> None:
        raise ZeroDivisionError

    recorder = Recorder(tmp_path / "t", sync=sync)
    recorder.write(*lines_of(1)[0])
    recorder.close()
    assert "stopped: of a defect in the program" in recorder.error


def test_frames_after_the_end_are_counted_and_harmless(tmp_path: Path) -> None:
    recorder = recorded(tmp_path / "t", lines_of(3))
    recorder.write(*lines_of(1)[0])
    recorder.close()
    assert (recorder.frames, recorder.dropped, recorder.error) == (3, 1, "")


# --- programs that end -------------------------------------------------------------------------

_CHILD: Final = textwrap.dedent("""
    import resource, sys, threading
    from botcore_tui.engine.recorder import Recorder

    path, limit = sys.argv[1], int(sys.argv[2])
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    recorder = Recorder(path)
    turn, number = threading.Event(), 0
    while not recorder.failed and recorder.frames < 2_000:
        for _ in range(100):
            recorder.write(%d + number, b'{"stream":"x","number":%%d}' %% number)
            number += 1
        turn.wait(0.01)
    print(recorder.frames, recorder.error, flush=True)
    if limit:
        recorder.close()
        sys.exit()
    while True:
        recorder.write(%d + number, b'{"stream":"x","number":%%d}' %% number)
        number += 1
        turn.wait(0.001)
""") % (START_NS, START_NS)


def a_child(path: Path, limit: int = 0) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(path), str(limit)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(_ROOT)},
    )


_unpacked: Final[dict[str, Callable[[Path], list[str]]]] = {
    ".gz": lambda path: ["zcat", str(path)],
    ".zst": lambda path: ["zstdcat", str(path)],
    "": lambda path: ["cat", str(path)],
}


@pytest.mark.slow
@pytest.mark.requirement("F14")
@pytest.mark.parametrize("suffix", _SUFFIXES)
def test_killed_program_leaves_all_that_was_told_safe_readable(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"t{suffix}"
    with a_child(path) as child:
        assert child.stdout is not None
        safe = int(child.stdout.readline().split()[0])
        child.send_signal(signal.SIGKILL)
    tape = Tape(path)
    lines = played(tape)
    assert len(lines) >= safe >= 2_000
    assert lines == lines_of(len(lines))
    if suffix == ".gz":
        assert [error.line for error in tape.errors] == [len(lines) + 1]
        assert "ends in the middle: the recording was cut off" in str(tape.errors[0])
    command = _unpacked[suffix](path)
    if shutil.which(command[0]):
        done = subprocess.run(command, capture_output=True, check=False)
        assert done.stdout.count(b"\n") == len(lines)


@pytest.mark.slow
@pytest.mark.requirement("F13")
@pytest.mark.parametrize("suffix", _SUFFIXES)
def test_file_that_may_not_grow_ends_the_recording_and_stays_playable(
    tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"t{suffix}"
    with a_child(path, limit=3_000) as child:
        assert child.stdout is not None
        safe, _, error = child.stdout.readline().partition(" ")
    assert child.returncode == 0
    assert "stopped: File too large" in error
    tape = Tape(path)
    lines = played(tape)
    assert lines == lines_of(len(lines))
    assert len(lines) >= int(safe)
    assert len(tape.errors) == 1
