"""What the screen is told of the account."""

from decimal import Decimal

import pytest
from desk_stage import UP, Script, Stage, a_minute, buy
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import (
    NOW_MS,
    a_balance,
    a_picture,
    a_symbol_account,
    an_account_update,
    an_algo_report,
    an_income,
    an_order_report,
)
from recollection_builders import a_recollection

from botcore_tui.model.account import IncomeKind
from botcore_tui.model.ledger import RiskMemory
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderState, OrderType, Purpose, VenueStatus
from botcore_tui.model.trading import Cover, MoneyView

ETH = "ETHUSDT"


def test_account_that_told_nothing_yet_has_no_money_and_says_why_it_does_not_trade() -> None:
    stage = Stage()
    stage.tell(a_recollection(account="demo:1", run_id="k3"))
    view = stage.view()
    assert (view.account, view.run_id, view.money, view.strategy) == ("demo:1", "k3", None, "")
    assert view.trouble.startswith("the user stream is down")


def the_day(stage: Stage) -> MoneyView:
    """Money on the screen, which A01 and the risk pane agree with."""
    view = stage.view()
    assert view.money is not None
    assert view.risk is not None
    gauge = next(each for each in view.risk.gauges if each.code == "A01")
    start, profit = view.money.day_start_equity, view.money.day_pnl
    assert start == view.risk.day_start_equity == gauge.base
    assert gauge.used_amount == (None if profit is None else max(-profit, Decimal(0)))
    assert view.money.day_pnl_pct == (
        None if profit is None or start is None else pytest.approx(float(profit / start * 100))
    )
    return view.money


@pytest.mark.requirement("A01")
def test_the_day_is_one_number_whatever_money_comes_or_goes() -> None:
    stage = Stage().begin()
    stage.wait(250)
    stage.tell(buy("2"))
    stage.move("98")
    lost = the_day(stage)
    assert [lost.day_start_equity, lost.day_pnl] == [10_000, -4]
    stage.tell(
        an_account_update(
            reason="DEPOSIT", change="50", balances=(a_balance(wallet="10050"),), time_ms=NOW_MS + 1
        )
    )
    moved = the_day(stage)
    assert [moved.equity, moved.day_start_equity, moved.day_pnl] == [10_046, 10_050, -4]
    assert moved.day_pnl_pct == pytest.approx(-0.0398, abs=0.0001)
    stage.desk.state.breakers.anchors.rebase("day", moved.equity, "ann", "known")
    stage.wait(250)
    anew = the_day(stage)
    assert [anew.day_start_equity, anew.day_pnl] == [10_046, 0]
    stage.move("99")
    assert the_day(stage).day_pnl == 2


@pytest.mark.requirement("A01")
def test_transfer_that_is_learned_late_moves_the_day_of_every_screen() -> None:
    stage = Stage().begin()
    stage.wait(250)
    wallet = a_balance(wallet="10050", time_ms=NOW_MS + 300)
    stage.tell(a_picture(balance=wallet))
    assert the_day(stage).day_pnl == 0  # nobody knows yet whose it is: it is no profit
    late = an_income(kind=IncomeKind.TRANSFER, amount="50", transaction_id=1, time_ms=NOW_MS + 200)
    stage.tell(a_picture(balance=wallet, income=(late,)))
    assert [the_day(stage).day_start_equity, the_day(stage).day_pnl] == [10_050, 0]


def test_day_without_a_start_has_no_profit() -> None:
    stage = Stage()
    stage.tell(replace(a_recollection(), risk=RiskMemory(was_active_today=True)))
    stage.tell(UP)
    stage.wait(250)
    money = the_day(stage)
    assert (money.day_start_equity, money.day_pnl, money.day_pnl_pct) == (None, None, None)


def test_position_is_told_with_its_risk_and_its_distance_to_liquidation() -> None:
    stage = Stage().begin()
    stage.tell(buy("2", target="120", trail="2"))
    stage.move("102")
    holding = stage.desk.state.portfolio.holding(SYMBOL)
    assert holding is not None
    holding.liquidation_price = Decimal(51)
    position = stage.position()
    assert [position.notional, position.unrealized, position.unrealized_pct] == [204, 4, 2.0]
    assert [position.liquidation_price, position.liquidation_pct] == [51, 50.0]
    assert [position.cover, position.stop_price, position.risk] == [Cover.VERIFIED, 95, 14]
    assert [position.target_price, position.trail_pct] == [120, 2]


