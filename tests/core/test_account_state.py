"""What is known of the account, and why that may not be enough for new risk."""

from decimal import Decimal

import pytest
from desk_stage import DOWN, LIMITS, SICK, WELL, Script, Stage, a_mark_price, buy
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import (
    NOW_MS,
    a_balance,
    a_picture,
    a_request,
    a_symbol_account,
    an_order_report,
)
from recollection_builders import a_recollection
from risk_builders import a_memory
from risk_rows import a_phase

from botcore_tui.core.account_state import AccountState
from botcore_tui.core.phase import rules_of
from botcore_tui.model.account import ClockHealth
from botcore_tui.model.event import Tick, TradingState
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderType

ETH = "ETHUSDT"
BALANCE = a_balance(wallet="10000")
BUY = a_request(order_type=OrderType.MARKET)


def state_of(stage: Stage) -> AccountState:
    return stage.desk.state


def test_mark_of_the_account_counts_until_the_market_brings_one() -> None:
    stage = Stage()
    stage.tell(a_recollection())
    state = state_of(stage)
    assert (state.mark(SYMBOL), state.mark(ETH), state.mark_age_ms(SYMBOL)) == (None, None, None)
    account = a_symbol_account(quantity="1", entry_price="90")
    told = replace(account, position=replace(account.position, mark=Decimal(98)))
    stage.tell(a_picture(symbols=[told]))
    assert (state.mark(SYMBOL), state.mark_age_ms(SYMBOL)) == (Decimal(98), None)
    assert state.marks() == {SYMBOL: Decimal(98)}
    stage.tell(a_mark_price("101"), Tick(NOW_MS + 700))
    assert (state.mark(SYMBOL), state.mark_age_ms(SYMBOL)) == (Decimal(101), 700)


def test_position_without_a_mark_leaves_equity_and_exposure_unknown() -> None:
    stage = Stage().begin()
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "1", symbol=ETH))
    state = state_of(stage)
    assert (state.marks(), state.equity(), state.gross_notional()) == ({}, None, None)


def test_exposure_is_that_of_the_side_that_would_be_larger() -> None:
    stage = Stage().begin()
    stage.tell(buy("1"))
    assert state_of(stage).gross_notional() == 100
    stage.tell(buy("2", price="99", stop="95"))
    assert state_of(stage).gross_notional() == 300
    around = state_of(stage).surroundings(replace(BUY, side=Side.SELL))
    assert (around.opposing, around.exposed_symbols) == (Decimal(2), frozenset({SYMBOL}))
    assert state_of(stage).surroundings(BUY).opposing == 0


@pytest.mark.requirement("P10")
def test_each_trouble_has_its_word_and_the_first_is_told() -> None:
    stage = Stage()
    stage.tell(a_recollection())
    assert state_of(stage).trouble() == "the user stream is down: wait until it is back"
    stage.begin()
    state = state_of(stage)
    assert state.trouble(SYMBOL) == ""
    stage.tell(SICK)
    assert state.trouble() == "the ledger cannot be written (disk full): no new risk until it can"
    stage.tell(WELL, a_picture(reason="start", is_one_way=False, balance=BALANCE))
    assert state.trouble().startswith("the account is in hedge mode")
    stage.tell(a_picture(balance=BALANCE), DOWN)
    state.is_stream_up = True
    assert state.trouble() == "the account is not reconciled: wait"


@pytest.mark.requirement("P10")
def test_unknown_order_is_trouble_for_its_symbol_only() -> None:
    stage = Stage().begin()
    stage.venue.answers.append("sink")
    stage.tell(buy())
    state = state_of(stage)
    assert state.trouble(SYMBOL) == "order bc-r1-1-e is UNKNOWN: wait for evidence"
    assert state.trouble() == state.trouble(SYMBOL)
    assert state.trouble(ETH) == ""


