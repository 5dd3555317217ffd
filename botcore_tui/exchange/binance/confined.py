"""One ccxt client that can reach one host and nothing else, and gives replies as they came."""

import asyncio
from collections.abc import Mapping
from contextvars import ContextVar
from types import SimpleNamespace
from typing import TYPE_CHECKING

from msgspec import Struct

from botcore_tui.errors import FetchError
from botcore_tui.exchange.binance.light_ccxt import Endpoint, Usdm, UsdmFactory, load_usdm
from botcore_tui.exchange.binance.link import is_loopback
from botcore_tui.exchange.binance.texts import one_line, reason_of

if TYPE_CHECKING:
    import aiohttp

_VERSIONS = {
    "fapiPublic": "v1",
    "fapiPublicV2": "v2",
    "fapiPublicV3": "v3",
    "fapiPrivate": "v1",
    "fapiPrivateV2": "v2",
    "fapiPrivateV3": "v3",
}


class NoReplyError(Exception):
    """The request got no reply; the text says why."""


class RedirectError(Exception):
    """The server pointed elsewhere, and nobody went there.

    Attributes:
        status: HTTP status.
    """

    def __init__(self, status: int, target: str) -> None:
        self.status = status
        super().__init__(f"redirect to {one_line(target) or 'nowhere'} not followed")


class Reply(Struct):
    """A reply as it came, good or bad."""

    status: int = 0
    reason: str = ""
    headers: Mapping[str, str] = {}
    text: str = ""


# ccxt keeps the last reply in attributes that all requests share; this one each request has alone.
_reply_of_task: ContextVar[Reply] = ContextVar("_reply_of_task")


class ConfinedUsdm:
    """The public endpoints that this program uses.

    ccxt is imported at the first request, in a thread.

    Args:
        base_url: Scheme and host.
        timeout_seconds: Longest wait for one reply.
    """

    def __init__(self, base_url: str, timeout_seconds: float) -> None:
        self._base_url = base_url
        self._timeout_seconds = timeout_seconds
        self._opening = asyncio.Lock()
        self._usdm: Usdm | None = None
        self._session: aiohttp.ClientSession | None = None
        self._ccxt_error: type[Exception] = Exception
        self._is_closed = False

    async def get(self, path: str, parameters: Mapping[str, str | int]) -> Reply:
        """Send one request, once.

        Raises:
            NoReplyError: The network failed.
            RedirectError: The reply was a redirect.
            FetchError: This client was closed.
        """
        endpoint = _endpoint(await self._client(), path)
        reply = Reply()
        token = _reply_of_task.set(reply)
        try:
            await endpoint(parameters)
        except (self._ccxt_error, OSError) as error:
            if not reply.status:
                raise NoReplyError(self._reason(error)) from error
        finally:
            _reply_of_task.reset(token)
        return reply

    async def close(self) -> None:
        """Free the connections; requests after this are refused."""
        self._is_closed = True
        async with self._opening:
            if self._session is not None:
                await self._session.close()
            if self._usdm is not None:
                await self._usdm.close()
            self._session = self._usdm = None

    async def _client(self) -> Usdm:
        async with self._opening:
            if self._is_closed:
                raise FetchError(f"{self._base_url}: this client was closed")
            if self._usdm is None:
                factory, self._ccxt_error = await asyncio.to_thread(load_usdm)
                self._session = _session(trust_env=not is_loopback(self._base_url))
                self._usdm = self._configured(factory, self._session)
            return self._usdm

    def _configured(self, factory: UsdmFactory, session: "aiohttp.ClientSession") -> Usdm:
        usdm = factory(
            {
                "enableRateLimit": False,
                "timeout": round(self._timeout_seconds * 1000),
                "options": {"fetchCurrencies": False, "recvWindow": 5000},
                "session": session,
            }
        )
        # The whole table: whatever ccxt may want to ask besides has no address to go to.
        usdm.urls["api"] = {
            name: f"{self._base_url}/fapi/{version}" for name, version in _VERSIONS.items()
        }
        usdm.on_rest_response = _note_reply
        usdm.timeout_on_exit = 0
        return usdm

    def _reason(self, error: Exception) -> str:
        cause = error.__cause__ or error
        if isinstance(cause, TimeoutError):
            return f"no reply within {self._timeout_seconds:g} s"
        return reason_of(cause)


def _note_reply(
    status: int,
    reason: str,
    _url: str,
    _method: str,
    headers: Mapping[str, str],
    text: str,
    *_request: object,
) -> str:
    reply = _reply_of_task.get()
    reply.status, reply.reason, reply.headers, reply.text = status, reason, headers, text
    return ""  # Nothing is left for ccxt to parse: the bytes are decoded once, and not here.


def _endpoint(usdm: Usdm, path: str) -> Endpoint:
    match path:
        case "depth":
            return usdm.fapipublic_get_depth
        case "klines":
            return usdm.fapipublic_get_klines
        case _:
            return usdm.fapipublic_get_exchangeinfo


def _session(*, trust_env: bool) -> "aiohttp.ClientSession":
    import aiohttp  # noqa: PLC0415 - 0.2 s that must pass in the thread that imports ccxt

    async def refuse(
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        redirect: aiohttp.TraceRequestRedirectParams,
    ) -> None:
        redirect.response.close()
        raise RedirectError(redirect.response.status, redirect.response.headers.get("Location", ""))

    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(refuse)
    return aiohttp.ClientSession(trust_env=trust_env, trace_configs=[trace])