def test_position_without_a_mark_says_only_what_is_known() -> None:
    stage = Stage()
    stage.tell(a_recollection())
    stage.tell(a_picture(symbols=[a_symbol_account(symbol=ETH, quantity="-1", entry_price="0")]))
    position = stage.position(ETH)
    assert (position.mark, position.notional, position.unrealized) == (None, None, None)
    assert (position.unrealized_pct, position.liquidation_pct, position.risk) == (None, None, None)
    assert (position.cover, position.stop_price) == (Cover.NAKED, None)


def test_profit_in_percent_needs_an_entry_price() -> None:
    stage = Stage().begin()
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "1"))
    holding = stage.desk.state.portfolio.holding(SYMBOL)
    assert holding is not None
    holding.entry_price = Decimal(0)
    assert [stage.position().unrealized, stage.position().unrealized_pct] == [100, None]


def test_orders_are_told_open_ones_first_then_those_of_others_then_ended_ones() -> None:
    stage = Stage().begin()
    stage.venue.answers.extend(["ok", "mute"])
    stage.tell(buy(quantity="1"))
    stage.wait(1_000)
    stage.tell(buy(price="98", stop="95"))
    stage.tell(
        an_order_report(client_order_id="web-1", price="90"),
        an_order_report(client_order_id="web-2", price="0", order_id=12, time_ms=0),
        an_algo_report(client_order_id="web-3", trigger_price="80", time_ms=NOW_MS + 7),
    )
    orders = stage.view().orders
    assert [(one.client_order_id, one.purpose) for one in orders] == [
        ("bc-r1-3-e", Purpose.ENTRY),
        ("bc-r1-2-s", Purpose.STOP),
        ("web-1", None),
        ("web-2", None),
        ("web-3", None),
        ("bc-r1-1-e", Purpose.ENTRY),
    ]
    entry, stop, one, two, three, ended = orders
    assert [entry.price, entry.state, entry.is_algo] == [98, OrderState.OPEN, False]
    assert [stop.quantity, stop.trigger_price, stop.is_algo] == [0, 95, True]
    assert [ended.state, ended.filled_quantity] == [OrderState.FILLED, 1]
    assert [one.price, one.is_algo, one.created_ms] == [90, False, NOW_MS]
    assert (two.price, two.created_ms) == (None, stage.time_ms)
    assert [three.trigger_price, three.is_algo, three.changed_ms] == [80, True, NOW_MS + 7]
    assert three.type == OrderType.STOP_MARKET
    assert stage.view().foreign_orders == 3


def test_stop_that_only_its_reply_showed_is_not_told_as_verified() -> None:
    stage = Stage().begin()
    stage.venue.answers.extend(["ok", "mute"])
    stage.tell(buy())
    views = {one.purpose: one for one in stage.view().orders}
    assert (views[Purpose.STOP].is_verified, views[Purpose.ENTRY].is_verified) == (False, True)


def test_asked_for_cancellation_is_told_until_the_order_has_ended() -> None:
    stage = Stage().begin()
    stage.tell(buy(price="98"))
    stage.is_performing = False
    stage.desk.state.register.cancel("bc-r1-1-e", NOW_MS)
    assert stage.view().orders[0].is_cancel_requested
    stage.tell(an_order_report(order_id=1, status=VenueStatus.CANCELED))
    assert not stage.view().orders[0].is_cancel_requested


def test_strategy_is_told_with_its_newest_reason_or_its_trouble() -> None:
    script = Script("1")
    stage = Stage(strategy=script).begin()
    assert stage.view().strategy == "script: waits"
    stage.tell(a_minute(0))
    stage.wait(250)
    assert stage.view().strategy == f"script: {SYMBOL} at 1, told 1"
    script.error = ValueError("no")
    stage.tell(a_minute(1))
    stage.wait(250)
    assert stage.view().strategy == "script: script failed: ValueError: no"
