"""Views are frozen: the screen shows what was, not what somebody made of it."""

import inspect

import pytest
from msgspec import Struct

from botcore_tui.model import trading

_OWN = [
    value
    for _, value in inspect.getmembers(trading, inspect.isclass)
    if issubclass(value, Struct) and value.__module__ == trading.__name__
]


@pytest.mark.parametrize("value", _OWN, ids=lambda value: value.__name__)
def test_each_is_frozen(value: type[Struct]) -> None:
    assert value.__struct_config__.frozen
