"""The embedded exchange, from the configuration."""

import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from msgspec import structs

from botcore_tui.cli.demo import demo_symbols
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Endpoints
from botcore_tui.exchange.base import MarketFeed
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.binance.receiver import Receiver
from botcore_tui.exchange.demo import DemoFeed, FeedMaker, LaunchSettings
from botcore_tui.exchange.sim.child import ExchangeOptions, sim_command
from botcore_tui.exchange.sim.ready import Ready

LINGER_SECONDS: Final = 120.0
"""How long a demo that trades waits for the next start after its program was killed."""


def exchange_command(config: Config, linger_seconds: float = 0.0) -> tuple[str, ...]:
    """What is executed for the exchange of environment demo."""
    demo = config.demo
    options = ExchangeOptions(
        symbols=demo_symbols(config),
        market=demo.market if demo.tape is None else f"tape:{demo.tape}",
        seed=demo.seed,
        balance=f"{demo.balance:f}",
        speed=demo.speed,
        faults=demo.faults,
        linger_seconds=linger_seconds,
    )
    return sim_command(options)


def demo_feed(config: Config, limiter: Limiter) -> DemoFeed:
    """The market of an exchange in a process of its own; nothing runs yet."""

    def load() -> FeedMaker:
        from botcore_tui.cli.live import feed_at  # noqa: PLC0415 - websockets and ccxt

        @asynccontextmanager
        async def make(ready: Ready, receiver: Receiver) -> AsyncIterator[MarketFeed]:
            hosts = Endpoints(ready.rest, ready.ws_public, ready.ws_market, ready.ws_private)
            yield feed_at(hosts, ready.symbols, config, limiter, receiver)

        return make

    return _feed(_settings(config, exchange_command(config)), load)


def trading_demo_feed(
    config: Config, trace: Path, session: FeedMaker, *, is_fresh: bool
) -> DemoFeed:
    """Market and account of an exchange that outlives a crash of this program.

    Args:
        config: Checked.
        trace: File by which the next start finds it.
        session: Begins a session with the account of an exchange that is ready.
        is_fresh: Whether one that was left behind is ended.
    """
    settings = structs.replace(
        _settings(config, exchange_command(config, LINGER_SECONDS)),
        trace=trace,
        is_fresh=is_fresh,
    )
    return _feed(settings, lambda: session)


def _settings(config: Config, command: Sequence[str]) -> LaunchSettings:
    streams = config.streams
    return LaunchSettings(
        command=command,
        backoff_base_seconds=streams.backoff_base_seconds,
        backoff_cap_seconds=streams.backoff_cap_seconds,
        backoff_jitter_pct=streams.backoff_jitter_pct,
        stable_seconds=streams.stable_seconds,
    )


def _feed(settings: LaunchSettings, load: Callable[[], FeedMaker]) -> DemoFeed:
    return DemoFeed(settings, load, SystemClock(), random.Random())  # noqa: S311 - jitter
