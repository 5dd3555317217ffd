"""How long a restart leaves ten positions on their own, with months of history in the ledger."""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.request import urlopen

from bench.figures import Options, Row, Side, Target, compared, interleaved
from bench.front import Front, open_front
from bench.ledger_rows import write_ledger
from bench.trading_program import Trading, a_home, trading
from msgspec import Struct
from sim_process import RefusedError, Sim, running_sim

from botcore_tui.exchange.binance.keys import fingerprint
from botcore_tui.ledger.store import default_url
from botcore_tui.model.trading import AccountView, Cover

NAME = "recovery"
ABOUT = "kill -9 with ten positions, start again: until the venue confirms a stop for each"

_SYMBOLS: Final = (
    "BTCUSDT",
    "ETHUSDT",
    "BNBUSDT",
    "SOLUSDT",
    "XRPUSDT",
    "DOGEUSDT",
    "ADAUSDT",
    "LINKUSDT",
    "LTCUSDT",
    "AVAXUSDT",
)
_QUANTITIES: Final = ("0.01", "0.2", "1", "4", "1000", "5000", "1500", "50", "10", "20")
_FLAT: Final = "DOTUSDT"
"""What the history is about."""
_ORDERS: Final = 111_112
"""Of the history, with nine rows each: a million."""
_MOST_USED: Final = 900
"""Request weight of a minute."""
_TARGET = Target(5.0, is_ratio=False)


class Start(Struct, frozen=True):
    """One start."""

    known_seconds: float
    """From exec until the account was reconciled."""
    protected_seconds: float
    """From exec until every position had a confirmed stop."""


def run(options: Options) -> Iterator[Row]:
    """Restart with stops that waited at the venue, and with stops that were lost meanwhile."""
    with (
        running_sim("--no-limits", "--symbols", ",".join(_SYMBOLS), "--balance", "100000") as sim,
        open_front(sim) as front,
        a_home() as full,
        a_home() as fresh,
    ):
        account = f"testnet:{fingerprint(sim.api_key)}"
        started = time.monotonic()
        count = write_ledger(default_url(full, "testnet"), account, _ORDERS, _FLAT)
        print(f"  {count:,} rows written in {time.monotonic() - started:.0f} s", flush=True)
        with trading(sim, front.address, full, symbols=_SYMBOLS) as program:
            _open_positions(sim, program)
        kept, lost, forgotten = interleaved(
            [
                lambda: _start(sim, front, full),
                lambda: _start(sim, front, full, loses_stops=True),
                lambda: _start(sim, front, fresh),
            ],
            runs=options.runs,
            warms_up=False,
        )
    beside = Side("an empty ledger", [start.protected_seconds for start in forgotten])
    yield compared(
        f"{NAME} account known",
        "s",
        ours=[start.known_seconds for start in kept],
        beside=Side("an empty ledger", [start.known_seconds for start in forgotten]),
        note=f"{len(_SYMBOLS)} positions, {count:,} ledger rows, from exec",
    )
    yield compared(
        f"{NAME} protected, stops kept",
        "s",
        ours=[start.protected_seconds for start in kept],
        beside=beside,
        target=_TARGET,
    )
    yield compared(
        f"{NAME} protected, stops lost",
        "s",
        ours=[start.protected_seconds for start in lost],
        target=_TARGET,
        note="all stops were cancelled by others while nothing ran",
    )


def _open_positions(sim: Sim, program: Trading) -> None:
    """More than any phase allows, so by another's hand: the program adopts and protects them."""
    program.wait_until_ready()
    for symbol, quantity in zip(_SYMBOLS, _QUANTITIES, strict=True):
        sim.ask_signed(
            "POST",
            "/fapi/v1/order",
            symbol=symbol,
            side="BUY",
            type="MARKET",
            quantity=quantity,
        )
    program.wait_until(_is_protected, "ten protected positions")


def _is_protected(account: AccountView) -> bool:
    covers = [position.cover for position in account.positions]
    return len(covers) == len(_SYMBOLS) and all(cover is Cover.VERIFIED for cover in covers)


def _wait_for_quota(sim: Sim) -> None:
    """Begin a new minute where starts before this one have used much of the present one up.

    Whoever starts a fourth time within a minute waits for the next: that is not measured here.
    """
    while True:
        with urlopen(f"{sim.rest}/fapi/v1/ping") as reply:
            if int(reply.headers["X-MBX-USED-WEIGHT-1M"]) <= _MOST_USED:
                return
        time.sleep(1.0)  # the venue's minute ends by itself


def _start(sim: Sim, front: Front, home: Path, *, loses_stops: bool = False) -> Start:
    if loses_stops:
        for symbol in _SYMBOLS:
            with suppress(RefusedError):
                sim.ask_signed("DELETE", "/fapi/v1/algoOpenOrders", symbol=symbol)
    _wait_for_quota(sim)
    with trading(sim, front.address, home, symbols=_SYMBOLS) as program:
        program.wait_until(lambda account: account.is_reconciled, "a reconciled account")
        known_ns = time.monotonic_ns()
        program.wait_until(_is_protected, "ten protected positions")
        protected_ns = time.monotonic_ns()
        state = sim.control("GET", "/sim/state")
        assert isinstance(state, dict)
        assert len(state["open_algo_orders"]) >= len(_SYMBOLS), "protected, says the program only"
        return Start(
            (known_ns - program.started_ns) / 1e9, (protected_ns - program.started_ns) / 1e9
        )
