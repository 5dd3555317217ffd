"""Recording of market data that the engine never waits for.

``write`` puts a frame into a bounded queue; a thread formats, compresses and writes. Twice a
second everything queued is flushed through the compressor and to the disk, so that a crash of
this process, or of the machine, loses at most the last second and leaves a file that ``Tape``,
``zcat`` and ``zstdcat`` read up to there. A disk that cannot keep up costs frames, which are
counted; one that fails, or is nearly full, ends the recording, which says why; neither costs the
engine time.
"""

import errno
import logging
import os
import shutil
import sys
import zlib
from collections import deque
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Final, NamedTuple

from botcore_tui.engine.tape_files import existing_parts, part_path
from botcore_tui.errors import UnavailableError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

logger = logging.getLogger(__name__)

_FLUSH_SECONDS: Final = 0.5
_QUEUE_BYTES: Final = 64 * 1024 * 1024
_SLICE_BYTES: Final = 1024 * 1024
"""Lines joined before they are compressed: bounds memory and keeps other threads running."""
_FRAME_OVERHEAD: Final = 150
"""What a queued frame takes besides its bytes: so that a flood of tiny frames is bounded too."""
_JOIN_SECONDS: Final = 10.0
_LAST_PART: Final = 99_999
"""The reader tells parts from dates by their leading zero; this part grows without bound."""
_SPARE_MIB: Final = 256
"""Left to others: an engine whose ledger has no room takes no risk, and its halt may not last."""
_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)


def free_bytes(descriptor: int) -> int:
    """Room on the disk of an open file for whoever is not root."""
    return shutil.disk_usage(descriptor).free


