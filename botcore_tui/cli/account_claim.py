"""A claim on an account, for all programs of this machine, wherever each keeps its state.

The lease in a ledger keeps out who writes the same ledger. Who is started with another state
directory, or after his own was removed, has another ledger: both would trade the account, each
take the other's stops for its own surplus, cancel them and place its own, many times a second.

The claim is a name of the system's, not a file: it ends with the process however that ends, no one
can remove or replace it, and it does not hang on an environment variable.
"""

import errno
import hashlib
import logging
import socket
import struct
import sys
from typing import Final, Self

from botcore_tui.errors import UnavailableError

logger = logging.getLogger(__name__)

_PREFIX = "botcore-account-"
_CREDENTIALS: Final = struct.Struct("3i")
"""Process, user and group of a peer (unix(7))."""
_CONNECT_SECONDS: Final = 0.2
_KNOCKS: Final = 4_096
"""Nobody takes in those who ask whose it is: each stays in the queue, and past it nobody hears."""


class AccountClaim:
    """A claim that is held until ``release``, and at the latest until the process ends."""

    def __init__(self, held: socket.socket | None) -> None:
        self._held = held

    @classmethod
    def take(cls, account: str, venue: str) -> Self:
        """Claim an account.

        Args:
            account: As its ledger names it.
            venue: Where it is: one key may open one account at each of several venues.

        Raises:
            UnavailableError: Another program of this machine trades it, or this one does already.
        """
        if sys.platform != "linux":
            return cls(None)  # only Linux has such names; the lease of the ledger is all there is
        name = _name(account, venue)
        held: socket.socket | None = None
        try:
            held = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            held.bind(name)
            held.listen(_KNOCKS)
        except OSError as error:
            if held is not None:
                held.close()
            if error.errno != errno.EADDRINUSE:
                # A service may be kept from such sockets: that is no reason not to trade.
                logger.warning("account %s is not claimed on this machine: %s", account, error)
                return cls(None)
            raise UnavailableError(
                f"account {account} is in use: process {_holder(name)} on this machine trades it,"
                " with its state in another directory or in one that is gone; end that one first"
            ) from error
        return cls(held)

    def release(self) -> None:
        """Let others claim it; may be called again."""
        if self._held is not None:
            self._held.close()
            self._held = None


def trading_process(account: str, venue: str) -> str:
    """Number of the process of this machine that trades an account; empty if none is seen to.

    Args:
        account: As its ledger names it.
        venue: Where it is.
    """
    return _holder(_name(account, venue), absent="") if sys.platform == "linux" else ""


def _name(account: str, venue: str) -> bytes:
    # Hashed: it is seen in lists of sockets, and may be no longer than a hundred letters.
    digest = hashlib.sha256(f"{account} {venue}".encode()).hexdigest()
    return f"\0{_PREFIX}{digest}".encode()


def _holder(name: bytes, *, absent: str = "unknown") -> str:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
        peer.settimeout(_CONNECT_SECONDS)
        try:
            peer.connect(name)
            raw = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        except ConnectionRefusedError:
            return absent
        except OSError:
            return "unknown"
    return str(_CREDENTIALS.unpack(raw)[0])
