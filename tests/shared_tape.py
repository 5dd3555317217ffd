"""Tapes for tests: small ones made to order, and the real capture."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from backports import zstd

from botcore_tui.engine.tape import Line, Tape

START_NS: Final = 1_723_161_255_000_000_000
PACK: Final[dict[str, Callable[[bytes], bytes]]] = {
    "plain": bytes,
    "gz": gzip.compress,
    "zst": zstd.compress,
}

_ROOT: Final = Path(__file__).resolve().parents[1]
_USUAL: Final = _ROOT.parent / "shared" / "data" / "binance_usdm_btcusdt_20240808.gz"

SHARED_TAPE: Final = Path(os.environ.get("BOTCORE_TAPE") or _USUAL)
"""Six minutes of BTCUSDT, 93,954 frames; not part of the repository."""

needs_shared_tape: Final = pytest.mark.skipif(
    not SHARED_TAPE.is_file(),
    reason=f"no real capture at {SHARED_TAPE}; name one in BOTCORE_TAPE",
)
"""Marks a test that is about the real capture."""


def lines_of(count: int, *, start: int = 0) -> list[Line]:
    """Numbered frames, one a nanosecond."""
    return [
        (START_NS + number, b'{"stream":"x","number":%d}' % number)
        for number in range(start, start + count)
    ]


def text_of(lines: list[Line], *, end: bytes = b"\n") -> bytes:
    """What stands on a tape of these lines."""
    return b"".join(b"%d %b%b" % (local_ns, raw, end) for local_ns, raw in lines)


def a_file(folder: Path, content: bytes, name: str = "tape") -> Path:
    """A new file in the folder."""
    path = folder / name
    path.write_bytes(content)
    return path


def played(tape: Tape) -> list[Line]:
    """Every line of a whole iteration."""
    return [line for batch in tape for line in batch]


def errors_of(tape: Tape) -> list[str]:
    """Messages of a played tape, without the folder."""
    return [str(error).replace(f"{tape.path.parent}{os.sep}", "") for error in tape.errors]
