"""Places at which a program can be killed: every await of the order path, and what lies between.

A point has a name that is the same in each run; the program writes down each one it comes by, and
kills itself with SIGKILL at the one it was made for.
"""

import asyncio
import os
import re
import signal
import threading
from collections import Counter
from collections.abc import Callable, Collection, Coroutine, Generator, Iterator, Sequence
from contextlib import contextmanager
from contextvars import Context
from pathlib import Path
from types import FrameType
from typing import Any, Final, TypeVar

from botcore_tui.engine.executor import Executor, _Passage
from botcore_tui.engine.latch import HaltLatch
from botcore_tui.engine.processor import Processor
from botcore_tui.ledger.batch import BatchWriter, Written
from botcore_tui.ledger.chain import Head
from botcore_tui.ledger.direct import Direct
from botcore_tui.ledger.doubles import Numbered
from botcore_tui.ledger.queue import Group
from botcore_tui.ledger.session import WriteSession
from botcore_tui.ledger.spill import Entry
from botcore_tui.model.event import (
    Answer,
    Append,
    Cancel,
    Effect,
    Event,
    OpenMarket,
    Query,
    Reconcile,
    StateChanged,
    Submit,
)
from botcore_tui.model.order import OrderSent
from botcore_tui.model.snapshot import HaltInfo
from botcore_tui.small_file import Identity

T = TypeVar("T")

START: Final = "start"
"""The phase until a program has recovered."""
_PACKAGE: Final = f"{os.sep}botcore_tui{os.sep}"
_PARTS: Final = (
    ("engine/reconcile", "reconcile"),
    ("binance/user_stream", "stream"),
    ("binance/signed_rest", "request"),
)
"""Of a task that is no order's: a file it is in, and what it is called."""
_ORDER_PATHS: Final = ("/fapi/v1/order", "/fapi/v1/algoOrder")
_OF_ORDERS: Final = (Submit, Cancel, Query, Reconcile, Append, Answer, StateChanged, OpenMarket)


class Points:
    """Counts, writes down, and kills.

    Args:
        journal: Each point passed is a line of it.

    Attributes:
        target: Where to kill; empty for nowhere. A pattern, behind a tilde: at the first it fits.
        phase: What the program is at.
        is_on: Whether points count now.
    """

    def __init__(self, journal: Path) -> None:
        self.phase = START
        self.is_on = False
        self.target = ""
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._journal = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def begin(self, target: str) -> None:
        """Count anew, from here on, and kill at this point."""
        with self._lock:
            self._counts.clear()
            self.target = target
        self.is_on = True

    def pass_by(self, where: str, *, is_of_phase: bool = True) -> None:
        """Come by a point; does not return from the one that is meant. Any thread.

        Args:
            where: It is.
            is_of_phase: Whether it happens because of what the program is at.
        """
        if not self.is_on:
            return
        phase = self.phase
        if not is_of_phase and phase != START:
            phase = "meanwhile"
        with self._lock:
            name = f"{phase} | {where}"
            self._counts[name] += 1
            name = f"{name} | {self._counts[name]}"
            os.write(self._journal, f"{name}\n".encode())
            if name == self.target or (self.target[:1] == "~" and re.match(self.target[1:], name)):
                os.kill(os.getpid(), signal.SIGKILL)
                threading.Event().wait()  # the signal needs a moment; nothing more may be done


class _Step(Coroutine[Any, Any, Any]):
    """A coroutine that comes by a point before each of its steps, and after each."""

    def __init__(self, whole: Coroutine[Any, Any, Any], points: Points) -> None:
        self._whole = whole
        self._points = points

    def send(self, value: Any) -> Any:  # noqa: ANN401 - as of every coroutine
        part, is_of_phase, _ = self._pass_by("before")
        try:
            result = self._whole.send(value)
        except StopIteration:
            self._end(part, "done", is_of_phase=is_of_phase)
            raise
        part, is_of_phase, place = self._pass_by("at")
        if is_of_phase:
            self._later(f"{part} | a turn after {place}")
        return result

    def throw(self, *error: Any) -> Any:  # noqa: ANN401 - as of every coroutine
        result = self._whole.throw(*error)
        self._pass_by("at")
        return result

    def close(self) -> None:
        self._whole.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._whole.__await__()

    def _pass_by(self, side: str) -> tuple[str, bool, str]:
        if not self._points.is_on:
            return "", False, ""
        frames = list(_frames(self._whole))
        part, is_of_phase = _part_of(frames)
        if not part:
            return "", False, ""
        place = ">".join(_place(frame) for frame in _telling(frames))
        self._points.pass_by(f"{part} | {side} {place}", is_of_phase=is_of_phase)
        return part, is_of_phase, place

    def _end(self, part: str, what: str, *, is_of_phase: bool) -> None:
        if part:
            self._points.pass_by(f"{part} | {what}", is_of_phase=is_of_phase)
        if part and is_of_phase:
            self._later(f"{part} | a turn after {what}")

    def _later(self, where: str) -> None:
        # The loop writes to its sockets at the end of a turn, not when it is told to.
        asyncio.get_running_loop().call_soon(self._points.pass_by, where)


def _frames(awaitable: object) -> Iterator[FrameType]:
    """From the task inwards, as far as that is told."""
    while awaitable is not None:
        frame = getattr(awaitable, "cr_frame", None) or getattr(awaitable, "gi_frame", None)
        if frame is not None:
            yield frame
        inner = getattr(awaitable, "cr_await", None)
        awaitable = inner if inner is not None else getattr(awaitable, "gi_yieldfrom", None)


