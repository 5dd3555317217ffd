import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import pytest
from order_server import order_server
from rest_server import rest_server
from waiting import Changing

from botcore_tui.clock import ManualClock
from botcore_tui.exchange.binance.confined import (
    ENDPOINTS,
    ConfinedUsdm,
    NoReplyError,
    Parameters,
    _Passage,
)
from botcore_tui.exchange.binance.keys import Credentials
from botcore_tui.exchange.binance.light_ccxt import load_usdm
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.binance.rest import PublicRest

CREDENTIALS: Final = Credentials("k" * 64, "s" * 64)


def stamped() -> Parameters:
    return {"timestamp": 1_700_000_000_000, "recvWindow": 5_000}


@pytest.mark.parametrize("credentials", [None, CREDENTIALS])
async def test_every_address_of_the_client_is_the_one_given(
    credentials: Credentials | None,
) -> None:
    async with rest_server() as server:
        confined = ConfinedUsdm(server.url, 5.0, credentials)
        usdm = await confined._client()
        table = usdm.urls["api"]
        assert isinstance(table, dict)
        assert {urlsplit(url).netloc for url in table.values()} == {urlsplit(server.url).netloc}
        assert all(name.startswith("fapi") for name in table)
        await confined.close()


@pytest.mark.parametrize("credentials", [None, CREDENTIALS])
async def test_endpoint_of_another_host_cannot_be_asked(credentials: Credentials | None) -> None:
    async with rest_server() as server:
        confined = ConfinedUsdm(server.url, 5.0, credentials)
        usdm = await confined._client()
        _, ccxt_error = load_usdm()
        for name in (
            "public_get_ping",
            "private_get_account",
            "sapi_get_system_status",
            "sapi_get_capital_config_getall",
            "dapipublic_get_ping",
            "dapiprivate_post_order",
            "papi_get_account",
        ):
            with pytest.raises(ccxt_error, match="does not have a testnet/sandbox URL"):
                await getattr(usdm, name)({})
        assert server.asked == []
        await confined.close()


async def test_every_endpoint_arrives_at_our_host_under_its_own_name() -> None:
    versions = {"balance": "v3", "positionRisk": "v3"}
    async with order_server() as server:
        confined = ConfinedUsdm(server.url, 5.0, CREDENTIALS)
        names = [name for name in ENDPOINTS if name not in {"time", "apiRestrictions"}]
        for name in names:
            reply = await confined.send(name, {"symbol": "币安人生USDT"}, stamped)
            assert (reply.status, reply.text) == (200, "{}")
        assert [asked.name for asked in server.asked] == [
            f"{name.rpartition(' ')[0] or 'GET'}"
            f" /fapi/{versions.get(name, 'v1')}/{name.rpartition(' ')[2]}"
            for name in names
        ]
        assert {asked.parameters["symbol"] for asked in server.asked} == {"币安人生USDT"}
        unsigned = {
            name
            for name, asked in zip(names, server.asked, strict=True)
            if "signature" not in asked.parameters
        }
        assert unsigned == {"depth", "klines", "exchangeInfo", "POST listenKey", "PUT listenKey"}
        assert {asked.parameters["timestamp"] for asked in server.asked} == {"1700000000000"}
        await confined.close()


async def test_nothing_is_added_to_an_order_that_carries_its_own_id() -> None:
    async with order_server() as server:
        confined = ConfinedUsdm(server.url, 5.0, CREDENTIALS)
        await confined.send("POST order", {"newClientOrderId": "bc-1"}, stamped)
        await confined.send("POST algoOrder", {"clientAlgoId": "bc-2"}, stamped)
        assert [set(asked.parameters) - {"signature"} for asked in server.asked] == [
            {"newClientOrderId", "timestamp", "recvWindow"},
            {"clientAlgoId", "timestamp", "recvWindow"},
        ]
        await confined.close()


async def test_a_request_that_may_not_leave_never_does() -> None:
    def refuse() -> None:
        raise RuntimeError("halted")

    async with order_server() as server:
        confined = ConfinedUsdm(server.url, 5.0, CREDENTIALS)
        with pytest.raises(RuntimeError, match="halted"):
            await confined.send("DELETE order", {}, stamped, refuse)
        assert server.asked == []
        await confined.close()


async def test_it_is_told_that_a_request_leaves_when_it_is_signed() -> None:
    told: list[str] = []

    def parameters() -> Parameters:
        told.append("before it is signed")
        return stamped()

    async with order_server() as server:
        confined = ConfinedUsdm(server.url, 5.0, CREDENTIALS)
        usdm = await confined._client()
        sign = usdm.sign  # type: ignore[attr-defined]  # of ccxt's client, not of what is used of it

        def signed(*arguments: object) -> object:
            told.append("signed")
            return sign(*arguments)

        usdm.sign = signed  # type: ignore[attr-defined]  # the same
        await confined.send("DELETE order", {}, parameters, lambda: told.append("leaves"))
        assert told == ["before it is signed", "signed", "leaves"]
        await confined.close()


