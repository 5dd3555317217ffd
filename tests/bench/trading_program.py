"""The real program, trading without a screen on an exchange behind a front door."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Final

from bench.figures import FailedError
from bench.processes import bench_environment
from sim_process import Sim

from botcore_tui.engine.control import Question, ask, reply_of
from botcore_tui.engine.port import Status
from botcore_tui.errors import UnavailableError
from botcore_tui.model.command import Command, PlaceOrder, Resume
from botcore_tui.model.event import Answer
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderType, TimeInForce
from botcore_tui.model.trading import AccountView

_READY_SECONDS: Final = 30.0
_RESUME_SECONDS: Final = 90.0
"""A halt is confirmed by requests; when a minute's are used up it waits for the next."""
_REPLY_SECONDS: Final = 10.0
_LOOK_SECONDS: Final = 0.02
_CONFIG: Final = """\
environment = "testnet"
[trading]
enabled = true
[hosts]
rest = "http://{address}"
ws_public = "ws://{address}/public"
ws_market = "ws://{address}/market"
ws_private = "ws://{address}/private"
[limits]
weight_per_minute = 2400
[risk]
max_positions = 20
max_leverage = 5.0
orders_per_fill = 1000
strategy_orders_per_second = 20
account_orders_per_second = 25
"""


class Trading:
    """A running program.

    Args:
        process: Of it.
        state_dir: Of it.

    Attributes:
        started_ns: Just before it was started, monotonic.
    """

    def __init__(self, process: subprocess.Popen[bytes], state_dir: Path, started_ns: int) -> None:
        self.process = process
        self.started_ns = started_ns
        self._state_dir = state_dir

    def tell(self, command: Command) -> Answer:
        """Send a command; it must be taken for one.

        Raises:
            FailedError: It was not.
        """
        reply = reply_of(ask(self._socket, command, _REPLY_SECONDS))
        if not isinstance(reply, Answer):
            raise FailedError(f"not taken: {reply}")
        return reply

    def resume(self) -> None:
        """From HALTED to REDUCING, and from there to ACTIVE.

        Raises:
            FailedError: It takes too long.
        """
        deadline = time.monotonic() + _RESUME_SECONDS
        for _ in range(2):
            resume = Resume("bench", "on with the bench", time.time_ns() // 1_000_000)
            # Refused until the halt before it is confirmed.
            while not (answer := self.tell(resume)).is_accepted:
                if time.monotonic() > deadline:
                    raise FailedError(f"not resumed: {answer.text}")
                time.sleep(_LOOK_SECONDS)  # until the deadline above

    def account(self) -> AccountView | None:
        """The account as it stands; None as long as nobody can tell."""
        try:
            reply = reply_of(ask(self._socket, Question("status"), _REPLY_SECONDS))
        except UnavailableError:
            return None
        return reply.account if isinstance(reply, Status) else None

    def wait_until(self, claim: Callable[[AccountView], bool], what: str) -> AccountView:
        """Look until it is true of the account.

        Raises:
            FailedError: The program has ended, or it takes too long.
        """
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            account = self.account()
            if account is not None and claim(account):
                return account
            time.sleep(_LOOK_SECONDS)  # until the deadline above
        raise FailedError(f"not seen: {what}\n{self._log()}")

    def wait_until_ready(self) -> None:
        """Return when the account is reconciled and nothing keeps it from trading.

        Raises:
            FailedError: It takes too long.
        """
        self.wait_until(
            lambda account: account.is_reconciled and account.is_stream_up and not account.trouble,
            "an account that trades",
        )

    @property
    def _socket(self) -> Path:
        return self._state_dir / "testnet.sock"

    def _log(self) -> str:
        return (self._state_dir / "stderr").read_text(errors="replace")[-3_000:]


def a_limit_order(symbol: str, bid: Decimal, number: int, *, is_resting: bool) -> PlaceOrder:
    """An order to buy that cannot execute; no two of the numbers below 5,000 look alike.

    Args:
        symbol: With ticks of 0.1 and steps of 0.001.
        bid: Best one; the order is 1 to 2 percent below, as far as the price collar lets it.
        number: Decides price and command id.
        is_resting: Else it expires at once.
    """
    price = (bid * Decimal("0.99")).quantize(Decimal(1)) - Decimal(number) / 10
    return PlaceOrder(
        command_id=f"bench-{number}-{time.monotonic_ns()}",
        actor="bench",
        symbol=symbol,
        side=Side.BUY,
        type=OrderType.LIMIT,
        quantity=Decimal("0.002"),
        price=price,
        time_in_force=TimeInForce.GTC if is_resting else TimeInForce.IOC,
        stop_price=price - 1_000,
        time_ms=time.time_ns() // 1_000_000,
    )


@contextmanager
def a_home() -> Iterator[Path]:
    """A state directory that outlives the program."""
    with tempfile.TemporaryDirectory(prefix="trading-") as name:
        yield Path(name)


@contextmanager
def trading(
    sim: Sim,
    address: str,
    home: Path,
    *,
    strategy: str = "",
    symbols: Sequence[str] = ("BTCUSDT",),
    module: str = "botcore_tui",
) -> Iterator[Trading]:
    """Run the program until the block ends, then kill it.

    Args:
        sim: Whose keys it has.
        address: Host and port of the door.
        home: Its state directory.
        strategy: ``module:Class``; empty for none.
        symbols: To follow.
        module: That is run.
    """
    config = home / "config.toml"
    config.write_text(_CONFIG.format(address=address) + f'[strategy]\nname = "{strategy}"\n')
    command = [sys.executable, "-m", module, "run", "--headless"]
    command += ["--state-dir", str(home), "--symbols", ",".join(symbols)]
    keys = {
        "BOTCORE_TESTNET_API_KEY": sim.api_key,
        "BOTCORE_TESTNET_API_SECRET": sim.api_secret,
    }
    started_ns = time.monotonic_ns()
    with (home / "stderr").open("ab") as log:
        process = subprocess.Popen(
            command,
            env=bench_environment() | keys,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield Trading(process, home, started_ns)
        if process.poll() is not None:
            tail = (home / "stderr").read_text(errors="replace")[-3_000:]
            raise FailedError(f"the program has ended\n{tail}")
    finally:
        process.kill()
        process.wait()
