import pytest
from sim_stage import BID, BTC, BUY, Stage

from botcore_tui.exchange.sim.fault_catalogue import CATALOGUE
from botcore_tui.exchange.sim.money import ATOMS
from botcore_tui.exchange.sim.orders import OrderType


@pytest.mark.requirement("F09")
@pytest.mark.parametrize(
    ("spec", "prefix", "left"),
    [
        ("liquidation", "autoclose-", 0),
        ("adl", "adl_autoclose", 5),
        ("adl=percent:100", "adl_autoclose", 0),
        ("manual-close", "web_", 0),
    ],
)
def test_others_close_a_position(spec: str, prefix: str, left: int) -> None:
    stage = Stage()
    stage.at_market(BUY, 10)
    assert stage.act(spec) == ""
    assert stage.held == left
    assert stage.user.fills[-1].order.client_id.startswith(prefix)
    floor = stage.venue.floor
    assert floor.house.imbalance([floor.account]) == 0


@pytest.mark.parametrize("spec", ["liquidation", "adl", "manual-close"])
def test_without_a_position_there_is_nothing_to_close(spec: str) -> None:
    stage = Stage()
    assert stage.act(spec) == f"{spec} of {BTC}: ReduceOnly Order is rejected. (-2022)"


@pytest.mark.requirement("F10")
def test_foreign_orders_and_positions_appear() -> None:
    stage = Stage()
    assert stage.act("foreign-order") == ""
    assert stage.act("foreign-order=side:SELL") == ""
    orders = stage.venue.floor.orders.open(BTC)
    assert [order.client_id[:4] for order in orders] == ["web_", "web_"]
    assert orders[0].ticks == BID - BID // 100
    assert stage.act("foreign-position=symbol:BTCUSDT") == ""
    assert stage.held == 9
    assert stage.act("foreign-order=notional:9000000") != ""


@pytest.mark.requirement("F20")
def test_a_second_instance_uses_the_same_prefix() -> None:
    stage = Stage()
    assert stage.act("second-instance") == ""
    assert stage.venue.floor.orders.open(BTC)[0].client_id.startswith("twin-")
    stage.limit(BUY, 10, BID, client_id="bot7f3a1-000001")
    stage.act("second-instance")
    assert stage.venue.floor.orders.open(BTC)[-1].client_id.startswith("bot7f3a1-")


def test_settings_change_as_if_in_the_app() -> None:
    stage = Stage()
    assert stage.act("leverage-changed=leverage:50") == ""
    assert stage.act("margin-type-changed") == ""
    held = stage.venue.floor.account.positions[BTC]
    assert (held.leverage, held.is_isolated) == (50, True)
    assert stage.act("margin-type-changed") != ""


@pytest.mark.requirement("F15")
def test_money_moves_in_and_out() -> None:
    stage = Stage()
    assert stage.act("transfer=amount:250.5") == ""
    assert stage.wallet == 5_250 * ATOMS + ATOMS // 2
    assert stage.act("transfer=amount:-50.5") == ""
    assert stage.wallet == 5_200 * ATOMS
    assert [line.split()[1] for line in stage.user.news] == ["DEPOSIT", "WITHDRAW"]


@pytest.mark.requirement("F19")
def test_filters_coarsen_and_the_book_goes_on() -> None:
    stage = Stage()
    order = stage.limit(BUY, 3, BID)
    assert stage.act("filters-changed=min_notional:500") == ""
    terms = stage.market.contract
    assert (terms.tick_multiple, terms.step_multiple, terms.min_notional) == (10, 10, 500)
    assert stage.act("filters-changed") == ""
    assert stage.market.contract.min_notional == 500
    assert order.is_open
    assert stage.act("foreign-position") == ""
    assert stage.held % 100 == 0


def test_a_contract_settles() -> None:
    stage = Stage()
    order = stage.limit(BUY, 10, BID)
    algo = stage.algo(OrderType.STOP_MARKET, BUY, lots=5, trigger=BID + 100)
    assert stage.act("symbol-settling") == ""
    assert order.is_open
    assert stage.act("symbol-settling=status:CLOSE") == ""
    assert stage.market.contract.status == "CLOSE"
    assert stage.user.orders()[-2:] == ["a EXPIRED EXPIRED 0/10 er=7", "algo s CANCELED"]
    assert not algo.is_open


def test_every_act_of_the_catalogue_on_the_account_is_performed_here() -> None:
    acts = {kind.name for kind in CATALOGUE if kind.is_act}
    assert Stage().venue.acts.names <= acts
