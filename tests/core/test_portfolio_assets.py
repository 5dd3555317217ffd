"""Contracts that settle in another asset than that of the books."""

from decimal import Decimal

import pytest
from order_builders import NOW_MS, a_balance, a_fill, a_position_report, an_account_update
from recollection_builders import a_recollection

from botcore_tui.core.portfolio import Portfolio
from botcore_tui.model.market import Side

BTC = "BTCUSDT"


def a_portfolio() -> Portfolio:
    portfolio = Portfolio()
    portfolio.restore(a_recollection())
    portfolio.update(an_account_update(balances=(a_balance(wallet="1000"),)))
    return portfolio


@pytest.mark.parametrize(
    ("symbol", "loss"), [("BTCUSDC", 0), ("ETHBTC", 0), ("BTCUSDT_261225", 30), (BTC, 30)]
)
def test_profit_of_a_contract_moves_the_wallet_of_its_own_asset(symbol: str, loss: int) -> None:
    """Somebody closes a position in it: what that brought is in no wallet and sum of USDT."""
    portfolio = a_portfolio()
    later_ms = NOW_MS + 1_000
    portfolio.fill(a_fill(symbol=symbol, fee="0", time_ms=later_ms))
    portfolio.fill(
        a_fill(
            2,
            symbol=symbol,
            order_id=12,
            side=Side.SELL,
            price="70",
            fee="0",
            realized_pnl="-30",
            time_ms=later_ms + 1,
        )
    )
    assert portfolio.quantity(symbol) == 0
    assert portfolio.worth.settled_wallet() == portfolio.equity({}) == 1_000 - loss
    assert portfolio.realized_today == portfolio.realized_run == -loss


@pytest.mark.parametrize(("symbol", "equity"), [("BTCUSDC", 1_000), (BTC, 970)])
def test_position_in_another_asset_is_worth_nothing_in_this_one(symbol: str, equity: int) -> None:
    portfolio = a_portfolio()
    portfolio.fill(a_fill(symbol=symbol, fee="0", time_ms=NOW_MS + 1_000))
    assert portfolio.equity({symbol: Decimal(70)}) == equity
    assert portfolio.valued() == [symbol] * (symbol == BTC)
    # Nor where the stream told of the position before its fill.
    portfolio = a_portfolio()
    report = a_position_report(symbol=symbol, quantity="1", entry_price="100")
    portfolio.update(an_account_update(positions=[report]))
    assert portfolio.equity({symbol: Decimal(70)}) == equity


def test_funding_in_another_asset_is_recorded_and_in_no_sum() -> None:
    portfolio = a_portfolio()
    balances = (a_balance(asset="USDC", wallet="9"),)
    update = an_account_update(reason="FUNDING_FEE", change="-1", balances=balances)
    assert len(portfolio.update(update)) == 1
    assert portfolio.funding_today == portfolio.funding_run == 0
