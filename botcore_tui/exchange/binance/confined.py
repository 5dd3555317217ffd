"""One ccxt client that can reach one host and nothing else, and gives replies as they came."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from botcore_tui.errors import FetchError
from botcore_tui.exchange.binance.keys import Credentials
from botcore_tui.exchange.binance.light_ccxt import Endpoint, Usdm, UsdmFactory, load_usdm
from botcore_tui.exchange.binance.link import is_loopback
from botcore_tui.exchange.binance.permit import Permit, check
from botcore_tui.exchange.binance.query import quick
from botcore_tui.exchange.binance.texts import one_line, reason_of

if TYPE_CHECKING:
    import aiohttp

Parameters = Mapping[str, str | int]

_VERSIONS = {
    "fapiPublic": "v1",
    "fapiPublicV2": "v2",
    "fapiPublicV3": "v3",
    "fapiPrivate": "v1",
    "fapiPrivateV2": "v2",
    "fapiPrivateV3": "v3",
}
_WALLET: Final = "sapi"
"""ccxt's name of the wallet service, which tells what a key may do."""

ENDPOINTS: Final = {
    "depth": "fapipublic_get_depth",
    "klines": "fapipublic_get_klines",
    "exchangeInfo": "fapipublic_get_exchangeinfo",
    "time": "fapipublic_get_time",
    "POST order": "fapiprivate_post_order",
    "DELETE order": "fapiprivate_delete_order",
    "DELETE allOpenOrders": "fapiprivate_delete_allopenorders",
    "POST countdownCancelAll": "fapiprivate_post_countdowncancelall",
    "POST leverage": "fapiprivate_post_leverage",
    "order": "fapiprivate_get_order",
    "openOrders": "fapiprivate_get_openorders",
    "POST algoOrder": "fapiprivate_post_algoorder",
    "DELETE algoOrder": "fapiprivate_delete_algoorder",
    "DELETE algoOpenOrders": "fapiprivate_delete_algoopenorders",
    "algoOrder": "fapiprivate_get_algoorder",
    "openAlgoOrders": "fapiprivate_get_openalgoorders",
    "userTrades": "fapiprivate_get_usertrades",
    "income": "fapiprivate_get_income",
    "symbolConfig": "fapiprivate_get_symbolconfig",
    "accountConfig": "fapiprivate_get_accountconfig",
    "positionSide/dual": "fapiprivate_get_positionside_dual",
    "balance": "fapiprivatev3_get_balance",
    "positionRisk": "fapiprivatev3_get_positionrisk",
    "POST listenKey": "fapiprivate_post_listenkey",
    "PUT listenKey": "fapiprivate_put_listenkey",
    "apiRestrictions": "sapi_get_account_apirestrictions",
}
"""ccxt's names by ours, which are counted and shown: the path, and the method if it is not GET."""

_SPARES: Final = 2
"""Connections that wait for the next request, beyond those at work."""


_REDIRECTS: Final = (301, 302, 303, 307, 308)


class NoReplyError(Exception):
    """The request got no reply; the text says why.

    Attributes:
        is_unsent: It is certain that not one byte of it left: there was no connection.
    """

    def __init__(self, reason: str, *, is_unsent: bool = False) -> None:
        self.is_unsent = is_unsent
        super().__init__(reason)


class RedirectError(Exception):
    """The server pointed elsewhere, and nobody went there.

    Attributes:
        status: HTTP status.
    """

    def __init__(self, status: int, target: str) -> None:
        self.status = status
        super().__init__(f"redirect to {one_line(target) or 'nowhere'} not followed")


class Reply(Struct):
    """A reply as it came, good or bad; the names of its headers in small letters."""

    status: int = 0
    reason: str = ""
    headers: Mapping[str, str] = {}
    text: str = ""


def _nothing() -> None:
    """Nobody has to know that it leaves."""


class _Passage:
    """A request on its way out, and its reply."""

    def __init__(self, leaving: Callable[[], None]) -> None:
        self.reply = Reply()
        self.has_connection = False
        self._leaving: Callable[[], None] | None = leaving

    def leave(self) -> None:
        """Say that the first byte is about to leave; there is no second time."""
        leaving, self._leaving = self._leaving, None
        if leaving is None:
            raise RuntimeError("a request was about to leave a second time")
        leaving()


