"""The live market, from the configuration."""

import random
from collections.abc import Callable

from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Endpoints, Environment, StalenessSettings, endpoints
from botcore_tui.exchange.binance.clocked_feed import ClockedFeed
from botcore_tui.exchange.binance.feed import BinanceFeed, FeedSettings
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.binance.receiver import Receiver
from botcore_tui.exchange.binance.stream import StreamSettings


def live_feed(config: Config, environment: Environment, limiter: Limiter) -> ClockedFeed:
    """Public market data of an environment that has a venue, where no account is traded."""
    hosts = endpoints(environment, config.hosts)
    assert hosts is not None  # demo and replay are built elsewhere
    feed = feed_at(hosts, config.symbols, config, limiter)
    rng = random.Random()  # noqa: S311 - jitter
    return ClockedFeed(feed, hosts.rest, limiter=limiter, clock=SystemClock(), rng=rng)


def feed_at(
    hosts: Endpoints,
    symbols: tuple[str, ...],
    config: Config,
    limiter: Limiter,
    receiver: Receiver | None = None,
) -> BinanceFeed:
    """Public market data of the venue at these addresses.

    Args:
        hosts: Of a venue, or of an exchange that speaks like it.
        symbols: To follow.
        config: How patient to be.
        limiter: Of this process.
        receiver: See ``BinanceFeed``.
    """
    streams, book = config.streams, config.book
    settings = FeedSettings(
        rest=hosts.rest,
        ws_public=hosts.ws_public,
        ws_market=hosts.ws_market,
        symbols=symbols,
        streams=StreamSettings(
            connect_seconds=streams.connect_seconds,
            first_frame_seconds=streams.first_frame_seconds,
            quiet_seconds=_quiet_seconds(config.staleness),
            gap_multiple=config.staleness.gap_multiple,
            backoff_base_seconds=streams.backoff_base_seconds,
            backoff_cap_seconds=streams.backoff_cap_seconds,
            backoff_jitter_pct=streams.backoff_jitter_pct,
            stable_seconds=streams.stable_seconds,
            alarm_failures=streams.alarm_failures,
            rollover_hours=streams.rollover_hours,
            subscribe_per_second=streams.subscribe_per_second,
        ),
        depth_interval_ms=streams.depth_interval_ms,
        snapshot_limit=book.snapshot_limit,
        snapshot_backoff_base_seconds=book.snapshot_backoff_base_seconds,
        snapshot_backoff_cap_seconds=book.snapshot_backoff_cap_seconds,
        backoff_jitter_pct=streams.backoff_jitter_pct,
    )
    rng = random.Random()  # noqa: S311 - jitter
    return BinanceFeed(settings, SystemClock(), rng, limiter=limiter, receiver=receiver)


def _quiet_seconds(staleness: StalenessSettings) -> Callable[[str], float | None]:
    floors = {"depth": staleness.depth_seconds, "markPrice": staleness.mark_seconds}

    def floor(name: str) -> float | None:
        return floors.get(name.split("@")[1], staleness.trade_seconds)

    return floor
