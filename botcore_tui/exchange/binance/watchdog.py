"""Tells a quiet market from a dead stream. Pure: it is told the time.

A stream on the wrong route is acknowledged and then says nothing for ever, and a half-open socket
looks alive to everything but the data. So only data counts: a first frame within a deadline, and
then never a silence much longer than the stream's usual gap.

A connection is given up for a stream that never had data, or when all streams are silent. A stream
that had data once is on the right route: while others flow its silence is most likely a quiet
market, and a reconnect would cost them their frames. It is called stale and asked for again.
"""

from collections import deque
from collections.abc import Callable, Container, Iterable, Mapping
from enum import StrEnum
from statistics import median

from msgspec import Struct

_GAPS_KEPT = 64
_GAPS_TRUSTED = 8
"""A median of fewer gaps says little; until then the first-frame deadline holds as well."""
_PATIENCE_CAP_SECONDS = 900.0


class StreamStatus(StrEnum):
    """What is known of one stream."""

    CONNECTING = "connecting"
    WAITING = "waiting"
    """Connected, but no frame yet on this connection."""
    LIVE = "live"
    STALE = "stale"
    """Had data on this connection or one before, silent for too long."""
    DOWN = "down"
    """Not connected, or refused by the venue."""


class StreamState(Struct, frozen=True):
    """One stream as an observer sees it."""

    name: str
    status: StreamStatus
    last_frame_ns: int
    """Monotonic; 0 before the first."""
    frames: int
    reconnects: int
    detail: str


class Finding(Struct, frozen=True):
    """What one look at the streams found."""

    ask_again: tuple[str, ...]
    """Silent, newly or since they were last asked for: subscribe to them once more."""
    hopeless: tuple[str, ...]
    """Still silent after that, and never had data: connect anew."""
    silent: tuple[str, ...]
    """All that are silent for too long, newly or not."""
    is_half_open: bool
    """Every watched stream is silent."""
    is_steady: bool
    """Something flows."""


class Track:
    """What is remembered of one stream."""

    def __init__(self, name: str, quiet_seconds: float | None, gap_multiple: float) -> None:
        self.name = name
        self.quiet_seconds = quiet_seconds
        self.gap_multiple = gap_multiple
        self.status = StreamStatus.CONNECTING
        self.is_live = False
        self.has_flowed = False
        """Had data on this connection."""
        self.ever_flowed = False
        """Had data on this connection or one before."""
        self.last_ns = 0
        self.frames = 0
        self.reconnects = 0
        self.detail = ""
        self.asked_again_ns = 0
        self.strikes = 0
        self._gaps_ns: deque[int] = deque(maxlen=_GAPS_KEPT)

    def note(self, now_ns: int) -> None:
        """Count a data frame."""
        if self.is_live:
            self._gaps_ns.append(now_ns - self.last_ns)
        else:
            self._revive(now_ns)
        self.last_ns = now_ns
        self.frames += 1

    def _revive(self, now_ns: int) -> None:
        if self.has_flowed:
            # It came back by itself or by asking again: such gaps belong to this stream.
            self._gaps_ns.append(now_ns - self.last_ns)
        self.is_live = self.has_flowed = self.ever_flowed = True
        self.status = StreamStatus.LIVE
        self.detail = ""
        self.asked_again_ns = 0
        self.strikes = 0

    def restart(self, status: StreamStatus, detail: str) -> None:
        """Forget what belonged to the connection before; what was learned of gaps stays."""
        self.is_live = self.has_flowed = False
        self.asked_again_ns = 0
        self.status = status
        self.detail = detail

    def silence(self, detail: str) -> None:
        """Mark as silent for too long."""
        self.is_live = False
        self.status = StreamStatus.STALE if self.ever_flowed else StreamStatus.WAITING
        self.detail = detail

    def limit_seconds(self, first_frame_seconds: float) -> float:
        """Longest silence that is still normal."""
        if self.asked_again_ns:
            return min(_PATIENCE_CAP_SECONDS, first_frame_seconds * 2.0 ** min(self.strikes, 30))
        if not self.ever_flowed:
            return first_frame_seconds
        floor = self.quiet_seconds or 0.0
        if not self.has_flowed or len(self._gaps_ns) < _GAPS_TRUSTED:
            floor = max(floor, first_frame_seconds)
        usual = median(self._gaps_ns) if self._gaps_ns else 0.0
        return max(floor, self.gap_multiple * usual / 1_000_000_000)

    def is_overdue(self, silent_seconds: float, first_frame_seconds: float) -> bool:
        """True if the stream has been silent for longer than is normal for it."""
        if self.is_live and silent_seconds <= (self.quiet_seconds or 0.0):
            return False  # Spares the median in by far the most cases.
        return silent_seconds > self.limit_seconds(first_frame_seconds)

    def state(self) -> StreamState:
        """A frozen copy."""
        return StreamState(
            self.name, self.status, self.last_ns, self.frames, self.reconnects, self.detail
        )


