"""Who gets which frame: connections, what they subscribed to, and the venue's rules for them."""

from collections import deque
from collections.abc import Iterable
from typing import Final

from botcore_tui.exchange.sim.agenda import Agenda
from botcore_tui.exchange.sim.faults import Faults
from botcore_tui.exchange.sim.http_messages import Reply, refused
from botcore_tui.exchange.sim.limits import too_heavy, whole_seconds
from botcore_tui.exchange.sim.mailbox import GOING_AWAY
from botcore_tui.exchange.sim.session import MOST_STREAMS, Session
from botcore_tui.exchange.sim.stream_addresses import StreamAddress
from botcore_tui.exchange.sim.stream_names import Route, route_of, symbol_and_kind

LIFE_MS: Final = 24 * 3_600_000
"""Length of a connection's life."""
_MOST_ATTEMPTS: Final = 300
_ATTEMPTS_MS: Final = 5 * 60_000
_TOO_MANY: Final = 429


class Hub:
    """All stream connections.

    A stream that a connection asks for on the wrong route, or on none, or that does not exist, is
    acknowledged and never sends a frame: the venue does so too.

    Args:
        agenda: Ends connections after a day.
        faults: Failures that are to happen here.

    Attributes:
        sessions: Open connections, oldest first.
    """

    def __init__(self, agenda: Agenda, faults: Faults) -> None:
        self._agenda = agenda
        self._faults = faults
        self._listeners: dict[str, dict[Session, None]] = {}
        self._attempts: dict[str, deque[int]] = {}
        self.sessions: dict[Session, None] = {}

    # --- connections ----------------------------------------------------------------------------

    def refusal(self, route: Route, remote: str) -> Reply | None:
        """The reply that a new connection is refused with; None if it may be opened.

        Args:
            route: It asks for.
            remote: Address of the client; attempts are counted by it.
        """
        if fault := self._faults.take("ws-refused", endpoint=route):
            status = fault.amount("status")
            if status == _TOO_MANY:
                return _too_many(remote, fault.amount("retry_after"))
            return Reply(status=status, headers={})
        now_ms = self._agenda.now_ms
        attempts = self._attempts.setdefault(remote, deque(maxlen=_MOST_ATTEMPTS))
        is_full = len(attempts) == _MOST_ATTEMPTS and now_ms - attempts[0] < _ATTEMPTS_MS
        attempts.append(now_ms)
        if is_full:
            return _too_many(remote, whole_seconds(attempts[0] + _ATTEMPTS_MS - now_ms))
        return None

    def open(self, address: StreamAddress) -> Session:
        """A new connection with the streams of its address."""
        session = Session(self, address.route, is_combined=address.is_combined)
        self.sessions[session] = None
        session.events.update(address.events)
        for name in address.names[:MOST_STREAMS]:
            session.subscribe(name)
        self._agenda.at(self._agenda.now_ms + LIFE_MS, lambda: self._end(session))
        return session

    def close(self, session: Session) -> None:
        """Forget a connection."""
        self.sessions.pop(session, None)
        for name in session.names:
            self.discard(session, name)

    def cut(self, route: Route | None) -> None:
        """End the connections of a route, or all."""
        for session in self._on(route):
            session.cut(GOING_AWAY, "")

    def _on(self, route: Route | None) -> list[Session]:
        return [session for session in self.sessions if route in {None, session.route}]

    def is_half_open(self, session: Session) -> bool:
        """Whether a connection is dead without having ended; once it is, it stays so."""
        if not session.is_mute and self._faults.take("half-open", endpoint=session.route):
            session.is_mute = True
        return session.is_mute

    def _end(self, session: Session) -> None:
        if session in self.sessions:
            session.cut(GOING_AWAY, "")

    # --- subscriptions --------------------------------------------------------------------------

    def add(self, session: Session, name: str) -> None:
        """Let a session have the frames of a stream if its route serves them."""
        route = route_of(name)
        if route is Route.NONE or route is not session.route:
            return
        symbol, kind = symbol_and_kind(name)
        if self._faults.take("silent-stream", symbol=symbol, endpoint=kind):
            return
        self._listeners.setdefault(name, {})[session] = None

    def discard(self, session: Session, name: str) -> None:
        """Let a session have them no more."""
        listeners = self._listeners.get(name)
        if listeners is not None:
            listeners.pop(session, None)
            if not listeners:
                del self._listeners[name]

    # --- frames ---------------------------------------------------------------------------------

    def wanted(self, stream: str) -> bool:
        """Whether anybody gets a stream; asked before a frame is written."""
        return stream in self._listeners

    def publish(self, stream: str, text: str) -> None:
        """Send an event, JSON, to all who subscribed to its stream."""
        listeners = self._listeners.get(stream)
        if listeners is None:
            return
        if self._faults.is_armed("late-stream"):
            symbol, kind = symbol_and_kind(stream)
            if fault := self._faults.take("late-stream", symbol=symbol, endpoint=kind):
                # What is on its way on a connection is lost with it.
                waiting = tuple(listeners)
                later_ms = self._agenda.now_ms + fault.amount("delay_ms")
                self._agenda.at(later_ms, lambda: self._publish(stream, text, waiting))
                return
        self._publish(stream, text, listeners)

    def _publish(self, stream: str, text: str, listeners: Iterable[Session]) -> None:
        raw = text.encode()
        combined = b""
        if self._faults.is_armed("frame-garbled"):
            raw = self._garbled(raw, route_of(stream))
        self._strike(listeners)
        for session in listeners:
            if session.is_combined:
                combined = combined or _combined(stream, raw)
                session.send(combined)
            else:
                session.send(raw)

    def publish_user(self, key: str, event: str, text: str) -> None:
        """Send a user's event to all who listen with a key and want it.

        Args:
            key: Listen key.
            event: Its name.
            text: JSON.
        """
        listeners = self._listeners.get(key, {})
        raw = self._garbled(text.encode(), Route.PRIVATE)
        self._strike(listeners)
        for session in listeners:
            wanted = session.events.get(key)
            if wanted is None or event in wanted:
                session.send(_combined(key, raw) if session.is_combined else raw)

    def _strike(self, listeners: Iterable[Session]) -> None:
        if self._faults.is_armed("half-open"):
            for session in listeners:
                self.is_half_open(session)

    def _garbled(self, raw: bytes, route: Route) -> bytes:
        is_hit = self._faults.take("frame-garbled", endpoint=route)
        return raw[: len(raw) // 2] if is_hit else raw


def _too_many(remote: str, seconds: int) -> Reply:
    return refused(too_heavy(remote, _MOST_ATTEMPTS, seconds, "5 minutes"), {})


def _combined(stream: str, raw: bytes) -> bytes:
    return b'{"stream":"%b","data":%b}' % (stream.encode(), raw)
