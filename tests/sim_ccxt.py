"""ccxt pointed at a running exchange; nothing of it is changed but its URLs."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from ccxt.async_support import binanceusdm
from sim_process import Sim

BTC: Final = "BTC/USDT:USDT"
ETH: Final = "ETH/USDT:USDT"

_PATHS: Final = {
    "fapiPublic": "/fapi/v1",
    "fapiPublicV2": "/fapi/v2",
    "fapiPublicV3": "/fapi/v3",
    "fapiPrivate": "/fapi/v1",
    "fapiPrivateV2": "/fapi/v2",
    "fapiPrivateV3": "/fapi/v3",
    "fapiData": "/futures/data",
}


@asynccontextmanager
async def ccxt_client(
    sim: Sim,
    kind: Callable[..., binanceusdm] = binanceusdm,
    *,
    key: str = "",
    secret: str = "",
) -> AsyncIterator[binanceusdm]:
    """A client with its markets loaded; closed when the block ends.

    Args:
        sim: What it talks to.
        kind: ccxt's class; that of ``ccxt.pro`` streams as well.
        key: Instead of the key of the exchange's ready line.
        secret: Belongs to ``key``.
    """
    exchange = kind(
        {
            "apiKey": key or sim.api_key,
            "secret": secret or sim.api_secret,
            "enableRateLimit": False,
            "options": {"fetchCurrencies": False, "warnOnFetchOpenOrdersWithoutSymbol": False},
        }
    )
    exchange.urls["api"] = {
        **{name: sim.rest + path for name, path in _PATHS.items()},
        "ws": {"linear": f"{sim.socket}/ws", "ws-api": {"linear": sim.ws_api}},
    }
    exchange.timeout_on_exit = 0
    try:
        await exchange.load_markets()
        yield exchange
    finally:
        await exchange.close()


def code_of(error: Exception) -> int:
    """The venue's number in an error of ccxt."""
    _, _, tail = str(error).partition('"code":')
    return int(tail.split(",")[0])
