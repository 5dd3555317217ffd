"""Open orders are summed in one pass, just as the register tells them one by one."""

from decimal import Decimal

import pytest
from desk_stage import LIMITS, Stage, buy
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import a_request, a_stop_request, an_algo_report, an_order_report
from recollection_builders import an_intent

from botcore_tui.core.order_life import Order
from botcore_tui.core.working import Working
from botcore_tui.model.market import Side
from botcore_tui.model.order import AlgoReport, OrderReport, OrderRequest, OrderType, Purpose


def an_order(request: OrderRequest) -> Order:
    return Order(an_intent(request), time_ms=0)


def test_sums_are_those_of_the_register() -> None:
    stage = Stage().begin()
    stage.tell(buy("2"))
    stage.tell(buy("0.5", price="98"))
    stage.tell(buy("0.25", price="97"))
    state = stage.desk.state
    working = Working(state.register.unsorted())
    assert working.exposed(state.portfolio.holdings()) == {SYMBOL}
    assert state.working().exposed(state.portfolio.holdings()) == {SYMBOL}
    for side in Side:
        assert working.exposure(SYMBOL, side) == state.register.exposure(SYMBOL, side)
    found = working.gross([SYMBOL], state.portfolio.quantity, state.mark)
    assert found == state.gross_notional() == Decimal(275)


@pytest.mark.requirement("P05")
@pytest.mark.requirement("P17")
def test_book_and_conditional_orders_are_counted_apart() -> None:
    stop = Order(an_intent(a_stop_request()), time_ms=0)
    market = an_order(a_request(client_order_id="m", order_type=OrderType.MARKET))
    reducing = an_order(
        a_request(client_order_id="r", side=Side.SELL, purpose=Purpose.EXIT, price="104")
    )
    priceless = an_order(a_request(client_order_id="p", price=None))
    elsewhere = an_order(
        a_request(client_order_id="e", symbol="ETHUSDT", side=Side.SELL, price="9")
    )
    working = Working([stop, market, reducing, priceless, elsewhere])
    assert (working.conditional, working.in_book(SYMBOL), working.in_book("ETHUSDT")) == (1, 3, 1)
    assert working.prices(SYMBOL, Side.SELL) == (Decimal(104),)
    assert working.prices(SYMBOL, Side.BUY) == ()
    assert working.exposure(SYMBOL, Side.BUY) == 2
    assert working.exposure(SYMBOL, Side.SELL) == 0
    assert working.exposed([]) == {SYMBOL, "ETHUSDT"}


def test_worst_case_is_unknown_without_a_mark_and_that_of_the_larger_side() -> None:
    orders = [
        an_order(a_request(client_order_id="b", quantity="3")),
        an_order(a_request(client_order_id="s", side=Side.SELL, quantity="4")),
    ]
    orders[0].told_quantity = Decimal("0.5")
    orders[0].fills_quantity = Decimal(0)
    assert Working(orders).exposure(SYMBOL, Side.BUY) == 3  # it is in no position yet
    orders[0].fills_quantity = Decimal("0.5")
    assert Working(orders).exposure(SYMBOL, Side.BUY) == Decimal("2.5")
    orders[0].fills_quantity = Decimal(0)
    orders[0].told_quantity = Decimal(0)
    working = Working(orders)
    assert working.gross([SYMBOL], lambda _: Decimal(2), lambda _: None) is None
    assert working.gross([SYMBOL], lambda _: Decimal(2), lambda _: Decimal(100)) == 500
    assert working.gross([SYMBOL], lambda _: Decimal(-2), lambda _: Decimal(100)) == 600


def short_at(price: str, quantity: str = "1", name: str = "s") -> Order:
    return an_order(a_request(client_order_id=name, side=Side.SELL, price=price, quantity=quantity))


@pytest.mark.requirement("P12")
def test_what_rests_above_the_mark_counts_at_its_own_price() -> None:
    def gross(*orders: Order, held: str = "0") -> Decimal | None:
        return Working(orders).gross([SYMBOL], lambda _: Decimal(held), lambda _: Decimal(100))

    assert gross(short_at("110", "2")) == 220
    assert gross(short_at("110", "2"), short_at("120", name="t"), held="-3") == 640
    assert gross(short_at("90", "2")) == 200  # it executes at once, at the book's price
    amended = short_at("110", "2")
    amended.price, amended.quantity = Decimal(130), Decimal(4)
    amended.told_quantity = amended.fills_quantity = Decimal(1)
    assert gross(amended, held="-1") == 490


@pytest.mark.requirement("P12")
@pytest.mark.requirement("F10")
def test_order_of_others_counts_at_its_own_price_where_that_is_above_the_mark() -> None:
    sale = an_order_report(
        client_order_id="web_1", side=Side.SELL, quantity="3", filled_quantity="1", price="110"
    )
    raising = an_algo_report(
        client_order_id="web_2",
        side=Side.BUY,
        quantity="2",
        trigger_price="120",
        close_position=False,
    )

    def gross(*reports: OrderReport | AlgoReport) -> Decimal | None:
        return Working([], reports).gross([SYMBOL], lambda _: Decimal(0), lambda _: Decimal(100))

    assert gross(sale) == 220
    assert gross(raising) == gross(sale, raising) == 240


@pytest.mark.requirement("P12")
def test_no_falling_mark_makes_room_below_what_a_sale_above_it_will_be_worth() -> None:
    # Equity is 10,000, times 3. 290 sold at 102 are 29,580: nothing but 420 is left.
    limits = replace(LIMITS, risk_pct=Decimal(100), symbol_share_pct=Decimal(200))
    stage = Stage(limits=limits).begin()
    stage.tell(buy("290", side=Side.SELL, price="102", stop="103"))
    assert stage.answer().code == ""
    stage.move("90")
    stage.tell(buy("30", side=Side.SELL, stop="91"))
    assert (stage.answer().is_accepted, stage.answer().code) == (False, "P12")
    stage.wait(1_000)
    stage.tell(buy("4", side=Side.SELL, stop="91"))
    assert stage.answer().is_accepted


@pytest.mark.requirement("P11")
def test_no_falling_mark_makes_room_in_the_share_of_one_contract() -> None:
    # Equity is 10,000, times 3, of which half: 145 sold at 102 are 14,790, and 210 are left.
    limits = replace(LIMITS, risk_pct=Decimal(100), symbol_share_pct=Decimal(50))
    stage = Stage(limits=limits).begin()
    stage.tell(buy("145", side=Side.SELL, price="102", stop="103"))
    assert stage.answer().code == ""
    stage.move("90")
    stage.tell(buy("3", side=Side.SELL, stop="91"))
    assert (stage.answer().is_accepted, stage.answer().code) == (False, "P11")
    stage.wait(1_000)
    stage.tell(buy("2", side=Side.SELL, stop="91"))
    assert stage.answer().is_accepted
