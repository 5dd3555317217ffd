"""Tapes recorded from the embedded exchange without its server: the same every time, at once."""

import heapq
import random
from collections.abc import Iterator, Sequence
from typing import Final

from sim_exchange import connect

from botcore_tui.engine.tape import Line
from botcore_tui.exchange.sim.contracts import contract
from botcore_tui.exchange.sim.crowd import Crowd
from botcore_tui.exchange.sim.exchange import Exchange, ExchangeSettings
from botcore_tui.exchange.sim.http_messages import Request
from botcore_tui.exchange.sim.session import Session
from botcore_tui.exchange.sim.signatures import Credentials

START_MS: Final = 1_723_161_255_000
_SNAPSHOT_MS: Final = 400
"""When the book is asked for, after the start."""
_REPLY_MS: Final = 100
"""How long its snapshot travels: the updates meanwhile must be bridged."""
_TRAVEL_NS: Final = 28_000_000
_BETWEEN_NS: Final = 5_000
"""From one frame of a millisecond to the next."""
_STREAMS: Final = {
    "public": ("depth@100ms", "bookTicker"),
    "market": ("aggTrade", "markPrice@1s", "ticker"),
}


def exchange_lines(*symbols: str, seed: int = 7, intensity: float = 1.0) -> Iterator[Line]:
    """What a recorder would write of these contracts, without end; a snapshot of each book, too.

    Args:
        symbols: Upper case.
        seed: Decides everything.
        intensity: Multiple of the usual number of orders.
    """
    settings = ExchangeSettings(
        credentials=Credentials("key", "secret"), balance=0, start_ms=START_MS, seed=seed
    )
    crowds = [
        (
            contract(symbol),
            Crowd(random.Random(f"{seed} {symbol}"), contract(symbol), intensity=intensity),
        )
        for symbol in symbols
    ]
    exchange = Exchange(settings, crowds, random.Random)
    sessions = [_connected(exchange, route, symbols) for route in _STREAMS]
    late: list[tuple[int, bytes]] = []
    local_ns, now_ms = 0, START_MS
    while True:
        exchange.advance(now_ms)
        if now_ms == START_MS + _SNAPSHOT_MS:
            late = [(now_ms + _REPLY_MS, _snapshot(exchange, symbol)) for symbol in symbols]
        frames = [frame for session in sessions for frame in _taken(session)]
        while late and late[0][0] <= now_ms:
            frames.append(heapq.heappop(late)[1])
        for frame in frames:
            local_ns = max(local_ns + _BETWEEN_NS, now_ms * 1_000_000 + _TRAVEL_NS)
            yield local_ns, frame
        now_ms += 1


def _connected(exchange: Exchange, route: str, symbols: Sequence[str]) -> Session:
    names = [f"{symbol.lower()}@{kind}" for symbol in symbols for kind in _STREAMS[route]]
    return connect(exchange, f"/{route}/stream?streams={'/'.join(names)}")


def _taken(session: Session) -> list[bytes]:
    frames, session.outbox = session.outbox, []
    return frames


def _snapshot(exchange: Exchange, symbol: str) -> bytes:
    query = f"symbol={symbol}&limit=1000"
    request = Request(method="GET", path="/fapi/v1/depth", query=query)
    reply = exchange.handle(request, exchange.now_ms)
    assert reply.status == 200
    return b'{"stream":"%b@depth@snapshot","data":%b}' % (symbol.lower().encode(), reply.body)
