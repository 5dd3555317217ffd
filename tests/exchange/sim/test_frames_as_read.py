"""A busy market as our own client reads it: every frame says what is at the moment it is sent."""

import json
from collections import Counter
from collections.abc import Callable
from decimal import Decimal

from listeners import heard
from sim_rest import Json
from sim_stage import BTC, BUY, SELL
from sim_wire import Wire

from botcore_tui.exchange.binance.wire import decode
from botcore_tui.exchange.sim.market import SymbolMarket
from botcore_tui.exchange.sim.market_views import day_ticker
from botcore_tui.exchange.sim.money import rounded
from botcore_tui.exchange.sim.session import Session
from botcore_tui.model import market as events

STREAMS = {
    "public": ("bookTicker", "depth5@100ms", "depth20", "trade"),
    "market": ("aggTrade", "markPrice@1s", "kline_1m", "kline_5m", "ticker", "miniTicker"),
}
Levels = list[tuple[float, float]]
DAY_MS = 86_400_000
ANSWERS = {
    "p": "priceChange",
    "P": "priceChangePercent",
    "c": "lastPrice",
    "Q": "lastQty",
    "o": "openPrice",
    "h": "highPrice",
    "l": "lowPrice",
    "v": "volume",
    "O": "openTime",
    "C": "closeTime",
    "F": "firstId",
    "L": "lastId",
    "n": "count",
}
"""Keys of a ticker, and what ``GET ticker/24hr`` calls them."""


def watch(session: Session, look: Callable[[bytes], None]) -> None:
    """Look at each frame at the moment it is sent."""

    def wake() -> None:
        (frame,) = session.outbox
        session.outbox.clear()
        look(frame)

    session.wake = wake


