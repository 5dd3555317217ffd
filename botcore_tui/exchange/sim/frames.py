"""What the venue says of its markets, stream by stream; nothing is written that nobody wants."""

from collections.abc import Callable, Sequence
from typing import Final

from botcore_tui.exchange.sim.agenda import Agenda
from botcore_tui.exchange.sim.depth_frames import PACE_MS, DepthFrames
from botcore_tui.exchange.sim.faults import Faults
from botcore_tui.exchange.sim.kline_frames import PACE_MS as KLINE_PACE_MS
from botcore_tui.exchange.sim.kline_frames import KlineFrames
from botcore_tui.exchange.sim.market import SymbolMarket
from botcore_tui.exchange.sim.market_writer import MarketWriter
from botcore_tui.exchange.sim.prints import TradePrint
from botcore_tui.exchange.sim.streams import Hub
from botcore_tui.model.market import Side

_SECOND_MS: Final = 1_000
_TICKER_MS: Final = 2_000
_MARK_MS: Final = 3_000
_ALL_BESTS_MS: Final = 5_000


class _Liquidation:
    def __init__(self, side: Side, ticks: int, lots: int, average: int, time_ms: int) -> None:
        self.side, self.ticks, self.lots = side, ticks, lots
        self.average, self.time_ms = average, time_ms


class _MarketStreams:
    """The streams of one market."""

    def __init__(self, market: SymbolMarket, hub: Hub, faults: Faults) -> None:
        self.market = market
        self.writer = MarketWriter(market.contract)
        self.depth = DepthFrames(market, self.writer, hub, faults)
        self.klines = KlineFrames(market, self.writer, hub)
        self.liquidation: _Liquidation | None = None
        """Largest of this second."""
        self.last_id = market.log.last_id
        """Of the last trade that a ticker told."""
        self.best: tuple[int | None, int, int | None, int] = (None, 0, None, 0)
        stream = market.contract.symbol.lower()
        self.book_ticker = f"{stream}@bookTicker"
        self.agg_trade = f"{stream}@aggTrade"
        self.trade = f"{stream}@trade"
        self.mark_price = f"{stream}@markPrice"
        self.mini_ticker = f"{stream}@miniTicker"
        self.ticker = f"{stream}@ticker"
        self.force_order = f"{stream}@forceOrder"


