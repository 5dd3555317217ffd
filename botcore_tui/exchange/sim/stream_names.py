"""Names of the venue's streams, and the route that each is served on."""

import re
from enum import StrEnum
from typing import Final

INTERVALS: Final = (
    "1m",
    "3m",
    "5m",
    "15m",
    "30m",
    "1h",
    "2h",
    "4h",
    "6h",
    "8h",
    "12h",
    "1d",
    "3d",
    "1w",
    "1M",
)
"""Lengths of bars that the venue streams, shortest first."""


class Route(StrEnum):
    """First part of a stream address; the venue serves each stream on one of them only.

    Source: Binance, "Important WebSocket Change Notice" (split of 2026-03-06).
    """

    PUBLIC = "public"
    MARKET = "market"
    PRIVATE = "private"
    NONE = ""
    """The addresses from before the split: accepted, and silent since 2026-04-23."""


_SYMBOL: Final = r"[^@!A-Z]+"  # lower case only; not every symbol is Latin
# `@depth@250ms` is acknowledged and silent: 250 ms is the pace of the name without a suffix. In no
# list of the venue are `@trade`, which ccxt.pro asks for, and `@depth@0ms`, the changes in real
# time, which NautilusTrader asks for.
_PUBLIC: Final = re.compile(
    rf"!bookTicker|{_SYMBOL}@(bookTicker|trade|depth@0ms"
    r"|depth(5|10|20)?(@(100|500)ms)?|rpiDepth@500ms)"
)
_MARKET: Final = re.compile(
    r"!(markPrice@arr(@1s)?|miniTicker@arr|ticker@arr|forceOrder@arr|contractInfo|assetIndex@arr)"
    rf"|{_SYMBOL}@(aggTrade|markPrice(@[13]s)?|kline_({'|'.join(INTERVALS)})|miniTicker|ticker"
    r"|forceOrder|compositeIndex|assetIndex)"
    rf"|[^@!A-Z]+_(perpetual|PERPETUAL)@continuousKline_({'|'.join(INTERVALS)})|tradingSession"
)
_LISTEN_KEY: Final = re.compile(r"[0-9A-Za-z]{64}")
_WELL_FORMED: Final = re.compile(r"!?[^\W@!]+(@[^\W@!]+)*")


def route_of(name: str) -> Route:
    """Where a stream is served; NONE if nowhere."""
    if _PUBLIC.fullmatch(name):
        return Route.PUBLIC
    if _MARKET.fullmatch(name):
        return Route.MARKET
    return Route.PRIVATE if is_listen_key(name) else Route.NONE


def is_listen_key(name: str) -> bool:
    """Whether a name has the shape of a listen key."""
    return _LISTEN_KEY.fullmatch(name) is not None


def is_well_formed(name: str) -> bool:
    """Whether the venue takes a name at all, be there such a stream or not."""
    return _WELL_FORMED.fullmatch(name) is not None


def symbol_and_kind(name: str) -> tuple[str, str]:
    """The symbol that a stream is about, upper case, and its kind, such as ``depth``.

    Empty where it is about all symbols, or none; the kind of a user's stream is empty.
    """
    symbol, _, rest = name.partition("@")
    kind = (symbol[1:] if symbol.startswith("!") else rest).partition("@")[0].partition("_")[0]
    symbol = "" if symbol.startswith("!") or not rest else symbol.partition("_")[0].upper()
    return symbol, kind.rstrip("0123456789")
