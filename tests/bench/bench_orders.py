"""What an order costs on its way out, and how long a cancel takes while everything else is loud."""

import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import Final

import msgspec
from bench.figures import (
    FailedError,
    Options,
    Row,
    Side,
    Target,
    compared,
    interleaved,
    quantile,
)
from bench.front import MARKET, PUBLIC, Front, open_front
from bench.obedient import FLAT, LONG, Bars
from bench.order_peers import AIOHTTP, CCXT, RECORDING, SIGNING
from bench.order_program import Sent, Wish
from bench.processes import bench_environment
from bench.trading_program import Trading, a_home, a_limit_order, trading
from sim_process import Sim, running_sim

from botcore_tui.model.command import EnableStrategy, Halt

NAME = "orders"
ABOUT = "decision to wire, orders/s, bar to order beside bots without a gate, cancel under a flood"

_SYMBOL: Final = "BTCUSDT"
_SYMBOLS: Final = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
"""As many as may be held at once in the phase of testnet."""
_OBEDIENT: Final = "bench.obedient:Obedient"
_BALANCE: Final = ("--balance", "5000")
_TO_FSYNC = Target(2.0)
_RATE = Target(1_000, is_ratio=False, is_least=True)
_P50, _P99 = Target(1.5), Target(2.0)
_FASTER = Target(1.0)
_CANCEL = Target(10.0, is_ratio=False)
_ONE_BY_ONE: Final = 300
_AT_ONCE: Final = 2_000
_WARM: Final = 8
_BARS: Final = 40
"""In a run; each brings one order."""
_COMMANDS: Final = 40
_HALTS: Final = 25
_FLOOD_PER_SECOND: Final = 5_000
_LOST_SECONDS: Final = 5.0
_ORDER: Final = "POST /fapi/v1/order"
_CANCELLED: Final = ("DELETE /fapi/v1/order", "DELETE /fapi/v1/allOpenOrders")
"""One by one, or all of a symbol at once where many rest."""


def run(options: Options) -> Iterator[Row]:
    """Measure each on an exchange of its own."""
    # The door to the exchange stands in this process: its threads must not wait for each other.
    sys.setswitchinterval(0.0002)
    yield from _program_rows(options)
    yield from _tick_rows(options)
    yield from _cancel_rows(options)


# --- from the decision to the wire -----------------------------------------------------------


def _program_rows(options: Options) -> Iterator[Row]:
    with running_sim("--no-limits") as sim:
        levels = (1, 8, 32)
        sides = [partial(_sent, sim, level) for level in levels]
        found = interleaved(sides, runs=options.runs)
    alone = found[0]
    yield compared(
        f"{NAME} intent durable p50",
        "us",
        ours=[sent.recorded.p50_us for sent in alone],
        beside=Side("write + fdatasync", [sent.floor.p50_us for sent in alone]),
        target=_TO_FSYNC,
        note="one order at a time, SQLite with WAL and FULL",
    )
    yield compared(
        f"{NAME} intent durable p99",
        "us",
        ours=[sent.recorded.p99_us for sent in alone],
        beside=Side("write + fdatasync", [sent.floor.p99_us for sent in alone]),
    )
    yield compared(f"{NAME} intent to wire p50", "us", ours=[sent.wired.p50_us for sent in alone])
    yield compared(f"{NAME} intent to wire p99", "us", ours=[sent.wired.p99_us for sent in alone])
    yield compared(
        f"{NAME} wire to reply p50",
        "us",
        ours=[sent.answered.p50_us for sent in alone],
        note="the exchange's own time is in it",
    )
    for level, figures in zip(levels, found, strict=True):
        yield compared(
            f"{NAME} orders, {level} at once",
            "orders/s",
            ours=[sent.rate for sent in figures],
            target=_RATE if level == 8 else None,
            note="recorded, signed, sent, answered; the exchange works on the same cores",
        )


def _sent(sim: Sim, concurrency: int) -> Sent:
    bid, _ = sim.best(_SYMBOL)
    wish = Wish(
        rest=sim.rest,
        ws_private=sim.ws_private,
        api_key=sim.api_key,
        api_secret=sim.api_secret,
        symbol=_SYMBOL,
        price=f"{bid * 97 // 100:.1f}0",
        orders=_ONE_BY_ONE if concurrency == 1 else _AT_ONCE,
        concurrency=concurrency,
    )
    done = subprocess.run(
        [sys.executable, "-m", "bench.order_program", msgspec.json.encode(wish).decode()],
        env=bench_environment(),
        stdout=subprocess.PIPE,
        check=True,
    )
    return msgspec.json.decode(done.stdout, type=Sent)


# --- from a closed bar to the order ----------------------------------------------------------


