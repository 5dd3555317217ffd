"""What a recorded market begins with: its first book, and the contract that the digits show."""

from collections.abc import Iterator

from msgspec import Struct

from botcore_tui.errors import DecodeError
from botcore_tui.exchange.binance.replies import instrument_from_depth
from botcore_tui.exchange.binance.wire import decode, symbols_of
from botcore_tui.exchange.sim.contracts import Contract, contract
from botcore_tui.model.market import BookDelta, BookSnapshot

Line = tuple[int, bytes]
"""Local time of reception, nanoseconds, and the raw frame."""


class Opening(Struct):
    """A recording up to its first book."""

    contract: Contract
    local_ns: int
    """When the book came."""
    snapshot: BookSnapshot
    earlier: list[BookDelta]
    """Updates that came before the book; some of them may be newer than it."""


def open_tape(lines: Iterator[Line], symbol: str = "") -> Opening:
    """Read a recording up to its first book; the lines go on from there.

    Args:
        lines: In order.
        symbol: Whose book; of the first symbol that is named if empty.

    Raises:
        ValueError: There is none.
    """
    deltas: list[BookDelta] = []
    for local_ns, raw in lines:
        try:
            stream, data = decode(raw)
        except DecodeError:
            continue
        symbol = symbol or next(iter(symbols_of([stream])), "")
        if isinstance(data, BookDelta) and data.symbol == symbol:
            deltas.append(data)
        elif isinstance(data, BookSnapshot) and data.symbol in {"", symbol}:
            return Opening(_contract(symbol, raw, data), local_ns, data, deltas)
    raise ValueError(f"the tape has no book of {symbol or 'any symbol'}, which is a depth snapshot")


def _contract(symbol: str, raw: bytes, snapshot: BookSnapshot) -> Contract:
    steps = instrument_from_depth(symbol, raw)
    if steps is None or not snapshot.bids or not snapshot.asks:
        raise ValueError(f"the tape's first book of {symbol} has an empty side")
    return contract(
        symbol,
        f"{snapshot.bids[0][0]:.{steps.price_decimals}f}",
        f"{steps.tick:.{steps.price_decimals}f}",
        f"{10**-steps.quantity_decimals:.{steps.quantity_decimals}f}",
    )
