"""What a key may be used for where money is real: nothing, unless a person confirmed it.

A permit holds the whole tuple: addresses, key, account. Only the functions here make one, so a
client that has one cannot be connected to anything else.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from msgspec import Struct

from botcore_tui.config import is_real_money
from botcore_tui.errors import UnavailableError
from botcore_tui.exchange.binance.keys import Credentials, fingerprint
from botcore_tui.model.account import Binding

TAIL: Final = 4
"""Last characters of an account's name that a person types."""

_SEAL: Final = object()
_CHANGING: Final = ("POST ", "PUT ", "DELETE ")
_REDUCING: Final = frozenset({"POST order", "POST algoOrder"})
_HARMLESS: Final = frozenset(
    {
        "DELETE order",
        "DELETE algoOrder",
        "DELETE allOpenOrders",
        "DELETE algoOpenOrders",
        "POST countdownCancelAll",
    }
)
"""What takes risk away whatever its parameters are."""


class Reach(IntEnum):
    """How far a permit goes."""

    INSPECT = 0
    """Questions only."""
    REDUCE = 1
    """Also cancels, and orders that cannot raise a position: what a kill needs."""
    TRADE = 2
    """Everything."""


class Permit:
    """Leave to use one key at one place; see the functions of this module.

    Attributes:
        reach: How far it goes.
        rest: Scheme and host.
        rights: Where the rights of the key are told; None if nowhere.
        ws_private: Of the user stream.
        fingerprint: Of the key.
    """

    __slots__ = ("fingerprint", "reach", "rest", "rights", "ws_private")

    def __init__(
        self,
        seal: object,
        reach: Reach,
        *,
        rest: str,
        ws_private: str,
        fingerprint: str,
        rights: str | None,
    ) -> None:
        if seal is not _SEAL:
            raise TypeError("a permit is made by inspection(), reduction() or Confirmation.permit")
        self.reach = reach
        self.rest = rest
        self.rights = rights
        self.ws_private = ws_private
        self.fingerprint = fingerprint

    def covers(self, url: str, api_key: str) -> bool:
        """Whether this is the address and the key that it was made for."""
        is_there = url.rstrip("/") in {self.rest, self.ws_private, self.rights}
        return is_there and fingerprint(api_key) == self.fingerprint

    def refusal(self, name: str, parameters: Mapping[str, str | int]) -> str:
        """Why this request may not leave; empty if it may.

        Args:
            name: Of the endpoint, with its method where that is not GET.
            parameters: Of the request.
        """
        if self.reach is Reach.TRADE or not name.startswith(_CHANGING):
            return ""
        if self.reach is Reach.REDUCE and (name in _HARMLESS or _is_reducing(name, parameters)):
            return ""
        return f"{name} is not sent: nobody has confirmed this account for trading"


class Confirmation(Struct, frozen=True):
    """A person typed the end of the account's name and saw the money at risk.

    Made by ``confirm``; for ``reduction`` also read back from the state directory.
    """

    binding: Binding
    actor: str
    time_ms: int


class Confirmed:
    """A confirmation of this very session; the only way to a permit for trading.

    Attributes:
        confirmation: What was confirmed.
    """

    __slots__ = ("confirmation",)

    def __init__(self, seal: object, confirmation: Confirmation) -> None:
        if seal is not _SEAL:
            raise TypeError("a confirmation is made by confirm()")
        self.confirmation = confirmation

    def permit(self, credentials: Credentials) -> Permit:
        """Leave to trade with this key.

        Raises:
            UnavailableError: It is another key than the confirmed one.
        """
        binding = self.confirmation.binding
        if fingerprint(credentials.api_key) != binding.fingerprint:
            raise UnavailableError(
                f"the key is {fingerprint(credentials.api_key)}, confirmed was"
                f" {binding.fingerprint}: start again and confirm the account"
            )
        return _permit(Reach.TRADE, binding)


def account_tail(account_id: str) -> str:
    """The end of an account's name that a person types."""
    return account_id[-TAIL:]


def inspection(
    rest: str, ws_private: str, credentials: Credentials, *, rights: str | None = None
) -> Permit:
    """Leave to look: whose account it is, and what is at risk there."""
    return Permit(
        _SEAL,
        Reach.INSPECT,
        rest=rest,
        ws_private=ws_private,
        fingerprint=fingerprint(credentials.api_key),
        rights=rights,
    )


def reduction(confirmation: Confirmation, credentials: Credentials) -> Permit:
    """Leave to cancel and to close on an account that was once confirmed here; asks nobody.

    Raises:
        UnavailableError: It is another key than the confirmed one.
    """
    binding = confirmation.binding
    if fingerprint(credentials.api_key) != binding.fingerprint:
        raise UnavailableError(
            f"the key is {fingerprint(credentials.api_key)}, but the account that was traded from"
            f" here is that of {binding.fingerprint}: set that key"
        )
    return _permit(Reach.REDUCE, binding)


def confirm(binding: Binding, typed: str, *, actor: str, time_ms: int) -> Confirmed:
    """Take a person's word for the whole tuple.

    Args:
        binding: As it was found and shown.
        typed: Must be the end of the account's name.
        actor: Who typed.
        time_ms: Now, UTC.

    Raises:
        UnavailableError: Something else was typed, or there is nothing that could be typed.
    """
    tail = account_tail(binding.account_id)
    if len(tail) < TAIL or not actor:
        raise UnavailableError("the venue did not name the account: it cannot be confirmed")
    if typed.strip() != tail:
        raise UnavailableError(
            f"not confirmed: the account's name ends in {tail!r}, typed was {typed.strip()!r}"
        )
    return Confirmed(_SEAL, Confirmation(binding, actor, time_ms))


def check(url: str, credentials: Credentials | None, permit: Permit | None) -> None:
    """Make sure that a client may exist.

    Args:
        url: That it would send to.
        credentials: That it would sign with; None: it signs nothing.
        permit: That it was given.

    Raises:
        UnavailableError: It could move real money, and nobody has confirmed that.
    """
    if credentials is None or not is_real_money(url):
        return
    if permit is None or not permit.covers(url, credentials.api_key):
        raise UnavailableError(f"{url} is real money, and this account was not confirmed")


def _permit(reach: Reach, binding: Binding) -> Permit:
    return Permit(
        _SEAL,
        reach,
        rest=binding.rest,
        ws_private=binding.ws_private,
        fingerprint=binding.fingerprint,
        rights=None,
    )


def _is_reducing(name: str, parameters: Mapping[str, str | int]) -> bool:
    if name not in _REDUCING:
        return False
    return "true" in {parameters.get("reduceOnly"), parameters.get("closePosition")}
