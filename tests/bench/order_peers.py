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
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import aiohttp
import uvloop
from msgspec import Struct
from msgspec.json import Decoder
from websockets.asyncio.client import connect

AIOHTTP, RECORDING, CCXT = "aiohttp", "recording", "ccxt"
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


async def _nothing(_order: str) -> None:
    """Send without a record."""


async def follow_with_aiohttp(
    place: Place, record: Callable[[str], Awaitable[None]] = _nothing
) -> None:
    """``websockets``, a typed decode, a signature of our own, an aiohttp POST."""
    decode = Decoder(_Frame, strict=False).decode
    url = f"ws://{place.address}/market/stream?streams={SYMBOL.lower()}@kline_1m"
    side = "BUY"
    async with aiohttp.ClientSession(headers={"X-MBX-APIKEY": place.key}) as session:
        async with session.get(f"http://{place.address}/fapi/v1/ping") as reply:
            await reply.read()
        async with connect(url, proxy=None) as stream:
            print("ready", flush=True)
            while True:
                if not decode(await stream.recv(decode=False)).data.k.x:
                    continue
                query = urlencode(
                    {
                        "symbol": SYMBOL,
                        "side": side,
                        "type": "MARKET",
                        "quantity": QUANTITY,
                        "newOrderRespType": "RESULT",
                        "recvWindow": 5000,
                        "timestamp": time.time_ns() // 1_000_000,
                    }
                )
                await record(query)
                signature = hmac.new(place.secret.encode(), query.encode(), hashlib.sha256)
                url = f"http://{place.address}/fapi/v1/order?{query}"
                async with session.post(f"{url}&signature={signature.hexdigest()}") as reply:
                    assert reply.status == 200, await reply.text()
                    await reply.read()
                side = "SELL" if side == "BUY" else "BUY"


async def follow_and_record(place: Place) -> None:
    """The same, with each order in SQLite (WAL, FULL) before it leaves, by another thread."""
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

        await follow_with_aiohttp(place, record)


async def follow_with_ccxt(place: Place) -> None:
    """``ccxt.pro`` for the bars, ``create_order`` for the order; its throttle is off."""
    pro = importlib.import_module("ccxt.pro")
    exchange = pro.binanceusdm(
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


CLIENTS: Final[dict[str, Callable[[Place], Awaitable[None]]]] = {
    AIOHTTP: follow_with_aiohttp,
    RECORDING: follow_and_record,
    CCXT: follow_with_ccxt,
}


async def main(client: str, place: Place) -> None:
    """Follow until killed."""
    await CLIENTS[client](place)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(sys.argv[1], Place(*sys.argv[2:])))