class Comparison:
    """Compares what a client reads with what is."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._market: SymbolMarket = wire.exchange.venue.floor.markets[BTC]
        self.seen: Counter[str] = Counter()
        self.trades: dict[str, list[events.Trade]] = {"trade": [], "aggTrade": []}
        for route, kinds in STREAMS.items():
            names = "/".join(f"btcusdt@{kind}" for kind in kinds)
            watch(wire.connect(f"/{route}/stream?streams={names}"), self._look)

    def _look(self, frame: bytes) -> None:
        stream, event = decode(frame)
        kind = stream.partition("@")[2]
        self.seen[kind] += 1
        if isinstance(event, events.Trade):
            self.trades[kind].append(event)
            return
        expected = self._expected(kind)
        assert isinstance(event, type(expected))
        for name in expected.__struct_fields__:
            assert (name, getattr(event, name)) == (name, getattr(expected, name))

    def _expected(self, kind: str) -> events.MarketEvent:
        market, now_ms = self._market, self._wire.exchange.now_ms
        name, _, detail = kind.partition("@")[0].partition("_")
        if name == "bookTicker":
            (bid,), (ask,) = self._levels(1)
            return events.BookTicker(BTC, market.update_id, *bid, *ask, now_ms)
        if name.startswith("depth"):
            bids, asks = self._levels(int(name.removeprefix("depth")))
            return events.BookTop(BTC, market.update_id, bids, asks, now_ms)
        if name == "markPrice":
            return events.MarkPrice(
                symbol=BTC,
                mark=Decimal(market.mark).scaleb(-8),
                index=Decimal(market.index).scaleb(-8),
                funding_rate=Decimal(market.funding_rate).scaleb(-8),
                next_funding_ms=market.next_funding_ms,
                time_ms=now_ms,
            )
        return self._bar(detail, now_ms) if name == "kline" else self._day(name, now_ms)

    def _levels(self, count: int) -> tuple[Levels, Levels]:
        bids, asks = (self._market.book.top(side, count) for side in (BUY, SELL))
        return _read(bids), _read(asks)

    def _bar(self, interval: str, now_ms: int) -> events.Bar:
        bar = self._market.bars.current(interval, now_ms)
        return events.Bar(
            symbol=BTC,
            interval_ms=bar.end_ms - bar.open_ms,
            open_time_ms=bar.open_ms,
            open=bar.open / 10,
            high=bar.high / 10,
            low=bar.low / 10,
            close=bar.close / 10,
            volume=bar.lots / 1_000,
            trades=bar.trades,
            is_closed=False,
        )

    def _day(self, name: str, now_ms: int) -> events.DayTicker:
        day = self._market.bars.day(now_ms)
        change = float(Decimal(rounded((day.close - day.open) * 100_000, day.open)).scaleb(-3))
        if name == "miniTicker":
            change = ((day.close / 10) / (day.open / 10) - 1) * 100
        return events.DayTicker(
            symbol=BTC,
            last=day.close / 10,
            change_pct=change,
            high=day.high / 10,
            low=day.low / 10,
            volume=day.lots / 1_000,
            quote_volume=rounded(day.quote, 100) / 100,  # a tick times a lot is 0.0001 USDT
            time_ms=now_ms,
        )


def _read(levels: list[tuple[int, int]]) -> Levels:
    return [(ticks / 10, lots / 1_000) for ticks, lots in levels]


def test_a_client_sees_a_busy_market_as_it_is() -> None:
    wire = Wire(is_still=False)
    log = wire.exchange.venue.floor.markets[BTC].log
    first_id, count = log.last_id + 1, len(log.aggregates)
    comparison = Comparison(wire)
    wire.advance(5_000)
    aggregates = [
        (one.trade_id, one.price, one.quantity, one.buyer_is_maker, one.time_ms)
        for one in comparison.trades["aggTrade"]
    ]
    assert aggregates == [
        (one.last_id, one.ticks / 10, one.lots / 1_000, one.is_sell, one.time_ms)
        for one in list(log.aggregates)[count:]
    ]
    ids = [one.trade_id for one in comparison.trades["trade"]]
    assert ids == list(range(first_id, log.last_id + 1))
    seen = comparison.seen
    assert min(seen["trade"], seen["aggTrade"], seen["bookTicker"]) > 100
    assert {kind: times for kind, times in seen.items() if times < 60} == {
        "depth5@100ms": 50,
        "depth20": 20,
        "markPrice@1s": 5,
        "kline_1m": 20,
        "kline_5m": 20,
        "ticker": 3,
        "miniTicker": 3,
    }


# --- the numbers of a day -------------------------------------------------------------------------


def test_the_numbers_of_a_day_fit_each_other_and_what_is_answered_when_asked() -> None:
    wire = Wire(is_still=False)
    days: list[Json] = []

    def look(frame: bytes) -> None:
        day: Json = json.loads(frame)
        days.append(day)
        _check(day, wire.exchange.venue.floor.markets[BTC], wire.exchange.now_ms)

    minis = wire.connect("/market/ws/btcusdt@miniTicker")
    watch(wire.connect("/market/ws/btcusdt@ticker"), look)
    wire.advance(20_000)
    assert len(days) == 10
    told = [{key: day[key] for key in "Escohlvq"} for day in days]
    assert [{key: mini[key] for key in "Escohlvq"} for mini in heard(minis)] == told


def _check(day: Json, market: SymbolMarket, now_ms: int) -> None:
    number = {key: Decimal(str(day[key])) for key in "pPwcQohlvqOCFLn"}
    assert number["p"] == number["c"] - number["o"]
    assert abs(number["P"] - 100 * number["p"] / number["o"]) <= Decimal("0.0005")
    assert number["l"] <= min(number["o"], number["c"], number["w"])
    assert number["h"] >= max(number["o"], number["c"], number["w"])
    assert number["L"] - number["F"] + 1 == number["n"]
    assert number["L"] == market.log.last_id
    assert 0 <= now_ms - number["O"] <= DAY_MS
    answer = day_ticker(market, now_ms)
    assert {key: day[key] for key in ANSWERS} == {
        key: answer[name] for key, name in ANSWERS.items()
    }
    for key, name in (("w", "weightedAvgPrice"), ("q", "quoteVolume")):
        assert abs(number[key] - Decimal(str(answer[name]))) <= Decimal("0.005")
