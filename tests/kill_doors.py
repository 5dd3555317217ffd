"""What a halt from another program meets: an engine that answers or hangs, orders at the venue."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import msgspec
from sim_process import Sim

BTC = "BTCUSDT"
_QUANTITIES = {"BTCUSDT": "0.010", "ETHUSDT": "0.100"}


def _bound(path: Path) -> socket.socket:
    """At a path that may be too long for a socket's address: by its open directory."""
    path.parent.mkdir(parents=True, exist_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        listening.bind(f"/proc/self/fd/{directory}/{path.name}")
    finally:
        os.close(directory)
    listening.listen()
    return listening


@contextmanager
def hanging(path: Path) -> Iterator[None]:
    """An engine that is stopped: connections are taken by the system, and nobody reads."""
    with _bound(path):
        yield


@contextmanager
def answering(path: Path, reply: object) -> Iterator[list[bytes]]:
    """An engine that answers every request with the same; what it was asked."""
    asked: list[bytes] = []
    listening = _bound(path)

    def serve() -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            with client:
                if not (line := client.makefile("rb").readline()):
                    continue  # who only looked whether somebody listens
                asked.append(line)
                client.sendall(msgspec.json.encode(reply) + b"\n")

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield asked
    finally:
        listening.shutdown(socket.SHUT_RDWR)  # closing alone does not wake who accepts
        listening.close()
        thread.join()
        path.unlink()


def bid(sim: Sim, symbol: str = BTC) -> None:
    """Have an order rest far below the market."""
    best, _ = sim.best(symbol)
    sim.ask_signed(
        "POST",
        "/fapi/v1/order",
        symbol=symbol,
        side="BUY",
        type="LIMIT",
        timeInForce="GTC",
        quantity=_QUANTITIES[symbol],
        price=f"{round(best * 97 / 100)}",
    )


def long_position(sim: Sim, symbol: str = BTC) -> None:
    """Buy at market."""
    sim.ask_signed(
        "POST",
        "/fapi/v1/order",
        symbol=symbol,
        side="BUY",
        type="MARKET",
        quantity=_QUANTITIES[symbol],
    )


def stop_order(sim: Sim, symbol: str = BTC, *, share: str = "0.9") -> None:
    """Protect a long position, at a share of the price."""
    best, _ = sim.best(symbol)
    sim.ask_signed(
        "POST",
        "/fapi/v1/algoOrder",
        symbol=symbol,
        side="SELL",
        algoType="CONDITIONAL",
        type="STOP_MARKET",
        triggerPrice=f"{round(best * Decimal(share))}",
        closePosition="true",
    )


def buy_stop(sim: Sim, number: int, symbol: str = BTC) -> None:
    """A conditional order that would open a position."""
    best, _ = sim.best(symbol)
    sim.ask_signed(
        "POST",
        "/fapi/v1/algoOrder",
        symbol=symbol,
        side="BUY",
        algoType="CONDITIONAL",
        type="STOP_MARKET",
        triggerPrice=f"{round(best * 11 / 10) + number}",
        quantity=_QUANTITIES[symbol],
    )


def open_at_venue(sim: Sim) -> tuple[int, int]:
    """How many orders of the book, and how many conditional ones, by the exchange's own account."""
    state = sim.control("GET", "/sim/state")
    assert isinstance(state, dict)
    return len(state["open_orders"]), len(state["open_algo_orders"])