def test_a_request_leaves_only_once_whatever_the_library_tries() -> None:
    passage = _Passage(lambda: None)
    passage.leave()
    with pytest.raises(RuntimeError, match="second time"):
        passage.leave()


async def test_requests_of_the_account_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with order_server() as server:
        confined = ConfinedUsdm(server.url, 5.0, CREDENTIALS)
        await confined.send("POST order", {"newClientOrderId": "bc-1"}, stamped)
        await confined.close()
    assert CREDENTIALS.api_key not in caplog.text
    assert "signature" not in caplog.text
    assert "bc-1" not in caplog.text


async def test_client_without_keys_signs_nothing() -> None:
    async with order_server() as server:
        confined = ConfinedUsdm(server.url, 5.0)
        with pytest.raises(NoReplyError, match="apiKey"):
            await confined.send("POST order", {}, stamped)
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


async def test_proxy_of_the_environment_is_asked_with_its_name_and_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heads: list[bytes] = []

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await _head(reader))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        writer.close()

    proxy = await asyncio.start_server(pass_on, "127.0.0.1", 0)
    port = proxy.sockets[0].getsockname()[1]
    monkeypatch.setenv("HTTP_PROXY", f"http://ann:s3cret@127.0.0.1:{port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    confined = ConfinedUsdm("http://venue.test", 5.0)
    try:
        assert (await confined.send("time", {}, stamped)).text == "{}"
    finally:
        await confined.close()
        proxy.close()
    assert heads[0].startswith(b"GET http://venue.test/fapi/v1/time?")
    assert b"\r\nProxy-Authorization: Basic YW5uOnMzY3JldA==\r\n" in heads[0]


class SilentServer(Changing):
    """Answers nothing before it may; knows which connection each request came on."""

    def __init__(self) -> None:
        super().__init__()
        self.connections = 0
        self.asked_on: list[int] = []
        self.may_answer = asyncio.Event()
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        self.changed()
        while head := await _head(reader):
            self.asked_on.append(number)
            self.changed()
            assert head.startswith(b"DELETE ")
            await self.may_answer.wait()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        writer.close()


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


@asynccontextmanager
async def silent_server() -> AsyncIterator[tuple[SilentServer, ConfinedUsdm]]:
    """With a client of it; both end with the block."""
    silent = SilentServer()
    server = await asyncio.start_server(silent.serve, "127.0.0.1", 0)
    confined = ConfinedUsdm(
        f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", 5.0, CREDENTIALS
    )
    try:
        yield silent, confined
    finally:
        await confined.close()
        server.close()
        await server.wait_closed()


async def test_next_request_finds_a_connection_ready() -> None:
    async with silent_server() as (server, confined):
        first = asyncio.create_task(confined.send("DELETE order", {}, stamped))
        await server.until(lambda: server.asked_on == [1] and server.connections == 2)
        second = asyncio.create_task(confined.send("DELETE order", {}, stamped))
        await server.until(lambda: server.asked_on == [1, 2] and server.connections == 3)
        server.may_answer.set()
        assert {(await first).text, (await second).text} == {"{}"}


async def test_reply_that_breaks_off_is_told_in_words() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nX-MBX-USED-WEI")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    confined = ConfinedUsdm(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", 5.0)
    try:
        with pytest.raises(NoReplyError) as lost:
            await confined.send("time", {}, dict)
    finally:
        await confined.close()
        server.close()
        await server.wait_closed()
    assert str(lost.value) == "connection closed in the middle of the reply"
    assert not lost.value.is_unsent


async def test_no_number_of_requests_without_an_answer_keeps_another_from_leaving() -> None:
    async with silent_server() as (server, confined):
        tasks = [
            asyncio.create_task(confined.send("DELETE order", {}, stamped)) for _ in range(121)
        ]
        await server.until(lambda: len(server.asked_on) == 121)
        server.may_answer.set()
        await asyncio.gather(*tasks)


async def test_connection_that_cannot_be_made_ready_harms_nothing() -> None:
    async with silent_server() as (server, confined):
        server.may_answer.set()
        connector = (await _session_of(confined)).connector
        assert connector is not None

        async def refuse(*_arguments: object) -> None:
            raise OSError(111, "refused")

        assert (await confined.send("DELETE order", {}, stamped)).text == "{}"
        await server.until(lambda: server.connections == 2)
        # Two wait now; the request takes one of them, and no third can be had.
        connector._create_connection = refuse  # type: ignore[assignment, method-assign]  # fails
        replies = [confined.send("DELETE order", {}, stamped) for _ in range(2)]
        assert {reply.text for reply in await asyncio.gather(*replies)} == {"{}"}
        assert server.connections == 2


async def _session_of(confined: ConfinedUsdm) -> aiohttp.ClientSession:
    await confined._client()
    assert confined._session is not None
    return confined._session
