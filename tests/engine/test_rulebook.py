"""Rules of contracts: of those that are followed and those that are held."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fake_account import FakeAccount
from msgspec.structs import replace
from session_stage import the_rules
from virtual_time import VirtualTime
from waiting import settle

from botcore_tui.engine.rulebook import Rulebook
from botcore_tui.errors import FetchError
from botcore_tui.model.event import Event, RulesUpdate

BTC, ETH = "BTCUSDT", "ETHUSDT"


class Stage:
    """A rulebook of one followed contract, and what it told."""

    def __init__(self, time: VirtualTime, *held: str) -> None:
        self.told: list[Event] = []
        self.account = FakeAccount()
        for symbol in (BTC, ETH):
            self.account.rules_of[symbol] = replace(the_rules(), symbol=symbol)
        self.rulebook = Rulebook(self.account, time, self.told.append, followed=(BTC,), held=held)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.rulebook.run())
        await settle()
        yield
        task.cancel()
        await asyncio.wait([task])

    def symbols(self) -> list[str]:
        return [each.rules.symbol for each in self.told if isinstance(each, RulesUpdate)]


def test_rules_of_what_is_held_are_asked_for_at_once_though_nobody_follows_it(
    time: VirtualTime,
) -> None:
    stage = Stage(time)

    async def play() -> None:
        async with stage.running():
            assert stage.symbols() == [BTC]
            stage.rulebook.hold(BTC)
            await settle()
            assert stage.account.count("rules") == 1
            stage.rulebook.hold(ETH)
            await settle()
            assert stage.symbols() == [BTC, ETH]

    time.run(play)
    assert time.elapsed() == 0


def test_what_was_held_before_is_asked_for_from_the_start(time: VirtualTime) -> None:
    stage = Stage(time, BTC, ETH)

    async def play() -> None:
        async with stage.running():
            assert stage.symbols() == [BTC, ETH]

    time.run(play)


def test_trouble_with_what_is_held_costs_no_followed_contract_its_rules(
    time: VirtualTime, caplog: pytest.LogCaptureFixture
) -> None:
    stage = Stage(time, ETH)
    caplog.set_level(logging.WARNING)
    known = stage.account.rules

    async def rules(symbols: tuple[str, ...]) -> list[object]:
        if ETH in symbols:
            raise FetchError("of no kind that is known")
        return list(await known(symbols))

    stage.account.rules = rules  # type: ignore[method-assign,assignment]  # fails for one of them

    async def play() -> None:
        async with stage.running():
            assert stage.symbols() == [BTC]

    time.run(play)
    assert caplog.messages == ["contract rules did not come: of no kind that is known"]


def test_contract_that_is_gone_keeps_its_filters(time: VirtualTime) -> None:
    stage = Stage(time)

    async def play() -> None:
        async with stage.running():
            stage.account.rules_of.clear()
            await time.sleep(6)
            stage.rulebook.doubt()
            await settle()

    time.run(play)
    first, second = [each.rules for each in stage.told if isinstance(each, RulesUpdate)]
    assert second == replace(first, status="NOT LISTED")
