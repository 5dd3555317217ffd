"""The session asks whose account it is connected to, until the venue says so."""

from collections import deque
from typing import Final

import pytest
from fake_account import FakeAccount
from virtual_time import VirtualTime
from waiting import settle

from botcore_tui.engine.bound import bound
from botcore_tui.errors import FetchError
from botcore_tui.model.account import AccountBound, Binding

_OPENED: Final = Binding(
    environment="testnet",
    rest="https://demo-fapi.binance.com",
    ws_private="wss://fstream.binancefuture.com/private",
    fingerprint="0123abcd",
    account_id="",
    phase="testnet",
)


@pytest.mark.requirement("P02")
def test_name_is_the_venues_and_the_rest_what_the_session_was_opened_with(
    time: VirtualTime,
) -> None:
    async def play() -> AccountBound:
        return await bound(FakeAccount(), _OPENED, time)

    told = time.run(play)
    assert told.binding.account_id == "SgsR"
    assert (told.binding.rest, told.binding.fingerprint) == (_OPENED.rest, _OPENED.fingerprint)


def test_venue_that_does_not_answer_is_asked_again_with_growing_pauses(time: VirtualTime) -> None:
    account = FakeAccount()
    account.failures["account_id"] = deque(FetchError("no reply") for _ in range(7))

    async def play() -> AccountBound:
        return await bound(account, _OPENED, time)

    assert time.run(play).binding.account_id == "SgsR"
    assert time.elapsed() == 1 + 2 + 4 + 8 + 16 + 30 + 30


def test_nobody_is_asked_twice(time: VirtualTime) -> None:
    account = FakeAccount()

    async def play() -> None:
        await bound(account, _OPENED, time)
        await settle(60)

    time.run(play)
    assert account.count("account_id") == 1
