"""Files behind a tape: which ones, in which order, and their bytes as far as they can be read."""

import gzip
import re
import stat
import sys
import zlib
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Final

from botcore_tui.errors import TapeError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_CUT: Final = (
    "the compressed data ends in the middle: the recording was cut off or still runs; "
    "all before was played"
)
_CHUNK: Final = 256 * 1024
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE: Final = b"\x2a\x4d\x18"
"""Bytes 2 to 4 of a skippable frame, with which parallel compressors begin (RFC 8878, 3.1.2)."""

# A leading zero keeps dates (btc.241231.gz) from being taken for parts.
_PART: Final = re.compile(r"(?P<stem>.+)\.(?P<number>0[0-9]{5})(?P<suffix>\.[^.]+)?")


def find_parts(path: Path) -> list[Path]:
    """Files to play when a user names ``path``, in order; at least one.

    Raises:
        TapeError: There is nothing to read.
    """
    if not _PART.fullmatch(path.name) and not path.exists() and part_path(path, 1).exists():
        path = part_path(path, 1)
    _check_readable(path)
    parts = [path]
    while (following := _following(parts[-1])) is not None and following.exists():
        _check_readable(following)
        parts.append(following)
    return parts


def part_path(path: Path, number: int) -> Path:
    """File of one part, counted from 1, of the rotating recording ``path``."""
    return path.with_name(f"{path.stem}.{number:06d}{path.suffix}")


def existing_parts(path: Path) -> list[Path]:
    """Files that bear part names of the rotating recording ``path``, in order.

    Raises:
        OSError: The folder cannot be listed.
    """
    named = re.compile(rf"{re.escape(path.stem)}\.0[0-9]{{5}}{re.escape(path.suffix)}")
    return sorted(item for item in path.parent.iterdir() if named.fullmatch(item.name))


def missing_part(last: Path) -> Path | None:
    """The part that should follow ``last``, where it does not exist but later ones do."""
    match = _PART.fullmatch(last.name)
    if match is None:
        return None
    try:
        existing = existing_parts(last.with_name(match["stem"] + (match["suffix"] or "")))
    except OSError:
        return None
    return _following(last) if existing and existing[-1].name > last.name else None


def _following(part: Path) -> Path | None:
    match = _PART.fullmatch(part.name)
    if match is None:
        return None
    return part.with_name(f"{match['stem']}.{int(match['number']) + 1:06d}{match['suffix'] or ''}")


def _check_readable(path: Path) -> None:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise TapeError(str(path), 0, "is a directory; name the tape inside it")
        if stat.S_ISREG(status.st_mode):
            path.open("rb").close()
            if not status.st_size:
                raise TapeError(str(path), 0, "is empty; nothing was recorded")
    except FileNotFoundError:
        raise TapeError(str(path), 0, "no such file; check the name and the folder") from None
    except OSError as error:
        raise TapeError(str(path), 0, f"cannot be opened: {error.strerror}") from error


class Source:
    """Bytes of one file, decompressed, in chunks; the first bytes decide the format.

    Attributes:
        damage: Why the chunks ended before the file's end; empty if they did not.
    """

    def __init__(self, path: Path) -> None:
        self.damage = ""
        self._path = path

    def __iter__(self) -> Iterator[bytes]:
        read = 0
        try:
            with self._path.open("rb") as file, _decompressed(file) as stream:
                while chunk := stream.read1(_CHUNK):
                    read += len(chunk)
                    yield chunk
        except EOFError:
            self.damage = _CUT
        except (OSError, zlib.error, zstd.ZstdError) as error:
            self.damage = f"damaged ({error}); all before was played, copy the file again"
            if self._path.is_file():  # a pipe cannot be read twice
                yield self._salvaged(read)

    def tail(self, size: int) -> bytes:
        """The last ``size`` bytes, or some more, as far as they can be read."""
        chunks: list[bytes] = []
        kept = 0
        for chunk in self._from(size):
            chunks.append(chunk)
            kept += len(chunk)
            while kept - len(chunks[0]) > size:
                kept -= len(chunks.pop(0))
        return b"".join(chunks)

    def _from(self, size: int) -> Iterator[bytes]:
        try:
            with self._path.open("rb") as file:
                if not _is_compressed(file):
                    file.seek(max(0, self._path.stat().st_size - size))
                    yield file.read()
                    return
        except OSError as error:
            self.damage = f"cannot be read: {error.strerror}"
            return
        yield from self

    def _salvaged(self, read: int) -> bytes:
        # A read that fails gives nothing back, not even the good bytes before the damage. Read
        # again up to it, then byte by byte.
        good = bytearray()
        try:
            with self._path.open("rb") as file, _decompressed(file) as stream:
                while read and (chunk := stream.read1(min(read, _CHUNK))):
                    read -= len(chunk)
                while byte := stream.read1(1):
                    good += byte
        except (OSError, EOFError, zlib.error, zstd.ZstdError):
            pass
        return bytes(good)


class Splitter:
    """Chunks to lines, with a bound on what an endless line may take."""

    LONGEST: Final = 64 * 1024 * 1024
    """Bytes; a longer line is damage. The largest real frame, a REST depth reply, has 100 kB."""
    OVERLONG: Final = b"\0overlong"
    """Stands in for such a line."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    def split(self, chunk: bytes) -> list[bytes]:
        """Lines that ``chunk`` completes, without their line feeds."""
        first, feed, rest = chunk.partition(b"\n")
        if not feed:
            self._hold(chunk)
            return []
        if self._pieces:
            self._hold(first)
            lines = [self.tail(), *rest.split(b"\n")]
        else:
            lines = chunk.split(b"\n")
        self._pieces, self._size = [], 0
        self._hold(lines.pop())
        return lines

    def tail(self) -> bytes:
        """What stands behind the last line feed."""
        return b"".join(self._pieces)

    def _hold(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self.LONGEST:
            self._pieces = [self.OVERLONG]
        elif piece:
            self._pieces.append(piece)


def _decompressed(file: BufferedReader) -> BufferedReader | gzip.GzipFile | zstd.ZstdFile:
    magic = file.peek(4)
    if magic.startswith(_GZIP):
        return gzip.GzipFile(fileobj=file)
    if magic.startswith(_ZSTD) or magic[1:4] == _ZSTD_SKIPPABLE:
        return zstd.ZstdFile(file)
    return file


def _is_compressed(file: BufferedReader) -> bool:
    return _decompressed(file) is not file
