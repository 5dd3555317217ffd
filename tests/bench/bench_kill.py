"""From a halt to nothing open and everything flat, as the exchange itself sees it."""

import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from decimal import Decimal
from pathlib import Path

from bench.figures import FailedError, Options, Row, compared, quantile
from bench.processes import bench_environment
from bench.trading_program import Trading, a_home, trading
from kill_doors import bid, buy_stop, long_position, stop_order
from msgspec import Struct
from sim_process import RefusedError, Sim, running_sim

from botcore_tui.model.command import Halt

NAME = "kill"
ABOUT = "a halt until it is latched, until no entry is open, until all is flat, at the exchange"

TIMES = 4
"""Halts in a run of a case."""
_SYMBOLS = ("BTCUSDT", "ETHUSDT")
_LOST_SECONDS = 40.0
_LOOK_SECONDS = 0.002
_BLOCKED_SECONDS = 5
_STORM_SECONDS = 2
_MINUTE_SECONDS = 60


class Times(Struct):
    """Milliseconds from the wish; None where it is not part of the case."""

    latched: float
    cancelled: float
    flat: float | None


class Case(Struct, frozen=True):
    """One trouble, and one way to halt in it."""

    name: str
    halt: "Callable[[Place], object]"
    """Asks for it; returns at once or when it is done."""
    trouble: "Callable[[Place], AbstractContextManager[object]]"
    flattens: bool = True
    algo_entries: int = 2
    times: int = TIMES
    """In a run."""
    note: str = ""


class Place(Struct, frozen=True):
    """Where a case is played."""

    sim: Sim
    program: Trading
    home: Path

    @property
    def latch(self) -> Path:
        """The halt file."""
        return self.home / "halt-testnet.json"


# --- ways to halt ------------------------------------------------------------------------------


def _tell_engine(place: Place) -> None:
    place.program.tell(Halt("bench", "bench", 1, flattens=True))


def _signal(place: Place) -> None:
    place.program.process.send_signal(signal.SIGUSR1)


def _run(place: Place, *words: str) -> None:
    keys = {
        "BOTCORE_TESTNET_API_KEY": place.sim.api_key,
        "BOTCORE_TESTNET_API_SECRET": place.sim.api_secret,
    }
    command = [sys.executable, "-m", "botcore_tui", "--state-dir", str(place.home), "halt"]
    done = subprocess.run(
        [*command, *words, "--json"],
        env=bench_environment() | keys,
        capture_output=True,
        check=False,
    )
    if done.returncode or not json.loads(done.stdout)["is_confirmed"]:
        raise FailedError(f"not confirmed: {done.stdout.decode()} {done.stderr.decode()}")


def _command(place: Place) -> None:
    _run(place, "--flatten", "--all")


def _command_holding(place: Place) -> None:
    _run(place, "--all")


# --- troubles ----------------------------------------------------------------------------------


def _none(_place: Place) -> AbstractContextManager[object]:
    return nullcontext()


@contextmanager
def _blocked(place: Place) -> Iterator[None]:
    wish = place.home / "block"
    wish.write_text(str(_BLOCKED_SECONDS))
    _wait(lambda: not wish.exists(), "a blocked loop")
    ends = time.monotonic() + _BLOCKED_SECONDS
    yield
    time.sleep(max(0.0, ends - time.monotonic()))  # until the loop goes on


@contextmanager
def _stopped(place: Place) -> Iterator[None]:
    place.program.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        place.program.process.send_signal(signal.SIGCONT)


@contextmanager
def _locked(place: Place) -> Iterator[None]:
    ledger = sqlite3.connect(place.home / "ledger-testnet.db", isolation_level=None, timeout=10)
    with contextlib.closing(ledger):
        ledger.execute("BEGIN EXCLUSIVE")
        yield
        ledger.execute("ROLLBACK")


@contextmanager
def _storm(place: Place) -> Iterator[None]:
    # Refusals are counted by the minute, and too many of them are another trouble than this one.
    time.sleep(_MINUTE_SECONDS - time.time() % _MINUTE_SECONDS)
    fault = {"name": "rate-limited", "retry_after": _STORM_SECONDS}
    place.sim.control("POST", "/sim/faults", fault)
    yield


