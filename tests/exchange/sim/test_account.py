"""Accounts: every atom comes from somewhere and goes somewhere."""

import pytest
from builders import NOW_MS
from hypothesis import given
from hypothesis import strategies as st
from ledgers import BTC, a_fill, a_funded_account

from botcore_tui.exchange.sim.account import Account, House, Income, Position
from botcore_tui.exchange.sim.money import atoms
from botcore_tui.model.market import Side

BUY, SELL = Side.BUY, Side.SELL
SIDES = st.sampled_from([BUY, SELL])


# --- positions ----------------------------------------------------------------------------------


def test_opening_takes_only_the_fee() -> None:
    account, _ = a_funded_account()
    realized = account.fill(BTC, BUY, 500_000, 100, atoms("2.5"))
    held = account.positions["BTCUSDT"]
    assert realized == 0
    assert (held.lots, held.cost, held.entry) == (100, atoms("5000"), atoms("50000"))
    assert account.wallet == atoms("4997.5")


def test_adding_averages_the_entry_price() -> None:
    account, _ = a_funded_account()
    account.fill(BTC, BUY, 500_000, 100, 0)
    account.fill(BTC, BUY, 530_000, 50, 0)
    assert account.positions["BTCUSDT"].entry == atoms("51000")


def test_reducing_realizes_and_keeps_the_entry_price() -> None:
    account, _ = a_funded_account()
    account.fill(BTC, SELL, 500_000, 100, 0)
    assert account.fill(BTC, BUY, 490_000, 40, 0) == atoms("40")
    held = account.positions["BTCUSDT"]
    assert (held.lots, held.entry) == (-60, atoms("50000"))
    assert account.wallet == atoms("5040")


def test_flip_realizes_the_old_position_and_opens_the_rest() -> None:
    account, _ = a_funded_account()
    account.fill(BTC, BUY, 500_000, 100, 0)
    assert account.fill(BTC, SELL, 510_000, 150, 0) == atoms("100")
    held = account.positions["BTCUSDT"]
    assert (held.lots, held.cost, held.entry) == (-50, -atoms("2550"), atoms("51000"))


def test_closing_leaves_nothing_behind() -> None:
    account, _ = a_funded_account()
    account.fill(BTC, BUY, 500_000, 100, 7)
    account.fill(BTC, SELL, 500_000, 100, 7)
    held = account.positions["BTCUSDT"]
    assert (held.lots, held.cost, held.entry, held.paid) == (0, 0, 0, 0)


def test_unrealized_profit_is_worth_at_the_mark_less_cost() -> None:
    held = Position(contract=BTC, lots=-100, cost=-atoms("5000"))
    assert held.worth(atoms("49000.5")) == -atoms("4900.05")
    assert held.unrealized(atoms("49000.5")) == atoms("99.95")


def test_crossed_positions_are_held_and_have_no_margin_of_their_own() -> None:
    account, _ = a_funded_account()
    held = account.position(BTC)
    assert account.crossed == []
    account.fill(BTC, BUY, 500_000, 100, 0)
    assert account.crossed == [held]
    held.is_isolated = True
    assert account.crossed == []


def test_a_position_asked_for_is_flat_with_the_venues_defaults() -> None:
    account = Account(name="user")
    held = account.position(BTC)
    assert (held.lots, held.leverage, held.is_isolated) == (0, 20, False)
    assert account.position(BTC) is held


@given(
    trades=st.lists(
        st.tuples(SIDES, st.integers(1, 10**6), st.integers(1, 10**5)), min_size=1, max_size=12
    ),
    exit_ticks=st.integers(1, 10**6),
)
def test_profit_of_a_closed_round_trip_is_its_cash_flow(
    trades: list[tuple[Side, int, int]], exit_ticks: int
) -> None:
    account = Account(name="user")
    cash = realized = 0
    held = account.position(BTC)

    def trade(side: Side, ticks: int, lots: int) -> None:
        nonlocal cash, realized
        cash += BTC.notional(ticks, lots if side is SELL else -lots)
        realized += account.fill(BTC, side, ticks, lots, 0)

    for side, ticks, lots in trades:
        trade(side, ticks, lots)
        # What the rest cost is what was paid for it, less what has been realized.
        assert held.cost == realized - cash
        assert (held.cost > 0) is (held.lots > 0)
    if held.lots:
        trade(SELL if held.lots > 0 else BUY, exit_ticks, abs(held.lots))
    assert held.cost == 0
    assert realized == cash == account.wallet


# --- isolated margin ----------------------------------------------------------------------------


def an_isolated_long(lots: int = 100, leverage: int = 10) -> tuple[Account, Position]:
    account, _ = a_funded_account()
    held = account.position(BTC)
    held.is_isolated, held.leverage = True, leverage
    account.fill(BTC, BUY, 500_000, lots, atoms("2"))
    return account, held


def test_opening_isolated_sets_margin_aside_and_takes_the_fee_from_the_cross_wallet() -> None:
    account, held = an_isolated_long()
    assert held.isolated_wallet == atoms("500")
    assert account.wallet == atoms("4998")
    assert account.cross_wallet == atoms("4498")


