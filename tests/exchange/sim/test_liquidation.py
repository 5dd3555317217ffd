import pytest
from msgspec.structs import replace
from sim_stage import ASK, BID, BTC, BUY, SELL, Stage

from botcore_tui.exchange.sim.margin import liquidation_price
from botcore_tui.exchange.sim.money import ATOMS
from botcore_tui.exchange.sim.orders import OrderType, Status, Ticket
from botcore_tui.model.market import Side


def _is_sound(stage: Stage) -> bool:
    floor = stage.venue.floor
    return floor.house.imbalance([floor.account]) == 0


def _liquidation_ticks(stage: Stage) -> int:
    floor = stage.venue.floor
    price = liquidation_price(floor.account, BTC, floor.marks())
    return price // stage.market.contract.price_atoms


def _quote(stage: Stage, ticks: int) -> None:
    """Let the crowd stand around a price."""
    book = stage.market.book
    for side in (BUY, SELL):
        for level, _ in book.top(side, 50):
            book.crowd_set(side, level, 0)
    for step in range(1, 4):
        book.crowd_set(BUY, ticks - step, 1_000)
        book.crowd_set(SELL, ticks + step, 1_000)


def test_a_crossed_position_is_closed_where_its_margin_ends() -> None:
    stage = Stage(balance=600)
    stage.at_market(BUY, 100)
    order = stage.limit(SELL, 2, ASK + 100)
    ticks = _liquidation_ticks(stage)
    _quote(stage, ticks + 2)
    stage.mark(ticks + 2)
    assert stage.held == 100
    assert stage.user.news[-1] == f"margin call {BTC}"
    _quote(stage, ticks - 1)
    stage.mark(ticks - 1)
    assert stage.held == 0
    assert order.status is Status.EXPIRED
    assert "a EXPIRED EXPIRED 0/2 er=5" in stage.user.news
    closing = stage.user.fills[-1].order
    assert closing.client_id == f"autoclose-{stage.agenda.now_ms}"
    assert f"{closing.client_id} CALCULATED FILLED 100/100" in stage.user.news
    assert stage.wallet >= 0
    assert _is_sound(stage)


def test_the_closing_order_meets_none_of_ones_own_orders() -> None:
    # Both sides of such a trade would have one number, and money is told apart by it.
    stage = Stage(balance=600)
    stage.at_market(BUY, 100)
    bid = stage.limit(BUY, 2, ASK - 1)
    floor = stage.venue.floor
    assert stage.act("liquidation") == ""
    assert bid.status is Status.EXPIRED
    assert bid.executed == 0
    assert stage.held == 0
    numbers = [fill.trade_id for fill in floor.account.fills]
    assert len(numbers) == len(set(numbers))


def test_a_liquidation_is_published_with_what_it_made() -> None:
    stage = Stage(balance=600)
    stage.at_market(SELL, 100)
    ticks = _liquidation_ticks(stage) + 2
    _quote(stage, ticks)
    stage.mark(ticks)
    assert stage.held == 0
    income = stage.venue.floor.account.incomes[-1]
    assert stage.user.news[-1] == f"account INSURANCE_CLEAR {BTC} True {income.amount}"
    assert income.kind == "INSURANCE_CLEAR"


def test_a_margin_call_comes_once_a_minute() -> None:
    stage = Stage(balance=600)
    stage.at_market(BUY, 100)
    ticks = _liquidation_ticks(stage) + 30
    _quote(stage, ticks)
    for _ in range(3):
        stage.mark(ticks)
    assert stage.user.news.count(f"margin call {BTC}") == 1
    stage.agenda.advance(stage.agenda.now_ms + 61_000)
    assert stage.user.news.count(f"margin call {BTC}") == 2