def _part_of(frames: Sequence[FrameType]) -> tuple[str, bool]:
    """Which part of the order path a task is, if any, and whether it is that of one order."""
    for frame in frames:
        if frame.f_code is _SUPERVISED:
            effect = frame.f_locals["job"].effect
            purpose = f" {effect.request.purpose}" if isinstance(effect, Submit) else ""
            return f"{type(effect).__name__.lower()}{purpose}", True
    if frames and frames[0].f_code.co_qualname == "ClientRequest.write_bytes":
        # The bytes of a request leave in a task of their own; when it is done they have left.
        request = frames[0].f_locals["self"]
        method, path = request.method, request.url.path
        return f"wire {method} {path}", path in _ORDER_PATHS and method != "GET"
    files = [frame.f_code.co_filename for frame in frames]
    for part, name in _PARTS:
        if any(part in file for file in files):
            return name, False
    return "", False


_SUPERVISED: Final = Executor._supervised.__code__


def _telling(frames: Sequence[FrameType]) -> list[FrameType]:
    """Those of the package, and the innermost one of all."""
    ours = [frame for frame in frames if _PACKAGE in frame.f_code.co_filename]
    return ours if not frames or frames[-1] in ours else [*ours, frames[-1]]


def _place(frame: FrameType) -> str:
    return f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_name}:{frame.f_lineno}"


# --- where points are -------------------------------------------------------------------------


def watch_tasks(points: Points) -> None:
    """Have every task of the running loop that is started from here on come by points."""

    def made(
        loop: asyncio.AbstractEventLoop,
        whole: Coroutine[Any, Any, T] | Generator[Any, None, T],
        *,
        context: Context | None = None,
    ) -> asyncio.Task[T]:
        assert isinstance(whole, Coroutine)
        return asyncio.Task(_Step(whole, points), loop=loop, context=context)

    asyncio.get_running_loop().set_task_factory(made)


@contextmanager
def watched_parts(points: Points) -> Iterator[None]:
    """Points between effects of an event, before bytes leave, around commits and the halt file."""
    with (
        _watched_effects(points),
        _watched_sending(points),
        _watched_ledger(points),
        _watched_latch(points),
    ):
        yield


@contextmanager
def _replaced(owner: type, name: str, changed: Callable[..., Any]) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, changed)
    try:
        yield
    finally:
        setattr(owner, name, before)


class _Between(list[Effect]):
    def __init__(self, happened: Event, effects: list[Effect], points: Points) -> None:
        super().__init__(effects)
        self._what = type(happened).__name__
        self._points = points

    def __iter__(self) -> Iterator[Effect]:
        before = "nothing"
        for number, effect in enumerate(super().__iter__()):
            if isinstance(effect, _OF_ORDERS):
                self._points.pass_by(f"effects | {self._what} {number}: {before}|{_told(effect)}")
                before = _told(effect)
            yield effect
        if before != "nothing":
            self._points.pass_by(f"effects | {self._what} end: {before}|nothing")


def _told(effect: Effect) -> str:
    if isinstance(effect, Append):
        return "+".join(type(row).__name__ for row in (effect.row, *effect.more))
    return type(effect).__name__


@contextmanager
def _watched_effects(points: Points) -> Iterator[None]:
    perform_all = Processor._perform_all

    def performed(self: Processor, happened: Event, effects: list[Effect]) -> None:
        perform_all(self, happened, _Between(happened, effects, points))

    with _replaced(Processor, "_perform_all", performed):
        yield


@contextmanager
def _watched_sending(points: Points) -> Iterator[None]:
    on_sent = Executor._on_sent  # the last moment before the first byte

    def leaving(self: Executor, passage: _Passage, sent: OrderSent) -> None:
        what = f"submit {passage.request.purpose}"
        points.pass_by(f"{what} | before it is told that bytes leave")
        on_sent(self, passage, sent)
        points.pass_by(f"{what} | before bytes leave")

    with _replaced(Executor, "_on_sent", leaving):
        yield


@contextmanager
def _watched_ledger(points: Points) -> Iterator[None]:
    write = WriteSession.write

    def written(self: WriteSession, entries: Sequence[Entry], number: int) -> int:
        rows = type(entries[0].row).__name__
        points.pass_by(f"ledger | before {rows}")
        done = write(self, entries, number)
        points.pass_by(f"ledger | after {rows}")
        return done

    keep = WriteSession.keep

    def kept(self: WriteSession, groups: Sequence[Group]) -> list[Group]:
        points.pass_by("ledger | before the intake")
        done = keep(self, groups)
        points.pass_by("ledger | after the intake")
        return done

    write_batch = BatchWriter.write

    def committing(
        self: BatchWriter,
        direct: Direct,
        head: Head,
        lines: Sequence[Numbered],
        live_run: str = "",
    ) -> Written:
        done = write_batch(self, direct, head, lines, live_run)
        points.pass_by("ledger | in the transaction")
        return done

    with (
        _replaced(WriteSession, "write", written),
        _replaced(WriteSession, "keep", kept),
        _replaced(BatchWriter, "write", committing),
    ):
        yield


@contextmanager
def _watched_latch(points: Points) -> Iterator[None]:
    put, clear, sync = HaltLatch.put, HaltLatch.clear, HaltLatch.sync

    def kept(self: HaltLatch, halt: HaltInfo) -> None:
        points.pass_by("latch | before it is set")
        put(self, halt)
        points.pass_by("latch | after it was set")

    def cleared(self: HaltLatch, only: Collection[Identity | None] | None = None) -> None:
        points.pass_by("latch | before it is cleared")
        clear(self, only)
        points.pass_by("latch | after it was cleared")

    def synced(self: HaltLatch) -> None:
        sync(self)
        points.pass_by("latch | after it is durable")

    with (
        _replaced(HaltLatch, "put", kept),
        _replaced(HaltLatch, "clear", cleared),
        _replaced(HaltLatch, "sync", synced),
    ):
        yield
