"""Positions are the sum of unique executions on top of what the venue confirmed."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from order_builders import (
    NOW_MS,
    a_balance,
    a_fill,
    a_position_report,
    a_symbol_account,
    an_account_update,
)
from order_stage import appended, audits
from recollection_builders import a_position_row, a_recollection, an_open_position

from botcore_tui.core.portfolio import Portfolio
from botcore_tui.model.event import Effect, Record
from botcore_tui.model.ledger import EquityRow, FundingRow, PositionRow, TransferRow
from botcore_tui.model.market import Side

BTC = "BTCUSDT"
DAY_MS = 86_400_000
MIDNIGHT_MS = NOW_MS - NOW_MS % DAY_MS + DAY_MS
"""The next one."""


def a_portfolio(*, wallet: str | None = "1000", quantity: str = "0") -> Portfolio:
    portfolio = Portfolio()
    held = [an_open_position(a_position_row(quantity=quantity))]
    portfolio.restore(a_recollection(positions=held if quantity != "0" else ()))
    if wallet is not None:
        portfolio.update(an_account_update(balances=(a_balance(wallet=wallet),)))
    return portfolio


def positions(effects: Sequence[Effect]) -> list[tuple[Decimal, Decimal]]:
    """Quantity and realized profit of each row."""
    rows = [row for row in appended(effects) if isinstance(row, PositionRow)]
    return [(row.quantity, row.realized_pnl) for row in rows]


def records(effects: Sequence[Effect]) -> list[str]:
    return [effect.code for effect in effects if isinstance(effect, Record)]


# --- executions ------------------------------------------------------------------------------


def test_first_fill_opens_a_position() -> None:
    portfolio = a_portfolio()
    assert portfolio.holding(BTC) is None
    effects = portfolio.fill(a_fill(quantity="2"), reason="signal")
    (row,) = appended(effects)
    assert isinstance(row, PositionRow)
    assert (row.quantity, row.entry_price, row.fees, row.reason) == (
        Decimal(2),
        Decimal(100),
        Decimal("0.04"),
        "signal",
    )
    holding = portfolio.holding(BTC)
    assert holding is not None
    assert holding.opened_ms == NOW_MS
    assert portfolio.holdings() == [holding]
    assert portfolio.quantity(BTC) == 2


def test_closing_fill_books_the_venues_profit_and_leaves_it_flat() -> None:
    portfolio = a_portfolio(quantity="1")
    effects = portfolio.fill(a_fill(side=Side.SELL, price="110", realized_pnl="9.999"))
    assert positions(effects) == [(Decimal(0), Decimal("9.999"))]
    assert records(effects) == []
    assert portfolio.holdings() == []
    assert portfolio.realized_today == portfolio.realized_run == Decimal("9.999")
    assert portfolio.fees_today == portfolio.fees_run == Decimal("0.04")


def test_fill_through_zero_ends_one_position_and_begins_another() -> None:
    portfolio = a_portfolio(quantity="1")
    fill = a_fill(side=Side.SELL, quantity="3", price="110", realized_pnl="10", fee="0.03")
    assert positions(portfolio.fill(fill)) == [(Decimal(0), Decimal(10)), (Decimal(-2), Decimal(0))]
    holding = portfolio.holding(BTC)
    assert holding is not None
    assert (holding.entry_price, holding.fees, holding.realized) == (
        Decimal(110),
        Decimal("0.02"),
        Decimal(0),
    )


def test_partial_close_keeps_the_entry_price() -> None:
    portfolio = a_portfolio(quantity="3")
    fill = a_fill(side=Side.SELL, price="90", realized_pnl="-10")
    assert positions(portfolio.fill(fill)) == [(Decimal(2), Decimal(-10))]


def test_profit_that_cannot_be_explained_is_told_and_booked() -> None:
    portfolio = a_portfolio(quantity="1")
    effects = portfolio.fill(a_fill(side=Side.SELL, price="110", realized_pnl="5"))
    assert records(effects) == ["position.realized"]
    assert portfolio.realized_run == 5


def test_fee_in_another_asset_is_told_and_in_no_sum() -> None:
    portfolio = a_portfolio()
    effects = portfolio.fill(a_fill(fee_asset="BNB", fee="0.001"))
    assert records(effects) == ["position.fee_asset"]
    assert portfolio.fees_run == 0
    assert portfolio.fill(a_fill(2, fee_asset="", fee="0"))
    assert portfolio.fees_run == 0


def test_fill_of_yesterday_counts_for_the_run_only() -> None:
    portfolio = a_portfolio()
    portfolio.fill(a_fill(time_ms=NOW_MS - DAY_MS, realized_pnl="1"))
    assert (portfolio.realized_today, portfolio.fees_today) == (Decimal(0), Decimal(0))
    assert (portfolio.realized_run, portfolio.fees_run) == (Decimal(1), Decimal("0.04"))


@given(
    st.lists(st.tuples(st.sampled_from(Side), st.integers(1, 5), st.integers(90, 110)), max_size=20)
)
def test_profit_and_position_are_those_of_the_executions(
    trades: list[tuple[Side, int, int]],
) -> None:
    portfolio = a_portfolio()
    cash = Decimal(0)
    for trade_id, (side, quantity, price) in enumerate(trades, start=1):
        held = portfolio.holding(BTC)
        entry = Decimal(0) if held is None else held.entry_price
        before = portfolio.quantity(BTC)
        change = quantity if side is Side.BUY else -quantity
        cash -= change * Decimal(price)
        closed = min(abs(before), Decimal(quantity)) if before * change < 0 else Decimal(0)
        profit = closed * (price - entry) * (1 if before > 0 else -1)
        fill = a_fill(
            trade_id,
            side=side,
            quantity=str(quantity),
            price=str(price),
            realized_pnl=str(profit),
        )
        assert records(portfolio.fill(fill)) == []
        assert portfolio.quantity(BTC) == before + change
    mark = Decimal(100)
    held = portfolio.holding(BTC)
    unrealized = Decimal(0) if held is None else portfolio.unrealized(held, mark)
    total = portfolio.realized_run + unrealized
    assert abs(total - (cash + portfolio.quantity(BTC) * mark)) < Decimal("1e-18")


# --- adoption --------------------------------------------------------------------------------


def test_position_that_the_venue_confirms_stays_ours() -> None:
    portfolio = a_portfolio(quantity="1")
    account = a_symbol_account(
        quantity="1", entry_price="100.01", liquidation_price="50", last_trade_id=9
    )
    assert portfolio.adopt(account, newer=Decimal(0)) == ([], False)
    holding = portfolio.holding(BTC)
    assert holding is not None
    assert (holding.tag, holding.confirmed_ms) == ("", NOW_MS)
    assert (holding.entry_price, holding.liquidation_price) == (Decimal("100.01"), Decimal(50))


def test_newer_fills_are_on_top_of_the_venues_position() -> None:
    portfolio = a_portfolio(quantity="3")
    account = a_symbol_account(quantity="1", entry_price="90")
    assert portfolio.adopt(account, newer=Decimal(2)) == ([], False)
    holding = portfolio.holding(BTC)
    assert holding is not None
    assert holding.entry_price == 100


@pytest.mark.requirement("F09")
@pytest.mark.requirement("A10")
def test_position_that_differs_is_adopted_and_told_row_by_row() -> None:
    portfolio = a_portfolio(quantity="1")
    account = a_symbol_account(quantity="3", entry_price="95", last_trade_id=4)
    effects, differed = portfolio.adopt(account, newer=Decimal(-1))
    assert differed
    row = appended(effects)[0]
    assert isinstance(row, PositionRow)
    assert (row.quantity, row.entry_price, row.tag) == (Decimal(2), Decimal(95), "adopted")
    assert row.reason == (
        "BTCUSDT: position was 1, the venue says 2, difference 1; the venue's is adopted"
    )
    assert audits(effects) == ["position.adopted"]
    assert portfolio.quantity(BTC) == 2


def test_position_that_nobody_knew_of_begins_with_nothing_earned() -> None:
    portfolio = a_portfolio()
    portfolio.adopt(a_symbol_account(quantity="-3", entry_price="95"), newer=Decimal(0))
    holding = portfolio.holding(BTC)
    assert holding is not None
    assert (holding.quantity, holding.tag, holding.opened_ms) == (-Decimal(3), "adopted", NOW_MS)


def test_position_that_turned_is_another_one() -> None:
    portfolio = a_portfolio()
    portfolio.fill(a_fill())
    portfolio.adopt(a_symbol_account(quantity="-3", entry_price="95"), newer=Decimal(0))
    holding = portfolio.holding(BTC)
    assert holding is not None
    assert (holding.quantity, holding.fees) == (-Decimal(3), Decimal(0))


def test_position_that_is_gone_is_flat() -> None:
    portfolio = a_portfolio(quantity="1")
    effects, differed = portfolio.adopt(a_symbol_account(time_ms=0), newer=Decimal(0))
    assert differed
    assert positions(effects) == [(Decimal(0), Decimal(0))]
    assert portfolio.holdings() == []


@pytest.mark.requirement("F03")
def test_fill_that_the_adopted_position_has_in_it_moves_money_only() -> None:
    portfolio = a_portfolio()
    portfolio.adopt(
        a_symbol_account(quantity="1", entry_price="100", last_trade_id=7), newer=Decimal(0)
    )
    assert positions(portfolio.fill(a_fill(7))) == [(Decimal(1), Decimal(0))]
    holding = portfolio.holding(BTC)
    assert holding is not None
    assert (holding.quantity, holding.fees) == (Decimal(1), Decimal("0.04"))
    assert portfolio.fees_run == Decimal("0.04")
    assert portfolio.fill(a_fill(6, time_ms=NOW_MS - 1)) == []  # of one before it
    assert holding.fees == Decimal("0.04")
    portfolio.adopt(a_symbol_account(quantity="1", last_trade_id=5), newer=Decimal(0))
    assert positions(portfolio.fill(a_fill(8))) == [(Decimal(2), Decimal(0))]


# --- what the stream tells -------------------------------------------------------------------


def test_wallet_is_what_the_venue_told_last() -> None:
    portfolio = a_portfolio(wallet=None)
    assert (portfolio.wallet, portfolio.available) == (None, None)
    newest = a_balance(wallet="7", available="5", time_ms=NOW_MS + 5)
    other = a_balance(asset="BNB", wallet="9", time_ms=NOW_MS + 9)
    portfolio.update(an_account_update(balances=(newest, other)))
    portfolio.update(an_account_update(balances=(a_balance(wallet="6"),)))
    assert (portfolio.wallet, portfolio.available, portfolio.wallet_ms) == (
        Decimal(7),
        Decimal(5),
        NOW_MS + 5,
    )
    undated = a_balance(wallet="8", time_ms=0)
    portfolio.update(an_account_update(balances=(undated,), time_ms=NOW_MS + 6))
    assert (portfolio.wallet, portfolio.available) == (Decimal(8), Decimal(5))


def test_funding_is_booked_once_with_its_position() -> None:
    portfolio = a_portfolio(quantity="1")
    update = an_account_update(
        reason="FUNDING_FEE", change="-0.5", symbol=BTC, balances=(a_balance(),)
    )
    funding, position = appended(portfolio.update(update))
    assert isinstance(funding, FundingRow)
    assert (funding.symbol, funding.asset, funding.amount) == (BTC, "USDT", Decimal("-0.5"))
    assert isinstance(position, PositionRow)
    assert position.funding == Decimal("-0.5")
    assert portfolio.update(update) == []
    assert portfolio.funding_today == portfolio.funding_run == Decimal("-0.5")


def test_funding_without_a_symbol_belongs_to_the_only_position() -> None:
    portfolio = a_portfolio(quantity="1")
    portfolio.update(an_account_update(reason="FUNDING_FEE", change="-1"))
    assert [holding.funding for holding in portfolio.holdings()] == [-1]
    portfolio.fill(a_fill(symbol="OTHER"))
    update = an_account_update(reason="FUNDING_FEE", change="-2", time_ms=NOW_MS - DAY_MS)
    assert len(portfolio.update(update)) == 1
    assert (portfolio.funding_today, portfolio.funding_run) == (-Decimal(1), Decimal(-3))


@pytest.mark.requirement("F15")
@pytest.mark.parametrize("reason", ["DEPOSIT", "WITHDRAW", "ASSET_TRANSFER", "COIN_SWAP_DEPOSIT"])
def test_money_that_comes_or_goes_is_a_transfer_and_no_profit(reason: str) -> None:
    portfolio = a_portfolio()
    update = an_account_update(reason=reason, change="-50")
    assert appended(portfolio.update(update)) == [
        TransferRow(asset="USDT", amount=Decimal(-50), reason=reason, time_ms=NOW_MS)
    ]
    assert portfolio.booked_transfers == [(Decimal(-50), NOW_MS)]
    assert portfolio.realized_today == 0


def test_transfer_of_another_asset_moves_no_base() -> None:
    portfolio = a_portfolio()
    other = an_account_update(reason="DEPOSIT", change="50", balances=(a_balance(asset="BNB"),))
    assert len(portfolio.update(other)) == 1
    assert portfolio.booked_transfers == []


@pytest.mark.parametrize(("word", "amount"), [("INSURANCE_CLEAR", "-50"), ("API_REBATE", "3")])
def test_what_the_venue_charges_or_gives_by_itself_is_a_cost_and_no_capital(
    word: str, amount: str
) -> None:
    portfolio = a_portfolio()
    update = an_account_update(reason=word, change=amount)
    assert appended(portfolio.update(update)) == [
        TransferRow(asset="USDT", amount=Decimal(amount), reason=word, time_ms=NOW_MS)
    ]
    assert portfolio.booked_transfers == []
    assert portfolio.fees_run == portfolio.fees_today == -Decimal(amount)


def test_entry_price_is_taken_over_where_the_position_is_the_same() -> None:
    portfolio = a_portfolio(quantity="1")
    same = a_position_report(quantity="1", entry_price="100.5", time_ms=NOW_MS + 1)
    other = a_position_report(quantity="2", entry_price="90")
    unknown = a_position_report(symbol="OTHER", quantity="2")
    update = an_account_update(reason="FUNDING_FEE", positions=(same, other, unknown))
    portfolio.update(update)
    holding = portfolio.holding(BTC)
    assert holding is not None
    assert (holding.entry_price, holding.confirmed_ms) == (Decimal("100.5"), NOW_MS + 1)
    assert portfolio.disagrees(update) == (BTC, "OTHER")
    portfolio.update(an_account_update(positions=(a_position_report(quantity="1"),)))
    assert holding.entry_price == Decimal("100.5")


# --- equity and time -------------------------------------------------------------------------


@pytest.mark.requirement("F15")
def test_equity_is_unknown_without_wallet_or_mark() -> None:
    marks = {BTC: Decimal(110)}
    assert a_portfolio(wallet=None).equity({}) is None
    portfolio = a_portfolio(quantity="-2")
    assert portfolio.equity({}) is None
    assert portfolio.equity(marks) == 980
    assert a_portfolio().equity({}) == 1000


def equities(effects: Sequence[Effect]) -> list[Decimal]:
    rows = [row for row in appended(effects) if isinstance(row, EquityRow)]
    return [row.wallet + row.unrealized for row in rows]


def test_equity_is_recorded_once_a_minute() -> None:
    portfolio = a_portfolio(quantity="1")
    marks = {BTC: Decimal(110)}
    assert equities(portfolio.on_time(NOW_MS, marks)) == [1010]
    assert portfolio.on_time(NOW_MS + 59_999, marks) == []
    assert equities(portfolio.on_time(NOW_MS + 60_000, marks)) == [1010]


def test_day_begins_at_midnight_with_its_first_valid_equity() -> None:
    portfolio = a_portfolio(quantity="1")
    marks = {BTC: Decimal(110)}
    portfolio.on_time(MIDNIGHT_MS - 1, marks)
    portfolio.fill(a_fill(realized_pnl="3"))
    portfolio.on_time(MIDNIGHT_MS, {})
    assert portfolio.day == MIDNIGHT_MS // DAY_MS
    assert (portfolio.realized_today, portfolio.fees_today) == (Decimal(0), Decimal(0))
    assert portfolio.realized_run == 3
    assert equities(portfolio.on_time(MIDNIGHT_MS + 250, marks)) == [1020]


def test_restart_keeps_the_sums_of_the_day() -> None:
    portfolio = Portfolio()
    portfolio.restore(
        a_recollection(
            realized_today="1",
            fees_today="2",
            funding_today="3",
            positions=(
                an_open_position(),
                an_open_position(a_position_row(symbol="F", quantity="0")),
            ),
        )
    )
    assert [holding.symbol for holding in portfolio.holdings()] == [BTC]
    portfolio.update(an_account_update(balances=(a_balance(),)))
    portfolio.on_time(NOW_MS + 1, {BTC: Decimal(100)})
    today = (portfolio.realized_today, portfolio.fees_today, portfolio.funding_today)
    assert today == (Decimal(1), Decimal(2), Decimal(3))
    assert portfolio.realized_run == 0
    portfolio.restore(a_recollection())
    assert (portfolio.holdings(), portfolio.wallet) == ([], None)


def test_first_time_that_is_told_begins_no_new_day() -> None:
    portfolio = Portfolio()
    portfolio.fill(a_fill(realized_pnl="3"))
    portfolio.on_time(NOW_MS, {})
    assert portfolio.day == NOW_MS // DAY_MS
    assert portfolio.realized_today == 3
