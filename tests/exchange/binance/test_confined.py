import random
from urllib.parse import urlsplit

import pytest
from rest_server import rest_server

from botcore_tui.clock import ManualClock
from botcore_tui.exchange.binance.confined import ConfinedUsdm
from botcore_tui.exchange.binance.light_ccxt import load_usdm
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.binance.rest import PublicRest


async def test_every_address_of_the_client_is_the_one_given() -> None:
    async with rest_server() as server:
        confined = ConfinedUsdm(server.url, 5.0)
        usdm = await confined._client()
        table = usdm.urls["api"]
        assert isinstance(table, dict)
        assert {urlsplit(url).netloc for url in table.values()} == {urlsplit(server.url).netloc}
        assert all(name.startswith("fapi") for name in table)
        await confined.close()


async def test_endpoint_of_another_host_cannot_be_asked() -> None:
    async with rest_server() as server:
        confined = ConfinedUsdm(server.url, 5.0)
        usdm = await confined._client()
        _, ccxt_error = load_usdm()
        for name in ("public_get_ping", "sapi_get_system_status", "dapipublic_get_ping"):
            with pytest.raises(ccxt_error, match="does not have a testnet/sandbox URL"):
                await getattr(usdm, name)({})
        assert server.asked == []
        await confined.close()


async def test_proxy_of_the_environment_is_not_used_on_loopback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with rest_server() as server:
        clock = ManualClock()
        limiter = Limiter(1_200, clock)
        rest = PublicRest(server.url, limiter=limiter, clock=clock, rng=random.Random(1))
        assert await rest.depth("BTCUSDT", 5) == b"{}"
        await rest.close()