# ccxt would log every request with its key and signature, and every reply, at level DEBUG.
_quiet: Final = logging.getLogger(f"{__name__}.ccxt")
# ccxt keeps the last reply in attributes that all requests share; this one each request has alone.
_passage_of_task: ContextVar[_Passage] = ContextVar("_passage_of_task")


class ConfinedUsdm:
    """The endpoints that this program uses.

    ccxt is imported at the first request, in a thread.

    Args:
        base_url: Scheme and host.
        timeout_seconds: Longest wait for one reply.
        credentials: Sign requests; without them only public endpoints can be asked.
        permit: Needed where these credentials could move real money.

    Raises:
        UnavailableError: They could, and nobody has confirmed that.
    """

    def __init__(
        self,
        base_url: str,
        timeout_seconds: float,
        credentials: Credentials | None = None,
        permit: Permit | None = None,
    ) -> None:
        check(base_url, credentials, permit)
        self._base_url = base_url
        self._permit = permit
        self._timeout_seconds = timeout_seconds
        self._credentials = credentials
        self._opening = asyncio.Lock()
        self._usdm: Usdm | None = None
        self._session: aiohttp.ClientSession | None = None
        self._ccxt_error: type[Exception] = Exception
        self._is_closed = False

    async def send(
        self,
        name: str,
        parameters: Parameters,
        about_to_send: Callable[[], Parameters],
        leaving: Callable[[], None] = _nothing,
    ) -> Reply:
        """Send one request, once.

        Args:
            name: Of the endpoint.
            parameters: Of the request.
            about_to_send: Called before the request is signed; gives parameters that depend on
                that moment. If it raises, nothing is sent.
            leaving: Called when it is signed, before its first byte leaves. If it raises, nothing
                is sent.

        Raises:
            NoReplyError: The network failed.
            RedirectError: The reply was a redirect.
            FetchError: This client was closed, or the permit does not reach so far.
        """
        self._refuse(name, parameters)
        endpoint: Endpoint = getattr(await self._client(), ENDPOINTS[name])
        complete = {**parameters, **about_to_send()}
        passage = _Passage(leaving)
        reply = passage.reply
        token = _passage_of_task.set(passage)
        try:
            await endpoint(complete)
        except (self._ccxt_error, OSError) as error:
            if not reply.status:
                # Not by the kind of the failure: a time-out of the whole request is the same kind
                # whether it passed while connecting or while waiting for the reply.
                is_unsent = not passage.has_connection
                reason = self._reason(error.__cause__ or error, is_unsent=is_unsent)
                raise NoReplyError(reason, is_unsent=is_unsent) from error
        finally:
            _passage_of_task.reset(token)
        return reply

    def _refuse(self, name: str, parameters: Parameters) -> None:
        refusal = "" if self._permit is None else self._permit.refusal(name, parameters)
        if refusal:
            raise FetchError(refusal)

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
        if self._usdm is not None and not self._is_closed:
            return self._usdm
        async with self._opening:
            if self._is_closed:
                raise FetchError(f"{self._base_url}: this client was closed")
            if self._usdm is None:
                factory, self._ccxt_error = await asyncio.to_thread(load_usdm)
                self._session = _session(self._base_url)
                self._usdm = self._configured(factory, self._session)
            return self._usdm

    def _configured(self, factory: UsdmFactory, session: "aiohttp.ClientSession") -> Usdm:
        usdm = factory(
            {
                "enableRateLimit": False,
                "timeout": round(self._timeout_seconds * 1000),
                "options": {"fetchCurrencies": False, "recvWindow": 5000},
                "session": _Direct(session),
                **_keys(self._credentials),
            }
        )
        # The whole table: whatever ccxt may want to ask besides has no address to go to.
        usdm.urls["api"] = self._addresses()
        usdm.on_rest_response = _note_reply
        usdm.urlencode = quick(usdm.urlencode)
        usdm.timeout_on_exit = 0
        _quiet.setLevel(logging.WARNING)
        usdm.logger = _quiet
        return usdm

    def _addresses(self) -> dict[str, str]:
        base_url = self._base_url
        if self._permit is not None and base_url == self._permit.rights:
            # The spot host knows nothing of futures but the time, and what a key may do.
            return {"fapiPublic": f"{base_url}/api/v3", _WALLET: f"{base_url}/sapi/v1"}
        return {name: f"{base_url}/fapi/{version}" for name, version in _VERSIONS.items()}

    def _reason(self, cause: BaseException, *, is_unsent: bool) -> str:
        if isinstance(cause, TimeoutError):
            missing = "connection" if is_unsent else "reply"
            return f"no {missing} within {self._timeout_seconds:g} s"
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
    lower = {name.lower(): value for name, value in headers.items()}
    if status in _REDIRECTS:
        raise RedirectError(status, lower.get("location", ""))
    reply = _passage_of_task.get().reply
    reply.status, reply.reason, reply.headers, reply.text = status, reason, lower, text
    return ""  # Nothing is left for ccxt to parse: the bytes are decoded once, and not here.


