"""What makes an account's stream ask for all of it anew while its connection stays."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from private_server import PrivateServer, private_server, running_user
from user_samples import order_event


@pytest_asyncio.fixture
async def server() -> AsyncIterator[PrivateServer]:
    async with private_server() as private:
        yield private


async def test_change_of_the_asset_mode_asks_for_the_account_and_keeps_the_connection(
    server: PrivateServer,
) -> None:
    async with running_user(server.url) as run:
        socket = await server.connected()
        await socket.send('{"e":"ACCOUNT_CONFIG_UPDATE","E":1,"T":1,"ai":{"j":true}}')
        await socket.send(order_event().decode())
        await run.until_told(1)
        assert run.story == ["up", "down: the account is in multi-assets mode now", "up"]
        assert len(server.sockets) == 1


@pytest.mark.requirement("P13")
async def test_order_of_hedge_mode_asks_for_the_account_once(server: PrivateServer) -> None:
    """No event tells of that mode; without a sign of it nobody asks for ten minutes."""
    async with running_user(server.url) as run:
        socket = await server.connected()
        for side in ("LONG", "SHORT"):
            await socket.send(order_event(ps=side).decode())
        await run.until_told(2)
        assert run.story == ["up", "down: the account is in hedge mode now", "up"]
        assert len(server.sockets) == 1
