"""What a user would write instead: a bot that sends an order for each closed bar, nothing else.

Arguments: CLIENT ADDRESS KEY SECRET. It prints ``ready`` once it follows the market.
"""

import asyncio
import hashlib
import hmac
import importlib
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
import uvloop
from msgspec import Struct
from msgspec.json import Decoder
from websockets.asyncio.client import connect

AIOHTTP, RECORDING, SIGNING, CCXT = "aiohttp", "recording", "signing", "ccxt"
SYMBOL: Final = "BTCUSDT"
QUANTITY: Final = "0.002"
_PATHS: Final = {
    "fapiPublic": "/fapi/v1",
    "fapiPublicV2": "/fapi/v2",
    "fapiPublicV3": "/fapi/v3",
    "fapiPrivate": "/fapi/v1",
    "fapiPrivateV2": "/fapi/v2",
    "fapiPrivateV3": "/fapi/v3",
}


class _Kline(Struct):
    t: int
    x: bool
    c: float


class _Payload(Struct):
    k: _Kline


class _Frame(Struct):
    data: _Payload


class Place(Struct, frozen=True):
    """Where and as whom."""

    address: str
    key: str
    secret: str


_Record = Callable[[str], Awaitable[None]]


async def _nothing(_order: str) -> None:
    """Send without a record."""


async def follow_with_aiohttp(place: Place, record: _Record = _nothing) -> None:
    """``websockets``, a typed decode, a signature of our own, an aiohttp POST."""
    async with aiohttp.ClientSession(headers={"X-MBX-APIKEY": place.key}) as session:
        async with session.get(f"http://{place.address}/fapi/v1/ping") as reply:
            await reply.read()
        async for order in _orders(place):
            now_ms = time.time_ns() // 1_000_000
            query = urlencode({**order, "recvWindow": 5000, "timestamp": now_ms})
            await record(query)
            signature = hmac.new(place.secret.encode(), query.encode(), hashlib.sha256)
            url = f"http://{place.address}/fapi/v1/order?{query}"
            async with session.post(f"{url}&signature={signature.hexdigest()}") as reply:
                assert reply.status == 200, await reply.text()
                await reply.read()


async def follow_and_record(place: Place) -> None:
    """The same, with each order in SQLite (WAL, FULL) before it leaves, by another thread."""
    with _recorder() as record:
        await follow_with_aiohttp(place, record)


async def follow_record_and_sign(place: Place) -> None:
    """The same again, signed and sent by ``ccxt``, past all that it does to an order itself."""
    exchange = _ccxt("ccxt.async_support", place)
    try:
        await exchange.fapiPublicGetPing()
        with _recorder() as record:
            async for order in _orders(place):
                await record(urlencode(order))
                await exchange.fapiPrivatePostOrder(order)
    finally:
        await exchange.close()


async def _orders(place: Place) -> AsyncIterator[dict[str, str]]:
    """One for each closed bar, in and out again."""
    decode = Decoder(_Frame, strict=False).decode
    url = f"ws://{place.address}/market/stream?streams={SYMBOL.lower()}@kline_1m"
    side = "BUY"
    async with connect(url, proxy=None) as stream:
        print("ready", flush=True)
        while True:
            if decode(await stream.recv(decode=False)).data.k.x:
                yield {
                    "symbol": SYMBOL,
                    "side": side,
                    "type": "MARKET",
                    "quantity": QUANTITY,
                    "newOrderRespType": "RESULT",
                }
                side = "SELL" if side == "BUY" else "BUY"


@contextmanager
def _recorder() -> Iterator[_Record]:
    with tempfile.TemporaryDirectory(prefix="peer-") as directory:
        connection = sqlite3.connect(
            Path(directory) / "peer.db", isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE intents (id INTEGER PRIMARY KEY, text)")

        async def record(order: str) -> None:
            insert = partial(connection.execute, "INSERT INTO intents (text) VALUES (?)", (order,))
            await asyncio.to_thread(insert)

        yield record


async def follow_with_ccxt(place: Place) -> None:
    """``ccxt.pro`` for the bars, ``create_order`` for the order; its throttle is off."""
    exchange = _ccxt("ccxt.pro", place)
    unified, side, seen_ms = "BTC/USDT:USDT", "buy", 0
    try:
        await exchange.load_markets()
        print("ready", flush=True)
        while True:
            bars = await exchange.watch_ohlcv(unified, "1m")
            if bars[-1][0] <= seen_ms:
                continue
            seen_ms = bars[-1][0]
            await exchange.create_order(unified, "market", side, float(QUANTITY))
            side = "sell" if side == "buy" else "buy"
    finally:
        await exchange.close()


def _ccxt(module: str, place: Place) -> Any:  # noqa: ANN401 - ccxt has no types
    exchange = importlib.import_module(module).binanceusdm(
        {
            "apiKey": place.key,
            "secret": place.secret,
            "enableRateLimit": False,
            "newUpdates": True,
            "options": {"fetchCurrencies": False},
        }
    )
    rest = f"http://{place.address}"
    exchange.urls["api"] = {
        **{name: rest + path for name, path in _PATHS.items()},
        "ws": {"linear": f"ws://{place.address}/ws"},
    }
    return exchange


CLIENTS: Final[dict[str, Callable[[Place], Awaitable[None]]]] = {
    AIOHTTP: follow_with_aiohttp,
    RECORDING: follow_and_record,
    SIGNING: follow_record_and_sign,
    CCXT: follow_with_ccxt,
}


async def main(client: str, place: Place) -> None:
    """Follow until killed."""
    await CLIENTS[client](place)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(sys.argv[1], Place(*sys.argv[2:])))