def _keys(credentials: Credentials | None) -> dict[str, str]:
    if credentials is None:
        return {}
    return {"apiKey": credentials.api_key, "secret": credentials.secret}


class _Direct:
    """A session as ccxt uses it, whose requests go nowhere but where they were sent.

    ccxt does not say so with its requests, and a trace that refuses would take a tenth of the time
    of each.
    """

    def __init__(self, session: "aiohttp.ClientSession") -> None:
        self.headers = session.headers
        self.get = partial(session.get, allow_redirects=False)
        self.post = partial(session.post, allow_redirects=False)
        self.put = partial(session.put, allow_redirects=False)
        self.delete = partial(session.delete, allow_redirects=False)


def _session(base_url: str) -> "aiohttp.ClientSession":
    import aiohttp  # noqa: PLC0415 - 0.2 s that must pass in the thread that imports ccxt
    from aiohttp.helpers import get_env_proxy_for_url  # noqa: PLC0415 - the same
    from yarl import URL  # noqa: PLC0415 - the same

    # Looked up once. With `trust_env` each request would do it, in threads that may all wait for
    # a name server that does not answer: a cancel on an open connection would wait with them.
    proxy, proxy_auth = None, None
    if not is_loopback(base_url):
        with suppress(LookupError):  # then there is none
            proxy, proxy_auth = get_env_proxy_for_url(URL(base_url))
    cookies = aiohttp.DummyCookieJar()  # nobody is logged in: each request is signed
    session = aiohttp.ClientSession(connector=_connector(), proxy=proxy, cookie_jar=cookies)
    # As an argument it is deprecated, and headers for a proxy can be given with a request only.
    session._default_proxy_auth = proxy_auth  # noqa: SLF001 - see above
    # It would send GET, PUT and DELETE a second time by itself where a kept connection was closed:
    # not counted, and signed for an earlier moment.
    session._retry_connection = False  # noqa: SLF001 - no public switch
    return session


def _connector() -> "aiohttp.TCPConnector":
    import aiohttp  # noqa: PLC0415 - see above

    class Connector(aiohttp.TCPConnector):
        """Has connections ready: who is in a hurry must not wait for handshakes."""

        def __init__(self) -> None:
            # Without its usual limit of 100: how much may be asked is the limiter's business, and
            # behind as many requests without an answer a cancel would have to wait.
            super().__init__(limit=0)
            self._spares: set[asyncio.Task[None]] = set()

        async def connect(
            self,
            req: aiohttp.ClientRequest,
            traces: list[aiohttp.tracing.Trace],
            timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's name
        ) -> aiohttp.connector.Connection:
            # Here it is signed and has no more to do than leave.
            passage = _passage_of_task.get()
            passage.leave()
            connection = await super().connect(req, traces, timeout)
            passage.has_connection = True
            idle = len(self._conns.get(req.connection_key, ()))
            # Through a proxy a connection is made for its one request.
            if idle + len(self._spares) < _SPARES and not req.proxy:
                spare = asyncio.get_running_loop().create_task(self._add_spare(req, timeout))
                self._spares.add(spare)
                spare.add_done_callback(self._spares.discard)
            return connection

        async def _add_spare(
            self, req: aiohttp.ClientRequest, limits: aiohttp.ClientTimeout
        ) -> None:
            with suppress(aiohttp.ClientError, OSError, TimeoutError):  # then there is none
                protocol = await self._create_connection(req, [], limits)
                key = req.connection_key
                aiohttp.connector.Connection(self, key, protocol, self._loop).release()

        async def close(self, *, abort_ssl: bool = False) -> None:
            for spare in self._spares:
                spare.cancel()
            await asyncio.gather(*self._spares, return_exceptions=True)
            await super().close(abort_ssl=abort_ssl)

    return Connector()
