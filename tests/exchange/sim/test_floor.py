import pytest
from sim_stage import ASK, BID, BTC, BUY, SELL, Stage

from botcore_tui.exchange.sim.floor import closing_side
from botcore_tui.exchange.sim.margin import Exposure
from botcore_tui.exchange.sim.money import ATOMS
from botcore_tui.exchange.sim.orders import OrderType, Ticket
from botcore_tui.exchange.sim.refusals import RefusalError


def test_an_unknown_symbol_is_refused() -> None:
    with pytest.raises(RefusalError) as refusal:
        Stage().venue.floor.market("NOPE")
    assert refusal.value.code == -1121


def test_exposure_counts_resting_orders_that_are_not_exits() -> None:
    stage = Stage()
    floor, contract = stage.venue.floor, stage.market.contract
    stage.at_market(BUY, 10)
    stage.limit(BUY, 5, BID - 1)
    stage.limit(SELL, 4, ASK + 1, client_id="b")
    stage.limit(SELL, 4, ASK + 1, client_id="c", reduce_only=True)
    wanted = Exposure(contract.notional(BID - 1, 5), contract.notional(ASK + 1, 4))
    assert floor.exposure(BTC) == wanted
    assert floor.exposures() == {BTC: wanted}
    assert floor.exposure("ETHUSDT") == Exposure()


def test_fees_are_those_of_maker_and_taker() -> None:
    stage = Stage()
    stage.at_market(BUY, 1_000 // 100)
    taker = stage.user.fills[-1]
    stage.limit(SELL, 10, ASK + 4)
    stage.market.crowd_take(BUY, 10_000, ASK + 4)
    maker = stage.user.fills[-1]
    contract = stage.market.contract
    assert taker.fee == contract.notional(ASK, 10) * 5 // 10_000
    assert maker.fee == contract.notional(ASK + 4, 10) * 2 // 10_000
    assert maker.realized == contract.notional(4, 10)
    assert stage.wallet == 5_000 * ATOMS + maker.realized - taker.fee - maker.fee


def test_ids_are_the_same_for_the_same_seed() -> None:
    first, second = Stage(), Stage()
    ticket = Ticket(side=BUY, type=OrderType.LIMIT, lots=10, ticks=BID)
    orders = [stage.venue.desk.place(BTC, ticket) for stage in (first, second)]
    assert orders[0].client_id == orders[1].client_id
    assert orders[0].order_id == orders[1].order_id


def test_marks_are_those_of_all_markets() -> None:
    stage = Stage(symbols=2)
    assert set(stage.venue.floor.marks()) == {BTC, "ETHUSDT"}


def test_the_closing_side_is_opposite() -> None:
    assert (closing_side(1), closing_side(-1)) == (SELL, BUY)
