"""The only way to the venue's REST: a request that has had its turn at the limiter."""

import re
from collections.abc import Callable
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from botcore_tui.config.masking import secret_parts, without
from botcore_tui.exchange.binance.allowance import Lane
from botcore_tui.exchange.binance.backoff import retry_after_seconds
from botcore_tui.exchange.binance.confined import (
    ConfinedUsdm,
    NoReplyError,
    Parameters,
    RedirectError,
    Reply,
)
from botcore_tui.exchange.binance.keys import Credentials
from botcore_tui.exchange.binance.limiter import Gate, Turn
from botcore_tui.exchange.binance.permit import Permit
from botcore_tui.exchange.binance.weights import cost_of

_BANNED_UNTIL: Final = re.compile(r"banned until (\d{13})")
_LONGEST_BAN_MS: Final = 3 * 24 * 3_600_000


class Refusal(Struct, frozen=True):
    """What a reply that is no success says."""

    code: int = 0
    msg: str = ""


class Answer(Struct, frozen=True):
    """A reply, and what it forbids."""

    reply: Reply
    refusal: Refusal
    wait_seconds: float
    """How long the venue forbids another request; 0 if it does not say."""

    @property
    def is_success(self) -> bool:
        """Whether it is what was asked for."""
        return 200 <= self.reply.status < 300 and self.reply.text.lstrip().startswith(("{", "["))


def nothing_more_to_do() -> None:
    """Nobody has to know that it leaves."""


def nothing_more() -> Parameters:
    """No parameter of this request depends on the moment at which it leaves."""
    return {}


class LimitedUsdm:
    """The endpoints of one venue, behind its gate.

    Args:
        base_url: Scheme and host.
        gate: Of that host.
        timeout_seconds: Longest wait for one reply, once it is asked for.
        credentials: Sign requests; without them only public endpoints can be asked.
        permit: Needed where these credentials could move real money.

    Raises:
        UnavailableError: They could, and nobody has confirmed that.
    """

    def __init__(
        self,
        base_url: str,
        gate: Gate,
        timeout_seconds: float,
        credentials: Credentials | None = None,
        permit: Permit | None = None,
    ) -> None:
        self._gate = gate
        self._secrets = _secrets_of(credentials)
        self._usdm = ConfinedUsdm(base_url, timeout_seconds, credentials, permit)

    async def send(
        self,
        lane: Lane,
        name: str,
        parameters: Parameters,
        about_to_send: Callable[[], Parameters] = nothing_more,
        leaving: Callable[[], None] = nothing_more_to_do,
    ) -> Answer:
        """Wait for a turn, then send one request, once.

        Args:
            lane: What it is for.
            name: Of the endpoint: its path, and the method where that is not GET.
            parameters: Of the request.
            about_to_send: Called when it has its turn, before it is signed; gives parameters that
                depend on that moment. If it raises, nothing is sent.
            leaving: Called when it is signed, before its first byte leaves. If it raises, nothing
                is sent.

        Raises:
            ShutError: The venue refuses requests for long.
            NoReplyError: The network failed.
            RedirectError: The reply was a redirect.
            FetchError: This client was closed.
        """

        async with self._gate.turn(lane, cost_of(name, parameters)) as turn:
            turn.is_unsent = True

            def leaves() -> None:
                leaving()
                turn.is_unsent = False
                self._gate.calls.of(name).attempts += 1

            try:
                reply = await self._usdm.send(name, parameters, about_to_send, leaves)
            except NoReplyError as error:
                turn.is_unsent = error.is_unsent
                self._gate.calls.of(name).failed += 1
                raise
            except RedirectError:
                self._gate.calls.of(name).failed += 1
                raise
            self._gate.calls.of(name).hear(reply.status)
            return self._heard(turn, reply)

    async def close(self) -> None:
        """Free the connections; requests after this are refused."""
        await self._usdm.close()

    def _heard(self, turn: Turn, reply: Reply) -> Answer:
        turn.answered(reply.headers)
        if reply.status < 300:
            return Answer(reply, Refusal(), 0.0)
        refusal = _refusal(reply.text)
        # Here, before they are cut to a line: they go to logs, screens and the ledger.
        refusal = replace(refusal, msg=without(refusal.msg, self._secrets))
        reply = replace(reply, reason=without(reply.reason, self._secrets))
        wait_seconds = retry_after_seconds(reply.status, reply.headers)
        if "retry-after" not in reply.headers:
            wait_seconds = max(wait_seconds, self._ban_seconds(reply))
        if wait_seconds or reply.status == 429:
            turn.refused(reply.status, refusal.code, wait_seconds)
        return Answer(reply, refusal, wait_seconds)

    def _ban_seconds(self, reply: Reply) -> float:
        found = _BANNED_UNTIL.search(reply.text) if reply.status in {418, 429} else None
        left_ms = 0 if found is None else int(found[1]) - self._gate.now_ms()
        return max(0, min(left_ms, _LONGEST_BAN_MS)) / 1000


def _secrets_of(credentials: Credentials | None) -> frozenset[str]:
    if credentials is None:
        return frozenset()
    return secret_parts(credentials.api_key) | secret_parts(credentials.secret)


def _refusal(text: str) -> Refusal:
    try:
        return msgspec.json.decode(text, type=Refusal)
    except msgspec.MsgspecError:
        return Refusal()
