"""Symbols are upper case, and none stands twice in a list."""

import pytest
from pydantic import TypeAdapter, ValidationError

from botcore_tui.config.symbols import SymbolList

LISTS = TypeAdapter[tuple[str, ...]](SymbolList)


@pytest.mark.parametrize("symbols", [[], ["BTCUSDT"], ["BTCUSDT", "币安人生USDT", "1000PEPEUSDT"]])
def test_symbols_of_the_venue_are_taken(symbols: list[str]) -> None:
    assert LISTS.validate_python(symbols) == tuple(symbols)


@pytest.mark.parametrize(
    "symbols", [[""], ["btcusdt"], ["BTC/USDT"], ["A" * 33], ["\x1b"], ["BTCUSDT", "BTCUSDT"]]
)
def test_what_is_no_symbol_or_stands_twice_is_refused(symbols: list[str]) -> None:
    with pytest.raises(ValidationError):
        LISTS.validate_python(symbols)
