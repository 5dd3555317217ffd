"""The account and its money as the venue's replies show them.

Source: Binance USD-M futures REST, pages of account (2026-05), and the models of its SDK 18.0.1.
"""

from collections.abc import Mapping
from typing import Final

from botcore_tui.exchange.sim.account import Account, Income, Position
from botcore_tui.exchange.sim.contracts import Contract
from botcore_tui.exchange.sim.margin import Totals
from botcore_tui.exchange.sim.money import money_text
from botcore_tui.exchange.sim.order_views import View
from botcore_tui.exchange.sim.position_views import (
    ASSET,
    Statement,
    account_row_v2,
    account_row_v3,
)
from botcore_tui.exchange.sim.settings_desk import MarginMove

_ALIAS: Final = "SgsR"


def balance(statement: Statement) -> list[View]:
    """``GET balance``, v2 and v3."""
    sums = statement.totals()
    return [
        {
            "accountAlias": _ALIAS,
            "asset": ASSET,
            "balance": money_text(sums.wallet),
            "crossWalletBalance": money_text(sums.cross_wallet),
            "crossUnPnl": money_text(sums.cross_unrealized),
            "availableBalance": money_text(sums.available),
            "maxWithdrawAmount": money_text(sums.max_withdraw),
            "marginAvailable": True,
            "updateTime": statement.account.updated_ms,
        }
    ]


def account_v3(statement: Statement) -> View:
    """``GET /fapi/v3/account``: positions that are held or have orders."""
    sums = statement.totals()
    view = _sums(sums)
    view["assets"] = [_asset(statement, sums)]
    view["positions"] = [account_row_v3(statement, held) for held in statement.shown()]
    return view


def account_v2(statement: Statement, contracts: Mapping[str, Contract], *, fee_burn: bool) -> View:
    """``GET /fapi/v2/account``: positions of all contracts, flat ones as well."""
    account = statement.account
    sums = statement.totals()
    asset = _asset(statement, sums)
    asset["marginAvailable"] = True
    view: View = {
        "feeTier": 0,
        "feeBurn": fee_burn,
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": True,
        "updateTime": 0,
        "multiAssetsMargin": account.multi_assets,
        "tradeGroupId": -1,
    }
    view.update(_sums(sums))
    view["assets"] = [asset]
    view["positions"] = [account_row_v2(statement, held) for held in _all(account, contracts)]
    return view


def account_config(account: Account) -> View:
    """``GET accountConfig``."""
    return {
        "feeTier": 0,
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": True,
        "dualSidePosition": account.is_dual,
        "updateTime": 0,
        "multiAssetsMargin": account.multi_assets,
        "tradeGroupId": -1,
    }


def _sums(sums: Totals) -> View:
    return {
        "totalInitialMargin": money_text(sums.initial),
        "totalMaintMargin": money_text(sums.maintenance),
        "totalWalletBalance": money_text(sums.wallet),
        "totalUnrealizedProfit": money_text(sums.unrealized),
        "totalMarginBalance": money_text(sums.margin_balance),
        "totalPositionInitialMargin": money_text(sums.position_initial),
        "totalOpenOrderInitialMargin": money_text(sums.order_initial),
        "totalCrossWalletBalance": money_text(sums.cross_wallet),
        "totalCrossUnPnl": money_text(sums.cross_unrealized),
        "availableBalance": money_text(sums.available),
        "maxWithdrawAmount": money_text(sums.max_withdraw),
    }


def _asset(statement: Statement, sums: Totals) -> View:
    return {
        "asset": ASSET,
        "walletBalance": money_text(sums.wallet),
        "unrealizedProfit": money_text(sums.unrealized),
        "marginBalance": money_text(sums.margin_balance),
        "maintMargin": money_text(sums.maintenance),
        "initialMargin": money_text(sums.initial),
        "positionInitialMargin": money_text(sums.position_initial),
        "openOrderInitialMargin": money_text(sums.order_initial),
        "crossWalletBalance": money_text(sums.cross_wallet),
        "crossUnPnl": money_text(sums.cross_unrealized),
        "availableBalance": money_text(sums.available),
        "maxWithdrawAmount": money_text(sums.max_withdraw),
        "updateTime": statement.account.updated_ms,
    }


def _all(account: Account, contracts: Mapping[str, Contract]) -> list[Position]:
    # Reading must not leave traces: a position that was never touched is made up, not kept.
    return [
        account.positions.get(symbol) or Position(contract=contract)
        for symbol, contract in contracts.items()
    ]


def income(item: Income) -> View:
    """A row of ``GET income``."""
    return {
        "symbol": item.symbol,
        "incomeType": item.kind,
        "income": money_text(item.amount),
        "asset": ASSET,
        "info": item.info,
        "time": item.time_ms,
        "tranId": item.tran_id,
        "tradeId": item.trade_id,
    }


def margin_move(item: MarginMove) -> View:
    """A row of ``GET positionMargin/history``."""
    return {
        "symbol": item.symbol,
        "type": 1 if item.is_added else 2,
        "deltaType": "USER_ADJUST",
        "amount": money_text(item.amount),
        "asset": ASSET,
        "time": item.time_ms,
        "positionSide": "BOTH",
    }
