"""The embedded exchange, from the configuration."""

import random

from botcore_tui.cli.demo import demo_symbols
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Endpoints
from botcore_tui.exchange.base import MarketFeed
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.binance.receiver import Receiver
from botcore_tui.exchange.demo import DemoFeed, FeedMaker, LaunchSettings
from botcore_tui.exchange.sim.child import ExchangeOptions, sim_command
from botcore_tui.exchange.sim.ready import Ready


def exchange_command(config: Config) -> tuple[str, ...]:
    """What is executed for the exchange of environment demo."""
    demo = config.demo
    options = ExchangeOptions(
        symbols=demo_symbols(config),
        market=demo.market if demo.tape is None else f"tape:{demo.tape}",
        seed=demo.seed,
        balance=f"{demo.balance:f}",
        speed=demo.speed,
        faults=demo.faults,
    )
    return sim_command(options)


def demo_feed(config: Config, limiter: Limiter) -> DemoFeed:
    """The market of an exchange in a process of its own; nothing runs yet."""
    streams = config.streams
    settings = LaunchSettings(
        command=exchange_command(config),
        backoff_base_seconds=streams.backoff_base_seconds,
        backoff_cap_seconds=streams.backoff_cap_seconds,
        backoff_jitter_pct=streams.backoff_jitter_pct,
        stable_seconds=streams.stable_seconds,
    )

    def load() -> FeedMaker:
        from botcore_tui.cli.live import feed_at  # noqa: PLC0415 - websockets and ccxt

        def make(ready: Ready, receiver: Receiver) -> MarketFeed:
            hosts = Endpoints(ready.rest, ready.ws_public, ready.ws_market, ready.ws_private)
            return feed_at(hosts, ready.symbols, config, limiter, receiver)

        return make

    return DemoFeed(settings, load, SystemClock(), random.Random())  # noqa: S311 - jitter