def _tick_rows(options: Options) -> Iterator[Row]:
    sides: list[Callable[[], list[float]]] = [
        _bars_of_ours,
        partial(_bars_of, AIOHTTP),
        partial(_bars_of, RECORDING),
        partial(_bars_of, SIGNING),
        partial(_bars_of, CCXT),
        _commands,
    ]
    found = interleaved(sides, runs=options.runs, warms_up=False)
    ours, bare, recording, signing, ccxt, commands = found
    for share, name, target in ((0.5, "p50", _P50), (0.99, "p99", _P99)):
        values = [quantile(run, share) for run in ours]
        floor = [quantile(run, share) for run in bare]
        peer = [quantile(run, share) for run in ccxt]
        yield compared(
            f"{NAME} bar to order {name}",
            "us",
            ours=values,
            beside=Side("websockets + aiohttp", floor),
            target=target,
            note="closed bar sent until the order is at the venue's door; gate and ledger on",
        )
        yield compared(
            f"{NAME} bar to order {name}, recorded",
            "us",
            ours=values,
            beside=Side("the same, SQLite first", [quantile(run, share) for run in recording]),
            note="the least that a bot takes which records its intent before it sends",
        )
        yield compared(
            f"{NAME} bar to order {name}, recorded and signed",
            "us",
            ours=values,
            beside=Side("the same by ccxt", [quantile(run, share) for run in signing]),
            target=target,
            note="the least with what ours is made of: websockets, SQLite first, ccxt",
        )
        yield compared(
            f"{NAME} bar to order {name}, ccxt",
            "us",
            ours=values,
            beside=Side("ccxt.pro + ccxt", peer),
            target=_FASTER,
        )
        yield compared(
            f"{NAME} command to order {name}",
            "us",
            ours=[quantile(run, share) for run in commands],
            beside=Side("websockets + aiohttp", floor),
            note="the same way through gate, ledger and wire, begun by a command at the socket:"
            " a connection, a line of JSON and the wait for its turn are in it",
        )


@contextmanager
def _place() -> Iterator[tuple[Sim, Front]]:
    with (
        running_sim("--no-limits", "--symbols", ",".join(_SYMBOLS), *_BALANCE) as sim,
        open_front(sim) as front,
    ):
        yield sim, front


def _bars_of_ours() -> list[float]:
    with (
        _place() as (sim, front),
        a_home() as home,
        trading(sim, front.address, home, strategy=_OBEDIENT, symbols=_SYMBOLS) as program,
    ):
        program.wait_until_ready()
        return _microseconds(sim, front, _SYMBOLS, partial(_enable, program))


def _enable(program: Trading) -> None:
    """Let the strategy go on: so many trades, none of them a gain, disable one (P19)."""
    now_ms = time.time_ns() // 1_000_000
    program.tell(
        EnableStrategy(
            command_id=f"bench-enable-{time.monotonic_ns()}",
            actor="bench",
            strategy="obedient",
            reason="it does as it is told",
            time_ms=now_ms,
        )
    )


