"""A rehearsal's engine in a process of its own, its exchange, and what is seen of both."""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from botcore_tui.cli.drill_config import as_toml, rehearsal
from botcore_tui.cli.drill_exchange import DrillExchange, drill_exchange
from botcore_tui.cli.drill_terms import Seen, Step
from botcore_tui.cli.places import latch_path, places, socket_path, trace_path
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Environment
from botcore_tui.engine.control import Question, Refusal, Reply, ask, reply_of
from botcore_tui.engine.port import Status
from botcore_tui.errors import BotcoreError, UnavailableError
from botcore_tui.exchange.lingering import AttachedExchange, read_trace
from botcore_tui.exchange.sim.ready import Ready
from botcore_tui.model.command import Command, PlaceOrder
from botcore_tui.model.event import Answer
from botcore_tui.model.instrument import ContractRules
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderType
from botcore_tui.model.trading import AccountView, Cover

_START_SECONDS: Final = 20.0
_ANSWER_SECONDS: Final = 5.0
_COMMAND_SECONDS: Final = 40.0
_END_SECONDS: Final = 10.0
_LOOK_SECONDS: Final = 0.02
_LONGEST_LIFE: Final = 300
"""Seconds after which an engine ends by itself, should nobody be left to end it."""
_WORTH: Final = Decimal("2.2")
"""Of an order, as a multiple of the smallest that the exchange takes."""
_ID_BYTES: Final = 6
_WORDS_KEPT: Final = 2_000


