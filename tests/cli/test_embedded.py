"""The embedded exchange is started as it is configured."""

from pathlib import Path

import pytest
from fake_exchange import ready_facts

from botcore_tui.cli.embedded import demo_feed, exchange_command
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config
from botcore_tui.exchange.binance.feed import BinanceFeed
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.binance.receiver import Receiver


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


def test_the_feed_is_the_venues_own_at_the_addresses_of_the_exchange() -> None:
    make, receiver = demo_feed(Config(), a_limiter())._load(), Receiver()
    feed = make(ready_facts("http://127.0.0.1:5", "ws://127.0.0.1:5"), receiver)
    assert isinstance(feed, BinanceFeed)
    assert feed.receiver is receiver
    assert (feed._settings.rest, feed._settings.ws_public) == (
        "http://127.0.0.1:5",
        "ws://127.0.0.1:5",
    )
    assert feed._settings.symbols == ("BTCUSDT",)