def _bars_of(client: str) -> list[float]:
    with _place() as (sim, front):
        command = [sys.executable, "-m", "bench.order_peers", client, front.address]
        command += [sim.api_key, sim.api_secret]
        with subprocess.Popen(command, env=bench_environment(), stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            try:
                return _microseconds(sim, front, (_SYMBOL,))
            finally:
                process.kill()


def _microseconds(
    sim: Sim, front: Front, symbols: Sequence[str], prepare: Callable[[], None] = lambda: None
) -> list[float]:
    """From bar to order: of each symbol in turn in, and the next time out again."""
    _until(lambda: front.is_followed(MARKET), "a client that follows bars")
    time.sleep(2.0)  # the work of its start is over by then
    bars = [Bars(symbol, f"{sim.best(symbol)[0]:f}") for symbol in symbols]

    def once(number: int) -> float:
        turn, index = divmod(number, len(bars))
        before = len(front.requests)
        payload = bars[index].next(FLAT if turn % 2 else LONG)
        at_ns = front.add(MARKET, bars[index].stream, payload)
        return (_arrived(front, _ORDER, before) - at_ns) / 1_000

    found = [_after_a_pause(partial(once, number), prepare) for number in range(_WARM + _BARS)]
    return found[_WARM:]


def _commands() -> list[float]:
    with (
        _place() as (sim, front),
        a_home() as home,
        trading(sim, front.address, home) as program,
    ):
        program.wait_until_ready()
        _until(lambda: front.is_followed(PUBLIC), "a market that is open")
        time.sleep(2.0)  # the work of its start is over by then
        bid, _ = sim.best(_SYMBOL)

        def once(number: int) -> float:
            before = len(front.requests)
            order = a_limit_order(_SYMBOL, bid, number, is_resting=False)
            at_ns = time.monotonic_ns()
            answer = program.tell(order)
            if not answer.is_accepted:
                raise FailedError(f"denied: {answer.text}")
            return (_arrived(front, _ORDER, before) - at_ns) / 1_000

        found = [_after_a_pause(partial(once, number)) for number in range(_WARM + _COMMANDS)]
        return found[_WARM:]


def _after_a_pause(once: Callable[[], float], prepare: Callable[[], None] = lambda: None) -> float:
    # What follows an order (its stop, fills) is over by then, and every phase of a tick is met. A
    # symbol's turn comes again after more than the second that a closed position takes to settle.
    time.sleep(0.3)
    prepare()
    time.sleep(random.uniform(0.05, 0.3))
    return once()


def _arrived(front: Front, what: str | tuple[str, ...], before: int) -> int:
    request = front.wait_for(what, before, _LOST_SECONDS)
    if request is None:
        raise FailedError(f"{what} did not come within {_LOST_SECONDS:g} s")
    return request.at_ns


def _until(claim: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 30.0
    while not claim():
        if time.monotonic() > deadline:
            raise FailedError(f"not seen: {what}")
        time.sleep(0.01)  # until the deadline above


# --- cancel under a flood --------------------------------------------------------------------


def _cancel_rows(options: Options) -> Iterator[Row]:
    (runs,) = interleaved([_cancels], runs=options.runs, warms_up=False)
    for share, name, target in ((0.5, "p50", None), (0.99, "p99", _CANCEL)):
        yield compared(
            f"{NAME} halt to cancel {name}",
            "ms",
            ours=[quantile(run, share) for run in runs],
            target=target,
            note=f"{_FLOOD_PER_SECOND:,} market messages/s, bars that turn a strategy round, and"
            " orders as fast as they are answered",
        )


def _cancels() -> list[float]:
    with (
        _place() as (sim, front),
        a_home() as home,
        trading(sim, front.address, home, strategy=_OBEDIENT, symbols=_SYMBOLS) as program,
    ):
        program.wait_until_ready()
        _until(lambda: front.is_followed(MARKET), "a market that is open")
        time.sleep(2.0)  # the work of its start is over by then
        with _flooded(sim, front, program):
            return [_cancel_milliseconds(sim, front, program, number) for number in range(_HALTS)]


def _cancel_milliseconds(sim: Sim, front: Front, program: Trading, number: int) -> float:
    order = a_limit_order(_SYMBOL, sim.best(_SYMBOL)[0], number, is_resting=True)
    deadline = time.monotonic() + _LOST_SECONDS
    while not (answer := program.tell(order)).is_accepted:
        # The flood takes most of what the account may send in a second.
        if answer.code != "P18" or time.monotonic() > deadline:
            raise FailedError(f"denied: {answer.text}")
        time.sleep(0.02)  # until the deadline above
    resting = answer.client_order_id
    program.wait_until(
        lambda account: any(
            each.client_order_id == resting and each.state.is_at_venue for each in account.orders
        ),
        "an order that rests",
    )
    time.sleep(random.uniform(0.05, 0.15))  # at any moment of a tick's period
    before, now_ms = len(front.requests), time.time_ns() // 1_000_000
    at_ns = time.monotonic_ns()
    program.tell(Halt("bench", "to see how fast it is", now_ms))
    arrived_ns = _arrived(front, _CANCELLED, before)
    program.resume()
    return (arrived_ns - at_ns) / 1e6


@contextmanager
def _flooded(sim: Sim, front: Front, program: Trading) -> Iterator[None]:
    """Market data, bars and orders, all too much, until the block ends."""
    over = threading.Event()
    bid, _ = sim.best(_SYMBOL)
    parts: Sequence[Callable[[threading.Event], None]] = (
        partial(_flood_market, front, f"{bid:f}"),
        partial(_flood_orders, program, bid),
    )
    threads = [threading.Thread(target=part, args=(over,), daemon=True) for part in parts]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _flood_market(front: Front, price: str, over: threading.Event) -> None:
    # Not of the symbol whose order rests: a strategy that turns takes its own entries back.
    bars, count = Bars(_SYMBOLS[1], "2600"), 0
    started = time.perf_counter()
    while not over.is_set():
        ahead = count / _FLOOD_PER_SECOND - (time.perf_counter() - started)
        if ahead > 0:
            time.sleep(ahead)  # the pace of the flood
        count += 1
        now_ms = time.time_ns() // 1_000_000
        ticker = (
            f'{{"e":"bookTicker","u":{10**12 + count},"s":"{_SYMBOL}","b":"{price}","B":"1.5",'
            f'"a":"{price}","A":"2.5","T":{now_ms},"E":{now_ms}}}'
        )
        front.add(PUBLIC, f"{_SYMBOL.lower()}@bookTicker", ticker.encode())
        if count % 50 == 0:
            front.add(MARKET, bars.stream, bars.next(LONG if count % 100 else FLAT))


def _flood_orders(program: Trading, bid: Decimal, over: threading.Event) -> None:
    number = 1_000
    while not over.is_set():
        number += 1  # one like the one before would be denied as a repeat
        program.tell(a_limit_order(_SYMBOL, bid, number % 5_000, is_resting=False))
