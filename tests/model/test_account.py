"""What the venue says of the account is frozen: nobody edits evidence."""

import inspect

import pytest
from msgspec import Struct

from botcore_tui.model import account

_OWN = [
    value
    for _, value in inspect.getmembers(account, inspect.isclass)
    if issubclass(value, Struct) and value.__module__ == account.__name__
]


@pytest.mark.parametrize("value", _OWN, ids=lambda value: value.__name__)
def test_each_is_frozen(value: type[Struct]) -> None:
    assert value.__struct_config__.frozen


@pytest.mark.parametrize(
    ("word", "is_capital"),
    [("WITHDRAW", True), ("COIN_SWAP_DEPOSIT", True), ("INTERNAL_TRANSFER", True), ("ADL", False)],
)
def test_words_for_capital_that_comes_or_goes_are_known(word: str, is_capital: bool) -> None:
    assert account.is_transfer(word) is is_capital
