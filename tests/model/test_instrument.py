"""An instrument is a value: equal by content, never changed."""

import pytest
from msgspec.structs import replace

from botcore_tui.model.instrument import Instrument

BITCOIN = Instrument("BTCUSDT", price_decimals=1, quantity_decimals=3, tick=0.1)


def test_instruments_are_equal_by_content() -> None:
    assert replace(BITCOIN) == BITCOIN
    assert hash(replace(BITCOIN)) == hash(BITCOIN)
    assert replace(BITCOIN, tick=0.5) != BITCOIN


def test_instrument_cannot_be_changed() -> None:
    with pytest.raises(AttributeError, match="immutable"):
        setattr(BITCOIN, "tick", 0.5)  # noqa: B010 - mypy refuses the plain form, as it should
