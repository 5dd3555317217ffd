"""What a contract's symbol looks like, and a list of them."""

from typing import Annotated, Final

from pydantic import AfterValidator, Strict
from pydantic_core import PydanticCustomError

_LONGEST_SYMBOL: Final = 32


def _symbol(text: str) -> str:
    # Binance lists symbols such as 币安人生USDT: letters beyond ASCII are meant, lower case is not.
    is_symbol = 0 < len(text) <= _LONGEST_SYMBOL and all(
        letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
        or (not letter.isascii() and letter.isalpha() and not letter.islower())
        for letter in text
    )
    if not is_symbol:
        raise ValueError("not a symbol")
    return text


def _distinct(symbols: tuple[str, ...]) -> tuple[str, ...]:
    seen: set[str] = set()
    for symbol in symbols:
        if symbol in seen:
            raise PydanticCustomError("reason", "stands there twice", {"value": symbol})
        seen.add(symbol)
    return symbols


SymbolList = Annotated[
    tuple[Annotated[str, AfterValidator(_symbol)], ...],
    Strict(strict=False),
    AfterValidator(_distinct),
]
"""Different symbols; annotate it with ``Allowed``."""
