"""Market events are written as the venue documents them: keys, their order, types and digits."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sim_frames import said

from botcore_tui.exchange.binance.wire import decode
from botcore_tui.exchange.sim import market_writer
from botcore_tui.exchange.sim.bars import Bar
from botcore_tui.exchange.sim.contracts import Contract, contract
from botcore_tui.exchange.sim.market_writer import MarketWriter
from botcore_tui.exchange.sim.money import atoms
from botcore_tui.exchange.sim.prints import TradePrint
from botcore_tui.model import market as events
from botcore_tui.model.market import Side

SAMPLES = Path(__file__).parents[2] / "data" / "binance"
SYMBOLS = ("BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT", "XRPUSDT", "DOGEUSDT", "LTCUSDT")
BTC = MarketWriter(contract("BTCUSDT"))
# Most documented samples have four decimals and whole contracts, one has eight of each.
FOUR = MarketWriter(contract("BTCUSDT", price="0.0024", tick="0.0001", step="1"))
EIGHT = MarketWriter(
    replace(contract("BNBUSDT"), price_decimals=8, tick=1, quantity_decimals=8, step=1)
)
CENTS = MarketWriter(contract("BTCUSDT", price="7403.89", tick="0.01", step="0.001"))
WHOLE = MarketWriter(contract("BTCUSDT", price="9910", tick="1", step="0.001"))
MILLI = MarketWriter(contract("BTCUSDT", price="0.001", tick="0.001", step="1"))
MINUTE = Bar(
    1_638_747_660_000, 1_638_747_720_000, 10, 25, 15, 20, 1_000, 10_000, 500, 5_000, 101, 100
)
DAY = Bar(0, 86_400_000, 10, 25, 10, 25, 10_000, 180_000, 0, 0, 18_151, 0)
TRADE = TradePrint(105, 5_933_014, 100, 105, 1, 100, is_sell=True, time_ms=123_456_785)
TOP_BIDS = [(740389, 2), (740390, 3906), (740400, 1428), (740485, 5239), (740543, 2562)]
TOP_ASKS = [(740596, 3340), (740663, 4525), (740708, 2475), (740715, 4800), (740720, 175)]
CONTINUOUS = (
    # Binance, "Continuous Contract Kline/Candlestick Streams", with the numbers of the other sample
    '{"e":"continuous_kline","E":1638747660000,"ps":"BTCUSDT","ct":"PERPETUAL","k":{'
    '"t":1638747660000,"T":1638747719999,"i":"1m","f":100,"L":200,"o":"0.0010","c":"0.0020",'
    '"h":"0.0025","l":"0.0015","v":"1000","n":100,"x":false,"q":"1.0000","V":"500","Q":"0.500",'
    '"B":"0"}}'
)


def _sample(name: str, *changes: tuple[str, str]) -> str:
    """A documented frame, without what contradicts itself in it or differs here by design."""
    text = (SAMPLES / f"{name}.json").read_text().strip()
    for before, after in changes:
        assert text.count(before) == 1
        text = text.replace(before, after)
    return text


DOCUMENTED = {
    "depthUpdate": (
        FOUR.depth(
            (157, 160, 149),
            (FOUR.levels([(24, 10)]), FOUR.levels([(26, 100)])),
            time_ms=123_456_788,
            sent_ms=123_456_789,
        ),
        _sample("depth_update"),
    ),
    "partial depth": (
        CENTS.depth(
            (390_497_796, 390_497_878, 390_497_794),
            (CENTS.levels(TOP_BIDS), CENTS.levels(TOP_ASKS)),
            time_ms=1_571_889_248_276,
            sent_ms=1_571_889_248_277,
        ),
        _sample("depth_top"),
    ),
    "bookTicker": (
        EIGHT.best(
            400_900_217,
            (2_535_190_000, 3_121_000_000),
            (2_536_520_000, 4_066_000_000),
            time_ms=1_568_014_460_891,
            sent_ms=1_568_014_460_893,
        ),
        _sample("book_ticker"),
    ),
    "aggTrade": (
        MILLI.aggregate(TRADE, TRADE.ticks),
        _sample("aggregate_trade", ('"E":123456789', '"E":123456785')),  # told at once
    ),
    "trade": (
        BTC.trade(
            TradePrint(
                5_266_583_935, 1, 1, 1, 618_003, 6, is_sell=False, time_ms=1_723_161_256_322
            ),
            618_003,
        ),
        _sample("trade_2024", ('"BTCUSDT",', '"BTCUSDT","st":1,')),
    ),
    "markPriceUpdate": (
        BTC.mark(
            atoms("11794.15"),
            atoms("11784.62659091"),
            38_167,
            next_funding_ms=1_562_306_400_000,
            time_ms=1_562_305_380_000,
        ),
        # It has no meaning until the last hour of a contract: the index.
        _sample("mark_price", ("11784.25641265", "11784.62659091")),
    ),
}
ALIKE = {
    "kline": (
        FOUR.kline(MINUTE, "1m", is_closed=False, time_ms=MINUTE.open_ms),
        _sample("kline", ('"n":100', '"n":101')),  # 100 to 200 are 101
    ),
    "continuous_kline": (
        FOUR.continuous_kline(MINUTE, "1m", is_closed=False, time_ms=MINUTE.open_ms),
        CONTINUOUS.replace('"n":100', '"n":101'),
    ),
    "24hrMiniTicker": (FOUR.mini_ticker(DAY, time_ms=123_456_789), _sample("mini_ticker")),
    "24hrTicker": (
        FOUR.ticker(DAY, 10, time_ms=123_456_789),
        # From 10 to 25 is 150 %; the day ends now.
        _sample("ticker", ("250.00", "150.00"), ('"C":86400000', '"C":123456789')),
    ),
    "forceOrder": (
        WHOLE.liquidation(
            Side.SELL,
            9_910,
            14,
            average=atoms("9910"),
            time_ms=1_568_014_460_893,
            sent_ms=1_568_014_460_893,
        ),
        _sample("force_order"),
    ),
}


@pytest.mark.parametrize("event", DOCUMENTED)
def test_an_event_is_the_documented_one_byte_for_byte(event: str) -> None:
    written, documented = DOCUMENTED[event]
    assert written == documented


@pytest.mark.parametrize("event", ALIKE)
def test_an_event_says_what_the_documented_one_says_but_for_zeros_at_the_end(event: str) -> None:
    written, documented = ALIKE[event]
    assert written.startswith(f'{{"e":"{event}",')
    assert said(json.loads(written)) == said(json.loads(documented))


def test_a_new_status_is_told_without_the_leverage_table_that_did_not_change() -> None:
    # Binance, "Contract Info Stream": `bks` shows up only when brackets are updated. The change
    # of 2026-06-30 put `st` at the end.
    brackets = ',"bks":[{"bs":1,"bnf":0,"bnc":5000,"mmr":0.01,"cf":0,"mi":21,"ma":50}]}'
    iota = MarketWriter(contract("IOTAUSDT"))
    written = iota.contract_info("TRADING", time_ms=1_669_647_330_369)
    assert written == _sample("contract_info", (brackets, ',"st":1}'))


# --- digits of a contract whose tick is a multiple of the last one --------------------------------


def test_a_bar_has_the_digits_of_its_contract() -> None:
    bar = replace(MINUTE, open=616_597, high=616_600, low=616_590, close=616_598, lots=1_500)
    bar = replace(bar, quote=1_500 * 616_597, buy_lots=500, buy_quote=500 * 616_598)
    assert BTC.kline(bar, "1m", is_closed=True, time_ms=bar.end_ms) == (
        '{"e":"kline","E":1638747720000,"s":"BTCUSDT","k":{"t":1638747660000,"T":1638747719999,'
        '"s":"BTCUSDT","i":"1m","f":100,"L":200,"o":"61659.70","c":"61659.80","h":"61660.00",'
        '"l":"61659.00","v":"1.500","n":101,"x":true,"q":"92489.55000","V":"0.500",'
        '"Q":"30829.90000","B":"0"}}'
    )


def test_a_bar_without_trades_names_none() -> None:
    bar = replace(MINUTE, lots=0, quote=0, buy_lots=0, buy_quote=0, trades=0)
    body = json.loads(BTC.kline(bar, "1m", is_closed=True, time_ms=bar.end_ms))["k"]
    assert (body["f"], body["L"], body["n"]) == (-1, -1, 0)
    assert (body["v"], body["q"]) == ("0.000", "0.00000")


def test_a_falling_day_has_the_digits_of_its_contract() -> None:
    day = Bar(5, 9, 616_720, 616_800, 616_000, 616_597, 3, 3 * 616_598 + 2, 0, 0, 2, 7)
    assert BTC.ticker(day, 2, time_ms=8) == (
        '{"e":"24hrTicker","E":8,"s":"BTCUSDT","ps":"BTCUSDT","st":1,"p":"-12.30","P":"-0.020",'
        '"w":"61659.87","c":"61659.70","Q":"0.002","o":"61672.00","h":"61680.00","l":"61600.00",'
        '"v":"0.003","q":"184.98","O":5,"C":8,"F":7,"L":8,"n":2}'
    )


def test_a_day_without_trades_has_no_average() -> None:
    day = replace(DAY, lots=0, quote=0, trades=0)
    view = json.loads(BTC.ticker(day, 0, time_ms=8))
    assert (view["w"], view["v"], view["q"], view["n"]) == ("0.00", "0.000", "0.00", 0)


@settings(deadline=None)
@given(st.sampled_from(SYMBOLS), st.integers(1, 10**7), st.integers(1, 10**9), st.integers(-3, 3))
def test_average_and_turnover_of_a_day_fit_each_other(
    symbol: str, ticks: int, lots: int, rest: int
) -> None:
    terms = contract(symbol)
    quote = max(1, ticks * lots + rest)
    day = replace(DAY, open=ticks, high=ticks, low=ticks, close=ticks, lots=lots, quote=quote)
    view = json.loads(MarketWriter(terms).ticker(day, 1, time_ms=1))
    exact = Decimal(quote * terms.unit).scaleb(-8)
    cent, digit = Decimal("0.01"), Decimal(1).scaleb(-terms.price_decimals)
    assert abs(Decimal(view["q"]) - exact) <= cent / 2
    assert abs(Decimal(view["w"]) * Decimal(view["v"]) - exact) <= digit / 2 * Decimal(view["v"])


def test_a_price_of_zero_and_one_that_came_before_are_written_like_any_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(market_writer, "_MOST_TEXTS", 3)
    writer = MarketWriter(contract("BTCUSDT"))
    numbers = [0, 1, 2, 0, 3, 4, 0, 616_597] * 2
    assert [writer.price(ticks) for ticks in numbers] == [f"{ticks / 10:.2f}" for ticks in numbers]
    assert [writer.quantity(lots) for lots in numbers] == [f"{lots / 1000:.3f}" for lots in numbers]
    assert writer.levels([(0, 1), (1, 0), (5, 616_597)]) == (
        '[["0.00","0.001"],["0.10","0.000"],["0.50","616.597"]]'
    )


# --- what our own client reads --------------------------------------------------------------------

LEVELS = st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 10**6)), max_size=20)


def _read(text: str) -> object:
    return decode(text.encode())[1]


def _price(terms: Contract, ticks: int) -> float:
    return float(Decimal(ticks * terms.tick).scaleb(-terms.price_decimals))


def _quantity(terms: Contract, lots: int) -> float:
    return float(Decimal(lots * terms.step).scaleb(-terms.quantity_decimals))


@settings(deadline=None)
@given(st.sampled_from(SYMBOLS), LEVELS, LEVELS)
def test_levels_are_read_as_they_are(
    symbol: str, bids: list[tuple[int, int]], asks: list[tuple[int, int]]
) -> None:
    terms = contract(symbol)
    writer = MarketWriter(terms)
    sides = writer.levels(bids), writer.levels(asks)
    delta = _read(writer.depth((5, 9, 3), sides, time_ms=1, sent_ms=2))
    assert isinstance(delta, events.BookDelta)
    ids = delta.first_update_id, delta.last_update_id, delta.previous_update_id
    assert (delta.symbol, ids, delta.time_ms) == (symbol, (5, 9, 3), 2)
    for read, levels in ((delta.bids, bids), (delta.asks, asks)):
        assert read == [(_price(terms, ticks), _quantity(terms, lots)) for ticks, lots in levels]


@settings(deadline=None)
@given(st.sampled_from(SYMBOLS), st.integers(1, 10**6), st.integers(1, 10**6), st.booleans())
def test_trades_are_read_as_they_are(symbol: str, ticks: int, lots: int, is_sell: bool) -> None:
    terms = contract(symbol)
    writer = MarketWriter(terms)
    one = TradePrint(9, 4, 7, 9, ticks, lots, is_sell=is_sell, time_ms=5)
    write: Callable[[TradePrint, int], str]
    for write in (writer.aggregate, writer.trade):
        trade = _read(write(one, ticks))
        assert isinstance(trade, events.Trade)
        assert (trade.symbol, trade.trade_id, trade.time_ms) == (symbol, 9, 5)
        assert (trade.price, trade.quantity) == (_price(terms, ticks), _quantity(terms, lots))
        assert trade.buyer_is_maker is is_sell


@settings(deadline=None)
@given(st.integers(1, 10**14), st.integers(1, 10**14), st.integers(-3_000_000, 3_000_000))
def test_mark_price_and_funding_are_read_to_the_last_digit(
    mark: int, index: int, rate: int
) -> None:
    text = BTC.mark(mark, index, rate, next_funding_ms=9, time_ms=8)
    assert _read(text) == events.MarkPrice(
        symbol="BTCUSDT",
        mark=Decimal(mark).scaleb(-8),
        index=Decimal(index).scaleb(-8),
        funding_rate=Decimal(rate).scaleb(-8),
        next_funding_ms=9,
        time_ms=8,
    )