CASES = (
    Case("healthy, engine told", _tell_engine, _none),
    Case("healthy, botcore halt", _command, _none),
    Case(
        "loop blocked 5 s, SIGUSR1",
        _signal,
        _blocked,
        flattens=False,
        note="by the second way inside the program",
    ),
    Case("loop blocked 5 s, botcore halt", _command, _blocked),
    Case("database locked, engine told", _tell_engine, _locked),
    Case(
        "200 algo orders, botcore halt", _command_holding, _none, flattens=False, algo_entries=200
    ),
    Case("SIGSTOP, botcore halt", _command, _stopped),
    Case(
        "429 for 2 s, botcore halt",
        _command,
        _storm,
        times=1,
        note="one a minute; engine and command share an address, and a third would be banned (418)",
    ),
)


def run(options: Options) -> Iterator[Row]:
    """Play every case; orders and positions in all of them are foreign to it."""
    arguments = ("--seed", 8, "--symbols", ",".join(_SYMBOLS), "--balance", 5_000, "--no-limits")
    with running_sim(*arguments) as sim, a_home() as home:
        address = sim.rest.removeprefix("http://")
        with trading(
            sim, address, home, symbols=_SYMBOLS, module="bench.blockable_program"
        ) as program:
            place = Place(sim, program, home)
            program.wait_until_ready()
            for case in CASES:
                yield from _rows(
                    case, [_play(case, place) for _ in range(case.times * options.runs)]
                )


def _rows(case: Case, found: Sequence[Times]) -> Iterator[Row]:
    parts = {
        "latched": [each.latched for each in found],
        "no entries": [each.cancelled for each in found],
        "flat": [each.flat for each in found if each.flat is not None],
    }
    for part, values in parts.items():
        if values:
            note = f"{case.note} {len(values)} halts".strip()
            for share in (0.5, 0.99):
                name = f"{NAME} {case.name}: {part} p{share * 100:.0f}"
                ours = [quantile(values, share)]
                yield compared(name, "ms", ours=ours, note=note)


def _play(case: Case, place: Place) -> Times:
    _prepare(case, place)
    with case.trouble(place):
        began = time.monotonic()
        failed: list[BaseException] = []

        def halt() -> None:
            try:
                case.halt(place)
            except (FailedError, OSError) as error:
                failed.append(error)

        asking = threading.Thread(target=halt)
        asking.start()
        latched = _milliseconds(began, place.latch.exists, f"{case.name}: latched")
        cancelled = _milliseconds(began, lambda: not _entries(place), f"{case.name}: cancelled")
        flat = None
        if case.flattens:
            flat = _milliseconds(began, lambda: not _positions(place), f"{case.name}: flat")
        asking.join()
    if failed:
        raise failed[0]
    return Times(latched, cancelled, flat)


def _prepare(case: Case, place: Place) -> None:
    sim, program = place.sim, place.program
    sim.clean()
    program.resume()
    _wait(lambda: not place.latch.exists(), "no halt file")
    for number in range(5):
        bid(sim, _SYMBOLS[number % 2])
    for number in range(case.algo_entries):
        buy_stop(sim, number)
    for symbol in _SYMBOLS:
        long_position(sim, symbol)
        with contextlib.suppress(RefusedError):  # the program was quicker with its own
            stop_order(sim, symbol)
    # The program has seen them, and is done with what it makes of them.
    program.wait_until(lambda account: len(account.positions) == len(_SYMBOLS), "positions")
    time.sleep(0.5)


def _entries(place: Place) -> int:
    state = place.sim.control("GET", "/sim/state")
    assert isinstance(state, dict)
    rows = [*state["open_orders"], *state["open_algo_orders"]]
    return sum(row["side"] == "BUY" for row in rows)


def _positions(place: Place) -> int:
    state = place.sim.control("GET", "/sim/state")
    assert isinstance(state, dict)
    return sum(bool(Decimal(row["quantity"])) for row in state["positions"])


def _milliseconds(began: float, claim: Callable[[], bool], what: str) -> float:
    _wait(claim, what)
    return (time.monotonic() - began) * 1_000


def _wait(claim: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _LOST_SECONDS
    while not claim():
        if time.monotonic() > deadline:
            raise FailedError(f"never seen: {what}")
        time.sleep(_LOOK_SECONDS)  # until the deadline above
