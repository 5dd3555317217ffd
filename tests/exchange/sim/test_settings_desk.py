from collections.abc import Callable

import pytest
from sim_stage import ASK, BID, BTC, BUY, SELL, Stage

from botcore_tui.exchange.sim.money import ATOMS
from botcore_tui.exchange.sim.orders import OrderType
from botcore_tui.exchange.sim.refusals import RefusalError


def refused(attempt: Callable[[], object]) -> int:
    with pytest.raises(RefusalError) as refusal:
        attempt()
    return refusal.value.code


def _isolated(lots: int = 100) -> Stage:
    stage = Stage()
    stage.venue.settings.set_margin_type(BTC, is_isolated=True)
    stage.at_market(BUY, lots)
    return stage


def test_leverage_is_set_and_told() -> None:
    stage = Stage()
    settings = stage.venue.settings
    assert settings.set_leverage(BTC, 125) == 1_000_000
    assert settings.set_leverage(BTC, 1) == 1_000_000_000
    assert stage.venue.floor.account.positions[BTC].leverage == 1
    assert settings.set_leverage(BTC, 1) == 1_000_000_000
    assert stage.user.news == [f"leverage {BTC} 125", f"leverage {BTC} 1"]


def test_leverage_that_is_not_offered_is_refused() -> None:
    settings = Stage().venue.settings
    assert refused(lambda: settings.set_leverage(BTC, 0)) == -4028
    assert refused(lambda: settings.set_leverage(BTC, 126)) == -4028
    assert refused(lambda: settings.set_leverage("DOGEUSDT", 5)) == -1121


def test_leverage_too_high_for_the_position_is_refused() -> None:
    stage = Stage(balance=10**7, lots=100_000)
    stage.at_market(BUY, 20_000)
    assert refused(lambda: stage.venue.settings.set_leverage(BTC, 125)) == -2027


def test_leverage_too_low_for_the_balance_is_refused() -> None:
    stage = Stage(balance=500)
    stage.at_market(BUY, 100)
    assert refused(lambda: stage.venue.settings.set_leverage(BTC, 5)) == -2028
    assert stage.venue.settings.set_leverage(BTC, 19)


def test_leverage_of_an_isolated_position_is_not_lowered() -> None:
    stage = _isolated()
    assert refused(lambda: stage.venue.settings.set_leverage(BTC, 10)) == -4161
    assert stage.venue.settings.set_leverage(BTC, 30)


def test_margin_type_changes_only_where_nothing_is_open() -> None:
    stage = Stage()
    settings = stage.venue.settings
    assert refused(lambda: settings.set_margin_type(BTC, is_isolated=False)) == -4046
    order = stage.limit(BUY, 10, BID)
    assert refused(lambda: settings.set_margin_type(BTC, is_isolated=True)) == -4047
    stage.venue.desk.cancel(order)
    algo = stage.algo(OrderType.STOP_MARKET, SELL, lots=5, trigger=BID - 9)
    assert refused(lambda: settings.set_margin_type(BTC, is_isolated=True)) == -4047
    stage.venue.algo_desk.cancel(algo)
    stage.at_market(BUY, 10)
    assert refused(lambda: settings.set_margin_type(BTC, is_isolated=True)) == -4048
    stage.at_market(SELL, 10)
    settings.set_margin_type(BTC, is_isolated=True)
    assert stage.user.news[-1] == f"account MARGIN_TYPE_CHANGE {BTC} False 0"


def test_hedge_mode_is_never_a_wrong_success() -> None:
    stage = Stage()
    settings = stage.venue.settings
    assert refused(lambda: settings.set_dual(is_dual=False)) == -4059
    assert refused(lambda: settings.set_dual(is_dual=True)) == -4084
    order = stage.limit(BUY, 10, BID)
    assert refused(lambda: settings.set_dual(is_dual=True)) == -4067
    stage.venue.desk.cancel(order)
    stage.at_market(BUY, 10)
    assert refused(lambda: settings.set_dual(is_dual=True)) == -4068


def test_multi_assets_mode_is_never_a_wrong_success() -> None:
    settings = Stage().venue.settings
    assert refused(lambda: settings.set_multi_assets(is_on=False)) == -4171
    assert refused(lambda: settings.set_multi_assets(is_on=True)) == -4084


def test_margin_moves_into_an_isolated_position_and_out_again() -> None:
    stage = _isolated()
    settings, account = stage.venue.settings, stage.venue.floor.account
    before = account.positions[BTC].isolated_wallet
    settings.move_margin(BTC, 100 * ATOMS, is_added=True)
    assert account.positions[BTC].isolated_wallet == before + 100 * ATOMS
    assert stage.user.news[-1] == f"account MARGIN_TRANSFER {BTC} True {-100 * ATOMS}"
    settings.move_margin(BTC, 99 * ATOMS, is_added=False)
    assert account.positions[BTC].isolated_wallet == before + ATOMS
    assert [move.is_added for move in settings.margin_moves] == [True, False]


def test_margin_that_is_not_there_does_not_move() -> None:
    stage = _isolated()
    move = stage.venue.settings.move_margin
    assert refused(lambda: move(BTC, 0, is_added=True)) == -4055
    assert refused(lambda: move(BTC, 10**6 * ATOMS, is_added=True)) == -4050
    assert refused(lambda: move(BTC, 100 * ATOMS, is_added=False)) == -4051
    stage.at_market(SELL, 100)
    assert refused(lambda: move(BTC, ATOMS, is_added=True)) == -4054
    assert refused(lambda: Stage().venue.settings.move_margin(BTC, 1, is_added=True)) == -4049
    assert ASK > BID
