"""One client's stream connection: what it asked for, and the frames that wait to be sent to it."""

from collections import deque
from typing import Final, Protocol

from botcore_tui.exchange.sim.mailbox import Mailbox
from botcore_tui.exchange.sim.stream_names import Route, is_well_formed
from botcore_tui.exchange.sim.stream_requests import MalformedError, Method, StreamRequest, parsed

MOST_STREAMS: Final = 1_024
"""Streams of one connection."""
_MOST_MESSAGES: Final = 10
_SECOND_MS: Final = 1_000
POLICY_VIOLATION: Final = 1008
"""Close code of a connection that the venue does not want any more."""


class Subscriptions(Protocol):
    """Where it is kept who gets what."""

    def add(self, session: "Session", name: str) -> None:
        """Let a session have the frames of a stream, as far as the venue serves them to it."""

    def discard(self, session: "Session", name: str) -> None:
        """Let a session have them no more."""

    def is_half_open(self, session: "Session") -> bool:
        """Whether a connection is dead without having ended."""


class Session(Mailbox):
    """A stream connection.

    Args:
        subscriptions: Told what is asked for.
        route: First part of the address it was opened on.
        is_combined: Whether frames name their stream.

    Attributes:
        names: Streams asked for, in that order, also those that stay silent.
        events: Names of the user's events that are wanted, by listen key; of a key that is not
            here all are.
    """

    def __init__(self, subscriptions: Subscriptions, route: Route, *, is_combined: bool) -> None:
        super().__init__()
        self.route = route
        self.is_combined = is_combined
        self.names: dict[str, None] = {}
        self.events: dict[str, frozenset[str]] = {}
        self._subscriptions = subscriptions
        self._times: deque[int] = deque(maxlen=_MOST_MESSAGES)

    def note_message(self, now_ms: int) -> bool:
        """Count a message of the client, pings and pongs included; cuts above 10 in a second.

        Returns:
            Whether it is to be heeded.
        """
        if self._subscriptions.is_half_open(self):
            return False
        times = self._times
        if len(times) == _MOST_MESSAGES and now_ms - times[0] < _SECOND_MS:
            self.cut(POLICY_VIOLATION, "Too many requests")
        times.append(now_ms)
        return not self.close_code

    def receive(self, text: str, now_ms: int) -> None:
        """Do what a text frame of the client asks for."""
        if not self.note_message(now_ms):
            return
        try:
            request = parsed(text)
            answer = self._answer(request)
        except MalformedError as error:
            self.send(error.reply.encode())
            return
        self.send(f'{{"result":{answer},"id":{request.identity}}}'.encode())

    def subscribe(self, name: str) -> None:
        """Ask for a stream."""
        if name not in self.names:
            self.names[name] = None
            self._subscriptions.add(self, name)

    def _answer(self, request: StreamRequest) -> str:
        match request.method:
            case Method.SUBSCRIBE:
                self._subscribe(request)
            case Method.UNSUBSCRIBE:
                for name in request.names:
                    if name in self.names:
                        del self.names[name]
                        self._subscriptions.discard(self, name)
            case Method.LIST_SUBSCRIPTIONS:
                return "[" + ",".join(f'"{name}"' for name in self.names) + "]"
            case Method.SET_PROPERTY:
                self.is_combined = request.value
            case Method.GET_PROPERTY:
                return "true" if self.is_combined else "false"
        return "null"

    def _subscribe(self, request: StreamRequest) -> None:
        for name in request.names:
            if not is_well_formed(name):
                raise MalformedError(2, "Invalid request: invalid stream", request.identity)
        if len(self.names.keys() | set(request.names)) > MOST_STREAMS:
            # Seen by oliver-zehentleitner/unicorn-binance-websocket-api#17.
            raise MalformedError(4, "Too many subscriptions", request.identity)
        for name in request.names:
            self.subscribe(name)
