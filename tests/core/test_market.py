"""One symbol's market takes each fact once and tells bars for every interval."""

import pytest
from builders import a_bar
from market_builders import SYMBOL, a_book_snapshot, a_delta, a_trade
from msgspec.structs import replace

from botcore_tui.core import bars as bars_module
from botcore_tui.core.bars import MINUTE_MS
from botcore_tui.core.book import Staleness
from botcore_tui.core.market import Market, MarketSettings, SymbolMarket
from botcore_tui.model.instrument import Instrument
from botcore_tui.model.market import BookState

INSTRUMENT = Instrument(SYMBOL, 1, 3, 0.1)


def a_market() -> SymbolMarket:
    return SymbolMarket(SYMBOL, MarketSettings())


def test_new_market_knows_nothing() -> None:
    market = a_market()
    assert (market.instrument, market.ticker, market.top, market.mark, market.day) == (None,) * 5
    assert (market.last_price, market.previous_price) == (None, None)
    assert market.bars(MINUTE_MS, 10) == []
    assert market.book.state is BookState.SYNCING


# --- trades ------------------------------------------------------------------------------------


def test_last_and_previous_price_follow_the_trades() -> None:
    market = a_market()
    told = []
    for number, price in enumerate((100.0, 100.0, 101.0, 101.0, 99.0), start=1):
        market.on_trade(a_trade(number, price=price))
        told.append((market.last_price, market.previous_price))
    assert told == [(100.0, None), (100.0, None), (101.0, 100.0), (101.0, 100.0), (99.0, 101.0)]


@pytest.mark.parametrize("trade_id", [5, 4, 1])
def test_repeated_or_older_trade_is_left_out(trade_id: int) -> None:
    market = a_market()
    market.on_trade(a_trade(5))
    market.on_trade(a_trade(trade_id, price=200.0))
    assert list(market.trades) == [a_trade(5)]
    assert market.last_price == 100.0
    assert market.bars(1_000, 10)[0].trades == 1


@pytest.mark.requirement("F07")
@pytest.mark.parametrize(("price", "quantity"), [(0.0, 1.0), (100.0, 0.0), (0.0, 0.0)])
def test_placeholder_print_is_no_trade(price: float, quantity: float) -> None:
    market = a_market()
    market.on_trade(a_trade(9, price=price, quantity=quantity))
    assert (list(market.trades), market.last_price, market.bars(1_000, 10)) == ([], None, [])
    market.on_trade(a_trade(8))
    assert list(market.trades) == [a_trade(8)]


def test_oldest_trades_are_forgotten() -> None:
    market = a_market()
    for number in range(1, 602):
        market.on_trade(a_trade(number))
    assert (len(market.trades), market.trades[0].trade_id) == (500, 102)


def test_single_trades_are_left_out_from_the_first_aggregate_on() -> None:
    market = a_market()
    market.on_trade(a_trade(1))
    market.on_trade(a_trade(3, quantity=2.0, is_aggregate=True))
    for number in (2, 3, 4):
        market.on_trade(a_trade(number, price=200.0))
    market.on_trade(a_trade(5, quantity=2.0, is_aggregate=True))
    assert [trade.trade_id for trade in market.trades] == [1, 3, 5]
    assert (market.last_price, market.bars(1_000, 1)[0].volume) == (100.0, 5.0)


# --- rules -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "decimals", "tick"),
    [
        (61_659.0, 2, 0.01),
        (61_659.7, 2, 0.01),
        (0.008123, 6, 1e-6),
        (8.123e-05, 8, 1e-8),
        (1e-12, 8, 1e-8),
        (123_456_789.1, 2, 0.01),
        (1e15, 2, 0.01),
    ],
)
def test_unknown_rules_have_the_decimals_that_prices_show(
    price: float, decimals: int, tick: float
) -> None:
    market = a_market()
    market.on_trade(a_trade(price=price))
    assert market.rules == Instrument(SYMBOL, decimals, 3, tick)


def test_unknown_rules_have_the_decimals_of_the_book_before_a_trade() -> None:
    market = a_market()
    assert market.rules.price_decimals == 2
    market.book.on_delta(a_delta(1, 2, 0))
    market.book.on_snapshot(a_book_snapshot(2, bids=[(0.0125, 1.0)], asks=[(0.013, 1.0)]))
    assert market.rules.price_decimals == 4
    market.instrument = INSTRUMENT
    assert market.rules is INSTRUMENT


# --- bars --------------------------------------------------------------------------------------


def test_minutes_are_built_from_trades_until_the_venue_sends_one() -> None:
    market = a_market()
    market.on_trade(a_trade(1, price=6.0, time_ms=0))
    market.on_trade(a_trade(2, price=7.0, time_ms=MINUTE_MS))
    assert [bar.close for bar in market.bars(MINUTE_MS, 10)] == [6.0, 7.0]
    venue = replace(a_bar(MINUTE_MS), is_closed=False)
    market.on_bar(venue)
    market.on_trade(a_trade(3, price=8.0, time_ms=2 * MINUTE_MS))
    market.on_trade(a_trade(4, price=9.0, time_ms=MINUTE_MS))
    minutes = market.bars(MINUTE_MS, 10)
    assert [bar.close for bar in minutes[:-1]] == [6.0]
    assert minutes[-1] == venue
    assert [bar.close for bar in market.bars(1_000, 10)] == [6.0, 7.0, 8.0]


