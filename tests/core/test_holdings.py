"""An execution closes, opens, or does both."""

from decimal import Decimal

import pytest
from order_builders import NOW_MS, a_fill
from recollection_builders import a_position_row, an_open_position

from botcore_tui.core.holdings import Holding, Leg, closed, opened, remembered
from botcore_tui.core.money import ZERO
from botcore_tui.model.ledger import PositionRow
from botcore_tui.model.market import Side


def held(quantity: str, price: str = "100") -> Holding:
    holding = Holding("BTCUSDT", NOW_MS)
    holding.quantity, holding.entry_price = Decimal(quantity), Decimal(price)
    return holding


@pytest.mark.parametrize(
    ("quantity", "side", "traded", "closing", "opening"),
    [
        ("0", Side.BUY, "2", 0, 2),
        ("1", Side.BUY, "2", 0, 3 - 1),
        ("3", Side.SELL, "2", 2, 0),
        ("2", Side.SELL, "2", 2, 0),
        ("1", Side.SELL, "3", 1, -2),
        ("-1", Side.BUY, "3", -1, 2),
        ("-3", Side.BUY, "1", -1, 0),
        ("-1", Side.SELL, "1", 0, -1),
    ],
)
def test_execution_is_parted_at_zero(
    quantity: str, side: Side, traded: str, closing: int, opening: int
) -> None:
    leg = Leg(held(quantity), a_fill(side=side, quantity=traded), Decimal("0.03"))
    assert leg.closing == closing
    assert leg.opening == opening
    assert leg.closing_fee + leg.opening_fee == Decimal("0.03")
    assert bool(leg.closing_fee) == bool(closing)


def test_profit_of_the_closing_part_is_reckoned() -> None:
    fill = a_fill(side=Side.SELL, quantity="3", price="110")
    assert Leg(held("1"), fill, ZERO).profit == 10
    assert Leg(held("-1"), a_fill(quantity="3", price="110"), ZERO).profit == -10
    assert Leg(None, fill, ZERO).profit == 0


def test_closing_part_is_taken_away_with_the_venues_profit() -> None:
    holding = held("3")
    fill = a_fill(side=Side.SELL, quantity="1", price="110", realized_pnl="9.99")
    closed(holding, Leg(holding, fill, Decimal("0.04")), fill)
    assert (holding.quantity, holding.entry_price) == (Decimal(2), Decimal(100))
    assert (holding.realized, holding.fees) == (Decimal("9.99"), Decimal("0.04"))


def test_opening_part_moves_the_entry_price() -> None:
    holding = held("1")
    fill = a_fill(quantity="1", price="110")
    opened(holding, Leg(holding, fill, Decimal("0.04")), fill)
    assert (holding.quantity, holding.entry_price) == (Decimal(2), Decimal(105))
    assert holding.fees == Decimal("0.04")


def test_remembered_position_is_as_the_ledger_had_it() -> None:
    row = a_position_row(realized_pnl="5", fees="1", funding="-2", tag="adopted")
    holding = remembered(an_open_position(row, opened_ms=7))
    assert holding.row("", NOW_MS) == row
    assert holding.opened_ms == 7
    assert holding.unrealized(Decimal(110)) == 10


def test_row_says_what_for_and_when() -> None:
    assert held("1").row("stop", 5) == PositionRow(
        symbol="BTCUSDT",
        quantity=Decimal(1),
        entry_price=Decimal(100),
        realized_pnl=ZERO,
        fees=ZERO,
        funding=ZERO,
        reason="stop",
        time_ms=5,
    )
