"""Public REST of Binance USD-M: the replies' own bytes, fetched through ccxt's endpoints.

ccxt brings the paths, the encoding and the HTTP client. Its throttle, its parsing and its error
classes are left out: they differ between real and other hosts, and lose Retry-After.
"""

import math
import random
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt

from botcore_tui.clock import Clock
from botcore_tui.errors import FetchError
from botcore_tui.exchange.binance.backoff import backoff_seconds, retry_after_seconds
from botcore_tui.exchange.binance.confined import ConfinedUsdm, NoReplyError, RedirectError, Reply
from botcore_tui.exchange.binance.texts import one_line

_RETRIES = 3
_BASE_SECONDS = 1.0
_CAP_SECONDS = 30.0
_JITTER_PCT = 25.0
_BANNED_UNTIL = re.compile(r"banned until (\d{13})")


class RestError(FetchError):
    """A public request failed.

    Attributes:
        status: HTTP status; 0 if there was no reply.
        code: Binance's own number, such as -1121; 0 if it gave none.
        host: Host and port that were asked.
        path: Path of the request.
        retry_after_seconds: How long the venue forbids another request; 0 if it does not.
        is_transient: True if the same request may well work soon.
    """

    def __init__(
        self,
        url: str,
        message: str,
        *,
        status: int = 0,
        code: int = 0,
        retry_after_seconds: float = 0.0,
    ) -> None:
        parts = urlsplit(url)
        self.status = status
        self.code = code
        self.host = parts.netloc
        self.path = parts.path
        self.retry_after_seconds = retry_after_seconds
        self.is_transient = status == 0 or status in {408, 429} or status >= 500
        number = f" ({code})" if code else ""
        later = f"; not again for {math.ceil(retry_after_seconds)} s" if retry_after_seconds else ""
        http = f"HTTP {status}: " if status else ""
        super().__init__(f"{self.host}{self.path}: {http}{message}{number}{later}")


class PublicRest:
    """Read-only requests that need no key.

    Args:
        base_url: Scheme and host, such as ``https://fapi.binance.com``; no other is ever asked.
        clock: All pauses go through it.
        rng: Jitter of pauses.
        timeout_seconds: Longest wait for one reply.
    """

    def __init__(
        self, base_url: str, *, clock: Clock, rng: random.Random, timeout_seconds: float = 10.0
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._clock = clock
        self._rng = rng
        self._usdm = ConfinedUsdm(self._base_url, timeout_seconds)
        self._shut_until_ns = 0
        self._shut_status = 0

    async def depth(self, symbol: str, limit: int = 1000) -> bytes:
        """Order book of so many levels a side: 5, 10, 20, 50, 100, 500 or 1000.

        Raises:
            RestError: No good reply, after retries where they make sense.
        """
        return await self._get("depth", {"symbol": symbol, "limit": limit})

    async def klines(self, symbol: str, interval: str, limit: int = 500) -> bytes:
        """Newest bars of an interval such as ``1m``, at most 1500, the last one unfinished.

        Raises:
            RestError: No good reply, after retries where they make sense.
        """
        return await self._get("klines", {"symbol": symbol, "interval": interval, "limit": limit})

    async def exchange_info(self) -> bytes:
        """Contracts, filters and rate limits; about a megabyte.

        Raises:
            RestError: No good reply, after retries where they make sense.
        """
        return await self._get("exchangeInfo", {})

    async def close(self) -> None:
        """Free the connections; requests after this are refused."""
        await self._usdm.close()

    async def _get(self, path: str, parameters: Mapping[str, str | int]) -> bytes:
        retrying = AsyncRetrying(
            sleep=self._clock.sleep,
            stop=stop_after_attempt(1 + _RETRIES),
            wait=self._pause,
            retry=retry_if_exception(_is_worth_retrying),
            reraise=True,
        )
        return await retrying(self._get_once, path, parameters)

    def _pause(self, state: RetryCallState) -> float:
        return backoff_seconds(
            state.attempt_number,
            _BASE_SECONDS,
            cap=_CAP_SECONDS,
            jitter_pct=_JITTER_PCT,
            rng=self._rng,
        )

    async def _get_once(self, path: str, parameters: Mapping[str, str | int]) -> bytes:
        url = f"{self._base_url}/fapi/v1/{path}"
        await self._pass_gate(url)
        try:
            reply = await self._usdm.get(path, parameters)
        except NoReplyError as error:
            raise RestError(url, str(error)) from error
        except RedirectError as error:
            raise RestError(url, str(error), status=error.status) from error
        return self._judged(url, reply)

    async def _pass_gate(self, url: str) -> None:
        """Wait until the venue's last refusal has run out, or refuse if that is far off."""
        while (left_ns := self._shut_until_ns - self._clock.monotonic_ns()) > 0:
            left_seconds = left_ns / 1e9
            if left_seconds > _CAP_SECONDS:
                raise RestError(
                    url,
                    "not asked, the venue's refusal still holds",
                    status=self._shut_status,
                    retry_after_seconds=left_seconds,
                )
            await self._clock.sleep(left_seconds)

    def _judged(self, url: str, reply: Reply) -> bytes:
        text = reply.text.lstrip()
        if 200 <= reply.status < 300 and text.startswith(("{", "[")):
            return reply.text.encode()
        refusal = _refusal(text)
        wait_seconds = max(
            retry_after_seconds(reply.status, reply.headers), self._ban_seconds(reply)
        )
        if wait_seconds:
            until_ns = self._clock.monotonic_ns() + round(wait_seconds * 1e9)
            if until_ns > self._shut_until_ns:
                self._shut_until_ns, self._shut_status = until_ns, reply.status
        raise RestError(
            url,
            _words(reply, refusal),
            status=reply.status,
            code=refusal.code,
            retry_after_seconds=wait_seconds,
        )

    def _ban_seconds(self, reply: Reply) -> float:
        found = _BANNED_UNTIL.search(reply.text) if reply.status in {418, 429} else None
        return 0.0 if found is None else max(0.0, (int(found[1]) - self._clock.now_ms()) / 1000)


class _Refusal(Struct):
    code: int = 0
    msg: str = ""


def _words(reply: Reply, refusal: _Refusal) -> str:
    if reply.status < 300:
        return "the reply is not JSON"
    return one_line(refusal.msg or reply.reason) or "refused"


def _refusal(text: str) -> _Refusal:
    try:
        return msgspec.json.decode(text, type=_Refusal)
    except msgspec.MsgspecError:
        return _Refusal()


def _is_worth_retrying(error: BaseException) -> bool:
    return (
        isinstance(error, RestError)
        and error.is_transient
        and error.retry_after_seconds <= _CAP_SECONDS
    )
