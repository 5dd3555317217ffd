"""Tells a quiet account from a dead user stream. Pure: it is told the time.

The user's stream is rightly silent for hours, so silence alone proves nothing. What proves that it
lives is a frame, or the answer to a ping, and that the venue still knows the listen key. What
proves that it does not is an order that the venue has confirmed and the stream never tells of.
"""

from collections import OrderedDict
from typing import Final

from msgspec import Struct

_MOST_SIGHTED: Final = 4_096
_SECOND_NS: Final = 1_000_000_000


class Patience(Struct, frozen=True, kw_only=True):
    """How long a user stream may go without a sign of life."""

    silence_seconds: float = 60.0
    """Without a frame or the answer to a ping, before both are asked for."""
    pong_seconds: float = 10.0
    keepalive_seconds: float = 1_200.0
    """Between extensions of the listen key; the venue lets it expire after 60 minutes."""
    key_seconds: float = 2_700.0
    """Age of its last extension at which the key is no longer trusted."""
    sighting_seconds: float = 5.0
    """From the confirmation of an order to the stream telling of it."""
    standstill_seconds: float = 30.0
    """Time that passed unnoticed by this process and means that the machine slept."""


class Sightings:
    """Orders that the stream told of, and those that it has yet to tell of."""

    def __init__(self) -> None:
        self._sighted: OrderedDict[str, None] = OrderedDict()
        self._expected: dict[str, int] = {}

    def sighted(self, client_order_id: str) -> None:
        """The stream told of an order."""
        self._expected.pop(client_order_id, None)
        self._sighted[client_order_id] = None
        self._sighted.move_to_end(client_order_id)
        if len(self._sighted) > _MOST_SIGHTED:
            self._sighted.popitem(last=False)

    def expect(self, client_order_id: str, now_ns: int) -> None:
        """The venue has confirmed an order: the stream must tell of it."""
        if client_order_id not in self._sighted:
            self._expected.setdefault(client_order_id, now_ns)

    def forget(self) -> None:
        """Expect nothing of the past: it will be asked for."""
        self._expected.clear()

    def overdue(self, now_ns: int, seconds: float) -> str:
        """An order that was expected for longer than that; empty if none was."""
        for client_order_id, since_ns in self._expected.items():
            if now_ns - since_ns >= seconds * _SECOND_NS:
                return client_order_id
        return ""


class Look(Struct, frozen=True):
    """What one look at the stream found."""

    problem: str = ""
    """Why the connection is given up; empty if it is not."""
    wants_ping: bool = False
    """Send one now."""
    wants_key: bool = False
    """Extend the listen key now."""


class Pulse:
    """Signs of life of one connection.

    Args:
        patience: Deadlines.
        now_ns: Monotonic time; the listen key has just been extended.
        utc_ns: By the wall clock.
        sightings: Orders that the stream must tell of.

    Attributes:
        started_ns: When the connection was proven.
        heard_ns: Last frame or answer to a ping.
        key_ns: When the last successful extension of the key was asked for.
    """

    def __init__(self, patience: Patience, now_ns: int, utc_ns: int, sightings: Sightings) -> None:
        self.started_ns = self.heard_ns = self.key_ns = now_ns
        self._patience = patience
        self._sightings = sightings
        self._looked_ns = now_ns
        self._looked_utc_ns = utc_ns
        self._pinged_ns = 0
        self._asked_ns = now_ns
        self._is_key_refused = False

    def heard(self, now_ns: int) -> None:
        """A frame or the answer to a ping has come."""
        self.heard_ns = now_ns
        self._pinged_ns = 0

    @property
    def is_in_doubt(self) -> bool:
        """Whether a ping waits for its answer."""
        return self._pinged_ns > 0

    def key_extended(self, asked_ns: int) -> None:
        """The venue has extended the key, asked at that time."""
        self.key_ns = asked_ns
        self._is_key_refused = False

    def key_not_extended(self) -> None:
        """There was no answer, or none that counts.

        That says nothing of the stream: one whose pings are answered goes on telling of fills
        while REST is out of order, and could not be opened anew. The key is asked for each minute.
        """
        self._is_key_refused = True

    def look(self, now_ns: int, utc_ns: int) -> Look:
        """Judge the connection; what the answer wants is taken for done."""
        problem = self._problem(now_ns, utc_ns)
        self._looked_ns, self._looked_utc_ns = now_ns, utc_ns
        if problem:
            return Look(problem)
        patience = self._patience
        is_silent = _seconds(now_ns - self.heard_ns) >= patience.silence_seconds
        wants_ping = is_silent and not self._pinged_ns
        if wants_ping:
            self._pinged_ns = now_ns
        pause = patience.keepalive_seconds
        if is_silent or self._is_key_refused:
            pause = patience.silence_seconds
        wants_key = _seconds(now_ns - self._asked_ns) >= pause
        if wants_key:
            self._asked_ns = now_ns
        return Look(wants_ping=wants_ping, wants_key=wants_key)

    def _problem(self, now_ns: int, utc_ns: int) -> str:
        patience = self._patience
        # Monotonic time stands still while the machine sleeps, the wall clock does not.
        stood = _seconds(max(now_ns - self._looked_ns, utc_ns - self._looked_utc_ns))
        if stood >= patience.standstill_seconds:
            return f"this machine slept for {stood:.0f} s"
        if self._pinged_ns and _seconds(now_ns - self._pinged_ns) >= patience.pong_seconds:
            return f"no answer to a ping for {patience.pong_seconds:g} s"
        age = _seconds(now_ns - self.key_ns)
        if age >= patience.key_seconds:
            return f"listen key not extended for {age / 60:.0f} min"
        if missing := self._sightings.overdue(now_ns, patience.sighting_seconds):
            return f"nothing told of order {missing} for {patience.sighting_seconds:g} s"
        return ""


def _seconds(nanoseconds: int) -> float:
    return nanoseconds / _SECOND_NS
