"""The embedded exchange is started as it is configured."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from demo_stage import FakeFeed
from fake_exchange import ready_facts

from botcore_tui.cli.embedded import demo_feed, exchange_command, trading_demo_feed
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config
from botcore_tui.exchange.base import MarketFeed
from botcore_tui.exchange.binance.feed import BinanceFeed
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.binance.receiver import Receiver
from botcore_tui.exchange.sim.ready import Ready


def a_limiter() -> Limiter:
    return Limiter(1_200, SystemClock())


def words_of(config: Config) -> str:
    return " ".join(exchange_command(config))


def test_every_key_of_the_section_reaches_the_exchange() -> None:
    config = Config.model_validate(
        {
            "symbols": ("BTCUSDT", "ETHUSDT"),
            "demo": {"seed": 3, "balance": 12.5, "speed": 2, "faults": ("F11", "disconnect")},
        }
    )
    words = words_of(config)
    assert "--market synthetic --seed 3 --balance 12.500000 --speed 2 " in words
    assert words.endswith("--symbols BTCUSDT,ETHUSDT --fault F11 --fault disconnect")


def test_the_path_of_a_tape_is_seen_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/ada")
    for market, path in (("tape:a.zst", tmp_path / "a.zst"), ("tape:~/a", Path("/home/ada/a"))):
        words = words_of(Config.model_validate({"demo": {"market": market}}))
        assert f"--market tape:{path} " in words
        assert "--symbols" not in words


def test_patience_comes_from_the_configuration() -> None:
    streams = {"backoff_base_seconds": 2, "backoff_cap_seconds": 9, "stable_seconds": 5}
    settings = demo_feed(Config.model_validate({"streams": streams}), a_limiter())._settings
    assert (settings.backoff_base_seconds, settings.backoff_cap_seconds) == (2, 9)
    assert settings.stable_seconds == 5


async def test_the_feed_is_the_venues_own_at_the_addresses_of_the_exchange() -> None:
    make, receiver = demo_feed(Config(), a_limiter())._load(), Receiver()
    async with make(ready_facts("http://127.0.0.1:5", "ws://127.0.0.1:5"), receiver) as feed:
        assert isinstance(feed, BinanceFeed)
        assert feed.receiver is receiver
        assert (feed._settings.rest, feed._settings.ws_public) == (
            "http://127.0.0.1:5",
            "ws://127.0.0.1:5",
        )
        assert feed._settings.symbols == ("BTCUSDT",)


@pytest.mark.requirement("F17")
def test_an_exchange_with_an_account_outlives_a_crash_and_leaves_a_trace(tmp_path: Path) -> None:
    @asynccontextmanager
    async def session(ready: Ready, receiver: Receiver) -> AsyncIterator[MarketFeed]:
        yield FakeFeed(ready, receiver)

    trace = tmp_path / "trace"
    feed = trading_demo_feed(Config(), trace, session, is_fresh=True)
    assert feed._load() is session
    settings = feed._settings
    assert (settings.trace, settings.is_fresh) == (trace, True)
    assert "--linger 120" in " ".join(settings.command)
    assert "--linger" not in demo_feed(Config(), a_limiter())._settings.command
