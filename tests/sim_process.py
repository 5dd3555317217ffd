"""The embedded exchange as the process it is: started, asked directly, ended."""

import hashlib
import hmac
import json
import select
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import IO, Final
from urllib.parse import urlencode

import msgspec
from real_program import DEADLINE_SECONDS, command, surroundings

from botcore_tui.exchange.sim.ready import Ready

_GOODBYE_SECONDS: Final = 5.0
"""Longest wait for the end after SIGTERM; a passing test never comes near it."""

_HALF_A_QUOTA: Final = 1_200


class RefusedError(Exception):
    """The exchange answered with an error.

    Args:
        status: HTTP status.
        body: Text of the reply.
    """

    def __init__(self, status: int, body: str) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.code = int(json.loads(body)["code"]) if body.startswith("{") else 0


class Sim(Ready, frozen=True):
    """A running exchange: the facts of its ready line, and requests that need no client."""

    @property
    def socket(self) -> str:
        """What all WebSocket addresses begin with, such as ``ws://127.0.0.1:40001``."""
        return self.ws_public.removesuffix("/public")

    def ask(self, method: str, path: str, **parameters: object) -> object:
        """Send one request as it is; bodies stay empty.

        Raises:
            RefusedError: The reply is an error.
        """
        query = urlencode(parameters)
        request = urllib.request.Request(
            f"{self.rest}{path}{'?' if query else ''}{query}",
            method=method,
            headers={"X-MBX-APIKEY": self.api_key},
        )
        return _reply_to(request)

    def ask_signed(self, method: str, path: str, **parameters: object) -> object:
        """Send one request that only the owner of the account may send."""
        parameters["timestamp"] = time.time_ns() // 1_000_000
        query = urlencode(parameters)
        digest = hmac.new(self.api_secret.encode(), query.encode(), hashlib.sha256)
        return self.ask(method, path, **parameters, signature=digest.hexdigest())

    def control(self, method: str, path: str, body: object = None) -> object:
        """Use what stands beside Binance's own paths, such as ``/sim/faults``."""
        request = urllib.request.Request(
            f"{self.rest}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        return _reply_to(request)

    def advance(self, milliseconds: int) -> None:
        """Let simulated time pass; only where it does not pass by itself (``--speed 0``)."""
        self.control("POST", "/sim/advance", {"ms": milliseconds})

    def renew_quota(self) -> None:
        """Let a minute pass where half of what may be asked in it was asked (``--speed 0``)."""
        with urllib.request.urlopen(f"{self.rest}/fapi/v1/ping") as reply:
            if int(reply.headers["X-MBX-USED-WEIGHT-1M"]) > _HALF_A_QUOTA:
                self.advance(60_000)

    def best(self, symbol: str) -> tuple[Decimal, Decimal]:
        """Highest bid and lowest ask."""
        quote = self.ask("GET", "/fapi/v1/ticker/bookTicker", symbol=symbol)
        assert isinstance(quote, dict)
        return Decimal(quote["bidPrice"]), Decimal(quote["askPrice"])

    def clean(self) -> None:
        """Leave no order, no position and no fault behind."""
        self.control("DELETE", "/sim/faults")
        for symbol in self.symbols:
            self.ask_signed("DELETE", "/fapi/v1/allOpenOrders", symbol=symbol)
            self.ask_signed("DELETE", "/fapi/v1/algoOpenOrders", symbol=symbol)
        positions = self.ask_signed("GET", "/fapi/v3/positionRisk")
        assert isinstance(positions, list)
        for position in positions:
            self._close(position["symbol"], Decimal(position["positionAmt"]))

    def _close(self, symbol: str, amount: Decimal) -> None:
        if amount:
            self.ask_signed(
                "POST",
                "/fapi/v1/order",
                symbol=symbol,
                side="SELL" if amount > 0 else "BUY",
                type="MARKET",
                quantity=f"{abs(amount):f}",
                reduceOnly="true",
            )


def _reply_to(request: urllib.request.Request) -> object:
    try:
        with urllib.request.urlopen(request, timeout=DEADLINE_SECONDS) as reply:
            answer: object = json.loads(reply.read())
            return answer
    except urllib.error.HTTPError as error:
        with error:
            raise RefusedError(error.code, error.read().decode()) from error


@contextmanager
def running_sim(*arguments: object) -> Iterator[Sim]:
    """An exchange of its own on this machine, until the block ends.

    Args:
        arguments: Of ``botcore sim``; where it listens and how it reports is already said.
    """
    with tempfile.TemporaryDirectory(prefix="sim-") as name, (Path(name) / "log").open("w+") as log:
        process = subprocess.Popen(
            command("sim", "--port", "0", "--json", *arguments),
            env=surroundings(Path(name)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            yield _ready(process, log)
            assert process.poll() is None, f"the exchange ended by itself:\n{_text(log)}"
        finally:
            _end(process)
        assert _text(log) == ""


def _ready(process: subprocess.Popen[str], log: IO[str]) -> Sim:
    assert process.stdout is not None
    readable, _, _ = select.select([process.stdout], [], [], DEADLINE_SECONDS)
    line = process.stdout.readline() if readable else ""
    if not line:
        raise AssertionError(f"no ready line; on standard error:\n{_text(log)}")
    return msgspec.json.decode(line, type=Sim)


def _text(log: IO[str]) -> str:
    log.seek(0)
    return log.read()


def _end(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_GOODBYE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    finally:
        process.communicate()