class MarketFrames:
    """Hears of everything in the markets and tells those who subscribed.

    Args:
        hub: Sends frames.
        agenda: Time.
        faults: Failures that are to happen here.
    """

    def __init__(self, hub: Hub, agenda: Agenda, faults: Faults) -> None:
        self._hub = hub
        self._agenda = agenda
        self._faults = faults
        self._markets: dict[str, _MarketStreams] = {}

    def follow(self, market: SymbolMarket) -> None:
        """Tell of a market from now on; what its book was filled with is not told."""
        if not self._markets:
            self._schedule()
        market.book.changed_bids.clear()
        market.book.changed_asks.clear()
        self._markets[market.contract.symbol] = _MarketStreams(market, self._hub, self._faults)

    def contract_changed(self, market: SymbolMarket, status: str) -> None:
        """Tell of a contract's new status."""
        if self._hub.wanted("!contractInfo"):
            writer = self._markets[market.contract.symbol].writer
            text = writer.contract_info(status, time_ms=self._agenda.now_ms)
            self._hub.publish("!contractInfo", text)

    # --- what happens in a market ---------------------------------------------------------------

    def book_changed(self, market: SymbolMarket) -> None:
        """Tell of the best prices if they changed, and note the rest."""
        streams = self._markets.get(market.contract.symbol)
        if streams is None:
            return
        streams.depth.note(market.update_id, self._agenda.now_ms)
        if self._hub.wanted(streams.book_ticker):
            bids, asks = market.book.bids, market.book.asks
            best = bids.best, bids.best_lots, asks.best, asks.best_lots
            if best != streams.best:
                streams.best = best
                self._tell_best(streams, streams.book_ticker)

    def _tell_best(self, streams: _MarketStreams, stream: str) -> None:
        market = streams.market
        bids, asks = market.book.bids, market.book.asks
        if bids.best is None or asks.best is None:
            return
        if self._faults.is_armed("frozen-book") and self._faults.take(
            "frozen-book", symbol=market.contract.symbol
        ):
            return
        factor = self._distortion(market, "bookTicker")
        text = streams.writer.best(
            market.update_id,
            (bids.best * factor, bids.best_lots),
            (asks.best * factor, asks.best_lots),
            time_ms=streams.depth.time_ms,
            sent_ms=self._agenda.now_ms,
        )
        self._hub.publish(stream, text)

    def traded(self, market: SymbolMarket, prints: Sequence[TradePrint]) -> None:
        """Tell of trades."""
        hub = self._hub
        streams = self._markets[market.contract.symbol]
        if hub.wanted(streams.agg_trade):
            for trade in prints:
                ticks = trade.ticks * self._distortion(market, "aggTrade")
                hub.publish(streams.agg_trade, streams.writer.aggregate(trade, ticks))
        if hub.wanted(streams.trade):
            count = prints[-1].last_id - prints[0].first_id + 1
            for trade in prints if count == len(prints) else market.log.recent(count):
                ticks = trade.ticks * self._distortion(market, "trade")
                hub.publish(streams.trade, streams.writer.trade(trade, ticks))

    def marked(self, market: SymbolMarket) -> None:
        """Tell of the mark price."""
        streams = self._markets[market.contract.symbol]
        name = streams.mark_price
        names = [f"{name}@1s"]
        if not self._agenda.now_ms % _MARK_MS:
            names += [name, f"{name}@3s"]
        wanted = [name for name in names if self._hub.wanted(name)]
        if wanted:
            text = self._mark(streams, self._distortion(market, "markPrice"))
            for name in wanted:
                self._hub.publish(name, text)

    def liquidated(
        self,
        market: SymbolMarket,
        side: Side,
        ticks: int,
        lots: int,
        average: int,
        time_ms: int,
    ) -> None:
        """Tell of a liquidation within a second, if none is larger.

        Source: change log of 2026-04-14: only the largest of a symbol in a second.
        """
        streams = self._markets[market.contract.symbol]
        before = streams.liquidation
        if before is None or lots > before.lots:
            streams.liquidation = _Liquidation(side, ticks, lots, average, time_ms)

    def _distortion(self, market: SymbolMarket, kind: str) -> int:
        """What the prices of a frame are multiplied with: 1, unless a fault strikes."""
        symbol, take = market.contract.symbol, self._faults.take
        if take("zero-price", symbol=symbol, endpoint=kind):
            return 0
        spike = take("price-spike", symbol=symbol, endpoint=kind)
        return spike.amount("factor") if spike else 1

    # --- what happens by the clock --------------------------------------------------------------

    def _schedule(self) -> None:
        next_ms = (self._agenda.now_ms // PACE_MS + 1) * PACE_MS
        self._agenda.at(next_ms, self._tick)

    def _tick(self) -> None:
        self._schedule()
        now_ms = self._agenda.now_ms
        has_klines = not now_ms % KLINE_PACE_MS
        for streams in self._markets.values():
            streams.depth.tick(now_ms)
            if has_klines:
                streams.klines.tick(now_ms)
        if not now_ms % _SECOND_MS:
            self._tick_second(now_ms)

    def _tick_second(self, now_ms: int) -> None:
        for streams in self._markets.values():
            self._tell_liquidation(streams, now_ms)
            if not now_ms % _TICKER_MS:
                self._tell_tickers(streams, now_ms)
        self._tell_all("!markPrice@arr@1s", self._mark)
        if not now_ms % _MARK_MS:
            self._tell_all("!markPrice@arr", self._mark)
        self._tell_changed(now_ms)
        if not now_ms % _ALL_BESTS_MS and self._hub.wanted("!bookTicker"):
            for streams in self._markets.values():
                self._tell_best(streams, "!bookTicker")

    def _tell_liquidation(self, streams: _MarketStreams, now_ms: int) -> None:
        largest, streams.liquidation = streams.liquidation, None
        names = [
            name for name in (streams.force_order, "!forceOrder@arr") if self._hub.wanted(name)
        ]
        if largest is None or not names:
            return
        text = streams.writer.liquidation(
            largest.side,
            largest.ticks,
            largest.lots,
            average=largest.average,
            time_ms=largest.time_ms,
            sent_ms=now_ms,
        )
        for name in names:
            self._hub.publish(name, text)

    def _tell_tickers(self, streams: _MarketStreams, now_ms: int) -> None:
        if self._hub.wanted(streams.ticker):
            self._hub.publish(streams.ticker, _ticker(streams, now_ms))
        if self._hub.wanted(streams.mini_ticker):
            self._hub.publish(streams.mini_ticker, _mini_ticker(streams, now_ms))

    def _tell_changed(self, now_ms: int) -> None:
        changed = []
        for streams in self._markets.values():
            if streams.last_id != streams.market.log.last_id:
                streams.last_id = streams.market.log.last_id
                changed.append(streams)
        kinds = (("!ticker@arr", _ticker), ("!miniTicker@arr", _mini_ticker))
        for stream, write in kinds:
            if changed and self._hub.wanted(stream):
                rows = ",".join(write(streams, now_ms) for streams in changed)
                self._hub.publish(stream, f"[{rows}]")

    def _tell_all(self, stream: str, write: Callable[[_MarketStreams], str]) -> None:
        if self._hub.wanted(stream):
            rows = ",".join(map(write, self._markets.values()))
            self._hub.publish(stream, f"[{rows}]")

    def _mark(self, streams: _MarketStreams, factor: int = 1) -> str:
        market = streams.market
        return streams.writer.mark(
            market.mark * factor,
            market.index * factor,
            market.funding_rate,
            next_funding_ms=market.next_funding_ms,
            time_ms=self._agenda.now_ms,
        )


def _ticker(streams: _MarketStreams, now_ms: int) -> str:
    market = streams.market
    return streams.writer.ticker(market.bars.day(now_ms), market.last_lots, time_ms=now_ms)


def _mini_ticker(streams: _MarketStreams, now_ms: int) -> str:
    return streams.writer.mini_ticker(streams.market.bars.day(now_ms), time_ms=now_ms)
