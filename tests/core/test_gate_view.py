"""What the gate is shown is what is known: book, rates, our own orders, the venue's settings."""

from decimal import Decimal

import pytest
from desk_stage import LIMITS, RULES, Stage, buy
from market_builders import SYMBOL, a_book_snapshot, a_delta
from msgspec.structs import replace
from order_builders import NOW_MS, a_request, an_order_report
from recollection_builders import a_recollection

from botcore_tui.core.gate import Surroundings
from botcore_tui.model.account import ClockHealth, LeverageChange
from botcore_tui.model.event import RulesUpdate
from botcore_tui.model.market import MarkPrice, Side
from botcore_tui.model.order import OrderRequest, OrderType

MARKET = a_request(order_type=OrderType.MARKET)


def around(stage: Stage, request: OrderRequest = MARKET) -> Surroundings:
    return stage.desk.state.surroundings(request)


def with_book(stage: Stage) -> Stage:
    market = stage.trader.market.of(SYMBOL)
    stage.tell(a_delta(first=10, last=11, previous=9), a_book_snapshot(last=10))
    assert market.book.bids.best is not None
    return stage


@pytest.mark.requirement("P08")
@pytest.mark.requirement("P09")
def test_live_book_is_shown_with_the_side_that_would_be_taken() -> None:
    stage = with_book(Stage().begin())
    book = stage.trader.market.of(SYMBOL).book
    seen = around(stage)
    assert (seen.is_book_live, seen.book_trouble) == (True, "")
    assert (seen.bid, seen.ask) == (book.bids.best, book.asks.best)
    assert seen.depth == tuple(book.asks.top(50))
    sold = around(stage, replace(MARKET, side=Side.SELL))
    assert sold.depth == tuple(book.bids.top(50))
    assert around(stage, a_request()).depth == ()


@pytest.mark.requirement("P09")
def test_book_that_is_not_live_shows_nothing_but_why() -> None:
    seen = around(Stage().begin())
    assert (seen.is_book_live, seen.bid, seen.ask, seen.depth) == (False, None, None, ())
    assert seen.book_trouble == "waiting for the first update"
    other = around(Stage().begin(), replace(MARKET, symbol="NOSUCHUSDT"))
    assert other.book_trouble == "nothing came yet"


@pytest.mark.requirement("P09")
@pytest.mark.requirement("P21")
def test_mark_is_shown_with_its_age_its_skew_and_the_funding_it_decides() -> None:
    stage = Stage().begin()
    rate = Decimal("0.0001")
    stage.tell(MarkPrice(SYMBOL, Decimal(100), Decimal(100), rate, NOW_MS + 9, NOW_MS - 40))
    seen = around(stage)
    assert (seen.mark_age_ms, seen.mark_skew_ms) == (0, 40)
    assert (seen.funding_rate, seen.funding_time_ms) == (rate, NOW_MS + 9)
    dark = Stage()
    dark.tell(a_recollection())
    seen = around(dark)
    assert (seen.mark, seen.mark_age_ms, seen.mark_skew_ms) == (None, None, None)


@pytest.mark.requirement("P05")
@pytest.mark.requirement("P17")
def test_our_own_orders_are_counted_and_those_on_the_other_side_are_told() -> None:
    stage = Stage().begin()
    stage.tell(buy("2"))
    stage.tell(buy("1", side=Side.SELL, price="104", reduce_only=True, stop=None))
    stage.tell(buy("1", price="98"))
    seen = around(stage)
    assert seen.own_opposite == (Decimal(104),)
    assert (seen.open_orders, seen.open_algo_orders) == (2, 1)
    assert (seen.working, seen.opposing) == (Decimal(1), Decimal(0))
    assert around(stage, replace(MARKET, side=Side.SELL)).own_opposite == (Decimal(98),)
    elsewhere = around(stage, replace(MARKET, symbol="ETHUSDT"))
    assert (elsewhere.open_orders, elsewhere.open_algo_orders) == (0, 1)


@pytest.mark.requirement("P13")
@pytest.mark.requirement("P05")
def test_settings_of_the_venue_are_shown_as_last_told() -> None:
    stage = Stage().begin()
    stage.tell(LeverageChange(SYMBOL, 7, "ISOLATED"), LeverageChange(SYMBOL, 8))
    seen = around(stage)
    assert (seen.venue_leverage, seen.margin_type) == (8, "ISOLATED")
    assert seen.rules_age_ms == 0
    stage.wait(1_000)
    assert around(stage).rules_age_ms == 1_000
    stage.tell(RulesUpdate(RULES, stage.time_ms))
    assert around(stage).rules_age_ms == 0
    assert around(stage, replace(MARKET, symbol="ETHUSDT")).rules_age_ms is None


@pytest.mark.requirement("P18")
@pytest.mark.requirement("P20")
@pytest.mark.requirement("P16")
def test_orders_that_were_sent_are_counted() -> None:
    limits = replace(LIMITS, account_rate=Decimal(10), strategy_rate=Decimal(2))
    stage = Stage(limits=limits, strategy=None).begin()
    stage.desk.state.conduct.know("test")
    before = around(stage)
    assert (before.account_tokens, before.account_reserve) == (Decimal(10), Decimal(2))
    stage.tell(buy())
    seen = around(stage, replace(MARKET, actor="test"))
    assert seen.account_tokens is not None
    assert seen.account_tokens < 9  # the stop took its own
    assert seen.strategy_tokens == Decimal(1)
    assert (seen.fills_10min, seen.disabled) == (1, "")
    assert seen.orders_10min >= 2
    used = stage.sent()[0].client_order_id
    assert around(stage, replace(MARKET, client_order_id=used)).is_used_id
    assert not around(stage, replace(MARKET, client_order_id="bc-new-1-e")).is_used_id


@pytest.mark.requirement("P23")
def test_clock_is_shown_as_it_was_told() -> None:
    stage = Stage().begin()
    assert around(stage).clock is None
    clock = ClockHealth(offset_ms=1.0, uncertainty_ms=2.0, has_stepped=False, time_ms=NOW_MS)
    stage.tell(clock)
    assert around(stage).clock == clock


@pytest.mark.requirement("P12")
def test_contract_with_an_entry_of_ours_and_no_mark_is_named() -> None:
    stage = Stage().begin()
    stage.tell(an_order_report(client_order_id="bc-r0-1-e", symbol="ETHUSDT"))
    seen = around(stage)
    assert (seen.equity, seen.gross_notional) == (Decimal(10_000), None)
    assert seen.unmarked == ("ETHUSDT",)
    assert around(Stage().begin()).unmarked == ()
    stage.tell(buy())
    answer = stage.answer()
    assert answer.code == "P12"
    assert "ETHUSDT" in answer.text
    assert "equity" not in answer.text
