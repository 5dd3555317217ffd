"""ccxt.pro's ``watch_order_book`` as a client of the receive bench."""

import asyncio
import importlib
import time

import uvloop
from bench.books import SYMBOL, BookFrames
from bench.frames import DEPTH, best_source, frames
from bench.receive_program import Taken

LONGEST_SECONDS = 10.0
"""After so long it is stopped, and what it has taken by then counts."""


def take_ccxt(url: str, frames_expected: int) -> Taken:
    """Watch one book until every update was handled, or time is up."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_watch(url, frames_expected))


async def _watch(url: str, frames_expected: int) -> Taken:
    pro = importlib.import_module("ccxt.pro")
    exchange = pro.binanceusdm({"enableRateLimit": False, "newUpdates": True})
    for route in exchange.urls["api"]["ws"]:
        exchange.urls["api"]["ws"][route] = url
    market = exchange.safe_market_structure(
        {"id": SYMBOL, "symbol": "BTC/USDT:USDT", "base": "BTC", "quote": "USDT", "settle": "USDT"}
        | {"type": "swap", "swap": True, "linear": True, "contract": True, "active": True}
        | {"lowercaseId": SYMBOL.lower(), "baseId": "BTC", "quoteId": "USDT", "settleId": "USDT"}
        | {"inverse": False}
    )
    exchange.set_markets([market])
    snapshot = BookFrames(frames(best_source(), DEPTH)).snapshot
    bids, asks = [list(level) for level in snapshot.bids], [list(level) for level in snapshot.asks]
    handled = 0
    cpu_seconds = time.process_time()
    end_ns = time.monotonic_ns()
    handle = exchange.handle_order_book

    def counted(client: object, message: object) -> None:
        nonlocal handled, end_ns
        handle(client, message)
        handled += 1
        end_ns = time.monotonic_ns()

    async def at_hand(_symbol: str, _limit: int | None = None, _params: object = None) -> object:
        return {"bids": bids, "asks": asks, "nonce": snapshot.last_update_id}

    exchange.handle_order_book = counted
    exchange.fetch_rest_order_book_safe = at_hand
    deadline = time.monotonic() + LONGEST_SECONDS
    try:
        while handled < frames_expected and time.monotonic() < deadline:
            async with asyncio.timeout(LONGEST_SECONDS):
                await exchange.watch_order_book("BTC/USDT:USDT")
    except (TimeoutError, pro.NetworkError):
        pass  # the sender has closed, or time is up: what was taken counts
    finally:
        await exchange.close()
    return Taken(handled, end_ns, time.process_time() - cpu_seconds)
