"""Whether the venue's streams deliver what this version can read."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Final, TypeVar

from msgspec import Struct

from botcore_tui.cli.doctor_terms import Finding, Grade, good
from botcore_tui.cli.live import feed_at
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Endpoints
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.model.event import Event
from botcore_tui.model.market import MarkPrice
from botcore_tui.model.snapshot import FeedState

_SECONDS: Final = 15.0
"""Longest wait for the first frame of every stream."""
_LOOK_SECONDS: Final = 0.05
_RARE: Final = ("aggTrade",)
"""Of a quiet contract they may well be silent for so long."""
_WAITING: Final = "waiting"
_T = TypeVar("_T", bound=Event)


class Witness:
    """Sees what a feed delivers.

    Attributes:
        events: All of it, oldest first.
    """

    def __init__(self) -> None:
        self.events: list[Event] = []

    def deliver(self, event: Event, _received_ns: int) -> None:
        """Remember it."""
        self.events.append(event)

    async def room(self) -> None:
        """There always is."""

    async def saw(
        self, kind: type[_T], seconds: float, is_it: Callable[[_T], bool] = lambda _: True
    ) -> _T | None:
        """The first event of a kind; None if none came in time.

        Args:
            kind: Of event.
            seconds: Longest wait.
            is_it: Whether it is the wanted one.
        """
        clock = SystemClock()
        deadline = clock.monotonic_ns() + seconds * 1e9
        while True:
            for event in self.events:
                if isinstance(event, kind) and is_it(event):
                    return event
            if clock.monotonic_ns() > deadline:
                return None
            await clock.sleep(_LOOK_SECONDS)


class Streams(Struct, frozen=True):
    """What came of following them."""

    findings: list[Finding]
    marks: dict[str, Decimal]
    """Newest mark prices by symbol."""


async def streams(
    hosts: Endpoints, symbols: tuple[str, ...], config: Config, limiter: Limiter
) -> Streams:
    """Follow every stream until each has told something, or long enough.

    Args:
        hosts: Where they are.
        symbols: To follow.
        config: Checked.
        limiter: Of this process.
    """
    feed = feed_at(hosts, symbols, config, limiter)
    clock, witness = SystemClock(), Witness()
    task = asyncio.create_task(feed.run(witness))
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(_SECONDS):
                while not task.done() and not all(row.frames for row in _rows(feed.states, clock)):
                    await clock.sleep(_LOOK_SECONDS)
        rows = _rows(feed.states, clock)
        unreadable, unknown = feed.counters()
    finally:
        task.cancel()
        await asyncio.wait([task])
    marks = {each.symbol: each.mark for each in witness.events if isinstance(each, MarkPrice)}
    return Streams(judged(rows, unreadable, unknown), marks)


def judged(rows: list[FeedState], unreadable: int, unknown: int) -> list[Finding]:
    """What is found of streams.

    Args:
        rows: Of each.
        unreadable: Frames that could not be decoded.
        unknown: Frames of types that are not known.
    """
    found: list[Finding] = []
    for row in rows:
        if row.frames:
            continue
        is_rare = row.status == _WAITING and any(kind in row.name for kind in _RARE)
        text = f"{row.name} said nothing: {row.status} {row.detail}".rstrip()
        remedy = "see that the venue's hosts can be reached from here"
        found.append(Finding(Grade.NOTE if is_rare else Grade.BAD, "streams", text, remedy))
    if unreadable or unknown:
        text = f"{unreadable} frames could not be read, {unknown} are of unknown types"
        remedy = "the venue may have changed its protocol: look for a newer version"
        found.append(Finding(Grade.BAD if unreadable else Grade.WARN, "streams", text, remedy))
    live = [row for row in rows if row.frames]
    return (
        [good("streams", f"{len(live)} of {len(rows)} deliver, all frames read"), *found]
        if (live and not unreadable)
        else found
    )


def _rows(states: Callable[[int], tuple[FeedState, ...]], clock: SystemClock) -> list[FeedState]:
    # The row of requests is no stream.
    return [row for row in states(clock.monotonic_ns()) if row.rest is None]