def test_bar_of_another_interval_is_left_out() -> None:
    market = a_market()
    market.on_bar(a_bar(0, interval_ms=300_000))
    market.on_trade(a_trade(1, price=6.0, time_ms=0))
    assert [bar.close for bar in market.bars(MINUTE_MS, 10)] == [6.0]


def test_longer_intervals_are_joined_from_minutes() -> None:
    market = a_market()
    for number in range(12):
        market.on_bar(a_bar(number * MINUTE_MS, close=float(number)))
    assert [bar.close for bar in market.bars(300_000, 10)] == [4.0, 9.0, 11.0]
    assert [bar.close for bar in market.bars(300_000, 2)] == [9.0, 11.0]


@pytest.mark.parametrize("interval_ms", [1_000, 5_000, 15_000, MINUTE_MS, 300_000])
def test_no_bars_are_given_where_none_are_asked_for(interval_ms: int) -> None:
    market = a_market()
    for number in range(1, 9):
        market.on_trade(a_trade(number, time_ms=number * 40_000))
    assert market.bars(interval_ms, 0) == []


@pytest.mark.parametrize("count", [1, 2, 3])
def test_first_bar_given_is_whole_however_few_are_asked_for(count: int) -> None:
    market = a_market()
    for second in range(33):
        market.on_trade(a_trade(second + 1, time_ms=second * 1_000))
    assert market.bars(5_000, count) == market.bars(5_000, 100)[-count:]
    assert [bar.trades for bar in market.bars(5_000, count)] == ([5] * count + [3])[-count:]


def test_bar_whose_beginning_is_forgotten_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bars_module, "_KEPT", 12)
    market = a_market()
    for second in range(19):
        market.on_trade(a_trade(second + 1, time_ms=second * 1_000))
    # Seconds 6 to 18 are left: of the bar from 5 to 9 the first is missing.
    assert [bar.trades for bar in market.bars(5_000, 10)] == [5, 4]
    market.on_trade(a_trade(100, time_ms=23_000))
    market.on_trade(a_trade(101, time_ms=24_000))
    market.on_trade(a_trade(102, time_ms=25_000))
    market.on_trade(a_trade(103, time_ms=26_000))
    assert [bar.open_time_ms for bar in market.bars(5_000, 10)] == [10_000, 15_000, 20_000, 25_000]


def test_first_bar_of_a_session_is_given_only_while_it_grows() -> None:
    market = a_market()
    market.on_trade(a_trade(1, time_ms=3_000))
    assert [(bar.open_time_ms, bar.is_closed) for bar in market.bars(5_000, 10)] == [(0, False)]
    market.on_trade(a_trade(2, time_ms=5_000))
    assert [bar.open_time_ms for bar in market.bars(5_000, 10)] == [5_000]


def test_hour_whose_first_minutes_were_not_fetched_is_not_given() -> None:
    market = a_market()
    for number in range(34, 34 + 1_000):
        market.on_bar(a_bar(number * MINUTE_MS))
    hours = market.bars(60 * MINUTE_MS, 120)
    assert [bar.volume for bar in hours[:-1]] == [60 * 12.5] * 16
    assert hours[0].open_time_ms == 60 * MINUTE_MS


def test_cut_hour_that_is_over_is_not_given_even_alone() -> None:
    market = a_market()
    for number in (58, 59):
        market.on_bar(a_bar(number * MINUTE_MS))
    assert market.bars(60 * MINUTE_MS, 120) == []


# --- all symbols -------------------------------------------------------------------------------


def test_unknown_symbol_is_made_on_first_sight_with_the_same_settings() -> None:
    market = Market(("A",), MarketSettings(Staleness(floor_ms=7)))
    made = market.of("B")
    assert market.of("B") is made
    assert list(market.by_symbol) == ["A", "B"]
    assert made.book.stale_after_ms() == 7


def test_reset_keeps_symbols_and_instruments_only() -> None:
    market = Market(("A",), MarketSettings())
    market.of("B").instrument = INSTRUMENT
    for symbol in ("A", "B"):
        market.of(symbol).on_trade(a_trade(1))
        market.of(symbol).book.on_delta(a_delta(1, 2, 0))
        market.of(symbol).book.on_snapshot(a_book_snapshot(2))
    market.reset()
    assert list(market.by_symbol) == ["A", "B"]
    for known in market.by_symbol.values():
        assert (len(known.trades), known.last_price, known.bars(1_000, 9)) == (0, None, [])
        assert (known.book.state, len(known.book.bids)) == (BookState.SYNCING, 0)
    assert market.of("A").instrument is None
    assert market.of("B").instrument is INSTRUMENT