class Recorder:
    """Writes one tape; the suffix of ``path`` decides the format: .gz, .zst, anything else plain.

    Attributes:
        path: As given.
        error: Why the recording stopped; empty while it runs and after an orderly end.
        frames: Frames that are safely on the disk.
        line_feeds: Line feeds replaced by spaces, which are the same to JSON.

    Args:
        path: New file; nothing is ever overwritten.
        rotate_bytes: Start the next part before a part exceeds so many bytes of lines (before
            compression). Parts are ``name.000001.gz`` and so on, and replay under ``name.gz``.
        queue_bytes: Memory for frames that wait for the disk.
        sync: How written data is made durable; given its file descriptor.
        free: Bytes that its disk has room for; given the same.

    Raises:
        UnavailableError: The file exists, or cannot be made.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        rotate_bytes: int | None = None,
        queue_bytes: int = _QUEUE_BYTES,
        sync: Callable[[int], None] = os.fsync,
        free: Callable[[int], int] = free_bytes,
    ) -> None:
        self.path = Path(path)
        self.error = ""
        self.frames = 0
        self.line_feeds = 0
        self._rotate_bytes = rotate_bytes
        self._queue_bytes = queue_bytes
        self._sync = sync
        self._free = free
        self._queue: deque[tuple[int, bytes]] = deque()
        # Each counter is written by one thread only, so that sums and differences need no lock.
        self._accepted = self._refused = 0
        self._bytes_in = self._bytes_out = 0
        self._refused_before = 0
        self._is_behind = False
        self._parts = 1
        self._wake, self._stopping = Event(), Event()
        self._file = self._open_first()
        self._thread = Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    @property
    def part(self) -> Path:
        """The file being written: ``path`` itself, or a numbered part where the tape rotates."""
        return self._file.path

    @property
    def failed(self) -> bool:
        """The recording has stopped because of ``error``."""
        return self.error != ""

    @property
    def dropped(self) -> int:
        """Frames lost: the disk could not keep up, or the recording had stopped."""
        return self._refused + (self._accepted - self.frames if self.error else 0)

    def write(self, received_utc_ns: int, raw: bytes) -> None:
        """Record a frame; returns at once, never raises. Call it from one thread.

        Args:
            received_utc_ns: Local UTC time of reception, nanoseconds since the epoch.
            raw: The frame as it was received.
        """
        waiting = self._bytes_in - self._bytes_out
        if waiting > self._queue_bytes or self.error or self._stopping.is_set():
            self._refused += 1
            return
        self._accepted += 1
        self._bytes_in += len(raw) + _FRAME_OVERHEAD
        self._queue.append((received_utc_ns, raw))
        if waiting > self._queue_bytes // 4 and not self._wake.is_set():
            self._wake.set()

    def close(self, timeout_seconds: float = _JOIN_SECONDS) -> None:
        """Write what is queued and end the file; waits for the disk at most so long.

        Whether that succeeded is told by ``error``.
        """
        self._stopping.set()
        self._wake.set()
        self._thread.join(timeout_seconds)
        if self._thread.is_alive() and not self.error:
            self._fail(f"the disk did not take the last frames within {timeout_seconds:g} s")

    # --- the writing thread ----------------------------------------------------------------------

    def _run(self) -> None:
        is_done = False
        try:
            while not self._stopping.is_set():
                self._wake.wait(_FLUSH_SECONDS)
                self._wake.clear()
                self._drain()
                self._log_drops()
            self._drain()
            self._file.finish()
            is_done = True
        except OSError as error:
            reason = error.strerror or str(error)
            self._fail(f"{error.filename}: {reason}" if error.filename else reason)
        finally:
            self._file.close()
            if not is_done and not self.error:
                self._fail("of a defect in the program, see the traceback")

    def _drain(self) -> None:
        while count := len(self._queue):
            taken = self._write_slice(count)
            self._file.flush()
            self.frames += taken
            if self._free(self._file.descriptor) < _SPARE_MIB * 1024 * 1024:
                left = f"less than {_SPARE_MIB} MiB are left, which ledger and halt file need"
                raise OSError(errno.ENOSPC, left)

    def _write_slice(self, count: int) -> int:
        lines: list[bytes] = []
        size = bytes_out = taken = 0
        while taken < count and bytes_out < _SLICE_BYTES:
            received_utc_ns, raw = self._queue.popleft()
            taken += 1
            bytes_out += len(raw) + _FRAME_OVERHEAD
            line = b"%019d %b\n" % (received_utc_ns, self._without_feeds(raw))
            if self._is_full(size, len(line)):
                self._file.write(b"".join(lines))
                self._rotate()
                lines, size = [], 0
            lines.append(line)
            size += len(line)
        self._file.write(b"".join(lines))
        self._bytes_out += bytes_out
        return taken

    def _without_feeds(self, raw: bytes) -> bytes:
        if b"\n" not in raw:
            return raw
        self.line_feeds += raw.count(b"\n")
        return raw.replace(b"\n", b" ")

    def _is_full(self, size: int, more: int) -> bool:
        held = self._file.size + size
        return (
            self._rotate_bytes is not None
            and held > 0
            and held + more > self._rotate_bytes
            and self._parts < _LAST_PART
        )

    def _rotate(self) -> None:
        self._file.finish()
        following = _PartFile(part_path(self.path, self._parts + 1), self._sync)
        self._file.close()
        self._file = following
        self._parts += 1

    def _open_first(self) -> "_PartFile":
        taken = f"cannot record to {self.path}: it exists, and nothing is overwritten; choose "
        try:
            if self._rotate_bytes is None:
                return _PartFile(self.path, self._sync)
            if not self.path.exists() and not existing_parts(self.path):
                return _PartFile(part_path(self.path, 1), self._sync)
        except FileExistsError:
            raise UnavailableError(taken + "another name") from None
        except OSError as error:
            raise UnavailableError(f"cannot record to {self.path}: {error.strerror}") from error
        raise UnavailableError(taken + "another name, or move all of its parts away")

    def _fail(self, reason: str) -> None:
        self.error = (
            f"recording to {self._file.path} stopped: {reason}; "
            "what was written stays playable, record to another file"
        )
        logger.error("%s", self.error)

    def _log_drops(self) -> None:
        refused = self._refused
        if refused > self._refused_before and not self._is_behind:
            self._is_behind = True
            logger.warning("recording falls behind the market: frames are being dropped")
        elif refused == self._refused_before and self._is_behind:
            self._is_behind = False
            logger.warning("recording keeps up again, %d frames were dropped so far", refused)
        self._refused_before = refused


class _PartFile:
    """One file of a tape. Raises OSError; what was flushed before stays readable."""

    def __init__(self, path: Path, sync: Callable[[int], None]) -> None:
        self.path = path
        self.size = 0
        """Bytes of lines, before compression."""
        self._sync = sync
        self.descriptor = os.open(path, _NEW_FILE, 0o644)
        self._codec = _codec_for(path.suffix.lower())

    def write(self, lines: bytes) -> None:
        self.size += len(lines)
        self._put(self._codec.compress(lines))

    def flush(self) -> None:
        self._put(self._codec.flush())
        if not os.fstat(self.descriptor).st_nlink:
            raise FileNotFoundError(errno.ENOENT, "the file was deleted meanwhile")
        self._sync(self.descriptor)

    def finish(self) -> None:
        self._put(self._codec.finish())
        self._sync(self.descriptor)

    def close(self) -> None:
        os.close(self.descriptor)

    def _put(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self.descriptor, rest) :]


class _Codec(NamedTuple):
    compress: Callable[[bytes], bytes]
    flush: Callable[[], bytes]
    """Completes what was given, so that a reader gets it without what follows."""
    finish: Callable[[], bytes]


def _codec_for(suffix: str) -> _Codec:
    if suffix == ".gz":
        deflate = zlib.compressobj(wbits=31)  # 31: a gzip header and trailer
        return _Codec(deflate.compress, lambda: deflate.flush(zlib.Z_SYNC_FLUSH), deflate.flush)
    if suffix == ".zst":
        compressor = zstd.ZstdCompressor(options={zstd.CompressionParameter.checksum_flag: 1})
        return _Codec(
            compressor.compress,
            # Ends the frame, because zstdcat may keep back the end of an open one. It costs no
            # space: half a second of a busy symbol compresses better as a frame of its own.
            compressor.flush,
            compressor.flush,
        )
    return _Codec(bytes, bytes, bytes)