def test_closing_part_of_an_isolated_position_gives_back_its_share_of_the_margin() -> None:
    account, held = an_isolated_long()
    account.fill(BTC, SELL, 480_000, 25, 0)
    assert held.isolated_wallet == atoms("375")
    assert account.wallet == atoms("4998") - atoms("50")
    assert account.cross_wallet == atoms("4498") + atoms("125") - atoms("50")


def test_closing_an_isolated_position_gives_back_all() -> None:
    account, held = an_isolated_long()
    account.move_margin("BTCUSDT", atoms("33.3"))
    assert held.isolated_wallet == atoms("533.3")
    account.fill(BTC, SELL, 500_000, 100, 0)
    assert held.isolated_wallet == 0
    assert account.cross_wallet == account.wallet == atoms("4998")


def test_flip_of_an_isolated_position_sets_aside_margin_of_the_rest_only() -> None:
    account, held = an_isolated_long()
    account.fill(BTC, SELL, 500_000, 130, 0)
    assert held.isolated_wallet == atoms("150")


# --- house --------------------------------------------------------------------------------------


def test_settled_fill_has_its_profit_and_incomes_under_one_transaction() -> None:
    account, house = a_funded_account()
    house.settle(account, a_fill(BUY))
    fill = house.settle(account, a_fill(SELL, fee=40, ticks=499_000))
    assert fill.realized == -atoms("10")
    assert account.fills[-1] is fill
    profit, commission = account.incomes[1:]
    assert (profit.kind, profit.amount, profit.trade_id) == ("REALIZED_PNL", -atoms("10"), "77")
    assert (commission.kind, commission.amount, commission.info) == (
        "COMMISSION",
        -40,
        "COMMISSION",
    )
    assert profit.tran_id == commission.tran_id
    assert account.updated_ms == account.positions["BTCUSDT"].updated_ms == NOW_MS + 5


def test_settling_gives_the_crowd_the_opposite_and_the_house_the_fee() -> None:
    account, house = a_funded_account()
    house.settle(account, a_fill(SELL, fee=40))
    mine, theirs = account.positions["BTCUSDT"], house.crowd.positions["BTCUSDT"]
    assert (theirs.lots, theirs.cost) == (-mine.lots, -mine.cost) == (100, atoms("5000"))
    assert (house.fees, house.crowd.wallet, house.crowd.fills) == (40, 0, [])
    assert house.imbalance([account]) == 0


def test_fill_without_profit_or_fee_makes_no_income() -> None:
    account, house = a_funded_account()
    house.settle(account, a_fill())
    assert [income.kind for income in account.incomes] == ["TRANSFER"]


@pytest.mark.parametrize(
    ("side", "rate", "got"),
    [(BUY, 10_000, "-0.5"), (SELL, 10_000, "0.5"), (BUY, -10_000, "0.5"), (SELL, -10_000, "-0.5")],
)
def test_longs_pay_shorts_while_the_funding_rate_is_positive(
    side: Side, rate: int, got: str
) -> None:
    account, house = a_funded_account()
    house.settle(account, a_fill(side))
    amount = house.fund(account, BTC, atoms("50000"), rate, NOW_MS + 9)
    assert amount == atoms(got)
    assert account.wallet == atoms("5000") + amount
    assert house.crowd.wallet == -amount
    assert account.incomes[-1] == Income(
        kind="FUNDING_FEE",
        symbol="BTCUSDT",
        amount=amount,
        time_ms=NOW_MS + 9,
        tran_id=account.transactions,
        info="FUNDING_FEE",
    )


def test_funding_of_an_isolated_position_comes_from_its_margin() -> None:
    account, held = an_isolated_long()
    House().fund(account, BTC, atoms("50000"), 10_000, NOW_MS)
    assert held.isolated_wallet == atoms("499.5")
    assert held.updated_ms == NOW_MS
    assert account.cross_wallet == atoms("4498")


def test_nobody_pays_funding_without_a_position_or_at_rate_zero() -> None:
    account, house = a_funded_account()
    assert house.fund(account, BTC, atoms("50000"), 10_000, NOW_MS) == 0
    account.position(BTC)
    assert house.fund(account, BTC, atoms("50000"), 10_000, NOW_MS) == 0
    account.fill(BTC, BUY, 500_000, 1, 0)
    assert house.fund(account, BTC, atoms("50000"), 0, NOW_MS) == 0
    assert len(account.incomes) == 1


def test_insurance_fund_covers_a_loss_and_takes_the_liquidation_fee() -> None:
    account, house = a_funded_account("10")
    house.clear(account, "BTCUSDT", -atoms("3"), NOW_MS)
    house.clear(account, "BTCUSDT", atoms("1"), NOW_MS)
    assert house.insurance == atoms("2")
    assert account.wallet == atoms("8")
    assert [income.kind for income in account.incomes[1:]] == ["INSURANCE_CLEAR"] * 2
    assert house.imbalance([account]) == 0


@given(
    side=SIDES,
    ticks=st.integers(1, 10**6),
    lots=st.integers(1, 10**5),
    mark=st.integers(1, 10**14),
)
def test_profit_of_one_side_is_the_loss_of_the_other(
    side: Side, ticks: int, lots: int, mark: int
) -> None:
    account, house = a_funded_account()
    house.settle(account, a_fill(side, ticks=ticks, lots=lots))
    mine, theirs = account.positions["BTCUSDT"], house.crowd.positions["BTCUSDT"]
    assert mine.unrealized(mark) + theirs.unrealized(mark) == 0
