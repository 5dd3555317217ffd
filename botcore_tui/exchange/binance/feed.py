"""The live market of Binance USD-M: two streams, public REST, one receiver."""

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Final

from msgspec import Struct

from botcore_tui.clock import Clock
from botcore_tui.errors import DecodeError, FetchError
from botcore_tui.exchange.base import Sink
from botcore_tui.exchange.binance.backoff import backoff_seconds
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.binance.rates import StreamRate, StreamRates
from botcore_tui.exchange.binance.receiver import Receiver
from botcore_tui.exchange.binance.replies import decode_instruments, decode_klines, decode_quotas
from botcore_tui.exchange.binance.rest import PublicRest
from botcore_tui.exchange.binance.seam import FrameSequence
from botcore_tui.exchange.binance.stream import MarketStream, StreamSettings, StreamState
from botcore_tui.exchange.binance.wire import (
    SNAPSHOT_STREAM,
    decode,
    decode_depth,
    symbols_of,
)
from botcore_tui.model.event import FeedDown, RequestSnapshot, SnapshotFailed
from botcore_tui.model.market import Bar, BookDelta, BookTicker, DayTicker, MarkPrice, Trade
from botcore_tui.model.snapshot import FeedState

logger = logging.getLogger(__name__)

_BAR_INTERVAL: Final = "1m"
_BARS: Final = 1_000
_BARS_AT_ONCE: Final = 200
"""Delivered before room is asked for again: a symbol's bars come all in one reply."""
_LOAD_RETRY_BASE: Final = 5.0
_LOAD_RETRY_CAP: Final = 300.0
_SPREAD_SECONDS: Final = 0.1
"""First snapshots of many symbols are asked for this far apart on average."""


class FeedSettings(Struct, frozen=True):
    """What the live market is told."""

    rest: str
    ws_public: str
    ws_market: str
    symbols: tuple[str, ...]
    streams: StreamSettings
    depth_interval_ms: int = 100
    snapshot_limit: int = 1_000
    snapshot_backoff_base_seconds: float = 0.5
    snapshot_backoff_cap_seconds: float = 30.0
    backoff_jitter_pct: float = 25.0


