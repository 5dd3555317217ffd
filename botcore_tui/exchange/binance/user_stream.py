"""The account's own stream: opened by a listen key, proven, watched, renewed, never given up.

After every break the account must be asked for over REST: ``UserStreamUp`` says from when on.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Final
from urllib.parse import quote, urlsplit

from msgspec import Struct
from websockets.exceptions import ConnectionClosed

from botcore_tui.clock import Clock
from botcore_tui.errors import DecodeError, FetchError
from botcore_tui.exchange.binance.backoff import Backoff
from botcore_tui.exchange.binance.cancelling import heed_cancellation
from botcore_tui.exchange.binance.link import Link, LinkError, closing
from botcore_tui.exchange.binance.listen_keys import ListenKeyGoneError, ListenKeys
from botcore_tui.exchange.binance.rates import StreamRates
from botcore_tui.exchange.binance.user_intake import Repeats, UserIntake
from botcore_tui.exchange.binance.user_pulse import Patience, Pulse, Sightings
from botcore_tui.exchange.binance.user_wire import ModeChanged
from botcore_tui.model.account import UserStreamDown, UserStreamUp
from botcore_tui.model.event import Event
from botcore_tui.model.snapshot import FeedState

logger = logging.getLogger(__name__)

NAME: Final = "user data"
"""Of the stream's row among the feeds."""
WANTED_EVENTS: Final = (
    "ORDER_TRADE_UPDATE",
    "ALGO_UPDATE",
    "ACCOUNT_UPDATE",
    "ACCOUNT_CONFIG_UPDATE",
    "MARGIN_CALL",
    "listenKeyExpired",
)
"""Without TRADE_LITE, which tells of each fill a second time and without its fee."""

_TICK_SECONDS: Final = 1.0
_ROLLOVER_JITTER_PCT: Final = 2.0
_MESSAGES_PER_SECOND: Final = 4.0


class UserStreamSettings(Struct, frozen=True, kw_only=True):
    """How patient a user stream is, and what it asks for."""

    events: tuple[str, ...] = WANTED_EVENTS
    """Empty: all, by the address that names no events."""
    patience: Patience = Patience()
    connect_seconds: float = 10.0
    backoff_base_seconds: float = 1.0
    backoff_cap_seconds: float = 60.0
    backoff_jitter_pct: float = 25.0
    stable_seconds: float = 60.0
    """A connection that lasted so long forgets the failures before."""
    alarm_failures: int = 10
    """Failures in a row that raise an alarm, and again each further multiple."""
    rollover_hours: float = 23.0
    """Age at which the connection is renewed; the venue cuts at 24."""
    rollover_retry_seconds: float = 300.0
    rollover_overlap_seconds: float = 30.0
    """How long after a renewal repeated frames are looked for."""


class _Line(Struct, frozen=True, eq=False):
    link: Link
    key: str


