"""Contracts: numbers to text and back, and leverage tables without jumps."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from botcore_tui.exchange.sim.contracts import RATE, Contract, contract
from botcore_tui.exchange.sim.money import ATOMS, atoms

KNOWN = (
    "BTCUSDT",
    "ETHUSDT",
    "BNBUSDT",
    "SOLUSDT",
    "XRPUSDT",
    "DOGEUSDT",
    "ADAUSDT",
    "LINKUSDT",
    "LTCUSDT",
)
CONTRACTS = st.sampled_from([contract(symbol) for symbol in (*KNOWN, "PEPEUSDT")])
ALL = pytest.mark.parametrize("symbol", [*KNOWN, "PEPEUSDT"])


def test_prices_and_quantities_are_written_as_the_venue_does() -> None:
    bitcoin = contract("BTCUSDT")
    assert bitcoin.price_text(bitcoin.first_price) == "61659.70"
    assert bitcoin.quantity_text(1) == "0.001"
    doge = contract("DOGEUSDT")
    assert doge.price_text(doge.first_price) == "0.104280"
    assert doge.quantity_text(12) == "12"


def test_numbers_of_a_contract_in_atoms() -> None:
    bitcoin = contract("BTCUSDT")
    assert bitcoin.price_atoms == atoms("0.1")
    assert bitcoin.unit == atoms("0.0001")
    assert bitcoin.notional(616_597, 100) == atoms("6165.97")
    assert bitcoin.worth(atoms("61659.7"), -100) == -atoms("6165.97")
    assert bitcoin.average(atoms("6165.97"), 100) == atoms("61659.7")
    assert bitcoin.average(-atoms("6165.97"), -100) == atoms("61659.7")
    assert bitcoin.average(0, 0) == 0
    assert bitcoin.average_text(atoms("6165.97"), 100) == "61659.70000000"
    assert bitcoin.average_text(0, 0) == "0.00000"


def test_worth_has_the_digits_of_price_and_quantity() -> None:
    assert contract("BTCUSDT").worth_text(123_456_000) == "1.23456"
    assert contract("DOGEUSDT").worth_text(123_456_000 * 10**3) == "1234.560000"


@given(CONTRACTS, st.integers(0, 10**16))
def test_a_price_lies_between_the_ticks_below_and_above(found: Contract, price: int) -> None:
    low, high = found.ticks_at(price), found.ticks_at(price, is_up=True)
    assert low * found.price_atoms <= price <= high * found.price_atoms
    assert high - low == (price % found.price_atoms != 0)


@given(CONTRACTS, st.integers(0, 10**9))
def test_price_written_and_read_again_is_the_same(found: Contract, ticks: int) -> None:
    text = found.price_text(ticks)
    assert found.ticks(Decimal(text)) == ticks
    assert atoms(text) == ticks * found.price_atoms


@given(CONTRACTS, st.integers(0, 10**9))
def test_quantity_written_and_read_again_is_the_same(found: Contract, lots: int) -> None:
    assert found.lots(Decimal(found.quantity_text(lots))) == lots


@given(CONTRACTS, st.integers(1, 10**9), st.integers(1, 10**7))
def test_worth_at_a_whole_number_of_ticks_is_exact(found: Contract, ticks: int, lots: int) -> None:
    worth = found.notional(ticks, lots)
    assert found.worth(ticks * found.price_atoms, lots) == worth
    assert found.average(worth, lots) == ticks * found.price_atoms
    exact = Decimal(found.price_text(ticks)) * Decimal(found.quantity_text(lots))
    assert Decimal(worth) == exact * ATOMS


@pytest.mark.parametrize("text", ["61659.75", "61659.701", "0.05", "1E-9"])
def test_price_between_two_ticks_is_none(text: str) -> None:
    assert contract("BTCUSDT").ticks(Decimal(text)) is None


def test_digits_that_decimal_arithmetic_would_forget_count() -> None:
    assert contract("BTCUSDT").ticks(Decimal("61659.7000000000000000000000000000000001")) is None


def test_quantity_between_two_lots_is_none() -> None:
    assert contract("BTCUSDT").lots(Decimal("0.0015")) is None
    assert contract("DOGEUSDT").lots(Decimal("1.5")) is None


def test_numbers_with_more_digits_than_needed_are_read() -> None:
    bitcoin = contract("BTCUSDT")
    assert bitcoin.ticks(Decimal("61659.70000000")) == 616_597
    assert bitcoin.lots(Decimal("1e0")) == 1000


# --- leverage tables ----------------------------------------------------------------------------


@ALL
def test_brackets_join_and_get_stricter(symbol: str) -> None:
    brackets = contract(symbol).brackets
    assert brackets[0].floor == brackets[0].cum == 0
    assert [bracket.number for bracket in brackets] == list(range(1, len(brackets) + 1))
    assert brackets[-1].leverage == 1
    for lower, upper in pairwise(brackets):
        assert lower.floor < lower.cap == upper.floor
        assert lower.leverage > upper.leverage
        assert lower.maintenance < upper.maintenance


@ALL
def test_maintenance_margin_has_no_jump_between_brackets(symbol: str) -> None:
    for lower, upper in pairwise(contract(symbol).brackets):
        at = lower.cap * ATOMS
        below, above = (at * step.maintenance - step.cum * RATE for step in (lower, upper))
        assert below == above


@ALL
def test_maintenance_rate_stays_below_the_initial_margin_rate(symbol: str) -> None:
    for bracket in contract(symbol).brackets:
        assert bracket.maintenance < RATE / bracket.leverage


def test_bracket_of_a_notional_is_the_first_that_holds_it() -> None:
    bitcoin = contract("BTCUSDT")
    first, second, last = bitcoin.brackets[0], bitcoin.brackets[1], bitcoin.brackets[-1]
    assert bitcoin.bracket(0) is first
    assert bitcoin.bracket(first.cap * ATOMS) is first
    assert bitcoin.bracket(first.cap * ATOMS + 1) is second
    assert bitcoin.bracket(-first.cap * ATOMS - 1) is second
    assert bitcoin.bracket(last.cap * ATOMS * 3) is last


# --- made-up contracts --------------------------------------------------------------------------


@ALL
def test_contract_can_be_traded_from_its_first_price(symbol: str) -> None:
    found = contract(symbol)
    assert found.symbol == symbol == found.base + "USDT"
    assert 0 < found.first_price < found.max_price
    largest = found.notional(found.first_price, found.market_max_lots)
    assert found.notional(found.first_price, 1) < found.min_notional * 2 * ATOMS < largest
    assert 1 <= found.market_max_lots <= found.max_lots


def test_price_and_steps_of_a_contract_can_be_given() -> None:
    found = contract("BTCUSDT", price="100.5", tick="0.5", step="0.25")
    assert (found.price_decimals, found.tick, found.first_price) == (1, 5, 201)
    assert (found.quantity_decimals, found.step) == (2, 25)
    assert found.price_text(201) == "100.5"
    assert found.unit == atoms("0.125")


def test_steps_can_be_coarser_than_those_of_the_book() -> None:
    found = replace(contract("BTCUSDT"), tick_multiple=10, step_multiple=5)
    assert found.ticks(Decimal("61659.00")) == 616_590
    assert found.ticks(Decimal("61659.70")) is None
    assert found.lots(Decimal("0.005")) == 5
    assert found.lots(Decimal("0.006")) is None


def test_steps_too_fine_for_whole_atoms_are_refused() -> None:
    assert contract("AUSDT", price="1", tick="0.00001", step="0.001").unit == 1
    with pytest.raises(ValueError, match="less than 10"):
        contract("AUSDT", price="1", tick="0.000001", step="0.001")


def test_lots_worth_more_than_the_largest_order_can_still_be_traded_one_by_one() -> None:
    found = contract("BTCUSDT", price="100000000", tick="1", step="1")
    assert (found.max_lots, found.market_max_lots) == (1, 1)


@pytest.mark.parametrize(
    "symbol",
    ["", "USDT", "BTC", "BTCUSDC", "btcUSDT", "BTC/USDT", "B-CUSDT", "A" * 27 + "USDT"],
)
def test_symbol_that_is_not_margined_in_usdt_is_refused(symbol: str) -> None:
    with pytest.raises(ValueError, match="no contract margined in USDT"):
        contract(symbol)
