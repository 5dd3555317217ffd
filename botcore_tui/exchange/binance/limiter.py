"""Every request waits here for its turn: one limiter for the process, a gate for each venue.

The accounting is in ``allowance`` and ``lanes``; here is only the waiting.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final

from botcore_tui.clock import Clock
from botcore_tui.exchange.binance.allowance import Allowance, Cost, Grant, Lane, Quotas, Told
from botcore_tui.exchange.binance.calls import CallCounts
from botcore_tui.exchange.binance.lanes import Lanes
from botcore_tui.model.snapshot import FeedState, RestUse

logger = logging.getLogger(__name__)

PATIENCE_SECONDS: Final = 30.0
"""Who would have to wait longer for the end of a refusal is sent away."""
_NEWS_MS: Final = 1_000
"""A refusal that is longer by less than this is not told again."""
_SLEEP_NS: Final = 2_000_000_000
"""The wall clock running ahead of the monotonic one by more means that the machine slept."""


class ShutError(Exception):
    """Not asked: the venue refuses requests for long, or this one is too heavy.

    Attributes:
        status: HTTP status of the refusal; 0 if it is our own.
        seconds: How long it still holds; 0 if it is our own.
    """

    def __init__(self, message: str, *, status: int = 0, seconds: float = 0.0) -> None:
        self.status = status
        self.seconds = seconds
        super().__init__(message)


class Turn:
    """A request that may be sent, once.

    Attributes:
        is_unsent: It did not leave: it is not counted.
    """

    def __init__(self, gate: "Gate") -> None:
        self.is_unsent = False
        self.told = Told()
        self.is_answered = False
        self.is_refused = False
        self._gate = gate
        self._sent_ms = gate.now_ms()

    def answered(self, headers: Mapping[str, str]) -> None:
        """Take in what a reply tells: the venue's counts, and its clock.

        Args:
            headers: Their names in small letters.
        """
        self.is_answered = True
        self._gate.set_clock(self._sent_ms, headers.get("date", ""))
        self.told = Told(
            _count(headers, "x-mbx-used-weight-1m"),
            _count(headers, "x-mbx-order-count-10s"),
            _count(headers, "x-mbx-order-count-1m"),
        )

    def refused(self, status: int, code: int, wait_seconds: float) -> None:
        """Take in a refusal for a broken limit (429, 418), or another with Retry-After."""
        self.is_refused = True
        self._gate.shut(status, code, wait_seconds)


class Gate:
    """The way to one venue.

    Used by one event loop at a time.

    Args:
        host: Of the venue, for the log.
        weight_per_minute: Our own ceiling.
        clock: All waiting goes through it.

    Attributes:
        calls: What became of the requests; counted by those who repeat them.
        clock_offset_ms: The venue's clock less ours, as it was last measured; None: it was not.
    """

    def __init__(self, host: str, weight_per_minute: int, clock: Clock) -> None:
        self.calls = CallCounts()
        self.clock_offset_ms: float | None = None
        self._host = host
        self._clock = clock
        self._allowance = Allowance(weight_per_minute)
        self._lanes = Lanes(self._allowance)
        # In the order of their coming: a run in simulated time must be the same every time.
        self._news: dict[asyncio.Future[None], None] = {}
        self._answered_ns = 0
        self._is_refused = False
        self._complained_ms = 0
        # From the monotonic clock: a machine whose clock is set must not forget what it used.
        self._offset_ms = clock.now_ms() - clock.monotonic_ns() // 1_000_000
        self._lead_ns = self._lead()

    @asynccontextmanager
    async def turn(self, lane: Lane, cost: Cost) -> AsyncIterator[Turn]:
        """Wait until a request may be sent; send it, once, inside this block.

        Raises:
            ShutError: It would have to wait for very long.
        """
        grant = await self._granted(lane, cost)
        turn = Turn(self)
        try:
            yield turn
        finally:
            if turn.is_unsent:
                self._allowance.give_back(grant, self.now_ms())
            else:
                self._allowance.settle(grant, turn.told, self.now_ms())
            if turn.is_answered:
                self._answered_ns = self._clock.monotonic_ns()
                self._hail(is_refused=turn.is_refused)
            self._tell()

    def learn(self, quotas: Quotas) -> None:
        """Take over the limits that the venue told."""
        self._allowance.learn(quotas)
        self._tell()

    def now_ms(self) -> int:
        """The venue's time, as far as it is known."""
        return self._clock.monotonic_ns() // 1_000_000 + self._offset_ms

    def set_clock(self, sent_ms: int, date: str) -> None:
        """Correct the venue's time where a reply's own ``Date`` proves it wrong.

        Args:
            sent_ms: When the request was sent, by ``now_ms``.
            date: The header; one that cannot be read changes nothing.
        """
        second_ms = _milliseconds(date)
        if second_ms is None:
            return
        # Whole seconds: the reply was made at or after that one, and before the next.
        behind_ms, ahead_ms = second_ms - self.now_ms(), sent_ms - (second_ms + 999)
        step_ms = max(0, behind_ms) - max(0, ahead_ms)
        if step_ms:
            self._offset_ms += step_ms
            self._allowance.set_clock(self.now_ms(), step_ms)

    def shut(self, status: int, code: int, wait_seconds: float) -> None:
        """Send nothing for a while, because the venue said so."""
        known_ms = self._allowance.shut_ms(self.now_ms())
        self._allowance.refused(status, code, round(wait_seconds * 1000), self.now_ms())
        shut_ms = self._allowance.shut_ms(self.now_ms())
        about = (self._host, status, code)
        if not shut_ms:
            logger.warning("%s refuses: HTTP %d (%d); orders wait", *about)
        # Requests that were under way together are refused together: told once.
        elif shut_ms > known_ms + _NEWS_MS:
            told = "%s refuses: HTTP %d (%d); all but kill requests wait for %.0f s"
            logger.warning(told, *about, shut_ms / 1000)
            self._is_refused = True

    def state(self) -> FeedState:
        """The row of the requests, for the screen."""
        calls = self.calls.rows()
        self._heed_sleep()
        now_ms = self.now_ms()
        shut_ms = self._allowance.shut_ms(now_ms)
        return FeedState(
            name="rest",
            status=self._status(now_ms),
            last_frame_ns=self._answered_ns,
            lag_ms=None,
            frames=sum(each.attempts for each in calls),
            frames_per_second=0.0,
            sequence="-",
            reconnects=0,
            rest=RestUse(
                weight=self._allowance.used(now_ms),
                ceiling=self._allowance.ceiling,
                waiting=len(self._lanes),
                shut_until_ns=self._clock.monotonic_ns() + shut_ms * 1_000_000 if shut_ms else 0,
                calls=calls,
                orders_10s=self._allowance.orders_10s(now_ms),
                orders_10s_limit=self._allowance.quotas.orders_10s,
                orders_1m=self._allowance.orders_1m(now_ms),
                orders_1m_limit=self._allowance.quotas.orders_1m,
                lanes=self._lanes.use(),
                clock_offset_ms=self.clock_offset_ms,
            ),
        )

    def _status(self, now_ms: int) -> str:
        allowance = self._allowance
        if allowance.is_banned(now_ms):
            return "banned"
        if allowance.shut_ms(now_ms):
            return "refused"
        if len(self._lanes):
            return "waiting"
        if allowance.is_slowed(now_ms):
            return "slowed"
        return "live" if self._answered_ns else "idle"

    def _hail(self, *, is_refused: bool) -> None:
        if self._is_refused and not is_refused and not self._allowance.shut_ms(self.now_ms()):
            self._is_refused = False
            logger.info("%s answers again", self._host)

    async def _granted(self, lane: Lane, cost: Cost) -> Grant:
        self._heed_sleep()
        ticket = self._lanes.join(lane, cost)
        try:
            while (grant := self._lanes.take(ticket, now_ms := self.now_ms())) is None:
                self._refuse_hopeless(lane, cost)
                due_ms = self._allowance.due_ms(lane, cost, now_ms)
                # Who only waits for those before it has nothing to complain of.
                if not self._allowance.has_room(lane, cost, now_ms):
                    self._complain(cost, now_ms, due_ms)
                await self._changed(due_ms - now_ms)
            return grant
        finally:
            self._lanes.leave(ticket)
            self._tell()

    def _heed_sleep(self) -> None:
        """Count what passed of a refusal while the machine slept; of what was used, forget nothing.

        A clock that was only set costs one more refusal at worst.
        """
        lead_ns = self._lead()
        if lead_ns - self._lead_ns > _SLEEP_NS:
            self._allowance.slept(self.now_ms(), (lead_ns - self._lead_ns) // 1_000_000)
        self._lead_ns = lead_ns

    def _lead(self) -> int:
        return self._clock.utc_ns() - self._clock.monotonic_ns()

    def _complain(self, cost: Cost, now_ms: int, due_ms: int) -> None:
        # Once a window; of a refusal it was told when it came.
        allowance, seconds = self._allowance, (due_ms - now_ms) / 1000
        if due_ms <= self._complained_ms or allowance.shut_ms(now_ms):
            return
        self._complained_ms = due_ms
        if cost.weight:
            told = "%s: weight %d of %d used in this minute; requests wait up to %.0f s"
            used = (allowance.used(now_ms), allowance.ceiling)
        else:
            told = "%s: %d of %d orders sent in these ten seconds; more wait up to %.0f s"
            used = (allowance.orders_10s(now_ms), allowance.quotas.orders_10s)
        logger.warning(told, self._host, *used, seconds)

    def _refuse_hopeless(self, lane: Lane, cost: Cost) -> None:
        if lane is Lane.KILL:
            return
        shut_seconds = self._allowance.shut_ms(self.now_ms()) / 1000
        if shut_seconds > PATIENCE_SECONDS:
            raise ShutError(
                "not asked, the venue's refusal still holds",
                status=self._allowance.refused_status,
                seconds=shut_seconds,
            )
        most = self._allowance.most(lane)
        if cost.weight > most:
            raise ShutError(f"not asked, its weight {cost.weight} is above {most} a minute")

    async def _changed(self, at_most_ms: int) -> None:
        """Return when somebody else was let through or gave up, or that time has passed."""
        news = asyncio.get_running_loop().create_future()
        self._news[news] = None
        pause = asyncio.ensure_future(self._clock.sleep(at_most_ms / 1000))
        try:
            await asyncio.wait((news, pause), return_when=asyncio.FIRST_COMPLETED)
        finally:
            pause.cancel()
            self._news.pop(news, None)

    def _tell(self) -> None:
        for news in self._news:
            if not news.done():
                news.set_result(None)


class Limiter:
    """All gates of this process; another environment finds the gate of its venue as it was left.

    Args:
        weight_per_minute: Request weight that may be used in a minute, at each venue.
        clock: All waiting goes through it.
    """

    def __init__(self, weight_per_minute: int, clock: Clock) -> None:
        self._weight_per_minute = weight_per_minute
        self._clock = clock
        self._gates: dict[str, Gate] = {}

    def gate(self, base_url: str) -> Gate:
        """The gate of the venue at this address, always the same one."""
        host = base_url.partition("://")[2].rstrip("/")
        if host not in self._gates:
            self._gates[host] = Gate(host, self._weight_per_minute, self._clock)
        return self._gates[host]


@lru_cache(maxsize=8)  # many replies of one second say the same
def _milliseconds(date: str) -> int | None:
    """Of a header ``Date``, since 1970; None if it cannot be read."""
    try:
        return round(parsedate_to_datetime(date).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def _count(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(name, "")
    return int(text) if text.isascii() and text.isdigit() else None
