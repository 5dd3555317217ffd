"""What the controls share: the price that an order is valued at, and words for people."""

from decimal import Decimal

import pytest
from gate_stage import AROUND, BUY, LIMIT
from msgspec.structs import replace

from botcore_tui.core.controls import reference, seconds, usdt, worth


def test_limit_order_is_valued_at_its_price_and_a_market_order_at_mark() -> None:
    dear = replace(LIMIT, price=Decimal(101), quantity=Decimal(2))
    assert (reference(dear, AROUND), worth(dear, AROUND)) == (Decimal(101), Decimal(202))
    assert (reference(BUY, AROUND), worth(BUY, AROUND)) == (Decimal(100), Decimal(100))
    with pytest.raises(ValueError, match="no reference price"):
        reference(BUY, replace(AROUND, mark=None))


def test_amounts_and_ages_are_told_or_unknown() -> None:
    assert (usdt(Decimal("1.005")), usdt(None)) == ("1.00 USDT", "unknown")
    assert (seconds(1_250), seconds(None)) == ("1.2 s", "unknown")