class BinanceFeed:
    """A ``MarketFeed`` on the venue's public data; needs no key and sends no order.

    Args:
        settings: Addresses, symbols, patience.
        clock: All waiting goes through it.
        rng: Jitter.
        limiter: Of this process.
        receiver: That of an earlier feed, which goes on counting; a new one if left out.
    """

    owns_time = False

    def __init__(
        self,
        settings: FeedSettings,
        clock: Clock,
        rng: random.Random,
        *,
        limiter: Limiter,
        receiver: Receiver | None = None,
    ) -> None:
        self.receiver = receiver or Receiver()
        self._limiter = limiter
        self._gate = limiter.gate(settings.rest)
        self._settings = settings
        self._clock = clock
        self._rng = rng
        self._rest = self._new_rest()
        self._rates = StreamRates()
        self._sink: Sink | None = None
        self._group: asyncio.TaskGroup | None = None
        self._loads: dict[str, asyncio.Task[None]] = {}
        names = [symbol.lower() for symbol in settings.symbols]
        depth = f"@depth@{settings.depth_interval_ms}ms"
        if settings.depth_interval_ms == 250:
            depth = "@depth"  # the venue's default has no suffix
        # Routes: Binance WebSocket change notice, 2026-03-06. A stream on the wrong one is
        # acknowledged and then silent.
        self._public = self._stream(
            settings.ws_public, [name + kind for name in names for kind in (depth, "@bookTicker")]
        )
        kinds = ("@aggTrade", "@markPrice@1s", "@ticker", f"@kline_{_BAR_INTERVAL}")
        self._market = self._stream(
            settings.ws_market, [name + kind for name in names for kind in kinds]
        )

    # --- MarketFeed ---------------------------------------------------------------------------

    async def run(self, sink: Sink) -> None:
        """Deliver until cancelled; may be run again after that."""
        self._sink = sink
        self.receiver.deliver = sink.deliver
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                group.create_task(self._public.run())
                group.create_task(self._market.run())
                group.create_task(self._keep_trying("contract rules", self._load_instruments))
                for symbol in self._settings.symbols:
                    self._load_bars_later(symbol)
        finally:
            self._group = None
            rest, self._rest = self._rest, self._new_rest()
            await rest.close()

    def request_snapshot(self, request: RequestSnapshot) -> None:
        """Fetch a snapshot after the back-off of its attempt; the outcome is delivered.

        A newer request for a symbol takes the place of an older one.
        """
        self._load(f"snapshot of {request.symbol}", partial(self._fetch_snapshot, request))

    def states(self, now_ns: int) -> tuple[FeedState, ...]:
        """One row a stream, and one for the requests."""
        rates = self._rates.sample(self.receiver.streams, now_ns)
        states = (*self._public.state(), *self._market.state())
        rows = (_feed_state(state, rates.get(state.name)) for state in states)
        return (*rows, self._gate.state())

    def counters(self) -> tuple[int, int]:
        """Unreadable frames, frames of unknown types."""
        return self.receiver.decode_errors, sum(self.receiver.unknown.values())

    # --- StreamHandler ------------------------------------------------------------------------

    def accept(self, raw: bytes, received_ns: int) -> str | None:
        """Take a frame of either stream."""
        return self.receiver.accept(raw, received_ns, self._clock.utc_ns())

    async def room(self) -> None:
        """Return when one more frame can be taken."""
        assert self._sink is not None
        await self._sink.room()

    def sequence(self, raw: bytes) -> FrameSequence | None:
        """Read a frame's place in its stream."""
        try:
            stream, data = decode(raw)
        except DecodeError:
            return None
        match data:
            case BookDelta():
                return FrameSequence(
                    stream, data.first_update_id, data.last_update_id, data.previous_update_id
                )
            case BookTicker():
                return FrameSequence(stream, data.update_id, data.update_id, None)
            case Trade():
                return FrameSequence(stream, data.trade_id, data.trade_id, None)
            case MarkPrice() | DayTicker():
                return FrameSequence(stream, data.time_ms, data.time_ms, None)
            case Bar():
                # A bar is sent again and again while its minute lasts: the trades in it tell how
                # far it is, 2**23 of them in one minute do not happen.
                place = (data.open_time_ms << 24) + 2 * data.trades + data.is_closed
                return FrameSequence(stream, place, place, None)
            case _:
                return None

    def interrupted(self, streams: frozenset[str], reason: str) -> None:
        """Frames may be missing: books start again, bars are fetched again."""
        assert self._sink is not None
        depth = sorted(name for name in streams if "@depth" in name)
        if depth:
            self._sink.deliver(FeedDown(symbols_of(depth), reason, self._clock.now_ms()), 0)
        for name in sorted(streams):
            if "@kline_" in name:
                self._load_bars_later(symbols_of([name])[0])

    def alarm(self, text: str) -> None:
        """Tell the log loudly."""
        logger.error("%s", text)

    def notice(self, text: str) -> None:
        """Tell the log."""
        logger.warning("%s", text)

    # --- REST ---------------------------------------------------------------------------------

    async def _fetch_snapshot(self, request: RequestSnapshot) -> None:
        assert self._sink is not None
        settings = self._settings
        await self._clock.sleep(self._pause(request.attempt))
        symbol = request.symbol
        try:
            raw = await self._rest.depth(symbol, settings.snapshot_limit)
            decode_depth(symbol, raw)
        except (FetchError, DecodeError) as error:
            self._sink.deliver(SnapshotFailed(symbol, str(error), self._clock.now_ms()), 0)
            return
        if len(settings.symbols) > 1:
            name = f"{symbol.lower()}{SNAPSHOT_STREAM}".encode()
            raw = b'{"stream":"%s","data":%s}' % (name, raw)
        self.accept(raw, self._clock.monotonic_ns())

    def _pause(self, attempt: int) -> float:
        settings = self._settings
        if attempt == 0:
            return self._rng.uniform(0, _SPREAD_SECONDS * (len(settings.symbols) - 1))
        return backoff_seconds(
            attempt,
            settings.snapshot_backoff_base_seconds,
            cap=settings.snapshot_backoff_cap_seconds,
            jitter_pct=settings.backoff_jitter_pct,
            rng=self._rng,
        )

    async def _load_instruments(self) -> None:
        raw = await self._rest.exchange_info()
        self._gate.learn(await asyncio.to_thread(decode_quotas, raw))
        known = {item.symbol: item for item in await asyncio.to_thread(decode_instruments, raw)}
        for symbol in self._settings.symbols:
            if symbol in known:
                self.receiver.teach(known[symbol])
            else:
                logger.error("%s is no contract of this venue: correct `symbols`", symbol)

    def _load_bars_later(self, symbol: str) -> None:
        async def load() -> None:
            assert self._sink is not None
            raw = await self._rest.klines(symbol, _BAR_INTERVAL, _BARS)
            for count, bar in enumerate(decode_klines(symbol, _BAR_INTERVAL, raw)):
                if count % _BARS_AT_ONCE == 0:
                    await self._sink.room()
                self._sink.deliver(bar, 0)

        what = f"bars of {symbol}"
        self._load(what, partial(self._keep_trying, what, load))

    def _load(self, what: str, load: Callable[[], Coroutine[None, None, None]]) -> None:
        # One of a kind: while REST is down, each interruption of a stream would add another chain
        # of retries, and all of them would ask at once when it is back.
        if self._group is None:
            return
        earlier = self._loads.get(what)
        if earlier is not None:
            earlier.cancel()
        self._loads[what] = self._group.create_task(load())

    async def _keep_trying(
        self, what: str, load: Callable[[], Coroutine[None, None, None]]
    ) -> None:
        failures = 0
        while True:
            try:
                await load()
            except (FetchError, DecodeError) as error:
                failures += 1
                pause = backoff_seconds(
                    failures,
                    _LOAD_RETRY_BASE,
                    cap=_LOAD_RETRY_CAP,
                    jitter_pct=self._settings.backoff_jitter_pct,
                    rng=self._rng,
                )
                logger.warning("%s not loaded, again in %.0f s: %s", what, pause, error)
                await self._clock.sleep(pause)
            else:
                return

    # --- small ones ---------------------------------------------------------------------------

    def _new_rest(self) -> PublicRest:
        return PublicRest(
            self._settings.rest, limiter=self._limiter, clock=self._clock, rng=self._rng
        )

    def _stream(self, address: str, names: list[str]) -> MarketStream:
        return MarketStream(
            address,
            names,
            settings=self._settings.streams,
            clock=self._clock,
            rng=self._rng,
            handler=self,
        )


def _feed_state(state: StreamState, rate: StreamRate | None) -> FeedState:
    return FeedState(
        name=state.name,
        status=str(state.status),
        last_frame_ns=state.last_frame_ns,
        lag_ms=rate.lag_ms if rate else None,
        frames=state.frames,
        frames_per_second=rate.frames_per_second if rate else 0.0,
        sequence="-",
        reconnects=state.reconnects,
        detail=state.detail,
    )
