"""A control socket on a desk that obeys a test."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

from waiting import settle

from botcore_tui.clock import ManualClock
from botcore_tui.engine.answers import Answers
from botcore_tui.engine.control import (
    ControlServer,
    Question,
    Reply,
    ask,
    reply_of,
)
from botcore_tui.engine.port import Status
from botcore_tui.model.command import ClosePosition, Command, Halt, PlaceOrder, Resume, Scope
from botcore_tui.model.event import Answer, DeskCommand, TradingState
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderType
from botcore_tui.model.trading import AccountView

ACCOUNT = AccountView(
    account="demo:1",
    run_id="1",
    is_stream_up=True,
    is_reconciled=True,
    reconciled_ns=1,
    trouble="",
    is_ledger_writable=True,
    money=None,
    positions=(),
    orders=(),
    fills=(),
    answers=(),
    unknown_orders=0,
    foreign_orders=0,
    unprotected_seconds_today=0.0,
    denied=0,
    rejected=0,
    strategy="",
)
PLACE = PlaceOrder(
    command_id="c1",
    actor="anna",
    symbol="BTCUSDT",
    side=Side.BUY,
    type=OrderType.MARKET,
    quantity=Decimal("0.010"),
    stop_price=Decimal(90),
    time_ms=5,
)


class FakeDesk:
    """Takes commands, and answers those that it is told to."""

    def __init__(self) -> None:
        self.answers = Answers()
        self.has_commands = False
        self.wishes: list[object] = []
        self.state = TradingState.ACTIVE
        self.account: AccountView | None = ACCOUNT
        self.is_silent = False
        self.resume_refusal = ""

    def halt(self, actor: str, reason: str, *, flattens: bool = False) -> None:
        self.wishes.append(("halt", actor, reason, *(["flattens"] if flattens else [])))
        self.state = TradingState.HALTED
        self.has_commands = self.is_silent

    def resume(
        self,
        actor: str,
        reason: str,
        *,
        command_id: str = "",
        scopes: tuple[Scope, ...] = (),
    ) -> None:
        if self.resume_refusal:
            self.answers.add(
                Answer(
                    command_id=command_id,
                    is_accepted=False,
                    code="halted",
                    text=self.resume_refusal,
                    time_ms=9,
                )
            )
            return
        self.wishes.append(("resume", actor, reason))
        self.state = TradingState.REDUCING

    def send(self, command: DeskCommand) -> None:
        self.wishes.append(command)
        if not self.is_silent:
            self.answers.add(an_answer("another"))
            self.answers.add(an_answer(command.command_id))
            self.answers.add(an_answer(command.command_id))

    def status(self) -> Status:
        return Status(environment="demo", state=self.state, halt=None, account=self.account)


def an_answer(command_id: str) -> Answer:
    return Answer(command_id=command_id, is_accepted=True, code="", text="taken", time_ms=9)


class Stage:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.desk = FakeDesk()
        self.server = ControlServer(path, self.desk, ManualClock())
        self.asked: list[tuple[Command, str | None, str]] = []

    def admit(self, decide: Callable[[Command], Command | str]) -> None:
        """Have an authority that decides so."""
        asked = self.asked

        class Authority:
            def admit(self, command: Command, credential: str | None, peer: str) -> Command | str:
                asked.append((command, credential, peer))
                return decide(command)

        self.server = ControlServer(self.path, self.desk, ManualClock(), authority=Authority())

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[asyncio.Task[None]]:
        before = asyncio.all_tasks()
        task = asyncio.create_task(self.server.run())
        await settle()
        yield task
        task.cancel()
        await asyncio.wait([task])
        await settle()
        assert asyncio.all_tasks() == before
        assert not self.path.exists()

    async def ask(self, request: object, token: str | None = None) -> Reply:
        assert isinstance(request, Halt | Resume | PlaceOrder | ClosePosition | Question)
        return reply_of(await asyncio.to_thread(ask, self.path, request, 30.0, token))

    async def raw(self, *lines: bytes) -> list[Reply]:
        """Send lines on one connection; all replies until its end."""
        reader, writer = await asyncio.open_unix_connection(str(self.path))
        writer.write(b"".join(lines))
        writer.write_eof()
        replies = (await reader.read()).splitlines()
        writer.close()
        await writer.wait_closed()
        return [reply_of(reply) for reply in replies]
