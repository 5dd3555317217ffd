"""The live market is built from the configuration."""

from botcore_tui.cli.live import feed_at, live_feed
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Endpoints, Environment, Hosts
from botcore_tui.exchange.binance.clocked_feed import ClockedFeed
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.binance.receiver import Receiver


def a_limiter() -> Limiter:
    return Limiter(1_200, SystemClock())


def test_addresses_and_patience_come_from_the_configuration() -> None:
    hosts = Hosts(rest="http://127.0.0.1:1", ws_public="ws://127.0.0.1:2")
    config = Config.model_validate(
        {
            "environment": "testnet",
            "hosts": hosts,
            "staleness": {"depth_seconds": 2, "mark_seconds": 4, "trade_seconds": 60},
            "streams": {"connect_seconds": 3},
            "book": {"snapshot_limit": 500},
        }
    )
    settings = live_feed(config, Environment.TESTNET, a_limiter()).feed._settings
    assert (settings.rest, settings.ws_public) == ("http://127.0.0.1:1", "ws://127.0.0.1:2")
    assert settings.ws_market == "wss://fstream.binancefuture.com/market"
    assert settings.snapshot_limit == 500
    assert settings.streams.connect_seconds == 3
    quiet = settings.streams.quiet_seconds
    assert quiet("btcusdt@depth@100ms") == 2
    assert quiet("btcusdt@markPrice@1s") == 4
    assert quiet("btcusdt@aggTrade") == 60


def test_paper_reads_the_real_market() -> None:
    settings = live_feed(Config(), Environment.PAPER, a_limiter()).feed._settings
    assert settings.rest == "https://fapi.binance.com"
    assert settings.symbols == ("BTCUSDT",)


def test_where_nobody_has_an_account_the_venue_is_asked_for_its_time() -> None:
    feed = live_feed(Config(), Environment.PAPER, a_limiter())
    assert isinstance(feed, ClockedFeed)
    assert feed.receiver is feed.feed.receiver


def test_a_feed_can_follow_another_on_its_receiver() -> None:
    hosts = Endpoints("http://127.0.0.1:1", "ws://127.0.0.1:2", "ws://127.0.0.1:3", None)
    receiver = Receiver()
    feed = feed_at(hosts, ("ETHUSDT",), Config(), a_limiter(), receiver)
    assert feed.receiver is receiver
    assert feed._settings.symbols == ("ETHUSDT",)
    assert feed._settings.ws_market == "ws://127.0.0.1:3"
    assert feed_at(hosts, ("ETHUSDT",), Config(), a_limiter()).receiver is not receiver