def test_the_insurance_fund_bears_what_the_wallet_does_not() -> None:
    stage = Stage(balance=600)
    stage.at_market(BUY, 100)
    ticks = BID * 85 // 100
    _quote(stage, ticks)
    stage.mark(ticks)
    assert (stage.held, stage.wallet) == (0, 0)
    assert stage.venue.floor.house.insurance < 0
    assert _is_sound(stage)


def test_what_nobody_takes_the_insurance_fund_takes_at_bankruptcy() -> None:
    stage = Stage(balance=600)
    stage.at_market(BUY, 100)
    for level, _ in stage.market.book.top(BUY, 50):
        stage.market.book.crowd_set(BUY, level, 0)
    stage.mark(_liquidation_ticks(stage) - 1)
    assert stage.held == 0
    assert 0 <= stage.wallet < ATOMS
    assert _is_sound(stage)
    # It has taken over at bankruptcy what is still worth the mark, and what was left of the margin.
    order = stage.user.fills[-1].order
    gain = order.contract.worth(stage.market.mark, 100) - order.quote
    assert 0 < stage.venue.floor.house.insurance == gain + _cleared(stage)


def _cleared(stage: Stage) -> int:
    incomes = stage.venue.floor.account.incomes
    return -sum(income.amount for income in incomes if income.kind == "INSURANCE_CLEAR")


def test_an_isolated_position_loses_no_more_than_its_own_margin() -> None:
    stage = Stage(balance=5_000)
    stage.venue.settings.set_margin_type(BTC, is_isolated=True)
    stage.at_market(BUY, 100)
    order = stage.limit(SELL, 2, ASK + 500)
    isolated = stage.venue.floor.account.positions[BTC].isolated_wallet
    before = stage.wallet
    ticks = BID * 90 // 100
    _quote(stage, ticks)
    stage.mark(ticks)
    assert stage.held == 0
    assert order.status is Status.EXPIRED
    assert stage.wallet == before - isolated
    assert _is_sound(stage)


