import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from private_server import PrivateServer, ScriptedKeys, private_server, running_user, user_settings
from user_samples import fill_event, order_event
from waiting import SteppedClock, settle

from botcore_tui.errors import FetchError
from botcore_tui.model.order import Fill

SHORT_HOURS = 0.01


@pytest_asyncio.fixture
async def server() -> AsyncIterator[PrivateServer]:
    async with private_server() as private:
        yield private


async def test_renewal_opens_the_new_connection_first_and_doubles_nothing(
    server: PrivateServer,
) -> None:
    clock, keys = SteppedClock(), ScriptedKeys()
    settings = user_settings(rollover_hours=SHORT_HOURS)
    async with running_user(server.url, keys, clock=clock, settings=settings) as run:
        old = await server.connected()
        await old.send(fill_event(t=1).decode())
        await run.until_told(2)
        confirming = asyncio.Event()
        keys.hold = confirming
        await clock.run(36)
        new = await server.connected(2)
        await new.send(fill_event(t=2).decode())
        await old.send(fill_event(t=2).decode())
        await run.until_told(4)
        confirming.set()
        await run.until_story("up", "down: connection renewed", "up")
        await new.send(fill_event(t=3).decode())
        await run.until_told(6)
        await settle()
        fills = [each.trade_id for each in run.told if isinstance(each, Fill)]
        assert fills == [1, 2, 3]
        await server.until(lambda: old.close_code is not None)
        assert new.close_code is None
        await clock.run(31)
        for _ in range(2):
            await new.send(fill_event(t=3).decode())
        await run.until_told(10)


async def test_refused_renewal_keeps_the_old_connection(
    server: PrivateServer, caplog: pytest.LogCaptureFixture
) -> None:
    clock = SteppedClock()
    settings = user_settings(rollover_hours=SHORT_HOURS)
    async with running_user(server.url, clock=clock, settings=settings) as run:
        old = await server.connected()
        await run.until_story("up")
        server.refuse = 429
        await clock.run(36)
        await server.until(lambda: server.attempts == 2)
        await clock.until(lambda: clock.slept[-1] == 300 or 300 in clock.slept)
        assert "not renewed yet: handshake refused: HTTP 429" in caplog.text
        await old.send(order_event().decode())
        await old.send(order_event().decode())
        await run.until_told(2)
        assert run.story == ["up"]


async def test_cut_while_the_renewal_is_under_way_ends_both(server: PrivateServer) -> None:
    clock, keys = SteppedClock(), ScriptedKeys()
    settings = user_settings(rollover_hours=SHORT_HOURS)
    async with running_user(server.url, keys, clock=clock, settings=settings) as run:
        old = await server.connected()
        await run.until_story("up")
        keys.hold = asyncio.Event()
        await clock.run(36)
        new = await server.connected(2)
        old.transport.abort()
        await run.until_story("up", "down: connection lost")
        await server.until(lambda: new.close_code is not None)
        keys.hold = None
        await clock.pass_pause(1)
        newest = await server.connected(3)
        for _ in range(2):
            await newest.send(fill_event().decode())
        await run.until_told(4)


async def test_renewal_whose_key_is_not_confirmed_is_closed_and_the_old_one_goes_on(
    server: PrivateServer,
) -> None:
    clock, keys = SteppedClock(), ScriptedKeys()
    settings = user_settings(rollover_hours=SHORT_HOURS, rollover_retry_seconds=20)
    async with running_user(server.url, keys, clock=clock, settings=settings) as run:
        old = await server.connected()
        await run.until_story("up")
        keys.keep_failures = [FetchError("no answer")]
        await clock.run(36)
        new = await server.connected(2)
        await server.until(lambda: new.close_code is not None)
        for _ in range(2):
            await old.send(fill_event().decode())
        await run.until_told(4)
        await clock.pass_pause(20)
        await run.until_story("up", "down: connection renewed", "up")
