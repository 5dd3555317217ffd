from sim_market import a_still_market
from sim_stage import ASK, BID, BUY, Stage

from botcore_tui.exchange.sim.bars import Bar
from botcore_tui.exchange.sim.funding import Funding
from botcore_tui.exchange.sim.mark_bars import PriceBar
from botcore_tui.exchange.sim.market_views import (
    aggregate,
    book_ticker,
    day_ticker,
    depth,
    funding,
    kline,
    open_interest,
    premium_index,
    price_kline,
    price_ticker,
    trade,
)
from botcore_tui.exchange.sim.marks import Mark
from botcore_tui.exchange.sim.prints import TradePrint

PRINT = TradePrint(5, 3, 4, 5, BID, 20, is_sell=True, time_ms=9)
BAR = Bar(0, 60_000, BID, BID + 10, BID - 10, BID + 5, 20, BID * 20, 15, BID * 15, 7, 3)


def test_the_book_is_shown_best_first() -> None:
    view = depth(Stage().market, 2, 9)
    assert view["bids"] == [("61659.70", "1.000"), ("61659.60", "1.000")]
    assert view["asks"] == [("61659.80", "1.000"), ("61659.90", "1.000")]
    assert (view["E"], view["T"]) == (9, 9)


def test_a_trade_is_shown() -> None:
    contract = Stage().market.contract
    assert trade(contract, PRINT) == {
        "id": 5,
        "price": "61659.70",
        "qty": "0.020",
        "quoteQty": "1233.19400",
        "time": 9,
        "isBuyerMaker": True,
        "isRPITrade": False,
    }
    assert aggregate(contract, PRINT) == {
        "a": 3,
        "p": "61659.70",
        "q": "0.020",
        "nq": "0.020",
        "f": 4,
        "l": 5,
        "T": 9,
        "m": True,
    }


def test_a_bar_is_shown() -> None:
    assert kline(Stage().market.contract, BAR) == [
        0,
        "61659.70",
        "61660.70",
        "61658.70",
        "61660.20",
        "0.020",
        59_999,
        "1233.19400",
        7,
        "0.015",
        "924.89550",
        "0",
    ]


def test_bars_of_mark_index_and_premium_have_no_volume() -> None:
    bar = PriceBar(0, 60_000, 61_700 * 10**8, 61_701 * 10**8, 61_699 * 10**8, 1_147_541, 60)
    row = price_kline(bar)
    assert row[:5] == [0, "61700.00000000", "61701.00000000", "61699.00000000", "0.01147541"]
    assert row[5:] == ["0", 59_999, "0", 60, "0", "0", "0"]


def test_the_last_day_is_shown() -> None:
    stage = Stage()
    stage.at_market(BUY, 20)
    now_ms = stage.agenda.now_ms
    view = day_ticker(stage.market, now_ms)
    assert (view["lastPrice"], view["lastQty"], view["closeTime"]) == ("61659.80", "0.020", now_ms)
    change = float(str(view["lastPrice"])) - float(str(view["openPrice"]))
    assert abs(float(str(view["priceChange"])) - change) < 1e-6
    assert abs(float(str(view["priceChangePercent"])) - 100 * change / 61_659.8) < 1
    assert float(str(view["lowPrice"])) <= 61_659.8 <= float(str(view["highPrice"]))
    assert view["count"] == int(str(view["lastId"])) - int(str(view["firstId"])) + 1


def test_the_best_prices_are_shown() -> None:
    market = Stage().market
    assert book_ticker(market, 9) == {
        "symbol": "BTCUSDT",
        "bidPrice": "61659.70",
        "bidQty": "1.000",
        "askPrice": "61659.80",
        "askQty": "1.000",
        "time": 9,
    }
    assert price_ticker(market, 9) == {"symbol": "BTCUSDT", "price": "61659.70", "time": 9}
    assert ASK == BID + 1


def test_an_empty_side_is_shown_as_zero() -> None:
    view = book_ticker(a_still_market([(BID, 5)]), 9)
    assert (view["bidQty"], view["askPrice"], view["askQty"]) == ("0.005", "0.00", "0.000")


def test_mark_and_index_have_eight_digits() -> None:
    market = Stage().market
    mark = Mark(123, 456, -10_000)
    market.mark, market.index, market.funding_rate = mark.price, mark.index, mark.rate
    view = premium_index(market, 9)
    assert (view["markPrice"], view["indexPrice"]) == ("0.00000123", "0.00000456")
    assert (view["lastFundingRate"], view["interestRate"]) == ("-0.00010000", "0.00010000")
    assert view["nextFundingTime"] == market.next_funding_ms


def test_open_interest_and_funding_are_shown() -> None:
    market = Stage().market
    assert open_interest(market, 9) == {"openInterest": "1.000", "symbol": "BTCUSDT", "time": 9}
    assert funding("BTCUSDT", Funding(5, 10_000, 123)) == {
        "symbol": "BTCUSDT",
        "fundingRate": "0.00010000",
        "fundingTime": 5,
        "markPrice": "0.00000123",
        "rateType": "NORMAL",
    }
