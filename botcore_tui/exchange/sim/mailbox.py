"""What waits to be sent on a connection, and whether the venue ends it."""

from collections.abc import Callable
from typing import Final

GOING_AWAY: Final = 1001
"""Close code of a connection that has served its time."""


class Mailbox:
    """Outgoing side of a WebSocket connection.

    Attributes:
        outbox: Text frames that wait to be sent; the shell takes them out.
        wake: Called when the first frame comes into an empty outbox, and when the connection ends.
        close_code: Of the venue, which ends the connection; 0 while it does not.
        close_reason: Words for it.
        is_mute: Nothing is sent or answered any more, and the connection stays: half open.
    """

    def __init__(self) -> None:
        self.outbox: list[bytes] = []
        self.wake: Callable[[], None] = _nobody
        self.close_code = 0
        self.close_reason = ""
        self.is_mute = False

    def send(self, frame: bytes) -> None:
        """Put a text frame into the outbox."""
        if self.is_mute or self.close_code:
            return
        self.outbox.append(frame)
        if len(self.outbox) == 1:
            self.wake()

    def cut(self, code: int, reason: str) -> None:
        """End the connection; what waits is still sent."""
        if not self.close_code:
            self.close_code, self.close_reason = code, reason
            self.wake()


def _nobody() -> None:
    """Nobody waits for the outbox."""