class Stage:
    """An engine that trades on an exchange of its own; leave it by ``async with``.

    Args:
        config: The user's.
        directory: For its state; empty.

    Attributes:
        config: What is rehearsed with.
        exchange: Once the engine runs.
        steps: What was seen so far.
        position: Held once prepared.
    """

    exchange: DrillExchange

    def __init__(self, config: Config, directory: Path) -> None:
        self.config = rehearsal(config)
        self.steps: list[Step] = []
        self.position = Decimal(0)
        self._where = places(directory)
        self._clock = SystemClock()
        self._process: subprocess.Popen[bytes] | None = None
        self._clients = AsyncExitStack()
        self._rules: ContractRules | None = None

    async def __aenter__(self) -> Self:
        self._where.config_file.write_text(as_toml(self.config), encoding="utf-8")
        try:
            await self.start()
            self.exchange = await self._clients.enter_async_context(drill_exchange(self._ready()))
            self._rules = await self.exchange.rules()
        except BaseException:  # also when interrupted: no engine may be left running
            await self._end()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._end()

    # --- the engine ---------------------------------------------------------------------------

    async def start(self) -> None:
        """Start the engine and wait until it trades.

        Raises:
            UnavailableError: It does not come up.
        """
        words = ("run", "--headless", "--enable-trading", "--strategy", "none")
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603, ASYNC220 - our own program; at once
                self._command(*words, "--until-eof", "--duration", _LONGEST_LIFE),
                # It leaves when the other end is closed: by us, or by our end, whatever that was.
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                # Its own session: ctrl+c is for us, not for it.
                start_new_session=True,
                env=_surroundings(),
            )
        deadline = self.now_ns() + _START_SECONDS * 1e9
        while not _is_ready(await self.status()):
            if self._process.poll() is not None or self.now_ns() > deadline:
                raise UnavailableError(f"the rehearsal's engine does not trade: {self._words()}")
            await self._clock.sleep(_LOOK_SECONDS)

    def signal(self, number: signal.Signals) -> int:
        """Send a signal to the engine; when, monotonic."""
        assert self._process is not None
        self._process.send_signal(number)
        return self.now_ns()

    async def kill(self) -> int:
        """End the engine as a loss of power would; when, monotonic."""
        assert self._process is not None
        killed_ns = self.signal(signal.SIGKILL)
        await asyncio.to_thread(self._process.wait)
        _let_go(self._process)
        return killed_ns

    async def run(self, *words: object) -> tuple[int, str]:
        """Run another command beside it: exit code, and what it says.

        Raises:
            UnavailableError: It does not end.
        """
        try:
            done = await asyncio.to_thread(
                subprocess.run,
                self._command(*words),
                check=False,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                env=_surroundings(),
                timeout=_COMMAND_SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            text = f"botcore {words[0]} does not end within {_COMMAND_SECONDS:g} s"
            raise UnavailableError(text) from error
        return done.returncode, done.stdout.decode(errors="replace")

    async def tell(self, request: Command | Question) -> Reply:
        """Ask the engine.

        Raises:
            UnavailableError: It does not answer.
        """
        path = socket_path(self._where.state_dir, Environment.DEMO)
        reply = await asyncio.to_thread(ask, path, request, _ANSWER_SECONDS)
        try:
            return reply_of(reply)
        except msgspec.MsgspecError as error:
            raise UnavailableError(f"the engine's answer is not understood: {error}") from error

    async def status(self) -> Status | None:
        """How the engine stands; None if it does not tell."""
        try:
            reply = await self.tell(Question("status"))
        except UnavailableError:
            return None
        return reply if isinstance(reply, Status) else None

    async def account(self) -> AccountView | None:
        """The account as the engine sees it."""
        status = await self.status()
        return None if status is None else status.account

    def is_latched(self) -> bool:
        """Whether the halt file is there."""
        return latch_path(self._where.state_dir, Environment.DEMO).exists()

    # --- orders -------------------------------------------------------------------------------

    async def enter(self, away_pct: Decimal | None = None) -> Answer | Refusal:
        """Ask for an entry with a stop: at market, or so far below it."""
        assert self._rules is not None
        price = await self.exchange.price()
        stop_pct = Decimal(repr(self.config.protection.stop_pct))
        limit = None if away_pct is None else self._rules.round_price(_less(price, away_pct), _BUY)
        worth = self._rules.min_notional * _WORTH
        step = self._rules.step
        quantity = self._rules.round_quantity(worth / price, is_market=limit is None) or step
        reply = await self.tell(
            PlaceOrder(
                command_id=f"drill-{secrets.token_hex(_ID_BYTES)}",
                actor="drill",
                symbol=self.exchange.symbol,
                side=_BUY,
                type=OrderType.MARKET if limit is None else OrderType.LIMIT,
                quantity=max(quantity, self._rules.min_quantity),
                price=limit,
                stop_price=self._rules.round_trigger(_less(limit or price, stop_pct), Side.SELL),
                reason="drill",
                time_ms=self._clock.now_ms(),
            )
        )
        assert isinstance(reply, Answer | Refusal)
        return reply

    # --- what is seen -------------------------------------------------------------------------

    async def expect(
        self,
        name: str,
        look: Callable[[], Awaitable[Seen]],
        *,
        within_ms: float,
        since_ns: int | None = None,
    ) -> bool:
        """Look until something has come true, or it is too late; a step.

        Args:
            name: Of the step.
            look: What is there now.
            within_ms: The latest.
            since_ns: From when on it is measured; None: from now.
        """
        began_ns = since_ns or self.now_ns()
        while True:
            try:
                seen = await look()
            except BotcoreError as error:
                seen = Seen(is_so=False, text=str(error))
            ms = (self.now_ns() - began_ns) / 1e6
            if seen.is_so or ms > within_ms:
                break
            await self._clock.sleep(_LOOK_SECONDS)
        is_passed = seen.is_so and ms <= within_ms
        text = seen.text if is_passed else f"{seen.text}; wanted within {within_ms:,.0f} ms"
        self.steps.append(Step(name=name, is_passed=is_passed, text=text, ms=ms))
        return is_passed

    def note(self, name: str, seen: Seen) -> bool:
        """A step that is so, or not, now."""
        self.steps.append(Step(name=name, is_passed=seen.is_so, text=seen.text))
        return seen.is_so

    def now_ns(self) -> int:
        """Monotonic."""
        return self._clock.monotonic_ns()

    def _ready(self) -> Ready:
        trace = read_trace(trace_path(self._where.state_dir))
        if trace is None:
            raise UnavailableError("the engine's exchange left no trace")
        return trace.ready

    # --- ends ---------------------------------------------------------------------------------

    async def _end(self) -> None:
        await self._clients.aclose()
        await asyncio.to_thread(self._end_processes)

    def _end_processes(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._process is not None:
            _let_go(self._process)
        trace = read_trace(trace_path(self._where.state_dir))
        left = None if trace is None else AttachedExchange.attach(trace.ready, lambda: None)
        if left is not None:
            left.stop()
            left.wait_for_end(_END_SECONDS)

    def _command(self, *words: object) -> list[str]:
        told = [*map(str, words), "--state-dir", str(self._where.state_dir)]
        return [sys.executable, "-m", "botcore_tui", *told]

    @property
    def _log(self) -> Path:
        return self._where.state_dir / "engine.txt"

    def _words(self) -> str:
        text = self._log.read_text("utf-8", "replace").strip()
        return text[-_WORDS_KEPT:].rpartition("\n")[2] or "it says nothing"


_BUY: Final = Side.BUY


def _let_go(process: "subprocess.Popen[bytes]") -> None:
    if process.stdin is not None:
        process.stdin.close()


def _less(price: Decimal, percent: Decimal) -> Decimal:
    return price * (1 - percent / 100)


def _is_ready(status: Status | None) -> bool:
    account = None if status is None else status.account
    if account is None or account.risk is None or account.trouble:
        return False
    is_covered = all(each.cover is Cover.VERIFIED for each in account.positions)
    return account.is_reconciled and account.is_stream_up and is_covered


def _surroundings() -> dict[str, str]:
    # What it must know stands in its file; neither our settings nor any key is its business.
    kept = {name: text for name, text in os.environ.items() if not name.startswith("BOTCORE_")}
    # The same modules as here, however and wherever this process was started.
    kept["PYTHONPATH"] = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
    return kept
