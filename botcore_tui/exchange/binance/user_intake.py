"""Raw user frame in, events out; what cannot be read is counted and told of, never swallowed."""

import logging
from collections.abc import Callable
from typing import Final

from botcore_tui.errors import DecodeError
from botcore_tui.exchange.binance.receiver import StreamCount
from botcore_tui.exchange.binance.user_wire import (
    Hedged,
    KeyExpired,
    LeftOut,
    ModeChanged,
    Notice,
    UserEvent,
    decode_user,
)
from botcore_tui.exchange.binance.wire import Unknown
from botcore_tui.model.account import AccountUpdate
from botcore_tui.model.event import Event
from botcore_tui.model.order import AlgoReport, OrderReport

logger = logging.getLogger(__name__)

_SECOND_NS: Final = 1_000_000_000
_HEDGED_NS: Final = 600 * _SECOND_NS
"""Asking for the mode is dear, and each frame of an account in hedge mode is a sign of it."""


class Repeats:
    """Tells what a second connection repeats while two of them carry the same stream."""

    def __init__(self) -> None:
        self._told: set[bytes] | None = None
        self._until_ns = 0

    def begin(self) -> None:
        """A second connection is about to be opened."""
        self._told = set()
        self._until_ns = 0

    def end(self) -> None:
        """There is only one connection."""
        self._told = None

    def end_at(self, until_ns: int) -> None:
        """The second connection took over; what it held back has come by then."""
        self._until_ns = until_ns

    def is_repeated(self, raw: bytes, now_ns: int) -> bool:
        """Whether a frame was taken before; notes it."""
        if self._told is None:
            return False
        if self._until_ns and now_ns >= self._until_ns:
            self._told = None
            return False
        if raw in self._told:
            return True
        self._told.add(raw)
        return False


class UserIntake:
    """Decodes, counts and delivers the frames of a user stream.

    Args:
        deliver: Takes each event and the monotonic time it was received.
        sighted: Told the client id of every order that the stream tells of.

    Attributes:
        count: Frames, and when the last one came.
        decode_errors: Frames that could not be read.
        unknown: Frames of types that are in no document, by type.
        left_out: Frames of documented types that are not needed, by type.
    """

    def __init__(
        self, deliver: Callable[[Event, int], None], sighted: Callable[[str], None]
    ) -> None:
        self._deliver = deliver
        self._sighted = sighted
        self.count = StreamCount()
        self.last_ns = 0
        """Monotonic; 0 before the first frame."""
        self.decode_errors = 0
        self.unknown: dict[str, int] = {}
        self.left_out: dict[str, int] = {}
        self._error_kinds: set[str] = set()
        self._hedged_due_ns = 0

    def take(self, raw: bytes, received_ns: int, utc_ns: int) -> KeyExpired | ModeChanged | None:
        """Take one frame.

        Returns:
            That the listen key has expired, or the account changed its mode, if the frame says so.

        Raises:
            DecodeError: It cannot be read: an event of the account may be lost. It is counted.
        """
        self.count.frames += 1
        self.count.last_utc_ns = utc_ns
        self.last_ns = received_ns
        try:
            messages = decode_user(raw)
        except DecodeError as error:
            self._refuse(error, len(raw))
            raise
        special = None
        for message in messages:
            match message:
                case KeyExpired() | ModeChanged():
                    special = message
                case Hedged():
                    special = self._note_hedged(received_ns)
                case Notice():
                    level = logging.CRITICAL if message.is_urgent else logging.WARNING
                    logger.log(level, "user stream: %s", message.text)
                case LeftOut(kind):
                    self.left_out[kind] = self.left_out.get(kind, 0) + 1
                case Unknown(kind):
                    self._note_unknown(kind)
                case _:
                    self._hand_over(message, received_ns)
        return special

    def _hand_over(self, event: UserEvent, received_ns: int) -> None:
        self.count.last_event_ms = event.time_ms
        if isinstance(event, OrderReport | AlgoReport):
            self._sighted(event.client_order_id)
        elif isinstance(event, AccountUpdate):
            logger.debug("user stream: account update, %s", event.reason)
        self._deliver(event, received_ns)

    def _note_hedged(self, now_ns: int) -> ModeChanged | None:
        if now_ns < self._hedged_due_ns:
            return None
        self._hedged_due_ns = now_ns + _HEDGED_NS
        return ModeChanged("the account is in hedge mode now")

    def _note_unknown(self, kind: str) -> None:
        self.unknown[kind] = self.unknown.get(kind, 0) + 1
        if self.unknown[kind] == 1:
            logger.info("user frames of type %r are not read; they are counted", kind)

    def _refuse(self, error: DecodeError, length: int) -> None:
        self.decode_errors += 1
        if error.kind not in self._error_kinds:
            self._error_kinds.add(error.kind)
            # Not the frame itself: it tells of somebody's money.
            logger.warning(
                "unreadable user frame of %d bytes (%s); more of this kind are only counted",
                length,
                error,
            )
