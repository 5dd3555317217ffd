"""Public REST of Binance USD-M: the replies' own bytes, fetched through ccxt's endpoints.

ccxt brings the paths, the encoding and the HTTP client. Its throttle, its parsing and its error
classes are left out: they differ between real and other hosts, and lose Retry-After.
"""

import math
import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar
from urllib.parse import urlsplit

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt

from botcore_tui.clock import Clock
from botcore_tui.errors import DecodeError, FetchError
from botcore_tui.exchange.binance.account_replies import decode_time
from botcore_tui.exchange.binance.allowance import Lane
from botcore_tui.exchange.binance.backoff import backoff_seconds
from botcore_tui.exchange.binance.confined import NoReplyError, Parameters, RedirectError
from botcore_tui.exchange.binance.limited import Answer, LimitedUsdm
from botcore_tui.exchange.binance.limiter import PATIENCE_SECONDS, Gate, Limiter, ShutError
from botcore_tui.exchange.binance.texts import one_line

T = TypeVar("T")

_RETRIES = 3
_BASE_SECONDS = 1.0
_CAP_SECONDS = 30.0
_JITTER_PCT = 25.0
_V3: Final = frozenset({"balance", "positionRisk"})


class RestError(FetchError):
    """A question to the venue was not answered.

    Attributes:
        status: HTTP status; 0 if there was no reply.
        code: Binance's own number, such as -1121; 0 if it gave none.
        host: Host and port that were asked.
        path: Path of the request.
        reason: What went wrong, without the address.
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
        self.reason = f"{http}{message}{number}"
        super().__init__(f"{self.host}{self.path}: {self.reason}{later}")


class Questions:
    """Read-only requests of one client: repeated where that may help, and counted.

    Args:
        base_url: Scheme and host, for the words of errors.
        gate: Counts them.
        clock: All pauses go through it.
        rng: Jitter of pauses.
    """

    def __init__(self, base_url: str, *, gate: Gate, clock: Clock, rng: random.Random) -> None:
        self._base_url = base_url
        self._gate = gate
        self._clock = clock
        self._rng = rng

    async def ask(
        self, name: str, send: Callable[[], Awaitable[Answer]], read: Callable[[bytes], T]
    ) -> T:
        """The answer to a question.

        Args:
            name: Of the endpoint.
            send: Sends the request, once.
            read: Makes the value of the reply; what it cannot read counts as lost on the way.

        Raises:
            RestError: No good reply, after retries where they make sense.
        """
        retrying = AsyncRetrying(
            sleep=self._clock.sleep,
            stop=stop_after_attempt(1 + _RETRIES),
            wait=self._pause,
            retry=retry_if_exception(_is_worth_retrying),
            reraise=True,
        )
        count = self._gate.calls.of(name)
        try:
            value: T = await retrying(self._once, name, send, read)
        except RestError:
            count.given_up += 1
            raise
        finally:
            repeated = retrying.statistics["attempt_number"] - 1
            count.repeated += repeated
        count.saved += repeated > 0
        return value

    def _pause(self, state: RetryCallState) -> float:
        return backoff_seconds(
            state.attempt_number,
            _BASE_SECONDS,
            cap=_CAP_SECONDS,
            jitter_pct=_JITTER_PCT,
            rng=self._rng,
        )

    async def _once(
        self, name: str, send: Callable[[], Awaitable[Answer]], read: Callable[[bytes], T]
    ) -> T:
        try:
            return read(await self._answered(name, send))
        except RestError as error:
            if not isinstance(error.__cause__, ShutError):
                self._gate.calls.of(name).last_reason = error.reason
            raise
        except DecodeError as error:
            self._gate.calls.of(name).last_reason = str(error)
            raise RestError(self._url(name), str(error)) from error

    async def _answered(self, name: str, send: Callable[[], Awaitable[Answer]]) -> bytes:
        url = self._url(name)
        try:
            answer = await send()
        except ShutError as error:
            raise RestError(
                url, str(error), status=error.status, retry_after_seconds=error.seconds
            ) from error
        except NoReplyError as error:
            raise RestError(url, str(error)) from error
        except RedirectError as error:
            raise RestError(url, str(error), status=error.status) from error
        if not answer.is_success:
            raise _error(url, answer)
        return answer.reply.text.encode()

    def _url(self, name: str) -> str:
        path = name.rpartition(" ")[2]
        return f"{self._base_url}/fapi/{'v3' if path in _V3 else 'v1'}/{path}"


class PublicRest:
    """Read-only requests that need no key.

    Args:
        base_url: Scheme and host, such as ``https://fapi.binance.com``; no other is ever asked.
        limiter: Of this process; every request waits for its turn there.
        clock: All pauses go through it.
        rng: Jitter of pauses.
        timeout_seconds: Longest wait for one reply.
    """

    def __init__(
        self,
        base_url: str,
        *,
        limiter: Limiter,
        clock: Clock,
        rng: random.Random,
        timeout_seconds: float = 10.0,
    ) -> None:
        base_url = base_url.rstrip("/")
        gate = limiter.gate(base_url)
        self._questions = Questions(base_url, gate=gate, clock=clock, rng=rng)
        self._usdm = LimitedUsdm(base_url, gate, timeout_seconds)

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

    async def time(self, leaving: Callable[[], None]) -> int:
        """UTC milliseconds by the venue's clock; see ``time_at``. Asked once.

        Raises:
            FetchError: No good reply.
        """
        return await time_at(self._usdm, Lane.QUERY, leaving)

    async def close(self) -> None:
        """Free the connections; requests after this are refused."""
        await self._usdm.close()

    async def _get(self, path: str, parameters: Parameters) -> bytes:
        async def send() -> Answer:
            return await self._usdm.send(Lane.QUERY, path, parameters)

        return await self._questions.ask(path, send, bytes)


async def time_at(usdm: LimitedUsdm, lane: Lane, leaving: Callable[[], None]) -> int:
    """UTC milliseconds by the venue's clock.

    Args:
        usdm: The venue.
        lane: What it is for.
        leaving: Called when the question has its turn.

    Raises:
        FetchError: No good reply.
    """

    def about_to_send() -> Parameters:
        leaving()
        return {}

    try:
        answer = await usdm.send(lane, "time", {}, about_to_send)
        if not answer.is_success:
            raise FetchError(f"time: HTTP {answer.reply.status}: {words_of(answer)}")
        return decode_time(answer.reply.text.encode())
    except (ShutError, NoReplyError, RedirectError, DecodeError) as error:
        raise FetchError(f"time: {error}") from error


def _error(url: str, answer: Answer) -> RestError:
    return RestError(
        url,
        words_of(answer),
        status=answer.reply.status,
        code=answer.refusal.code,
        retry_after_seconds=answer.wait_seconds,
    )


def words_of(answer: Answer) -> str:
    """What a reply that is no success says, in one line."""
    if answer.reply.status < 300:
        return "the reply is not JSON"
    return one_line(answer.refusal.msg or answer.reply.reason) or "refused"


def _is_worth_retrying(error: BaseException) -> bool:
    return (
        isinstance(error, RestError)
        and error.is_transient
        and error.retry_after_seconds <= PATIENCE_SECONDS
    )
