"""The venue's payloads as documented, one a file, and the frames that carry them."""

from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent / "data" / "binance"

SAMPLES: Final = tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))
"""Every name that ``sample`` takes."""


def sample(name: str) -> bytes:
    """A documented payload, as bytes."""
    return (_FOLDER / f"{name}.json").read_bytes().rstrip()


def framed(stream: str, payload: bytes) -> bytes:
    """A payload as a combined stream sends it."""
    return b'{"stream":"%s","data":%b}' % (stream.encode(), payload)
