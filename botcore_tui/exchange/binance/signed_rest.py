"""Signed REST of Binance USD-M: questions are repeated, what changes something is sent once."""

import random
from collections.abc import Callable
from typing import Final, TypeVar

from botcore_tui.clock import Clock
from botcore_tui.errors import DecodeError, FetchError
from botcore_tui.exchange.base import OrderError
from botcore_tui.exchange.binance.allowance import Lane
from botcore_tui.exchange.binance.confined import (
    NoReplyError,
    Parameters,
    RedirectError,
)
from botcore_tui.exchange.binance.keys import Credentials
from botcore_tui.exchange.binance.limited import Answer, LimitedUsdm
from botcore_tui.exchange.binance.limiter import Gate, ShutError
from botcore_tui.exchange.binance.outcomes import NO_SUCH_ORDER, WRONG_TIME, explain, outcome_of
from botcore_tui.exchange.binance.permit import Permit
from botcore_tui.exchange.binance.rest import Questions, time_at, words_of
from botcore_tui.exchange.binance.venue_clock import VenueClock
from botcore_tui.model.order import Outcome

T = TypeVar("T")

_LONGEST_ENTRY_WAIT_NS: Final = 5_000_000_000
"""What was decided longer ago was decided at another price; the way out of a position is not."""


class _NoSuchOrderError(Exception):
    """An answer like another: nothing is repeated, nothing was given up."""


def nobody(_timestamp_ms: int) -> None:
    """Nobody wants to know when a request leaves."""