@pytest.mark.requirement("F03")
def test_missing_fills_are_trouble_for_their_symbol() -> None:
    stage = Stage().begin()
    stage.is_performing = False
    stage.tell(buy("1", price="100"))
    stage.tell(an_order_report(filled_quantity="0.5"))
    state = state_of(stage)
    assert state.trouble(SYMBOL) == f"executions of {SYMBOL} are still being asked for: wait"
    assert (state.trouble(), state.trouble(ETH)) == ("", "")


def test_requests_are_remembered_for_a_second_and_the_screen_keeps_the_last_few() -> None:
    stage = Stage(strategy=Script()).begin()
    state = state_of(stage)
    for _ in range(20):
        stage.tell(buy("0.1"))
    assert (len(state.requests), len(state.answers)) == (1, 16)
    stage.wait(1_000)
    assert state.requests == []
    for _ in range(210):
        stage.tell(stage.venue.trade_by_hand(Side.BUY, "0.001"))
    assert len(state.fills) == 200
    assert state.fills[-1].quantity == Decimal("0.001")


# --- equity for the breakers --------------------------------------------------------------------


def told_at(mark: str | None) -> Stage:
    """Long 1 from 90 in a symbol of which no market frame comes; its account tells a mark."""
    stage = Stage()
    stage.is_performing = False
    stage.tell(a_recollection(), Tick(NOW_MS))
    account = a_symbol_account(quantity="1", entry_price="90")
    position = replace(account.position, mark=None if mark is None else Decimal(mark))
    stage.tell(a_picture(symbols=[replace(account, position=position)]))
    return stage


@pytest.mark.requirement("A05")
def test_mark_that_the_account_tells_values_a_position_for_half_a_minute() -> None:
    assert state_of(told_at(None)).reading() is None
    stage = told_at("98")
    stage.desk.state.is_stream_up = True
    reading = state_of(stage).reading()
    assert reading is not None
    assert reading.told == 1008
    stage.tell(Tick(NOW_MS + 30_000))
    assert state_of(stage).reading() is not None
    stage.tell(Tick(NOW_MS + 30_001))
    assert state_of(stage).reading() is None


@pytest.mark.requirement("A05")
def test_equity_is_as_old_as_the_mark_in_it() -> None:
    stage = told_at("98")
    stage.desk.state.is_stream_up = True
    stage.tell(Tick(NOW_MS + 20_000))
    risk = stage.desk.view(NOW_MS + 20_000).risk
    assert risk is not None
    assert (risk.equity, risk.equity_age_ms) == (Decimal(1008), 20_000)
    stage.tell(a_mark_price("97"), Tick(NOW_MS + 24_000))
    risk = stage.desk.view(NOW_MS + 24_500).risk
    assert risk is not None
    assert (risk.equity, risk.equity_age_ms) == (Decimal(1007), 4_500)


@pytest.mark.requirement("A05")
def test_mark_that_was_long_on_its_way_is_as_old_as_its_stamp() -> None:
    """A line that is too slow brings marks without a pause, and each of them is minutes old."""
    stage = Stage(limits=replace(LIMITS, skew_ms=3_000))
    stage.is_performing = False
    account = a_symbol_account(quantity="1", entry_price="90")
    position = replace(account.position, mark=Decimal(98))
    stage.tell(a_recollection(), Tick(NOW_MS + 40_000), a_mark_price("120"))
    state = state_of(stage)
    assert state.shown_mark(SYMBOL) == (Decimal(120), 40_000)
    assert state.surroundings(BUY).mark_skew_ms == 40_000
    stage.tell(a_picture(symbols=[replace(account, position=position)], balance=BALANCE))
    state.is_stream_up = True
    stage.tell(a_mark_price("121"))
    assert state.shown_mark(SYMBOL) == (Decimal(98), 0)
    reading = state.reading()
    assert reading is not None
    assert (reading.told, reading.mark_ms) == (Decimal(10_008), NOW_MS + 40_000)
    stage.tell(replace(a_mark_price("122"), time_ms=NOW_MS + 37_000))
    assert state.shown_mark(SYMBOL) == (Decimal(122), 0)


