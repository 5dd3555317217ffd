"""The frames that all benches share: the real capture, and the embedded exchange's market."""

import functools
from collections.abc import Sequence
from itertools import islice

import msgspec
from bench.figures import SkippedError
from exchange_tape import exchange_lines
from msgspec import Struct
from shared_tape import SHARED_TAPE

from botcore_tui.engine.tape import Line, Tape

SYNTHETIC_FRAMES = 60_000
_INTENSITY = 3.0
"""Of the synthetic market: its depth updates then have some 30 levels, as at the venue."""

CAPTURE = "capture"
SYNTHETIC = "synthetic"
DEPTH = "depth"
"""Of a source's frames only those that make the book."""


class _Payload(Struct, frozen=True):
    e: str = ""


class _Frame(Struct, frozen=True):
    stream: str = ""
    data: _Payload = _Payload()


_decode = msgspec.json.Decoder(_Frame).decode


def available_sources() -> list[str]:
    """Names that ``frames`` takes here."""
    return [CAPTURE, SYNTHETIC] if SHARED_TAPE.is_file() else [SYNTHETIC]


def best_source() -> str:
    """The real capture if it is here, else the synthetic market."""
    return available_sources()[0]


def need_capture() -> None:
    """Skip the bench where the real capture is not at hand.

    Raises:
        SkippedError: It is not.
    """
    if not SHARED_TAPE.is_file():
        raise SkippedError(f"no real capture at {SHARED_TAPE}; name one in BOTCORE_TAPE")


@functools.cache
def lines(source: str) -> list[Line]:
    """Every line of a source, in order."""
    if source == CAPTURE:
        need_capture()
        return [line for batch in Tape(SHARED_TAPE) for line in batch]
    return list(islice(exchange_lines("BTCUSDT", intensity=_INTENSITY), SYNTHETIC_FRAMES))


@functools.cache
def frames(source: str, part: str = "") -> list[bytes]:
    """Raw frames of a source, or those of its book alone (``DEPTH``)."""
    if part == DEPTH:
        return [raw for raw in frames(source) if kind_of(raw) in {"depthUpdate", "snapshot"}]
    return [raw for _, raw in lines(source)]


def is_snapshot(raw: bytes) -> bool:
    """Whether a frame is a depth reply, bare or wrapped."""
    return b'"lastUpdateId"' in raw[:80]


def kind_of(raw: bytes) -> str:
    """Event type of a frame; ``snapshot`` for a depth reply."""
    return _decode(raw).data.e or "snapshot"


def by_kind(raws: Sequence[bytes]) -> dict[str, list[bytes]]:
    """Frames by event type, most frequent type first; without snapshots."""
    kinds: dict[str, list[bytes]] = {}
    for raw in raws:
        kinds.setdefault(kind_of(raw), []).append(raw)
    kinds.pop("snapshot", None)
    return dict(sorted(kinds.items(), key=lambda item: -len(item[1])))
