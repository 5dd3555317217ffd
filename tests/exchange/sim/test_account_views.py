from sim_stage import BTC, BUY, Stage

from botcore_tui.exchange.sim.account import Income
from botcore_tui.exchange.sim.account_views import (
    account_config,
    account_v2,
    account_v3,
    balance,
    income,
    margin_move,
)
from botcore_tui.exchange.sim.settings_desk import MarginMove


def test_the_balance_is_one_asset() -> None:
    stage = Stage()
    (row,) = balance(stage.statement())
    assert row == {
        "accountAlias": "SgsR",
        "asset": "USDT",
        "balance": "5000.00000000",
        "crossWalletBalance": "5000.00000000",
        "crossUnPnl": "0.00000000",
        "availableBalance": "5000.00000000",
        "maxWithdrawAmount": "5000.00000000",
        "marginAvailable": True,
        "updateTime": stage.agenda.now_ms,
    }


def test_a_touched_asset_has_a_time() -> None:
    # ccxt skips assets whose time is 0 (ccxt#27997).
    stage = Stage()
    assets = account_v3(stage.statement())["assets"]
    assert isinstance(assets, list)
    assert assets[0]["updateTime"] == stage.agenda.now_ms


def test_the_account_adds_up_over_assets_and_positions() -> None:
    stage = Stage()
    stage.at_market(BUY, 100)
    view = account_v3(stage.statement())
    assets, positions = view["assets"], view["positions"]
    assert isinstance(assets, list)
    assert isinstance(positions, list)
    assert assets[0]["walletBalance"] == view["totalWalletBalance"]
    assert positions[0]["initialMargin"] == view["totalInitialMargin"]
    assert positions[0]["maintMargin"] == view["totalMaintMargin"]


def test_the_old_account_says_what_it_may_do() -> None:
    stage = Stage()
    contracts = {BTC: stage.market.contract}
    view = account_v2(stage.statement(), contracts, fee_burn=True)
    assert (view["canTrade"], view["feeBurn"], view["tradeGroupId"]) == (True, True, -1)
    assert view["positions"] == [
        {
            "symbol": BTC,
            "initialMargin": "0.00000000",
            "maintMargin": "0.00000000",
            "unrealizedProfit": "0.00000000",
            "positionInitialMargin": "0.00000000",
            "openOrderInitialMargin": "0.00000000",
            "leverage": "20",
            "isolated": False,
            "entryPrice": "0.0",
            "breakEvenPrice": "0.0",
            "maxNotional": "200000000",
            "bidNotional": "0.00000000",
            "askNotional": "0.00000000",
            "positionSide": "BOTH",
            "positionAmt": "0.000",
            "updateTime": 0,
            "notional": "0.00000000",
            "isolatedWallet": "0.00000000",
        }
    ]


def test_modes_are_those_of_the_account() -> None:
    account = Stage().venue.floor.account
    account.is_dual = account.multi_assets = True
    view = account_config(account)
    assert (view["dualSidePosition"], view["multiAssetsMargin"]) == (True, True)


def test_income_is_signed_money() -> None:
    item = Income(
        kind="COMMISSION", symbol=BTC, amount=-1, time_ms=5, tran_id=7, trade_id="9", info="x"
    )
    assert income(item) == {
        "symbol": BTC,
        "incomeType": "COMMISSION",
        "income": "-0.00000001",
        "asset": "USDT",
        "info": "x",
        "time": 5,
        "tranId": 7,
        "tradeId": "9",
    }


def test_moved_margin_has_a_kind() -> None:
    for is_added, kind in ((True, 1), (False, 2)):
        view = margin_move(MarginMove(BTC, 150_000_000, is_added, 5))
        assert (view["type"], view["amount"], view["deltaType"]) == (
            kind,
            "1.50000000",
            "USER_ADJUST",
        )
