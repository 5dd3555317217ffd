"""Rows of the ledger are frozen, and told apart by their own text."""

import inspect
from decimal import Decimal
from typing import get_args

import msgspec
import pytest
from msgspec import Struct

from botcore_tui.model import ledger
from botcore_tui.model.ledger import EquityRow, LedgerRow

_OWN = [
    value
    for _, value in inspect.getmembers(ledger, inspect.isclass)
    if issubclass(value, Struct) and value.__module__ == ledger.__name__
]


@pytest.mark.parametrize("value", _OWN, ids=lambda value: value.__name__)
def test_each_is_frozen(value: type[Struct]) -> None:
    assert value.__struct_config__.frozen


def test_rows_are_told_apart_and_keep_money_to_the_digit() -> None:
    tags = [kind.__struct_config__.tag for kind in get_args(LedgerRow)]
    assert len(set(tags)) == len(tags) == 19
    row = EquityRow(wallet=Decimal("5000.10"), unrealized=Decimal("-0.00000001"), time_ms=1)
    again = msgspec.json.decode(msgspec.json.encode(row), type=LedgerRow)
    assert again == row
    assert isinstance(again, EquityRow)
    assert f"{again.wallet:f}" == "5000.10"
