"""What a market stream is told, and whom it tells."""

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from botcore_tui.exchange.binance.seam import FrameSequence


def never_stale(_name: str) -> float | None:
    """Give no stream a deadline."""
    return None


class StreamSettings(Struct, frozen=True, kw_only=True):
    """How patient a market stream is."""

    connect_seconds: float = 10.0
    first_frame_seconds: float = 10.0
    """From asking for a stream to its first data; an acknowledgement is not data."""
    quiet_seconds: Callable[[str], float | None] = never_stale
    """Shortest silence of a stream that may count as stale; None: rightly rare, no deadline."""
    gap_multiple: float = 10
    """Silence of so many of a stream's usual gaps counts as stale, if that is longer."""
    backoff_base_seconds: float = 0.5
    backoff_cap_seconds: float = 30.0
    backoff_jitter_pct: float = 25.0
    stable_seconds: float = 60.0
    """Undisturbed data for so long forgets the failures before."""
    alarm_failures: int = 10
    """Failures in a row that raise an alarm, and again each further multiple."""
    rollover_hours: float = 23.0
    """Age at which a connection is renewed; the venue cuts at 24."""
    rollover_wait_seconds: float = 30.0
    """How long old and new connection may take to meet."""
    rollover_retry_seconds: float = 300.0
    subscribe_per_second: float = 4.0


class StreamHandler(Protocol):
    """Who receives the frames. All methods are called on the stream's own loop."""

    def accept(self, raw: bytes, received_ns: int) -> str | None:
        """Take a frame; the name of the stream whose data it was, None for anything else."""

    async def room(self) -> None:
        """Return when one more frame can be taken; awaited after every frame."""

    def sequence(self, raw: bytes) -> FrameSequence | None:
        """Read a frame's place in its stream; asked only while a connection is renewed."""

    def interrupted(self, streams: frozenset[str], reason: str) -> None:
        """Frames of these streams may be missing before the next one.

        Told when a connection is lost, and again when the next one is open: only then does a
        fetch bring everything up to where the stream goes on.
        """

    def alarm(self, text: str) -> None:
        """The connection has failed many times in a row."""

    def notice(self, text: str) -> None:
        """Something worth a line happened."""