@pytest.mark.requirement("A05")
def test_exposed_account_that_nobody_tells_of_is_unknown() -> None:
    stage = told_at("98")
    stage.tell(Tick(NOW_MS + 30_001), a_mark_price("98"))
    assert state_of(stage).reading() is None
    flat = Stage()
    flat.is_performing = False
    flat.tell(a_recollection(), a_picture(), Tick(NOW_MS + 60_000))
    assert flat.desk.state.reading() is not None


@pytest.mark.requirement("F15")
def test_mark_that_is_no_number_makes_equity_unknown() -> None:
    assert state_of(told_at("NaN")).reading() is None


@pytest.mark.requirement("G1")
def test_limits_of_orders_follow_the_phase_at_once() -> None:
    row = a_phase("scale", "conservative", equity="10000")
    limits = replace(LIMITS, max_positions=9)
    stage = Stage(phase=rules_of("scale"), is_real_money=True, limits=limits)
    stage.tell(a_memory(phase=row))
    state = state_of(stage)
    before = state.limits.max_positions
    state.tenure.on_trip("A01", Decimal(9_400), NOW_MS)
    assert (before, state.limits.max_positions) == (3, 2)


def test_price_of_a_decision_is_the_mark_where_there_is_no_book() -> None:
    stage = Stage().begin()
    state = state_of(stage)
    stage.tell(a_mark_price("101"))
    market = state.market.by_symbol.pop(SYMBOL)
    assert state.mid(SYMBOL) is None
    state.market.by_symbol[SYMBOL] = market
    market.book.bids.load([])
    assert state.mid(SYMBOL) == 101


def test_price_of_a_decision_is_between_best_bid_and_ask() -> None:
    stage = Stage().begin()
    state = state_of(stage)
    book = state.market.by_symbol[SYMBOL].book
    book.bids.load([(100.0, 1.0)])
    book.asks.load([(102.0, 1.0)])
    assert state.mid(SYMBOL) == 101


@pytest.mark.parametrize("symbol", ["BTCUSDC", "ETHBTC"])
def test_contract_of_another_asset_takes_no_new_risk(symbol: str) -> None:
    """Its losses go to a wallet that no limit looks at."""
    state = Stage().begin().desk.state
    assert state.trouble(symbol).startswith(f"{symbol} does not settle in USDT")
    assert state.trouble("BTCUSDT_261225") == state.trouble() == ""


def test_mark_on_the_screen_is_the_newest_of_market_and_account_with_its_age() -> None:
    def account_tells(mark: str) -> None:
        account = a_symbol_account(quantity="1", entry_price="90")
        position = replace(account.position, mark=Decimal(mark))
        stage.tell(a_picture(symbols=[replace(account, position=position)]))

    stage = told_at("98")
    state = state_of(stage)
    assert state.shown_mark("OTHER") is None
    assert state.shown_mark(SYMBOL) == (Decimal(98), 0)
    stage.tell(a_mark_price("101"), Tick(NOW_MS + 700))
    assert state.shown_mark(SYMBOL) == (Decimal(101), 700)
    # The market falls silent; the account is asked, and tells another one.
    stage.tell(Tick(NOW_MS + 40_000))
    assert state.shown_mark(SYMBOL) == (Decimal(101), 40_000)
    account_tells("103")
    assert state.shown_mark(SYMBOL) == (Decimal(103), 0)


def _marked_on_a_clock_that_is_off(off_ms: int, *, line_ms: int = 100) -> Stage:
    """A minute with a position, on a machine whose clock is off; the line takes so long."""
    stage = Stage(limits=replace(LIMITS, skew_ms=3_000))
    stage.is_performing = False
    account = a_symbol_account(quantity="1", entry_price="90")
    begins = replace(a_recollection(), time_ms=NOW_MS + off_ms)
    stage.tell(begins, Tick(NOW_MS + off_ms))
    stage.tell(a_picture(symbols=[account], balance=BALANCE))
    state_of(stage).is_stream_up = True
    for true_ms in range(NOW_MS, NOW_MS + 60_000, 250):
        now_ms = true_ms + off_ms
        if (true_ms - NOW_MS) % 10_000 == 0:
            stage.tell(_health(-off_ms, now_ms))
        mark = replace(a_mark_price("100"), time_ms=true_ms - line_ms)
        stage.tell(Tick(now_ms), mark, Tick(now_ms))
    return stage


