"""Margin: what positions and orders need, and where they are liquidated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledgers import ADA, BTC, DOGE, ETH
from msgspec.structs import replace

from botcore_tui.exchange.sim.account import Account, Position
from botcore_tui.exchange.sim.contracts import Bracket, Contract, contract
from botcore_tui.exchange.sim.margin import (
    NO_ORDERS,
    Exposure,
    available,
    bankruptcy_price,
    break_even,
    initial,
    is_cross_liquidatable,
    is_isolated_liquidatable,
    liquidation_price,
    maintenance,
    max_notional,
    order_initial,
    present_notional,
    removable,
    totals,
)
from botcore_tui.exchange.sim.money import ATOMS, atoms, money_text
from botcore_tui.model.market import Side

BUY, SELL = Side.BUY, Side.SELL


def a_position(lots: int = 100, entry: str = "50000", **settings: object) -> Position:
    held = Position(contract=BTC, lots=lots, cost=BTC.worth(atoms(entry), lots))
    for name, value in settings.items():
        setattr(held, name, value)
    return held


def an_account(*positions: Position, wallet: str = "5000") -> Account:
    return Account(
        name="user",
        wallet=atoms(wallet),
        positions={held.contract.symbol: held for held in positions},
    )


# --- single figures -----------------------------------------------------------------------------


def test_figures_of_the_documented_position_come_out() -> None:
    # Binance, "Position Information V3", sample of ADAUSDT.
    held = Position(contract=ADA, lots=30, cost=atoms("11.55"), paid=atoms("0.00231"))
    mark = atoms("0.41047590")
    assert money_text(held.worth(mark)) == "12.31427700"
    assert money_text(held.unrealized(mark)) == "0.76427700"
    assert money_text(initial(held, mark)) == "0.61571385"
    assert money_text(maintenance(held, mark)) == "0.08004280"
    assert money_text(break_even(held)) == "0.38507700"


def test_maintenance_margin_takes_off_the_amount_of_the_bracket() -> None:
    second = BTC.brackets[1]
    notional = (second.floor + 1000) * ATOMS
    held = Position(contract=BTC, lots=-(second.floor + 1000))
    assert held.worth(atoms("1000")) == -notional
    assert maintenance(held, atoms("1000")) == notional * second.maintenance // 10**8 - second.cum


@pytest.mark.parametrize(
    ("lots", "bids", "asks", "largest"),
    [
        (0, "0", "0", "0"),
        (0, "300", "200", "300"),
        (100, "0", "5000", "5000"),
        (100, "0", "12000", "7000"),
        (100, "1", "12000", "7000"),
        (100, "3000", "12000", "8000"),
        (-100, "0", "400", "5400"),
        (-100, "11000", "400", "6000"),
    ],
)
def test_largest_position_that_orders_can_lead_to(
    lots: int, bids: str, asks: str, largest: str
) -> None:
    held = a_position(lots)
    exposure = Exposure(atoms(bids), atoms(asks))
    assert present_notional(held, atoms("50000"), exposure) == atoms(largest)
    assert order_initial(held, atoms("50000"), exposure) == (
        (atoms(largest) - abs(held.worth(atoms("50000")))) // 20
    )


def test_orders_that_only_close_need_no_margin() -> None:
    assert order_initial(a_position(100), atoms("50000"), Exposure(asks=atoms("9000"))) == 0


def test_largest_notional_falls_with_the_leverage() -> None:
    assert max_notional(BTC, 125) == BTC.brackets[0].cap
    assert max_notional(BTC, 124) == BTC.brackets[0].cap
    assert max_notional(BTC, 100) == BTC.brackets[1].cap
    assert max_notional(BTC, 1) == BTC.brackets[-1].cap
    assert max_notional(BTC, 126) == 0


def test_break_even_counts_fees_and_what_was_realized_since_opening() -> None:
    account = an_account(wallet="5000")
    account.fill(BTC, BUY, 500_000, 100, atoms("2"))
    held = account.positions["BTCUSDT"]
    assert break_even(held) == atoms("50020")
    account.fill(BTC, SELL, 510_000, 50, atoms("1"))
    # 50 realized on half of it, 3 paid: the rest may lose 47.
    assert break_even(held) == atoms("50000") - atoms("940")


def test_break_even_of_a_flip_starts_anew_with_its_part_of_the_fee() -> None:
    account = an_account()
    account.fill(BTC, BUY, 500_000, 50, atoms("2"))
    account.fill(BTC, SELL, 600_000, 150, atoms("3"))
    assert break_even(account.positions["BTCUSDT"]) == atoms("60000") - atoms("20")


def test_break_even_of_a_flat_position_is_zero_and_may_lie_below_it() -> None:
    assert break_even(Position(contract=BTC)) == 0
    assert break_even(a_position(100, paid=-atoms("6000"))) == -atoms("10000")


# --- account ------------------------------------------------------------------------------------


def test_totals_of_crossed_and_isolated_positions_with_orders() -> None:
    crossed = a_position(100)
    isolated = Position(
        contract=ETH,
        lots=-1000,
        cost=-atoms("2500"),
        leverage=10,
        is_isolated=True,
        isolated_wallet=atoms("250"),
    )
    account = an_account(crossed, isolated, Position(contract=ADA), wallet="1000")
    marks = {"BTCUSDT": atoms("50500"), "ETHUSDT": atoms("2400")}
    exposures = {
        "BTCUSDT": Exposure(bids=atoms("1000")),
        "ETHUSDT": Exposure(asks=atoms("600")),
    }
    found = totals(account, marks, exposures)
    assert found.wallet == atoms("1000")
    assert found.cross_wallet == atoms("750")
    assert found.cross_unrealized == atoms("50")
    assert found.unrealized == atoms("150")
    assert found.position_initial == atoms("252.5") + atoms("240")
    assert found.order_initial == atoms("50") + atoms("60")
    assert found.initial == atoms("602.5")
    assert found.maintenance == atoms("20.2") + atoms("12")
    assert found.cross_maintenance == atoms("20.2")
    assert found.cross_balance == atoms("800")
    assert found.margin_balance == atoms("1150")
    assert found.available == atoms("750") + atoms("50") - atoms("252.5") - atoms("110")
    assert found.max_withdraw == found.available
    assert available(account, marks, exposures) == found.available


def test_unrealized_profit_is_available_but_not_to_be_withdrawn() -> None:
    account = an_account(a_position(100), wallet="500")
    found = totals(account, {"BTCUSDT": atoms("90000")}, {})
    assert found.available == atoms("500") + atoms("4000") - atoms("450")
    assert found.max_withdraw == atoms("500") - atoms("36")


def test_a_loss_leaves_nothing_available_rather_than_less() -> None:
    account = an_account(a_position(100), wallet="4000")
    found = totals(account, {"BTCUSDT": atoms("500")}, {})
    assert (found.available, found.max_withdraw) == (0, 0)
    assert found.margin_balance == -atoms("950")


def test_untouched_account_has_its_wallet_to_use() -> None:
    found = totals(an_account(Position(contract=BTC)), {}, {})
    assert found.available == found.max_withdraw == found.cross_wallet == atoms("5000")
    assert found.initial == found.maintenance == 0


def test_isolated_margin_above_what_is_needed_can_be_taken_out() -> None:
    held = a_position(100, leverage=10, is_isolated=True, isolated_wallet=atoms("800"))
    assert removable(held, atoms("50000")) == atoms("300")
    assert removable(held, atoms("49000")) == atoms("800") - atoms("100") - atoms("490")
    assert removable(held, atoms("40000")) == 0
    # Profit cannot be taken out beyond the maintenance margin.
    assert removable(held, atoms("70000")) == atoms("800") - maintenance(held, atoms("70000"))


# --- liquidation --------------------------------------------------------------------------------


def only_bracket(rate: int) -> Contract:
    return replace(BTC, brackets=(Bracket(1, 125, 0, 10**9, rate, 0),))


@pytest.mark.parametrize(("lots", "price"), [(100, "45180.72"), (-100, "54780.88")])
def test_worked_liquidation_prices_come_out(lots: int, price: str) -> None:
    # 0.1 BTC at 50,000 with 10x: wallet 500, maintenance rate 0.4 %, no amount taken off.
    held = a_position(lots, leverage=10, is_isolated=True, isolated_wallet=atoms("500"))
    held.contract = only_bracket(400_000)
    account = an_account(held)
    found = liquidation_price(account, "BTCUSDT", {"BTCUSDT": atoms("50000")})
    assert round(found / ATOMS, 2) == float(price)


def test_flat_or_unknown_positions_have_no_liquidation_price() -> None:
    account = an_account(Position(contract=BTC))
    assert liquidation_price(account, "BTCUSDT", {}) == 0
    assert liquidation_price(account, "ETHUSDT", {}) == 0
    assert not is_cross_liquidatable(account, {})
    assert not is_isolated_liquidatable(account.positions["BTCUSDT"], 1)


def test_a_long_that_the_wallet_covers_has_no_liquidation_price() -> None:
    account = an_account(a_position(100), wallet="5000")
    assert liquidation_price(account, "BTCUSDT", {"BTCUSDT": atoms("50000")}) == 0


def test_a_position_beyond_the_last_bracket_is_liquidated_by_that_bracket() -> None:
    largest = BTC.brackets[-1].cap
    account = an_account(a_position(-100), wallet=str(4 * largest))
    found = liquidation_price(account, "BTCUSDT", {"BTCUSDT": atoms("50000")})
    needed = 4 * largest * ATOMS + atoms("5000") + BTC.brackets[-1].cum
    assert BTC.worth(found, 100) == pytest.approx(needed / 1.5, abs=1)


def test_bankruptcy_price_is_where_nothing_is_left() -> None:
    isolated = a_position(-100, is_isolated=True, isolated_wallet=atoms("500"))
    beside = Position(contract=ETH, lots=1000, cost=atoms("2500"))
    idle = Position(contract=ADA, is_isolated=True)
    account = an_account(isolated, beside, idle, wallet="1500")
    marks = {"BTCUSDT": atoms("50000"), "ETHUSDT": atoms("2600")}
    assert bankruptcy_price(account, "BTCUSDT", marks) == atoms("55000")
    assert bankruptcy_price(account, "ETHUSDT", marks) == atoms("1500")
    assert bankruptcy_price(account, "ADAUSDT", marks) == 0
    assert bankruptcy_price(account, "XRPUSDT", marks) == 0
    isolated.is_isolated = False
    isolated.isolated_wallet = 0
    assert bankruptcy_price(account, "BTCUSDT", marks) == atoms("66000")
    assert bankruptcy_price(account, "ETHUSDT", {**marks, "BTCUSDT": atoms("10000")}) == 0


def test_cross_margin_is_not_used_up_by_isolated_positions() -> None:
    isolated = a_position(100, is_isolated=True, isolated_wallet=atoms("20"))
    account = an_account(isolated)
    marks = {"BTCUSDT": atoms("40000")}
    assert is_isolated_liquidatable(isolated, marks["BTCUSDT"])
    assert not is_cross_liquidatable(account, marks)


def is_liquidated(account: Account, held: Position, marks: dict[str, int]) -> bool:
    if held.is_isolated:
        return is_isolated_liquidatable(held, marks[held.contract.symbol])
    return is_cross_liquidatable(account, marks)


CONTRACTS = st.sampled_from([BTC, ETH, ADA, DOGE])


@given(
    held_contract=CONTRACTS,
    lots=st.integers(-(10**6), 10**6).filter(bool),
    entry=st.integers(10**9, 10**13),
    share=st.integers(1, 1500),
    is_isolated=st.booleans(),
    other=st.integers(-1000, 1000),
)
def test_liquidation_price_is_where_equity_meets_the_maintenance_margin(
    held_contract: Contract, lots: int, entry: int, share: int, is_isolated: bool, other: int
) -> None:
    cost = held_contract.worth(entry, lots)
    wallet = abs(cost) * share // 1000
    held = Position(
        contract=held_contract,
        lots=lots,
        cost=cost,
        is_isolated=is_isolated,
        isolated_wallet=wallet if is_isolated else 0,
    )
    sol = contract("SOLUSDT")
    beside = Position(contract=sol, lots=other, cost=sol.worth(atoms("150"), other))
    positions = {held_contract.symbol: held, "SOLUSDT": beside}
    account = Account(name="user", wallet=wallet, positions=positions)
    marks = {held_contract.symbol: entry, "SOLUSDT": atoms("151")}
    found = liquidation_price(account, held_contract.symbol, marks)
    tick = held_contract.price_atoms

    def at(mark: int) -> bool:
        return is_liquidated(account, held, {**marks, held_contract.symbol: mark})

    is_long = lots > 0
    assert at(found + tick) is not is_long
    if found > tick:
        assert at(found - tick) is is_long
    if found:
        spare = (
            wallet
            if is_isolated
            else wallet + beside.unrealized(atoms("151")) - maintenance(beside, atoms("151"))
        )
        gap = spare + held.unrealized(found) - maintenance(held, found)
        # One atom of price moves it by less than twice the quantity, each rounding by an atom.
        assert abs(gap) <= held_contract.worth(2, abs(lots)) + 4


@given(
    lots=st.integers(-(10**5), 10**5),
    mark=st.integers(10**10, 10**13),
    bids=st.integers(0, 10**14),
    asks=st.integers(0, 10**14),
    leverage=st.integers(1, 125),
)
def test_orders_never_lower_the_margin_that_is_needed(
    lots: int, mark: int, bids: int, asks: int, leverage: int
) -> None:
    held = Position(contract=BTC, lots=lots, leverage=leverage)
    assert order_initial(held, mark, Exposure(bids, asks)) >= 0
    assert order_initial(held, mark, NO_ORDERS) == 0
    assert maintenance(held, mark) <= abs(held.worth(mark)) // 2