class UserStream:
    """One user stream, kept alive.

    Delivers ``UserStreamUp`` when the connection is open and the venue has confirmed its listen
    key after that, then what the account's frames say, and ``UserStreamDown`` once whenever
    something may have been missed. A frame that cannot be read is such a case, and a change of the
    account's mode: Down and Up follow on one another, and the connection stays.

    Args:
        url_base: Address without the key, such as ``wss://fstream.binance.com/private``.
        listen_keys: Opens and extends the key.
        settings: Deadlines and pauses.
        clock: All waiting goes through it, but for the connect time-out.
        rng: Jitter of pauses and renewals.
        deliver: Takes each event and the monotonic time it was received, 0 for Up and Down.
    """

    def __init__(
        self,
        url_base: str,
        *,
        listen_keys: ListenKeys,
        settings: UserStreamSettings,
        clock: Clock,
        rng: random.Random,
        deliver: Callable[[Event, int], None],
    ) -> None:
        self._url_base = url_base.rstrip("/")
        self._label = urlsplit(url_base).netloc
        self._keys = listen_keys
        self._settings = settings
        self._clock = clock
        self._rng = rng
        self._deliver = deliver
        self._backoff = Backoff(
            settings.backoff_base_seconds,
            cap=settings.backoff_cap_seconds,
            jitter_pct=settings.backoff_jitter_pct,
            rng=rng,
        )
        self._sightings = Sightings()
        self._intake = UserIntake(deliver, self._sightings.sighted)
        self._repeats = Repeats()
        self._rates = StreamRates()
        self._key_is_due = asyncio.Event()
        self._links: set[Link] = set()
        self._pulse: Pulse | None = None
        self._is_up = False
        self._connections = 0
        self._phase = ("connecting", "")

    # --- what others see ------------------------------------------------------------------------

    @property
    def is_up(self) -> bool:
        """Whether the stream is proven to deliver."""
        return self._is_up

    def expect(self, client_order_id: str) -> None:
        """The venue has confirmed a new order: the stream must tell of it within seconds.

        A stream that does not is silent, whatever its pings say, and is opened anew.
        """
        if self._is_up:
            self._sightings.expect(client_order_id, self._clock.monotonic_ns())

    def states(self, now_ns: int) -> tuple[FeedState, ...]:
        """One row for the screen."""
        status, detail = self._phase
        if self._is_up and self._pulse is not None:
            status = "stale" if self._pulse.is_in_doubt else "live"
            age = (now_ns - self._pulse.key_ns) / 60e9
            detail = f"listen key extended {max(0.0, age):.0f} min ago"
        count = self._intake.count
        rate = self._rates.sample({NAME: count}, now_ns)[NAME]
        row = FeedState(
            name=NAME,
            status=status,
            last_frame_ns=self._intake.last_ns,
            lag_ms=rate.lag_ms,
            frames=count.frames,
            frames_per_second=rate.frames_per_second,
            sequence="-",
            reconnects=max(0, self._connections - 1),
            detail=detail,
        )
        return (row,)

    def counters(self) -> tuple[int, int]:
        """Unreadable frames, frames of unknown types."""
        return self._intake.decode_errors, sum(self._intake.unknown.values())

    # --- connections ----------------------------------------------------------------------------

    async def run(self) -> None:
        """Keep the stream up until cancelled; whatever the network does, this goes on."""
        self._tell_down("started anew")
        while True:
            await self._clock.sleep(await self._live())

    async def _live(self) -> float:
        self._phase = ("connecting", self._phase[1])
        retired: _Line | None = None
        try:
            line = await self._open()
            while True:
                line, retired = await self._serve(line, retired), line
        except LinkError as error:
            return self._fail(error)
        finally:
            self._repeats.end()
            await asyncio.gather(*map(self._close, tuple(self._links)))

    async def _open(self) -> _Line:
        try:
            key = await self._keys.open()
        except FetchError as error:
            raise LinkError(f"no listen key: {error}") from error
        try:
            link = await Link.open(
                self._address(key),
                seconds=self._settings.connect_seconds,
                clock=self._clock,
                per_second=_MESSAGES_PER_SECOND,
            )
        except LinkError as error:
            # Whoever has the key reads along: it must not get into a log.
            text = str(error).replace(quote(key, safe=""), "...")
            raise LinkError(text, error.wait_seconds) from None
        self._links.add(link)
        try:
            await self._keys.keep(key)
        except FetchError as error:
            await self._close(link)
            raise LinkError(f"listen key not confirmed: {error}") from error
        return _Line(link, key)

    def _address(self, key: str) -> str:
        # Binance, "User Data Streams": both forms; `events` leaves out what is not named.
        events = "/".join(self._settings.events)
        if not events:
            return f"{self._url_base}/ws/{quote(key, safe='')}"
        return f"{self._url_base}/stream?listenKey={quote(key, safe='')}&events={events}"

    async def _close(self, link: Link) -> None:
        await link.close()
        self._links.discard(link)

    def _begin(self) -> Pulse:
        now_ns = self._clock.monotonic_ns()
        self._tell_down("connection renewed")
        self._sightings.forget()
        self._repeats.end_at(now_ns + round(self._settings.rollover_overlap_seconds * 1e9))
        self._key_is_due.clear()
        pulse = Pulse(self._settings.patience, now_ns, self._clock.utc_ns(), self._sightings)
        self._pulse = pulse
        self._connections += 1
        self._tell_up()
        logger.info("user stream is up at %s", self._label)
        return pulse

    def _fail(self, error: LinkError) -> float:
        pause, failures = self._backoff.failed(error.wait_seconds), self._backoff.failures
        text = f"{error}; trying again in {pause:.1f} s (failure {failures})"
        self._phase = ("down", text)
        self._tell_down(str(error))
        logger.warning("user stream: %s", text)
        if failures % self._settings.alarm_failures == 0:
            logger.error(
                "user stream at %s: %d failures in a row, last: %s", self._label, failures, error
            )
        return pause

    def _tell_up(self) -> None:
        self._is_up = True
        self._deliver(UserStreamUp(self._clock.now_ms()), 0)

    def _tell_down(self, reason: str) -> None:
        if self._is_up:
            self._is_up = False
            self._deliver(UserStreamDown(reason, self._clock.now_ms()), 0)

    # --- one connection -------------------------------------------------------------------------

    async def _serve(self, line: _Line, retired: _Line | None) -> _Line:
        """Run one connection until a newer one takes over, and return that."""
        pulse = self._begin()
        error: LinkError | None = None
        successor: _Line | None = None
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._read(line, pulse)),
                    group.create_task(self._watch(line, pulse)),
                    group.create_task(self._extend(line, pulse)),
                ]
                if retired is not None:
                    group.create_task(self._close(retired.link))
                successor = await self._renew()
                for task in tasks:
                    task.cancel()
        except* LinkError as failures:
            error = next(each for each in failures.exceptions if isinstance(each, LinkError))
        heed_cancellation()
        if successor is None:
            raise error or LinkError("ended without a successor")
        return successor

    async def _read(self, line: _Line, pulse: Pulse) -> None:
        recv = line.link.socket.recv
        try:
            while True:
                self._take(await recv(decode=False), line, pulse)
        except ConnectionClosed as error:
            raise closing(error) from error

    def _take(self, raw: bytes, line: _Line, pulse: Pulse) -> None:
        now_ns = self._clock.monotonic_ns()
        pulse.heard(now_ns)
        if self._repeats.is_repeated(raw, now_ns):
            return
        try:
            special = self._intake.take(raw, now_ns, self._clock.utc_ns())
        except DecodeError as error:
            # What it would have told must be asked for.
            self._ask_anew(f"unreadable frame: {error}")
            return
        if isinstance(special, ModeChanged):
            self._ask_anew(special.text)
        elif special is not None and special.key in {"", line.key}:
            raise LinkError("listen key expired")

    def _ask_anew(self, reason: str) -> None:
        """What is known of the account may no longer be so; the connection stays."""
        self._tell_down(reason)
        self._tell_up()

    async def _watch(self, line: _Line, pulse: Pulse) -> None:
        pong: asyncio.Future[float] | None = None
        while True:
            await self._clock.sleep(_TICK_SECONDS)
            now_ns = self._clock.monotonic_ns()
            if pong is not None and pong.done():
                if not pong.cancelled() and pong.exception() is None:
                    pulse.heard(now_ns)
                pong = None
            look = pulse.look(now_ns, self._clock.utc_ns())
            if look.problem:
                raise LinkError(look.problem)
            if look.wants_ping:
                pong = await self._ping(line.link)
            if look.wants_key:
                self._key_is_due.set()
            if now_ns - pulse.started_ns >= self._settings.stable_seconds * 1e9:
                self._backoff.reset()

    async def _ping(self, link: Link) -> asyncio.Future[float]:
        try:
            async with asyncio.timeout(self._settings.connect_seconds):
                return asyncio.ensure_future(await link.socket.ping())
        except TimeoutError:
            seconds = self._settings.connect_seconds
            raise LinkError(f"the venue took no ping for {seconds:g} s") from None
        except ConnectionClosed as error:
            raise closing(error) from error

    async def _extend(self, line: _Line, pulse: Pulse) -> None:
        while True:
            await self._key_is_due.wait()
            self._key_is_due.clear()
            asked_ns = self._clock.monotonic_ns()
            try:
                await self._keys.keep(line.key)
            except ListenKeyGoneError as error:
                raise LinkError(f"listen key gone: {error}") from error
            except FetchError as error:
                pulse.key_not_extended()
                logger.warning("user stream: listen key not extended: %s", error)
            else:
                pulse.key_extended(asked_ns)

    async def _renew(self) -> _Line:
        """Return a newer connection when this one has become old."""
        settings = self._settings
        jitter = _ROLLOVER_JITTER_PCT / 100.0 * self._rng.random()
        await self._clock.sleep(settings.rollover_hours * 3600.0 * (1.0 - jitter))
        while True:
            self._repeats.begin()
            try:
                return await self._open()
            except LinkError as error:
                self._repeats.end()
                logger.warning("user stream: connection not renewed yet: %s", error)
            await self._clock.sleep(settings.rollover_retry_seconds)
