"""Market values refuse numbers that no market has."""

import inspect
from typing import get_args

import msgspec
import pytest
from market_builders import a_delta
from msgspec import Struct

from botcore_tui.model import market
from botcore_tui.model.market import BookDelta, Level, MarketEvent, Price, Quantity, Side

_LEVEL = msgspec.json.Decoder(Level, strict=False)
_REFUSED = ["-1", "-0.00000001", "nan", "inf", "-inf", "1e400", "1.1e15", "", " ", "x", "0x10"]


@pytest.mark.requirement("R39")
@pytest.mark.parametrize("price", ["0", "0.00", "-0.0", *_REFUSED])
def test_price_that_is_not_finite_and_positive_is_refused(price: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        _LEVEL.decode(f'["{price}","1"]')


@pytest.mark.requirement("R39")
@pytest.mark.parametrize("quantity", _REFUSED)
def test_quantity_that_is_not_finite_or_is_negative_is_refused(quantity: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        _LEVEL.decode(f'["1","{quantity}"]')


def test_quantity_may_be_zero_because_that_removes_a_level() -> None:
    assert _LEVEL.decode(b'["61659.70","0.000"]') == (61_659.7, 0.0)


def test_trailing_zeros_do_not_change_a_number() -> None:
    assert _LEVEL.decode(b'["61659.70","1"]') == _LEVEL.decode(b'["61659.7000","1.000"]')


def test_same_limits_hold_for_plain_json_numbers() -> None:
    assert msgspec.json.decode(b"1e15", type=Price) == 1e15
    assert msgspec.json.decode(b"0", type=Quantity) == 0
    for refused in (b"0", b"-1", b"1.0e16"):
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(refused, type=Price)


def test_every_market_value_is_frozen_and_part_of_the_union() -> None:
    structs = [
        value
        for _, value in inspect.getmembers(market, inspect.isclass)
        if issubclass(value, Struct) and value is not Struct
    ]
    assert all(value.__struct_config__.frozen for value in structs)
    assert set(get_args(MarketEvent)) == set(structs)


def test_frozen_value_cannot_be_changed() -> None:
    delta = a_delta(1, 2, 0)
    with pytest.raises(AttributeError, match="immutable"):
        setattr(delta, BookDelta.__struct_fields__[0], "ETHUSDT")


def test_whoever_takes_the_other_end_gets_the_position_of_the_other_sign() -> None:
    assert (Side.BUY.opposite, Side.BUY.sign) == (Side.SELL, 1)
    assert (Side.SELL.opposite, Side.SELL.sign) == (Side.BUY, -1)
