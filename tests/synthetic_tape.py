"""Tapes made of the synthetic market, whole and spoilt."""

import json
from itertools import islice
from pathlib import Path

from exchange_tape import exchange_lines
from shared_tape import text_of

from botcore_tui.engine.tape import Line


def market_lines(count: int, *symbols: str) -> list[Line]:
    """The first frames of a market of these symbols; BTCUSDT if none is named."""
    return list(islice(exchange_lines(*(symbols or ("BTCUSDT",))), count))


def a_market_tape(folder: Path, count: int = 900, *symbols: str, name: str = "market") -> Path:
    """A plain tape of them."""
    path = folder / name
    path.write_bytes(text_of(market_lines(count, *symbols)))
    return path


def with_wrong_quantity(lines: list[Line]) -> list[Line]:
    """The same market, but the last best price that a depth update confirms has another size."""
    depths = [index for index, (_, raw) in enumerate(lines) if b'"depthUpdate"' in raw]
    for index in reversed(depths):
        update = json.loads(lines[index][1])["data"]
        tickers = [place for place in range(index) if b'"bookTicker"' in lines[place][1]]
        local_ns, raw = lines[tickers[-1]]
        frame = json.loads(raw)
        if update["U"] <= frame["data"]["u"] <= update["u"]:
            frame["data"]["B"] = "12345.678"
            spoilt = (local_ns, json.dumps(frame).encode())
            return [*lines[: tickers[-1]], spoilt, *lines[tickers[-1] + 1 :]]
    raise AssertionError("no best price belongs to a depth update")
