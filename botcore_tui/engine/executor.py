"""Carries orders to the venue: recorded before sent, sent once, every outcome told as an event."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Final, Protocol

from msgspec import Struct

from botcore_tui.clock import Clock
from botcore_tui.engine.cancel_line import CancelLine
from botcore_tui.engine.histogram import Histogram
from botcore_tui.engine.turnstile import Turnstile
from botcore_tui.engine.unheard import Absence, executions
from botcore_tui.errors import FetchError
from botcore_tui.exchange.base import OrderError, VenueAccount
from botcore_tui.exchange.broker import failure_of
from botcore_tui.model.account import DeadManFailed, DeadManSet
from botcore_tui.model.event import (
    ArmDeadMan,
    Cancel,
    CancelAll,
    Event,
    Query,
    Submit,
    VenueEffect,
)
from botcore_tui.model.ledger import LedgerRow
from botcore_tui.model.order import (
    AlgoReport,
    AlgoStatus,
    CancelFailed,
    Fill,
    OrderNotFound,
    OrderReport,
    OrderRequest,
    OrderSent,
    Outcome,
    QueryFailed,
    SubmitFailed,
)

logger = logging.getLogger(__name__)

_ENTRY_SECONDS: Final = 2.0
"""An entry whose intent takes longer to be recorded was decided on a market that is gone."""
_REDUCING_SECONDS: Final = 0.25
"""What lowers risk waits for the disk no longer."""
_LONGEST_STEP_NS: Final = 2_000_000_000
"""The wall clock running ahead of the monotonic one by more means that the machine slept."""
_BECAME_AN_ORDER: Final = (AlgoStatus.TRIGGERED, AlgoStatus.FINISHED)


class IntentLog(Protocol):
    """The ledger as far as sending orders needs it."""

    def append(self, row: LedgerRow, *more: LedgerRow) -> None:
        """Take rows to be written, all of them or none; never blocks."""

    async def durable(self, client_order_id: str, seconds: float) -> bool:
        """Whether the intent of this order is on the disk, within that time."""


class OrderTimings:
    """Where the time goes between a decision and the venue's answer.

    Attributes:
        recording: Submit performed to intent durable.
        sending: Intent durable to bytes leaving; waiting for the limiter is in it.
        tick_to_order: Submit performed to bytes leaving.
        acknowledging: Bytes leaving to reply.
    """

    def __init__(self) -> None:
        self.recording = Histogram()
        self.sending = Histogram()
        self.tick_to_order = Histogram()
        self.acknowledging = Histogram()


class _BarredError(Exception):
    """It must not leave any more, or nothing was recorded."""


class _Passage:
    """One order on its way to the venue."""

    def __init__(self, request: OrderRequest, started_ns: int, started_utc_ns: int) -> None:
        self.request = request
        self.started_ns = started_ns
        self.started_utc_ns = started_utc_ns
        self.recorded_ns = started_ns
        self.sent_ns = 0


class _Failure(Protocol):
    def __call__(self, why: str, *, is_defect: bool) -> Event | None: ...


class _Job(Struct, frozen=True):
    name: str
    effect: VenueEffect
    work: Callable[[], Coroutine[None, None, None]]
    failed: _Failure
    """What it means when the work ends without telling its outcome."""


class Executor:
    """Performs Submit, Cancel and Query as tasks; nothing of it waits for anything else of it.

    Args:
        account: At the venue.
        ledger: Where intents become durable.
        deliver: Takes each outcome, in the loop.
        barred: Asked right before the first byte of an order leaves, of None before that of what
            is no order; why it must not, or nothing.
        clock: Stamps and pauses.
        on_death: Told of defects; must not raise.
        timings: Filled here; those of an earlier executor go on.
    """

    def __init__(  # noqa: PLR0913 - each is a port of its own
        self,
        account: VenueAccount,
        ledger: IntentLog,
        deliver: Callable[[Event], None],
        barred: Callable[[OrderRequest | None], str],
        clock: Clock,
        *,
        on_death: Callable[[str, Exception], None],
        timings: OrderTimings | None = None,
    ) -> None:
        self.timings = timings or OrderTimings()
        self._account = account
        self._ledger = ledger
        self._deliver = deliver
        self._barred = barred
        self._clock = clock
        self._on_death = on_death
        self._turnstile = Turnstile()
        self._absence = Absence(account, clock)
        self._cancels = CancelLine()
        self._group: asyncio.TaskGroup | None = None

    def start(self, group: asyncio.TaskGroup) -> None:
        """Own every task through this group from now on."""
        self._group = group

    def stop(self) -> None:
        """Take nothing on any more; what is asked for is answered as not done."""
        self._group = None

    def submit(self, submit: Submit) -> None:
        """Place an order, once."""
        request = submit.request
        passage = _Passage(request, self._clock.monotonic_ns(), self._clock.utc_ns())

        def failed(why: str, *, is_defect: bool) -> Event:
            may_be_done = passage.sent_ns or is_defect
            outcome = Outcome.UNKNOWN if may_be_done else Outcome.FAILED
            return SubmitFailed(request.client_order_id, outcome, 0, why, self._clock.now_ms())

        self._start(_Job("submit", submit, lambda: self._place(passage), failed))

    def cancel(self, cancel: Cancel) -> None:
        """Ask to cancel an order."""

        def failed(why: str, *, is_defect: bool) -> Event:  # noqa: ARG001 - no matter which
            now_ms = self._clock.now_ms()
            return CancelFailed(cancel.client_order_id, Outcome.UNKNOWN, 0, why, now_ms)

        self._start(_Job("cancel", cancel, lambda: self._withdraw(cancel), failed))

    def cancel_all(self, cancel: CancelAll) -> None:
        """Ask to cancel all orders of the book in a symbol; those that are left are told."""

        def failed(why: str, *, is_defect: bool) -> None:  # noqa: ARG001 - its orders tell
            logger.error("cancel all of %s: %s", cancel.symbol, why)

        self._start(_Job("cancel all", cancel, lambda: self._withdraw_all(cancel), failed))

    def arm(self, arm: ArmDeadMan) -> None:
        """Start, renew or stop the countdown of a symbol."""

        def failed(why: str, *, is_defect: bool) -> Event:  # noqa: ARG001 - no matter which
            return DeadManFailed(arm.symbol, why, self._clock.now_ms())

        self._start(_Job("dead-man", arm, lambda: self._arm(arm), failed))

    def query(self, query: Query) -> None:
        """Ask about an order."""

        def failed(why: str, *, is_defect: bool) -> Event:  # noqa: ARG001 - no matter which
            return QueryFailed(query.client_order_id, why, self._clock.now_ms())

        self._start(_Job("query", query, lambda: self._ask(query), failed))

    # --- tasks --------------------------------------------------------------------------------

    def _start(self, job: "_Job") -> None:
        if self._group is None:
            failure = failure_of(job.effect, "no session with the venue", self._clock.now_ms())
            if failure is not None:
                self._deliver(failure)
            return
        task = self._group.create_task(self._supervised(job), name=job.name)
        task.add_done_callback(lambda ended: self._on_end(job, ended))

    async def _supervised(self, job: "_Job") -> None:
        try:
            await job.work()
        except Exception as error:  # no order may be left without an outcome
            logger.critical("%s failed", job.effect, exc_info=error)
            text = f"internal: {type(error).__name__}: {error}"
            self._tell_failure(job, text, is_defect=True)
            self._on_death(job.name, error)

    def _on_end(self, job: "_Job", task: asyncio.Task[None]) -> None:
        # Not where it is caught: a task that is cancelled before its first step catches nothing.
        if task.cancelled():
            text = "the session ended before there was an answer"
            self._tell_failure(job, text, is_defect=False)

    def _tell_failure(self, job: "_Job", text: str, *, is_defect: bool) -> None:
        failure = job.failed(text, is_defect=is_defect)
        if failure is not None:
            self._deliver(failure)

    # --- placing ------------------------------------------------------------------------------

    async def _place(self, passage: _Passage) -> None:
        client_order_id = passage.request.client_order_id
        outcome, code = Outcome.FAILED, 0
        try:
            # First the one, then the other: to sign meanwhile would take the interpreter from the
            # thread that records, and both would be later.
            await self._clear(passage)
            report = await self._account.place(
                passage.request, lambda sent: self._on_sent(passage, sent)
            )
        except _BarredError as error:
            trouble = str(error)
        except OrderError as error:
            outcome, code, trouble = error.outcome, error.code, error.reason
        else:
            self.timings.acknowledging.record(self._clock.monotonic_ns() - passage.sent_ns)
            self._deliver(report)
            return
        self._deliver(SubmitFailed(client_order_id, outcome, code, trouble, self._clock.now_ms()))

    async def _clear(self, passage: _Passage) -> None:
        trouble = await self._record(passage)
        if trouble:
            raise _BarredError(trouble)
        if not passage.request.purpose.is_reducing:
            await self._turnstile.passed()

    async def _record(self, passage: _Passage) -> str:
        """Wait for the intent to be durable; why the order must not leave, or nothing."""
        request = passage.request
        is_reducing = request.purpose.is_reducing
        is_durable = await self._is_durable(request, is_reducing=is_reducing)
        passage.recorded_ns = self._clock.monotonic_ns()
        if is_durable:
            self.timings.recording.record(passage.recorded_ns - passage.started_ns)
        elif is_reducing:
            logger.error("%s is sent before it is recorded", request.client_order_id)
        if is_reducing:
            return ""
        if not is_durable:
            return f"ledger did not record the intent within {_ENTRY_SECONDS:g} s"
        return self._barred(request)

    async def _is_durable(self, request: OrderRequest, *, is_reducing: bool) -> bool:
        seconds = _REDUCING_SECONDS if is_reducing else _ENTRY_SECONDS
        try:
            async with asyncio.timeout(seconds):
                return await self._ledger.durable(request.client_order_id, seconds)
        except TimeoutError:
            return False
        except Exception as error:  # a broken ledger must not keep a stop from leaving
            logger.critical("the ledger failed", exc_info=error)
            self._on_death("ledger", error)
            return False

    def _on_sent(self, passage: _Passage, sent: OrderSent) -> None:
        if trouble := self._barred(passage.request):
            raise _BarredError(trouble)
        if not passage.request.purpose.is_reducing:
            self._refuse_slept(passage)
        passage.sent_ns = self._clock.monotonic_ns()
        self.timings.sending.record(passage.sent_ns - passage.recorded_ns)
        self.timings.tick_to_order.record(passage.sent_ns - passage.started_ns)
        self._deliver(sent)

    def _refuse_slept(self, passage: _Passage) -> None:
        # Monotonic time stands still while the machine sleeps, the wall clock does not: what was
        # decided before was decided at another price.
        passed_ns = self._clock.monotonic_ns() - passage.started_ns
        slept_ns = self._clock.utc_ns() - passage.started_utc_ns - passed_ns
        if slept_ns > _LONGEST_STEP_NS:
            told = f"not sent: this machine slept {slept_ns / 1e9:.0f} s since it was decided"
            raise _BarredError(told)

    def _leaving(self) -> None:
        if trouble := self._barred(None):
            raise OrderError(Outcome.FAILED, 0, trouble)

    # --- cancelling ---------------------------------------------------------------------------

    async def _withdraw(self, cancel: Cancel) -> None:
        if cancel in self._cancels:
            return
        try:
            with self._cancels.joined(cancel, self._leaving) as leaving:
                report = await self._account.cancel(cancel, leaving)
        except OrderError as error:
            why = (error.outcome, error.code, error.reason, self._clock.now_ms())
            self._deliver(CancelFailed(cancel.client_order_id, *why))
            return
        if report is not None:
            self._deliver(report)

    async def _withdraw_all(self, cancel: CancelAll) -> None:
        if cancel in self._cancels:
            return
        try:
            with self._cancels.joined(cancel, self._leaving) as leaving:
                await self._account.cancel_all(cancel.symbol, leaving)
        except OrderError as error:
            logger.warning("cancel all of %s: %s", cancel.symbol, error)
        try:
            # The stream tells of those that ended; what is left must be known to be left.
            left = await self._account.open_orders(cancel.symbol)
        except FetchError as error:
            logger.warning("orders of %s after cancel all: %s", cancel.symbol, error)
            return
        for report in left:
            self._deliver(report)

    # --- dead-man -----------------------------------------------------------------------------

    async def _arm(self, arm: ArmDeadMan) -> None:
        asked_ms = self._clock.now_ms()
        try:
            await self._account.count_down(arm.symbol, arm.countdown_ms, self._leaving)
        except OrderError as error:
            self._deliver(DeadManFailed(arm.symbol, str(error), self._clock.now_ms()))
            return
        self._deliver(
            DeadManSet(
                symbol=arm.symbol,
                countdown_ms=arm.countdown_ms,
                asked_ms=asked_ms,
                time_ms=self._clock.now_ms(),
            )
        )

    # --- asking -------------------------------------------------------------------------------

    async def _ask(self, query: Query) -> None:
        if query.delay_seconds > 0:
            await self._clock.sleep(query.delay_seconds)
        # Taken before the limiter's turn: too early at most, so it never proves too much.
        asked_ms = self._account.now_ms()
        try:
            told = await self._evidence(query)
        except FetchError as error:
            failure = QueryFailed(query.client_order_id, str(error), self._clock.now_ms())
            self._deliver(failure)
            return
        if not told:
            self._deliver(OrderNotFound(query.client_order_id, asked_ms))
        for event in told:
            self._deliver(event)

    async def _evidence(self, query: Query) -> list[Fill | OrderReport | AlgoReport]:
        """What the venue says of the order, executions before the states that follow from them."""
        try:
            report = await self._account.order(query)
        except FetchError as error:
            if not await self._absence.is_proven(error, query):
                raise
            report = None  # delivered or delisted: it has no order of it either
        if report is None:
            return []
        if isinstance(report, OrderReport):
            return [*await executions(self._account, report), report]
        told: list[Fill | OrderReport | AlgoReport] = []
        if report.order_id and report.status in _BECAME_AN_ORDER:
            number = report.order_id
            became = Query(client_order_id="", symbol=report.symbol, is_algo=False, order_id=number)
            order = await self._account.order(became)
            if isinstance(order, OrderReport):
                told = [*await executions(self._account, order), order]
        return [*told, report]
