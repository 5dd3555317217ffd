"""A claim on an account, for all programs of this machine, wherever each keeps its state.

The lease in a ledger keeps out who writes the same ledger. Who is started with another state
directory, or after his own was removed, has another ledger: both would trade the account, each
take the other's stops for its own surplus, cancel them and place its own, many times a second.

The claim is a name of the system's, not a file: it ends with the process however that ends, no one
can remove or replace it, and it does not hang on an environment variable.
"""

import hashlib
import socket
import struct
import sys
from typing import Final, Self

from botcore_tui.errors import UnavailableError

_CREDENTIALS: Final = struct.Struct("3i")
"""Process, user and group of a peer (unix(7))."""
_CONNECT_SECONDS: Final = 0.2


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
        held = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            held.bind(name)
            held.listen(1)
        except OSError as error:
            held.close()
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


def _name(account: str, venue: str) -> bytes:
    # Hashed: it is seen in lists of sockets, and may be no longer than a hundred letters.
    return (
        b"\0botcore-account-" + hashlib.sha256(f"{account} {venue}".encode()).hexdigest().encode()
    )


def _holder(name: bytes) -> str:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
        peer.settimeout(_CONNECT_SECONDS)
        try:
            peer.connect(name)
            raw = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        except OSError:
            return "unknown"
    return str(_CREDENTIALS.unpack(raw)[0])
