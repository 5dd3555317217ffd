"""The report of a replay: numbers with the venue's digits, complete also when nothing was read."""

import json

from market_builders import SYMBOL, a_book_snapshot, a_delta

from botcore_tui.cli.report import Report, Timing
from botcore_tui.core.trader import Trader
from botcore_tui.exchange.binance.receiver import Receiver


def a_report(trader: Trader, path: str = "tape", timing: Timing | None = None) -> Report:
    return Report(path, Receiver(), trader, timing=timing or Timing(), check=None)


def a_trader_with_a_book() -> Trader:
    trader = Trader((SYMBOL,))
    trader.process(a_delta(9, 11, 8, bids=[(99.1, 1.5)]))
    trader.process(a_book_snapshot(10, bids=[(99.0, 1.0)], asks=[(101.0, 2.0)]))
    return trader


def test_prices_and_quantities_have_fixed_decimals() -> None:
    text = a_report(a_trader_with_a_book()).as_json()
    assert '"best_bid":99.10,"best_bid_quantity":1.500' in text
    assert '"best_ask":101.00,"best_ask_quantity":2.000' in text
    assert "best_bid_quantity  1.500" in a_report(a_trader_with_a_book()).as_text()


def test_small_prices_keep_their_digits_where_the_rules_are_unknown() -> None:
    trader = Trader((SYMBOL,))
    trader.process(a_delta(9, 11, 8))
    trader.process(a_book_snapshot(10, bids=[(0.008123, 1.0)], asks=[(0.00813, 2.0)]))
    text = a_report(trader).as_json()
    assert '"best_bid":0.008123,' in text
    assert '"best_ask":0.008130,' in text


def test_an_empty_report_has_nulls_and_zeros() -> None:
    found = json.loads(a_report(Trader()).as_json())
    assert found["best_bid"] is found["last_update_id"] is found["book_checks"] is None
    assert found["frames_per_second"] == found["tape_seconds"] == 0


def test_a_book_without_levels_has_no_best_price() -> None:
    found = json.loads(a_report(Trader((SYMBOL,))).as_json())
    assert found["best_bid"] is None
    assert found["symbols"] == [SYMBOL]


def test_a_name_that_is_no_text_can_be_reported() -> None:
    found = json.loads(a_report(Trader(), path="a\udcff\x1b[2J").as_json())
    assert found["tape"] == "a\\udcff\\x1b[2J"
