"""Our way of an order, from the decision to the wire, in a process of its own.

Argument: one JSON object, see Wish. It prints one JSON line, see Sent.
"""

import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

import msgspec
import uvloop
from bench.cockpit_program import ExactHistogram, Spread
from bench.figures import quantile
from msgspec import Struct

from botcore_tui.clock import SystemClock
from botcore_tui.engine.executor import Executor, OrderTimings
from botcore_tui.exchange.binance.account import AccountSettings, BinanceAccount
from botcore_tui.exchange.binance.allowance import Quotas
from botcore_tui.exchange.binance.keys import load_credentials
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.ledger.store import default_url
from botcore_tui.ledger.writer import LedgerWriter
from botcore_tui.model.event import Event, Submit
from botcore_tui.model.ledger import IntentRow, OrderRow
from botcore_tui.model.market import Side
from botcore_tui.model.order import (
    OrderReport,
    OrderRequest,
    OrderSent,
    OrderState,
    OrderType,
    Purpose,
    TimeInForce,
    VenueStatus,
)

_UNLIMITED: Final = Quotas(10**9, 10**9, 10**9)
_WARM: Final = 50
_LONGEST_SECONDS: Final = 60.0


class Wish(Struct, frozen=True):
    """What is to be sent, and where."""

    rest: str
    ws_private: str
    api_key: str
    api_secret: str
    symbol: str
    price: str
    """Too far from the market to execute: each order expires at once."""
    orders: int
    concurrency: int


class Sent(Struct, frozen=True):
    """What was found."""

    rate: float
    """Orders a second, each answered."""
    recorded: Spread
    """Decision to intent durable."""
    wired: Spread
    """Decision to the first byte."""
    answered: Spread
    """First byte to reply."""
    floor: Spread
    """``write()`` and ``fdatasync()`` of a row beside the ledger, in turns with the orders."""


class _Floor:
    """The least that makes a row durable.

    Args:
        directory: On the same disk as the ledger.
    """

    def __init__(self, directory: Path) -> None:
        self.durations: list[float] = []
        self._fileno = os.open(directory / "floor", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._row = b"x" * 400

    def write(self) -> None:
        """One row."""
        started_ns = time.perf_counter_ns()
        os.write(self._fileno, self._row)
        os.fdatasync(self._fileno)
        self.durations.append(time.perf_counter_ns() - started_ns)


class _Desk:
    """Plans orders as the core does, and counts their ends."""

    def __init__(self, wish: Wish, run_id: str) -> None:
        self.ended: dict[str, asyncio.Future[None]] = {}
        self._wish = wish
        self._count = 0
        self._run = run_id

    def request(self) -> OrderRequest:
        """One that costs nothing and leaves nothing behind."""
        self._count += 1
        return OrderRequest(
            client_order_id=f"bc-{self._run}-{self._count:x}-e",
            symbol=self._wish.symbol,
            side=Side.BUY,
            type=OrderType.LIMIT,
            purpose=Purpose.ENTRY,
            quantity=Decimal("0.002"),
            price=Decimal(self._wish.price),
            time_in_force=TimeInForce.IOC,
            actor="bench",
            created_ms=time.time_ns() // 1_000_000,
        )

    def take(self, event: Event) -> None:
        """See Executor."""
        match event:
            case OrderSent():
                pass
            case OrderReport() if event.status is VenueStatus.EXPIRED:
                self.ended.pop(event.client_order_id).set_result(None)
            case _:
                raise AssertionError(f"not the end of an order: {event}")


def _die(name: str, error: Exception) -> None:
    raise AssertionError(name) from error


async def send_all(wish: Wish, directory: Path) -> Sent:
    """Send every order, so many at once."""
    clock = SystemClock()
    limiter = Limiter(10**9, clock)
    limiter.gate(wish.rest).learn(_UNLIMITED)
    account = BinanceAccount(
        AccountSettings(rest=wish.rest, ws_private=wish.ws_private, symbols=(wish.symbol,)),
        load_credentials(wish.api_key, wish.api_secret),
        clock=clock,
        rng=random.Random(7),
        limiter=limiter,
    )
    ledger = LedgerWriter.open(default_url(directory, "bench"), "bench:1", "demo")
    desk, floor = _Desk(wish, ledger.run_id), _Floor(directory)
    executor = Executor(account, ledger, desk.take, lambda _: "", clock, on_death=_die)

    async def send() -> None:
        request = desk.request()
        ended = desk.ended[request.client_order_id] = asyncio.get_running_loop().create_future()
        planned = OrderRow(
            client_order_id=request.client_order_id,
            symbol=request.symbol,
            state=OrderState.PLANNED,
            previous=None,
            time_ms=request.created_ms,
        )
        ledger.append(IntentRow(request, None, None, None), planned)
        executor.submit(Submit(request))
        await ended

    async def send_many(count: int) -> None:
        for _ in range(count):
            await send()
            if wish.concurrency == 1:
                floor.write()

    try:
        async with asyncio.timeout(_LONGEST_SECONDS), asyncio.TaskGroup() as group:
            executor.start(group)
            await send_many(_WARM)
            timings = executor.timings = _exact()
            floor.durations.clear()
            started_ns = time.perf_counter_ns()
            each = wish.orders // wish.concurrency
            await asyncio.gather(*(send_many(each) for _ in range(wish.concurrency)))
            seconds = (time.perf_counter_ns() - started_ns) / 1e9
        return Sent(
            rate=each * wish.concurrency / seconds,
            recorded=_spread(timings.recording),
            wired=_spread(timings.tick_to_order),
            answered=_spread(timings.acknowledging),
            floor=_of(floor.durations or [0.0]),
        )
    finally:
        await account.close()
        ledger.close()


def _exact() -> OrderTimings:
    timings = OrderTimings()
    timings.recording, timings.sending = ExactHistogram(), ExactHistogram()
    timings.tick_to_order, timings.acknowledging = ExactHistogram(), ExactHistogram()
    return timings


def _spread(histogram: object) -> Spread:
    assert isinstance(histogram, ExactHistogram)
    return histogram.spread()


def _of(durations_ns: Sequence[float]) -> Spread:
    values = [duration / 1000 for duration in durations_ns]
    return Spread(len(values), quantile(values, 0.5), quantile(values, 0.99), max(values))


def main(wish: Wish) -> None:
    sys.setswitchinterval(0.0002)  # as the engine does
    """Send and print."""
    with (
        tempfile.TemporaryDirectory(prefix="orders-") as name,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        sent = runner.run(send_all(wish, Path(name)))
    print(msgspec.json.encode(sent).decode())


if __name__ == "__main__":
    main(msgspec.json.decode(sys.argv[1], type=Wish))
