"""Bars of one market as they grow and close."""

from typing import Final

from botcore_tui.exchange.sim.bars import Bar
from botcore_tui.exchange.sim.market import SymbolMarket
from botcore_tui.exchange.sim.market_writer import MarketWriter
from botcore_tui.exchange.sim.stream_names import INTERVALS
from botcore_tui.exchange.sim.streams import Hub

PACE_MS: Final = 250


class KlineFrames:
    """Tells of a market's bars that somebody wants.

    Args:
        market: Whose.
        writer: Writes its events.
        hub: Sends them.
    """

    def __init__(self, market: SymbolMarket, writer: MarketWriter, hub: Hub) -> None:
        self._market = market
        self._writer = writer
        self._hub = hub
        stream = market.contract.symbol.lower()
        self._streams = {
            interval: (
                f"{stream}@kline_{interval}",
                # The venue takes either spelling; clients use both.
                f"{stream}_perpetual@continuousKline_{interval}",
                f"{stream}_PERPETUAL@continuousKline_{interval}",
            )
            for interval in INTERVALS
        }
        self._sent: dict[str, tuple[int, int]] = {}

    def tick(self, now_ms: int) -> None:
        """A multiple of 250 ms has come: send bars that changed."""
        wanted = self._hub.wanted
        for interval, streams in self._streams.items():
            if wanted(streams[0]) or wanted(streams[1]) or wanted(streams[2]):
                self._update(interval, now_ms)
            else:
                self._sent.pop(interval, None)

    def _update(self, interval: str, now_ms: int) -> None:
        bars = self._market.bars
        bar = bars.current(interval, now_ms)
        if bar.open_ms == now_ms:
            # Also for who came within the last quarter of a second.
            closed = bars.closed(interval, now_ms)
            assert closed is not None
            self._send(closed, interval, now_ms, is_closed=True)
        state = bar.open_ms, bar.trades
        before = self._sent.get(interval)
        if state == before:
            return
        self._sent[interval] = state
        if bar.trades or before is None:
            self._send(bar, interval, now_ms, is_closed=False)

    def _send(self, bar: Bar, interval: str, now_ms: int, *, is_closed: bool) -> None:
        hub, writer = self._hub, self._writer
        kline, *continuous = self._streams[interval]
        if hub.wanted(kline):
            hub.publish(kline, writer.kline(bar, interval, is_closed=is_closed, time_ms=now_ms))
        for stream in continuous:
            if hub.wanted(stream):
                text = writer.continuous_kline(bar, interval, is_closed=is_closed, time_ms=now_ms)
                hub.publish(stream, text)