class SignedRest:
    """Requests in the name of one account.

    Args:
        base_url: Scheme and host; no other is ever asked.
        credentials: Sign the requests.
        gate: Of that host; every request waits for its turn there.
        clock: All pauses go through it.
        rng: Jitter of pauses.
        recv_window_ms: How long after its timestamp the venue takes a request.
        timeout_seconds: Longest wait for one reply.
        permit: Needed where these credentials could move real money.
        asking: Lane of its questions; in that of a kill our clock is trusted until refused.

    Attributes:
        venue_clock: What time it is at the venue; its ``run`` keeps it right.
    """

    def __init__(  # noqa: PLR0913 - keyword only, each of its own kind
        self,
        base_url: str,
        credentials: Credentials,
        *,
        gate: Gate,
        clock: Clock,
        rng: random.Random,
        recv_window_ms: int = 5_000,
        timeout_seconds: float = 10.0,
        permit: Permit | None = None,
        asking: Lane = Lane.ACCOUNT,
    ) -> None:
        base_url = base_url.rstrip("/")
        self.venue_clock = VenueClock(clock, self._ask_time, self._note_offset)
        if asking is Lane.KILL:
            # To measure takes requests and round trips that a kill has a better use for.
            self.venue_clock.trust_ours()
        self._gate = gate
        self._clock = clock
        self._asking = asking
        self._recv_window_ms = recv_window_ms
        self._questions = Questions(base_url, gate=gate, clock=clock, rng=rng)
        self._usdm = LimitedUsdm(base_url, gate, timeout_seconds, credentials, permit)

    async def ask(
        self,
        name: str,
        parameters: Parameters,
        read: Callable[[bytes], T],
        *,
        is_evidence: bool = False,
    ) -> T:
        """The answer to a signed question.

        Args:
            name: Of the endpoint: its path.
            parameters: Of the request.
            read: Makes the value of the reply.
            is_evidence: Whether it is asked to know what became of one order.

        Raises:
            RestError: No good reply, after retries where they make sense.
        """

        async def send() -> Answer:
            return await self._signed(name, parameters, is_evidence=is_evidence)

        return await self._questions.ask(name, send, read)

    async def ask_for_order(
        self, name: str, parameters: Parameters, read: Callable[[bytes], T]
    ) -> T | None:
        """The answer to a signed question about one order; None: the venue has none such.

        Raises:
            RestError: No good reply, after retries where they make sense.
        """

        async def send() -> Answer:
            answer = await self._signed(name, parameters, is_evidence=True)
            if answer.refusal.code == NO_SUCH_ORDER:
                raise _NoSuchOrderError
            return answer

        try:
            return await self._questions.ask(name, send, read)
        except _NoSuchOrderError:
            return None

    async def ask_unsigned(
        self, name: str, parameters: Parameters, read: Callable[[bytes], T]
    ) -> T:
        """The answer to a question for which the key suffices, or that needs none.

        Raises:
            RestError: No good reply, after retries where they make sense.
        """

        async def send() -> Answer:
            return await self._usdm.send(self._asking, name, parameters)

        return await self._questions.ask(name, send, read)

    async def order(
        self,
        lane: Lane,
        name: str,
        parameters: Parameters,
        read: Callable[[bytes], T],
        leaving: Callable[[int], None] = nobody,
    ) -> T:
        """Send what changes something, once.

        Args:
            lane: What it is for.
            name: Of the endpoint: its method and path.
            parameters: Of the request.
            read: Makes the value of the reply.
            leaving: Told the timestamp that is signed, before the first byte leaves. If it
                raises, nothing is sent.

        Raises:
            OrderError: No report; see its outcome.
        """
        began, signed_ms = self._both_clocks(), 0
        await self.venue_clock.be_sure()

        def stamp() -> Parameters:
            nonlocal signed_ms
            if lane is Lane.ENTRY:
                self._refuse_late(began)
            stamped = self._stamp()
            signed_ms = int(stamped["timestamp"])
            return stamped

        try:
            answer = await self._sent(lane, name, parameters, stamp, lambda: leaving(signed_ms))
            return self._read(answer, read)
        except OrderError as error:
            count = self._gate.calls.of(name)
            count.given_up += 1
            count.last_reason = str(error)
            raise

    async def close(self) -> None:
        """Free the connections; requests after this are refused."""
        await self._usdm.close()

    async def _sent(
        self,
        lane: Lane,
        name: str,
        parameters: Parameters,
        stamp: Callable[[], Parameters],
        leaves: Callable[[], None],
    ) -> Answer:
        try:
            return await self._usdm.send(lane, name, parameters, stamp, leaves)
        except ShutError as error:
            raise OrderError(Outcome.FAILED, 0, str(error)) from error
        except RedirectError as error:
            raise OrderError(Outcome.UNKNOWN, 0, str(error)) from error
        except NoReplyError as error:
            outcome = Outcome.FAILED if error.is_unsent else Outcome.UNKNOWN
            raise OrderError(outcome, 0, str(error)) from error
        except FetchError as error:
            raise OrderError(Outcome.FAILED, 0, str(error)) from error

    def _both_clocks(self) -> tuple[int, int]:
        # Monotonic time stands still while the machine sleeps, the wall clock does not.
        return self._clock.monotonic_ns(), self._clock.utc_ns()

    def _refuse_late(self, began: tuple[int, int]) -> None:
        waited_ns = max(now - then for now, then in zip(self._both_clocks(), began, strict=True))
        if waited_ns > _LONGEST_ENTRY_WAIT_NS:
            reason = f"not sent: {waited_ns / 1e9:.1f} s in line, too long for an entry"
            raise OrderError(Outcome.FAILED, 0, reason)

    def _read(self, answer: Answer, read: Callable[[bytes], T]) -> T:
        if answer.is_success:
            try:
                return read(answer.reply.text.encode())
            except DecodeError as error:
                raise OrderError(Outcome.UNKNOWN, 0, str(error)) from error
        status, refusal = answer.reply.status, answer.refusal
        if refusal.code == WRONG_TIME:
            self.venue_clock.doubt()
        # Never the words of the status line: they are the same for all kinds of 503.
        outcome = outcome_of(status, refusal.code, refusal.msg or answer.reply.text)
        words, remedy = words_of(answer), explain(refusal.code)
        reason = f"{words.rstrip('.')}: {remedy}" if remedy else words
        raise OrderError(outcome, refusal.code, reason)

    async def _signed(self, name: str, parameters: Parameters, *, is_evidence: bool) -> Answer:
        # An order without evidence may be a position without a stop: it waits behind no listing.
        lane = min(self._asking, Lane.REDUCING) if is_evidence else self._asking
        await self.venue_clock.be_sure()
        answer = await self._usdm.send(lane, name, parameters, self._stamp)
        if answer.refusal.code == WRONG_TIME:
            self.venue_clock.doubt()
            await self.venue_clock.be_sure()
            answer = await self._usdm.send(lane, name, parameters, self._stamp)
        return answer

    def _stamp(self) -> Parameters:
        return {
            "timestamp": self.venue_clock.timestamp_ms(),
            "recvWindow": self._recv_window_ms,
        }

    async def _ask_time(self, leaving: Callable[[], None]) -> int:
        return await time_at(self._usdm, self._asking, leaving)

    def _note_offset(self) -> None:
        self._gate.clock_offset_ms = self.venue_clock.offset_ms
