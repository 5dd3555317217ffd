"""What a key may do, as the venue tells it: keys that could do harm beyond trading are refused."""

import random
from typing import Final

import msgspec
from msgspec import Struct, field

from botcore_tui.clock import Clock
from botcore_tui.errors import DecodeError
from botcore_tui.exchange.binance.keys import Credentials
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.binance.permit import Permit
from botcore_tui.exchange.binance.signed_rest import SignedRest
from botcore_tui.model.account import KeyRights

_TIMEOUT_SECONDS: Final = 10.0


class _Restrictions(Struct, frozen=True):
    """Binance wallet API, "Get API Key Permission". What it does not say counts as allowed."""

    is_ip_bound: bool = field(default=False, name="ipRestrict")
    may_trade: bool = field(default=True, name="enableFutures")
    may_withdraw: bool = field(default=True, name="enableWithdrawals")
    may_transfer: bool = field(default=True, name="enableInternalTransfer")
    may_transfer_anywhere: bool = field(default=True, name="permitsUniversalTransfer")
    created_ms: int = field(default=0, name="createTime")


def decode_rights(raw: bytes) -> KeyRights:
    """What a reply says of a key.

    Raises:
        DecodeError: It is none.
    """
    try:
        told = msgspec.json.decode(raw, type=_Restrictions)
    except msgspec.MsgspecError as error:
        raise DecodeError("key rights", str(error)) from error
    return KeyRights(
        may_trade=told.may_trade,
        may_withdraw=told.may_withdraw,
        may_transfer=told.may_transfer or told.may_transfer_anywhere,
        is_ip_bound=told.is_ip_bound,
        created_ms=told.created_ms,
    )


async def ask_rights(
    permit: Permit, credentials: Credentials, *, clock: Clock, rng: random.Random, limiter: Limiter
) -> KeyRights | None:
    """Ask what a key may do; None where the venue does not tell.

    Args:
        permit: Names the host that tells.
        credentials: The key.
        clock: All time goes through it.
        rng: Jitter of pauses.
        limiter: Of this process.

    Raises:
        FetchError: It did not say.
    """
    url = permit.rights
    if url is None:
        return None
    rest = SignedRest(
        url,
        credentials,
        gate=limiter.gate(url),
        clock=clock,
        rng=rng,
        timeout_seconds=_TIMEOUT_SECONDS,
        permit=permit,
    )
    try:
        return await rest.ask("apiRestrictions", {}, decode_rights)
    finally:
        await rest.close()


def refused_rights(rights: KeyRights) -> str:
    """Why a key must not be used, and what to do; empty if it may."""
    if rights.may_withdraw:
        return (
            "the API key may withdraw money: make another one without that permission at the"
            " venue, bind it to this machine's address, and delete this one"
        )
    if not rights.may_trade:
        return "the API key may not trade futures: enable futures for it at the venue"
    return ""


def doubtful_rights(rights: KeyRights) -> tuple[str, ...]:
    """What is not as it should be with a key that can be used all the same."""
    doubts = []
    if not rights.is_ip_bound:
        doubts.append("the API key works from any address: bind it to this machine's")
    if rights.may_transfer:
        doubts.append("the API key may move money between wallets: it does not need to")
    return tuple(doubts)
