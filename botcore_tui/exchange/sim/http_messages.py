"""A request as it arrives, and a reply with how it is to be delivered."""

from enum import Enum
from typing import Final

import msgspec
from msgspec import Struct

from botcore_tui.exchange.sim.refusals import RefusalError

JSON: Final = "application/json;charset=UTF-8"
USED_WEIGHT: Final = "X-MBX-USED-WEIGHT-1M"
"""Header that tells what an address used in this minute."""
_encode: Final = msgspec.json.Encoder().encode


class Fate(Enum):
    """What becomes of a reply on its way."""

    SEND = "send"
    ABORT = "abort"
    """The connection is reset instead."""
    HANG = "hang"
    """It never arrives; the connection stays open."""


class Request(Struct, frozen=True, kw_only=True):
    """A request as it arrived; query and body undecoded, as they were signed."""

    method: str
    path: str
    query: str = ""
    body: str = ""
    api_key: str = ""
    remote: str = "127.0.0.1"
    """Address that its weight is counted for."""
    is_trusted: bool = False
    """It comes from a connection that has logged on with its key: it is not signed."""


class Reply(Struct, kw_only=True):
    """What is answered."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str]
    fate: Fate = Fate.SEND
    delay_ms: int = 0
    """Simulated time to wait before it is delivered."""


def answered(value: object, headers: dict[str, str]) -> Reply:
    """A reply with a value in JSON."""
    headers["Content-Type"] = JSON
    return Reply(body=_encode(value), headers=headers)


def refused(refusal: RefusalError, headers: dict[str, str]) -> Reply:
    """A reply with a refusal."""
    headers["Content-Type"] = JSON
    if refusal.retry_after_seconds:
        headers["Retry-After"] = str(refusal.retry_after_seconds)
    body = _encode({"code": refusal.code, "msg": refusal.message})
    return Reply(status=refusal.status, body=body, headers=headers)