def _health(offset_ms: int, time_ms: int, *, has_stepped: bool = False) -> ClockHealth:
    return ClockHealth(
        offset_ms=offset_ms, uncertainty_ms=10, has_stepped=has_stepped, time_ms=time_ms
    )


@pytest.mark.requirement("A05")
@pytest.mark.parametrize("off_ms", [-60_000, -4_000, 0, 4_000, 10_000, 60_000])
def test_clock_that_is_off_takes_no_equity_away(off_ms: int) -> None:
    """Entries are denied (P09, P23); to be halted, and closed, for a clock helps nobody."""
    stage = _marked_on_a_clock_that_is_off(off_ms)
    state = state_of(stage)
    assert "A05" not in state.breakers.latched
    assert stage.trader.standing.state is TradingState.ACTIVE
    assert (state.reading() is None, state.shown_mark(SYMBOL)) == (False, (Decimal(100), 0))


@pytest.mark.requirement("A05")
@pytest.mark.parametrize("off_ms", [-60_000, 60_000])
def test_late_marks_are_late_whatever_the_clock_says(off_ms: int) -> None:
    stage = _marked_on_a_clock_that_is_off(off_ms, line_ms=40_000)
    assert "A05" in state_of(stage).breakers.latched
    assert state_of(stage).shown_mark(SYMBOL) == (Decimal(100), 40_000)


@pytest.mark.requirement("A05")
def test_clock_that_has_stepped_says_nothing_until_it_is_measured() -> None:
    """The machine may have slept: what waited meanwhile is old."""
    stage = _marked_on_a_clock_that_is_off(0)
    now_ms = NOW_MS + 360_000
    stage.tell(_health(-300_000, now_ms, has_stepped=True), Tick(now_ms))
    stage.tell(replace(a_mark_price("100"), time_ms=NOW_MS + 60_000))
    assert state_of(stage).shown_mark(SYMBOL) == (Decimal(100), 300_000)


@pytest.mark.requirement("A05")
@pytest.mark.parametrize("is_told_before", [True, False])
def test_standstill_beside_a_measurement_makes_no_late_mark_young(*, is_told_before: bool) -> None:
    """A machine slept right after its clock was compared, or before the next tick."""
    stage = _marked_on_a_clock_that_is_off(0)
    begun_ms, now_ms = NOW_MS + 60_000, NOW_MS + 360_000
    stage.tell(Tick(begun_ms), _health(0, begun_ms if is_told_before else now_ms))
    stage.tell(_health(-300_000, now_ms, has_stepped=True), Tick(now_ms))
    stage.tell(replace(a_mark_price("100"), time_ms=begun_ms))
    assert state_of(stage).shown_mark(SYMBOL) == (Decimal(100), 300_000)
    stage.tell(_health(0, now_ms), Tick(now_ms))
    stage.tell(replace(a_mark_price("100"), time_ms=now_ms - 100))
    assert state_of(stage).shown_mark(SYMBOL) == (Decimal(100), 0)


@pytest.mark.requirement("A05")
def test_clock_that_is_set_while_trading_is_followed() -> None:
    stage = _marked_on_a_clock_that_is_off(-60_000)
    for at_ms in range(NOW_MS + 60_000, NOW_MS + 61_000, 100):  # set right
        stage.tell(Tick(at_ms), _health(0, at_ms), Tick(at_ms))
    stage.tell(replace(a_mark_price("100"), time_ms=NOW_MS + 60_000))
    assert state_of(stage).shown_mark(SYMBOL) == (Decimal(100), 0)
    stage.tell(replace(a_mark_price("100"), time_ms=NOW_MS + 20_000))
    assert state_of(stage).shown_mark(SYMBOL) == (Decimal(100), 40_900)