def test_an_isolated_position_with_margin_is_left_alone() -> None:
    stage = Stage()
    stage.venue.settings.set_margin_type(BTC, is_isolated=True)
    stage.at_market(BUY, 10)
    stage.mark(BID * 97 // 100)
    assert stage.held == 10


def _two_positions(ether_ticks: int) -> tuple[Stage, int]:
    stage = Stage(balance=700, symbols=2)
    stage.at_market(BUY, 100)
    ether = Ticket(side=BUY, type=OrderType.MARKET, lots=400)
    stage.venue.desk.work(stage.markets["ETHUSDT"], ether)
    stage.mark(ether_ticks, "ETHUSDT")
    return stage, _liquidation_ticks(stage) - 3


def test_crossed_positions_answer_for_each_other() -> None:
    stage, ticks = _two_positions(263_451)
    order = stage.limit(SELL, 2, ASK + 100)
    _quote(stage, ticks)
    stage.mark(ticks)
    assert not order.is_open
    assert (stage.held, stage.venue.floor.held("ETHUSDT")) == (0, 0)
    assert stage.wallet == 0
    assert _is_sound(stage)


def test_only_as_much_is_closed_as_is_needed() -> None:
    stage, ticks = _two_positions(363_451)
    stage.market.contract = replace(stage.market.contract, liquidation_fee=0)
    _quote(stage, ticks)
    stage.mark(ticks)
    assert (stage.held, stage.venue.floor.held("ETHUSDT")) == (0, 400)
    assert _is_sound(stage)


def test_auto_deleveraging_closes_at_the_mark_and_is_not_published() -> None:
    stage = Stage()
    stage.at_market(BUY, 10)
    stage.mark(BID + 700)
    assert stage.act("adl=percent:100") == ""
    fill = stage.user.fills[-1]
    assert (fill.ticks, fill.lots, stage.held) == (BID + 700, 10, 0)
    assert "adl_autoclose CALCULATED FILLED 10/10" in stage.user.news
    assert stage.market.last_ticks == ASK


def test_a_liquidation_that_leaves_exactly_nothing_moves_no_money() -> None:
    stage = Stage()
    stage.at_market(BUY, 10)
    stage.market.contract = replace(stage.market.contract, liquidation_fee=0)
    assert stage.act("liquidation") == ""
    assert not any("INSURANCE" in line for line in stage.user.news)


def test_the_insurance_fund_waits_until_all_crossed_positions_are_closed() -> None:
    stage, ticks = _two_positions(263_451)
    _quote(stage, ticks - 60_000)
    stage.mark(ticks - 60_000)
    assert (stage.held, stage.venue.floor.held("ETHUSDT"), stage.wallet) == (0, 0, 0)
    cleared = [line for line in stage.user.news if "INSURANCE" in line]
    paid = stage.venue.floor.account.incomes[-1].amount
    assert cleared == [f"account INSURANCE_CLEAR ETHUSDT True {paid}"]
    assert _is_sound(stage)


def test_orders_of_an_isolated_position_outlive_the_crossed_ones() -> None:
    stage = Stage(balance=700, symbols=2)
    stage.venue.settings.set_margin_type("ETHUSDT", is_isolated=True)
    ether = Ticket(side=BUY, type=OrderType.LIMIT, lots=100, ticks=263_000)
    order = stage.venue.desk.place("ETHUSDT", ether)
    stage.at_market(BUY, 100)
    ticks = _liquidation_ticks(stage) - 3
    _quote(stage, ticks)
    stage.mark(ticks)
    assert stage.held == 0
    assert order.is_open


def test_a_debt_without_a_position_is_paid_by_the_insurance_fund() -> None:
    stage = Stage(balance=100)
    stage.at_market(BUY, 30)
    stage.market.book.crowd_set(BUY, BID - 40_000, 1_000)
    for step in range(5):
        stage.market.book.crowd_set(BUY, BID - step, 0)
    # Within a second, before anybody looks at its margin.
    exit_order = Ticket(side=SELL, type=OrderType.LIMIT, lots=30, ticks=BID - 40_000)
    stage.venue.desk.work(stage.market, exit_order)
    debt = -stage.wallet
    assert (stage.held, debt > 0) == (0, True)
    stage.mark(BID)
    assert stage.wallet == 0
    assert stage.user.news[-1] == f"account INSURANCE_CLEAR  True {debt}"
    assert _is_sound(stage)


def test_an_isolated_position_is_warned_of_as_well() -> None:
    stage = Stage()
    stage.venue.settings.set_margin_type(BTC, is_isolated=True)
    stage.at_market(BUY, 100)
    ticks = _liquidation_ticks(stage) + 20
    for _ in range(3):
        stage.mark(ticks)
    assert stage.held == 100
    assert stage.user.news.count(f"margin call {BTC}") == 1
    stage.agenda.advance(stage.agenda.now_ms + 61_000)
    assert stage.user.news.count(f"margin call {BTC}") == 2


@pytest.mark.parametrize("side", [BUY, SELL])
def test_the_venues_orders_have_prices_that_a_market_can_have(side: Side) -> None:
    stage = Stage()
    stage.at_market(side, 20)
    assert stage.act("adl") == stage.act("liquidation") == ""
    deleveraged, liquidated = [fill.order for fill in stage.user.fills[-2:]]
    assert deleveraged.ticks == BID
    assert liquidated.ticks == (BID * 95 // 100 + 1 if side is BUY else BID * 105 // 100)


def test_what_is_beyond_the_bound_is_left_to_the_insurance_fund() -> None:
    stage = Stage(balance=600)
    stage.at_market(BUY, 100)
    for level, _ in stage.market.book.top(BUY, 50):
        stage.market.book.crowd_set(BUY, level, 0)
    stage.market.book.crowd_set(BUY, BID // 2, 1_000)
    stage.mark(_liquidation_ticks(stage) - 1)
    assert stage.held == 0
    assert 0 <= stage.wallet < ATOMS
    assert _is_sound(stage)