class Watchdog:
    """Deadlines of all streams of one connection.

    Args:
        first_frame_seconds: Time from asking for a stream to its first data frame.
        quiet_seconds: Shortest silence of a stream that may count as stale; None: never does,
            because the stream is rightly rare (liquidations, contract notices).
        gap_multiple: Silence of so many usual gaps counts as stale, if that is longer.
    """

    def __init__(
        self,
        first_frame_seconds: float,
        quiet_seconds: Callable[[str], float | None],
        gap_multiple: float = 10,
    ) -> None:
        self._first_frame_seconds = first_frame_seconds
        self._quiet_seconds = quiet_seconds
        self._gap_multiple = gap_multiple
        self._forgiven_ns = 0
        self.tracks: dict[str, Track] = {}

    def add(self, name: str, status: StreamStatus, detail: str = "") -> None:
        """Watch one more stream; nothing happens if it is known."""
        if name not in self.tracks:
            self.tracks[name] = Track(name, self._quiet_seconds(name), self._gap_multiple)
            self.tracks[name].restart(status, detail)

    def remove(self, name: str) -> None:
        """Forget a stream."""
        self.tracks.pop(name, None)

    def restart(self, status: StreamStatus, detail: str = "") -> None:
        """The connection changed for all streams."""
        for track in self.tracks.values():
            track.restart(status, detail)

    def refuse(self, names: Iterable[str], detail: str) -> None:
        """The venue will not send these streams on this connection."""
        for name in names:
            if name in self.tracks:
                self.tracks[name].restart(StreamStatus.DOWN, detail)

    def forgive(self, now_ns: int) -> None:
        """Start all deadlines anew: it was we who did not read."""
        self._forgiven_ns = now_ns

    def check(
        self, now_ns: int, asked_ns: Mapping[str, int], acknowledged: Container[str]
    ) -> Finding:
        """Look at all streams, and mark those that are newly silent.

        Args:
            now_ns: Monotonic time.
            asked_ns: When each stream was asked for on the connection in force; streams that are
                absent were not asked for yet and are not judged.
            acknowledged: Streams whose subscription the venue confirmed.
        """
        watched = [
            track
            for track in self.tracks.values()
            if track.quiet_seconds is not None
            and track.name in asked_ns
            and track.status is not StreamStatus.DOWN
        ]
        ask_again, hopeless = [], []
        for track in watched:
            silent = self._silent_seconds(track, now_ns, asked_ns[track.name])
            if not track.is_overdue(silent, self._first_frame_seconds):
                continue
            if track.asked_again_ns:
                track.strikes += 1
                if not track.ever_flowed:
                    hopeless.append(track.name)
                    continue
                silent = (now_ns - track.last_ns) / 1_000_000_000
            what = "ACK without data" if self._is_mute(track, acknowledged) else "no data"
            track.silence(f"{what} for {silent:.1f} s")
            track.asked_again_ns = now_ns
            ask_again.append(track.name)
        silent_now = tuple(track.name for track in watched if track.asked_again_ns)
        return Finding(
            ask_again=tuple(ask_again),
            hopeless=tuple(hopeless),
            silent=silent_now,
            is_half_open=0 < len(watched) == len(silent_now),
            is_steady=any(track.is_live for track in self.tracks.values()),
        )

    def _silent_seconds(self, track: Track, now_ns: int, asked_ns: int) -> float:
        since_ns = max(asked_ns, track.last_ns, track.asked_again_ns, self._forgiven_ns)
        return (now_ns - since_ns) / 1_000_000_000

    @staticmethod
    def _is_mute(track: Track, acknowledged: Container[str]) -> bool:
        return not track.has_flowed and track.name in acknowledged
