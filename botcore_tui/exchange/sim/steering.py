"""An embedded exchange, steered from outside: failures, time, and what it really has.

It reaches nothing else: an address of another machine is refused, and so is every path but those
that stand beside Binance's own.
"""

import http.client
from decimal import Decimal
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from botcore_tui.errors import UnavailableError

_SECONDS: Final = 30.0
"""Longest wait: minutes of a market that pass at once take a while."""


class _Market(Struct, frozen=True):
    symbol: str
    bid: Decimal
    """Zero: nobody bids."""


class _State(Struct, frozen=True):
    markets: tuple[_Market, ...]


class Steering:
    """Blocks; every method raises ``UnavailableError`` where the exchange does not do it.

    Args:
        rest: Address that it said of itself.

    Raises:
        UnavailableError: That is no address of this machine.
    """

    def __init__(self, rest: str) -> None:
        where = urlsplit(rest)
        if where.scheme != "http" or not _is_here(where.hostname or ""):
            raise UnavailableError(f"{rest} is no exchange on this machine")
        self._host, self._port = where.hostname or "", where.port

    def arm(self, name: str, **keys: object) -> None:
        """Inject a failure; see ``botcore sim --list-faults``."""
        self._ask("POST", "/sim/faults", {"name": name, **keys})

    def disarm(self) -> None:
        """Inject none any more."""
        self._ask("DELETE", "/sim/faults")

    def advance(self, ms: int) -> None:
        """Let so much of its time pass at once."""
        self._ask("POST", "/sim/advance", {"ms": ms})

    def bid(self, symbol: str) -> Decimal:
        """The best that somebody bids for a contract."""
        state = msgspec.json.decode(self._ask("GET", "/sim/state"), type=_State)
        found = {market.symbol: market.bid for market in state.markets}.get(symbol)
        if not found:
            raise UnavailableError(f"the embedded exchange has nobody who bids for {symbol}")
        return found

    def _ask(self, method: str, path: str, body: object = None) -> bytes:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=_SECONDS)
        try:
            sent = None if body is None else msgspec.json.encode(body)
            connection.request(method, path, sent, {"Content-Type": "application/json"})
            reply = connection.getresponse()
            said = reply.read()
        except (OSError, http.client.HTTPException) as error:
            raise UnavailableError(f"the embedded exchange does not answer: {error}") from error
        finally:
            connection.close()
        if reply.status != http.client.OK:
            words = said.decode(errors="replace")
            raise UnavailableError(f"the embedded exchange refused {path}: {words}")
        return said


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
