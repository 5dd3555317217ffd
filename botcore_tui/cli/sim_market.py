"""The markets of ``botcore sim``: made up, or played from a tape."""

import random
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from botcore_tui.engine.tape import Line, Tape
from botcore_tui.errors import ConfigError, UnavailableError
from botcore_tui.exchange.sim.contracts import Contract, contract
from botcore_tui.exchange.sim.crowd import Crowd
from botcore_tui.exchange.sim.market import Participants
from botcore_tui.exchange.sim.tape_crowd import TapeCrowd

Market = tuple[Contract, Participants]

_SYMBOLS: Final = ("BTCUSDT", "ETHUSDT")
_MOST_SYMBOLS: Final = 20
_TAPE: Final = "tape:"
_SYNTHETIC: Final = "synthetic"
_BOOK: Final = re.compile(rb'"stream":"([^"@!]+)@depth')
_BARE: Final = b'{"lastUpdateId"'
_LINES_LOOKED_AT: Final = 20_000
_NAME_BYTES: Final = 80
"""A frame names its stream within so many bytes."""


def markets_of(market: str | None, symbols: str | None, seed: int) -> list[Market]:
    """Contracts and who trades them.

    Args:
        market: ``synthetic``, the default, or ``tape:`` and a path.
        symbols: Comma-separated; the usual ones, or all of the tape, if None.
        seed: Of what is made up.

    Raises:
        ConfigError: They cannot be had, and why.
    """
    market = market or _SYNTHETIC
    names = None if symbols is None else _names(symbols)
    if market == _SYNTHETIC:
        return [_synthetic(name, seed) for name in names or _SYMBOLS]
    path = market.removeprefix(_TAPE)
    if path == market or not path:
        raise ConfigError(
            [f"--market: {market!r} is neither synthetic nor tape: and the path of a recording"]
        )
    return _recorded(Path(path).expanduser(), names)


def _names(text: str) -> list[str]:
    names = list(dict.fromkeys(filter(None, (name.strip().upper() for name in text.split(",")))))
    if not 1 <= len(names) <= _MOST_SYMBOLS:
        raise ConfigError([f"--symbols: {text!r} are not 1 to {_MOST_SYMBOLS} contracts"])
    return names


def _synthetic(symbol: str, seed: int) -> Market:
    try:
        traded = contract(symbol)
    except ValueError as error:
        raise ConfigError([f"--symbols: {error}"]) from error
    # Text seeds are hashed the same way in every process.
    dice = random.Random(f"{seed} {symbol}")  # noqa: S311 - a market, not a secret
    return traded, Crowd(dice, traded)


def _recorded(path: Path, names: Sequence[str] | None) -> list[Market]:
    try:
        found = _symbols_of(path)
    except UnavailableError as error:
        raise ConfigError([f"--market: {error}"]) from error
    markets: list[Market] = []
    for symbol in names or found:
        try:
            crowd = TapeCrowd(_lines(path, symbol, is_alone=found == [symbol]), symbol)
        except ValueError as error:
            raise ConfigError([f"--market: {path}: {error}"]) from error
        markets.append((crowd.contract, crowd))
    return markets


def _symbols_of(path: Path) -> list[str]:
    lines = (line for batch in Tape(path) for line in batch)
    found = {
        match[1].decode().upper(): None
        for _, raw in islice(lines, _LINES_LOOKED_AT)
        if (match := _BOOK.search(raw, 0, _NAME_BYTES))
    }
    if not found:
        raise UnavailableError(f"{path}: no order book in its first {_LINES_LOOKED_AT} frames")
    return list(found)


def _lines(path: Path, symbol: str, *, is_alone: bool) -> Iterator[Line]:
    # The name is looked for in the raw frame: each symbol reads the tape for itself, and decoding
    # what is not its own would take most of its time.
    own = f'"{symbol.lower()}@'.encode()
    for batch in Tape(path):
        for line in batch:
            # A bare REST reply does not name its symbol: it is that of the only book.
            if own in line[1][:_NAME_BYTES] or (is_alone and line[1].startswith(_BARE)):
                yield line
