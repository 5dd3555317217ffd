"""Market streams that stay up: subscribe, watch, reconnect for ever, renew in time."""

import asyncio
import random
from collections.abc import Iterable, Sequence
from itertools import count
from typing import Final
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed

from botcore_tui.clock import Clock
from botcore_tui.exchange.binance.backoff import Backoff
from botcore_tui.exchange.binance.cancelling import heed_cancellation
from botcore_tui.exchange.binance.link import MOST_STREAMS, Link, LinkError, closing
from botcore_tui.exchange.binance.overlap import Crossover
from botcore_tui.exchange.binance.streaming import StreamHandler, StreamSettings
from botcore_tui.exchange.binance.texts import shown
from botcore_tui.exchange.binance.watchdog import StreamState, StreamStatus, Watchdog

__all__ = ["MarketStream", "StreamHandler", "StreamSettings", "StreamState", "StreamStatus"]

_TICK_SECONDS = 0.25
_LATE_SECONDS = 2.0
_ROLLOVER_JITTER_PCT = 2.0
_BURST: Final = 16
"""Frames that are read in one go; a cancel on its way out waits for no more of them."""


class MarketStream:
    """One combined-stream connection, kept alive.

    Args:
        url_base: Address without ``/stream``, such as ``wss://fstream.binance.com/public``.
        streams: Names to subscribe to first.
        settings: Deadlines and pauses.
        clock: All waiting goes through it, but for the connect time-out.
        rng: Jitter of pauses and renewals.
        handler: Receives frames and news.
    """

    def __init__(
        self,
        url_base: str,
        streams: Iterable[str],
        *,
        settings: StreamSettings,
        clock: Clock,
        rng: random.Random,
        handler: StreamHandler,
    ) -> None:
        self._url = f"{url_base.rstrip('/')}/stream"
        parts = urlsplit(url_base)
        self._label = f"{parts.netloc}{parts.path}".rstrip("/")
        self._settings = settings
        self._clock = clock
        self._rng = rng
        self._handler = handler
        self._backoff = Backoff(
            settings.backoff_base_seconds,
            cap=settings.backoff_cap_seconds,
            jitter_pct=settings.backoff_jitter_pct,
            rng=rng,
        )
        self._watchdog = Watchdog(
            settings.first_frame_seconds, settings.quiet_seconds, settings.gap_multiple
        )
        self._wanted = asyncio.Event()
        self._links: set[Link] = set()
        self._crossover = Crossover(handler, clock)
        self._connections = 0
        self._is_up = False
        self._steady_since_ns = 0
        self._phase = (StreamStatus.CONNECTING, "")
        self.subscribe(streams)

    def subscribe(self, names: Iterable[str]) -> None:
        """Add streams, now and after every reconnect.

        Raises:
            ValueError: More than 1,024 on this connection; none of ``names`` was added.
        """
        names = tuple(names)
        count = len(self._watchdog.tracks.keys() | set(names))
        if count > MOST_STREAMS:
            raise ValueError(f"{count} streams on {self._label}: at most {MOST_STREAMS} fit")
        for name in names:
            self._watchdog.add(name, *self._phase)
        self._wake()

    def unsubscribe(self, names: Iterable[str]) -> None:
        """Drop streams; unknown names are ignored."""
        for name in names:
            self._watchdog.remove(name)
        self._wake()

    def state(self) -> tuple[StreamState, ...]:
        """Every wanted stream, in the order it was subscribed."""
        return tuple(track.state() for track in self._watchdog.tracks.values())

    async def run(self) -> None:
        """Keep the connection up until cancelled; whatever the network does, this goes on."""
        while True:
            await self._wanted.wait()
            await self._clock.sleep(await self._live())

    async def _live(self) -> float:
        self._set_phase(StreamStatus.CONNECTING)
        try:
            link = await self._open()
            self._enter()
            retired: Link | None = None
            while True:
                link, retired = await self._serve(link, retired), link
        except LinkError as error:
            return self._fail(error)
        finally:
            await asyncio.gather(*map(self._close, self._links))

    async def _open(self) -> Link:
        settings = self._settings
        link = await Link.open(
            self._url,
            seconds=settings.connect_seconds,
            clock=self._clock,
            per_second=settings.subscribe_per_second,
        )
        self._links.add(link)
        return link

    async def _close(self, link: Link) -> None:
        await link.close()
        self._links.discard(link)

    def _enter(self) -> None:
        self._crossover.reset()
        self._steady_since_ns = self._clock.monotonic_ns()
        self._set_phase(StreamStatus.WAITING)
        if self._connections:
            for track in self._watchdog.tracks.values():
                track.reconnects += 1
            self._handler.notice(f"{self._label}: connected again")
        if self._connections or self._backoff.failures:
            # Whatever was fetched while nothing flowed is too old by now.
            self._handler.interrupted(frozenset(self._watchdog.tracks), "connected after a break")
        self._connections += 1
        self._is_up = True

    def _fail(self, error: LinkError) -> float:
        pause, failures = self._backoff.failed(error.wait_seconds), self._backoff.failures
        text = f"{error}; trying again in {pause:.1f} s (failure {failures})"
        self._set_phase(StreamStatus.DOWN, text)
        if self._is_up:
            self._is_up = False
            self._handler.interrupted(frozenset(self._watchdog.tracks), str(error))
        self._handler.notice(f"{self._label}: {text}")
        if failures % self._settings.alarm_failures == 0:
            self._handler.alarm(f"{self._label}: {failures} failures in a row, last: {error}")
        return pause

    def _set_phase(self, status: StreamStatus, detail: str = "") -> None:
        self._phase = (status, detail)
        self._watchdog.restart(status, detail)

    def _wake(self) -> None:
        if self._watchdog.tracks:
            self._wanted.set()
        else:
            self._wanted.clear()
        for link in self._links:
            link.wake()

    async def _serve(self, link: Link, retired: Link | None) -> Link:
        """Run one connection until a newer one takes over, and return that."""
        error: LinkError | None = None
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._read(link)),
                    group.create_task(self._watch(link)),
                    group.create_task(self._keep_subscribed(link)),
                ]
                if retired is not None:
                    group.create_task(self._close(retired))
                await self._renew()
                for task in tasks:
                    task.cancel()
        except* LinkError as failures:
            error = _first(failures)
        heed_cancellation()
        if self._crossover.overlap is None:
            raise error or LinkError("ended without a successor")
        return self._switch(str(error or "connection renewed"))

    async def _keep_subscribed(self, link: Link) -> None:
        await link.keep_subscribed(self._watchdog.tracks.keys, self._settings.connect_seconds)

    async def _read(self, link: Link) -> None:
        crossover, tracks = self._crossover, self._watchdog.tracks
        recv, accept, room = link.socket.recv, self._handler.accept, self._handler.room
        monotonic_ns = self._clock.monotonic_ns
        link.is_blocked = True
        while crossover.take_held():
            await room()
        link.is_blocked = False
        try:
            for number in count(1):
                raw = await recv(decode=False)
                now_ns = monotonic_ns()
                take = crossover.take if crossover.is_crossing else accept
                name = take(raw, now_ns)
                if name is None:
                    self._reply(link, raw)
                elif (track := tracks.get(name)) is not None:
                    track.note(now_ns)
                link.is_blocked = True
                await room()
                link.is_blocked = False
                if number % _BURST == 0:  # what has come at once never lets go by itself
                    await asyncio.sleep(0)
        except ConnectionClosed as error:
            raise closing(error) from error

    def _reply(self, link: Link, raw: bytes) -> None:
        if (reply := link.reply(raw)) is not None and reply.text:
            self._watchdog.refuse(reply.names, reply.text)
            self._handler.notice(f"{self._label}: {shown(reply.names)}: {reply.text}")

    async def _watch(self, link: Link) -> None:
        then_ns = self._clock.monotonic_ns()
        while True:
            await self._clock.sleep(_TICK_SECONDS)
            now_ns = self._clock.monotonic_ns()
            if link.is_blocked or now_ns - then_ns > _LATE_SECONDS * 1e9:
                # The silence is ours: the consumer was full, or this process did not run.
                self._watchdog.forgive(now_ns)
            then_ns = now_ns
            self._act(link, now_ns)

    def _act(self, link: Link, now_ns: int) -> None:
        self._crossover.expire(self._settings.rollover_wait_seconds)
        finding = self._watchdog.check(now_ns, link.asked_ns, link.acknowledged)
        if not finding.is_steady:
            self._steady_since_ns = now_ns
        elif now_ns - self._steady_since_ns >= self._settings.stable_seconds * 1e9:
            self._backoff.reset()
        if finding.is_half_open:
            raise LinkError(f"silent on every stream: {self._told(finding.silent)}")
        if finding.hopeless:
            raise LinkError(f"silent after subscribing again: {self._told(finding.hopeless)}")
        if finding.ask_again:
            link.ask_again(finding.ask_again)
            told = self._told(finding.ask_again)
            self._handler.notice(f"{self._label}: {told}; subscribing again")

    def _told(self, names: Sequence[str]) -> str:
        return shown(f"{name}: {self._watchdog.tracks[name].detail}" for name in names)

    async def _renew(self) -> None:
        """Return when a newer connection can take over."""
        jitter = _ROLLOVER_JITTER_PCT / 100.0 * self._rng.random()
        await self._clock.sleep(self._settings.rollover_hours * 3600.0 * (1.0 - jitter))
        while problem := await self._meet():
            self._handler.notice(f"{self._label}: connection not renewed yet: {problem}")
            await self._clock.sleep(self._settings.rollover_retry_seconds)

    async def _meet(self) -> str:
        """Let a new connection catch up with the old one; what stood against it, if anything."""
        settings = self._settings
        try:
            link = await self._open()
        except LinkError as error:
            return str(error)
        tracks = self._watchdog.tracks
        required = [t.name for t in tracks.values() if t.is_live and t.quiet_seconds is not None]
        overlap = self._crossover.begin(link, required, tracks)
        problem = ""
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(overlap.hold()),
                    group.create_task(overlap.expire(settings.rollover_wait_seconds)),
                    group.create_task(self._keep_subscribed(link)),
                ]
                await overlap.settled.wait()
                for task in tasks:
                    task.cancel()
        except* LinkError as failures:
            problem = str(_first(failures))
        heed_cancellation()
        if not problem and overlap.seam.missing:
            problem = f"no data on {shown(overlap.seam.missing)}"
        if problem:
            self._crossover.reset()
            await self._close(link)
        return problem

    def _switch(self, reason: str) -> Link:
        link, lost = self._crossover.switch()
        self._handler.notice(f"{self._label}: {reason}; went over to a new connection")
        if lost:
            self._handler.interrupted(lost, reason)
        return link


def _first(failures: BaseExceptionGroup[LinkError]) -> LinkError:
    for failure in failures.exceptions:
        return _first(failure) if isinstance(failure, BaseExceptionGroup) else failure
    raise AssertionError("an exception group is never empty")
