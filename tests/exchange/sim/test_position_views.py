import pytest
from sim_stage import BID, BTC, BUY, SELL, Stage

from botcore_tui.exchange.sim.account import Position
from botcore_tui.exchange.sim.contracts import contract
from botcore_tui.exchange.sim.position_views import (
    adl_quantile,
    adl_row,
    price_text,
    risk_v2,
    risk_v3,
    symbol_config,
)
from botcore_tui.model.market import Side


def held(stage: Stage) -> Position:
    return stage.venue.floor.account.positions[BTC]


@pytest.mark.parametrize(
    ("atoms", "text"),
    [(0, "0.0"), (10**8, "1.0"), (6_165_970_000_000, "61659.7"), (1, "0.00000001")],
)
def test_prices_have_no_more_digits_than_they_need(atoms: int, text: str) -> None:
    assert price_text(atoms) == text


def test_a_crossed_position_has_no_margin_of_its_own() -> None:
    stage = Stage()
    stage.at_market(BUY, 100)
    stage.mark(BID + 1_000)
    view = risk_v3(stage.statement(), held(stage))
    assert (view["positionAmt"], view["entryPrice"]) == ("0.100", "61659.8")
    assert (view["markPrice"], view["unRealizedProfit"]) == ("61759.70000000", "9.99000000")
    assert (view["notional"], view["initialMargin"]) == ("6175.97000000", "308.79850000")
    assert (view["isolatedMargin"], view["isolatedWallet"]) == ("0.00000000", "0.00000000")
    assert view["openOrderInitialMargin"] == "0.00000000"


def test_an_isolated_position_has() -> None:
    stage = Stage()
    stage.venue.settings.set_margin_type(BTC, is_isolated=True)
    stage.at_market(SELL, 100)
    stage.mark(BID + 1_000)
    view = risk_v3(stage.statement(), held(stage))
    assert view["isolatedWallet"] == "308.29850000"
    assert view["isolatedMargin"] == "298.29850000"
    assert float(str(view["liquidationPrice"])) > 61_659
    assert (view["positionAmt"], view["notional"]) == ("-0.100", "-6175.97000000")
    old = risk_v2(stage.statement(), stage.market.contract)
    assert (old["marginType"], old["leverage"]) == ("isolated", "20")
    assert old["liquidationPrice"] == view["liquidationPrice"]


def test_orders_show_in_the_notionals() -> None:
    stage = Stage()
    stage.limit(BUY, 10, BID - 100)
    stage.venue.floor.account.position(stage.market.contract)
    (shown,) = stage.statement().shown()
    view = risk_v3(stage.statement(), shown)
    assert (view["bidNotional"], view["askNotional"]) == ("616.49700000", "0.00000000")
    assert view["openOrderInitialMargin"] == view["initialMargin"] == "30.82485000"


def test_the_old_view_shows_a_position_that_never_was() -> None:
    stage = Stage()
    view = risk_v2(stage.statement(), stage.market.contract)
    assert (view["positionAmt"], view["entryPrice"], view["liquidationPrice"]) == (
        "0.000",
        "0.0",
        "0",
    )
    assert (view["marginType"], view["maxNotionalValue"]) == ("cross", "200000000")
    assert stage.venue.floor.account.positions == {}


def test_settings_are_shown_with_what_they_allow() -> None:
    stage = Stage()
    assert symbol_config(stage.venue.floor.account, stage.market.contract) == {
        "symbol": BTC,
        "marginType": "CROSSED",
        "isAutoAddMargin": False,
        "leverage": 20,
        "maxNotionalValue": "200000000",
    }


@pytest.mark.parametrize(
    ("side", "mark", "quantile"),
    [
        (BUY, BID - 10, 1),
        (BUY, BID + 100, 1),
        (BUY, BID + 5_000, 2),
        (BUY, BID + 20_000, 3),
        (BUY, BID + 60_000, 4),
        (SELL, BID - 60_000, 4),
        (SELL, BID + 10, 1),
    ],
)
def test_profit_brings_a_position_nearer_to_deleveraging(
    side: Side, mark: int, quantile: int
) -> None:
    stage = Stage()
    stage.at_market(side, 10)
    stage.mark(mark)
    position = held(stage)
    assert adl_quantile(position, stage.market.mark) == quantile
    row = adl_row(position, stage.market.mark)["adlQuantile"]
    is_long = side is BUY
    assert row == {"LONG": quantile * is_long, "SHORT": quantile * (not is_long), "BOTH": quantile}


def test_without_a_position_there_is_nothing_to_deleverage() -> None:
    assert adl_quantile(Position(contract=contract(BTC)), 1) == 0
