"""The kill switch at the venue: cancels entries, closes positions, and believes only questions.

It needs an account and a clock: no engine, no ledger, no screen. Everything follows from what the
venue lists, so orders and positions of others are in it, and doing it again is harmless (K11).
Protective stops are cancelled last, and only where a later question says that all is flat (K2).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol, TypeVar, runtime_checkable

from botcore_tui.clock import Clock
from botcore_tui.core.exposure import only_lowers
from botcore_tui.engine.flatten import Flattener
from botcore_tui.engine.kill_ends import Ends
from botcore_tui.engine.kill_terms import (
    CONDITIONAL,
    ORDERS,
    POSITIONS,
    KillPlan,
    KillReport,
    Left,
    Picture,
    Policy,
    is_protected,
)
from botcore_tui.engine.unheard import Orders, listed
from botcore_tui.errors import FetchError
from botcore_tui.exchange.base import OrderError, VenueAccount
from botcore_tui.model.event import Cancel
from botcore_tui.model.order import AlgoReport, OrderReport
from botcore_tui.model.risk import KillStage

logger = logging.getLogger(__name__)

T = TypeVar("T")
Tell = Callable[[KillStage, str], None]
"""Hears how far it is; must not raise."""

_LATE_SECONDS: Final = 0.5
"""What was sent before the halt may still arrive so much later: the venue is asked once more."""
_FIRST_PAUSE: Final = 0.02
_LONGEST_PAUSE: Final = 2.0
_LONGEST_HEED: Final = 10.0
"""Longest pause that the venue can ask for: after it the reserve is tried again."""
_LOOK_SECONDS: Final = 10.0
"""Longest wait for one round of questions."""
_LAST_LOOK_SECONDS: Final = 3.0
_MANY: Final = 3
"""From so many on, entries of a contract are cancelled by one request, where nothing else goes."""
_FEW: Final = 20
"""Up to so many contracts are listed one by one: the whole account weighs 40 times as much."""
_FEW_IF_SLOW: Final = 2
"""Likewise while requests wait for their turn: then it counts how many there are."""
_SLOW_MS: Final = 2_000.0
_AT_ONCE: Final = 16
"""Cancels under way at the same time."""
_GONE: Final = -2011
_NOTES_KEPT: Final = 5


async def kill(account: VenueAccount, plan: KillPlan, clock: Clock, tell: Tell) -> KillReport:
    """Cancel entries, flatten if that is wanted, and verify both by asking again.

    Repeats itself through refusals and silence until it is confirmed or the patience is over; it
    raises nothing that a venue can cause.

    Args:
        account: At the venue; nothing else may be waiting for its answers.
        plan: What, and how long.
        clock: All pauses go through it.
        tell: See there.
    """
    return await _Kill(account, plan, clock, tell).run()


@runtime_checkable
class _Forbidding(Protocol):
    """An error that says for how long the venue forbids another request."""

    retry_after_seconds: float


class _Kill:
    def __init__(self, account: VenueAccount, plan: KillPlan, clock: Clock, tell: Tell) -> None:
        self._account = account
        self._plan = plan
        self._clock = clock
        self._tell = tell
        self._began_ns = clock.monotonic_ns()
        self._ends = Ends(account, self._note)
        self._unheard_of: set[str] = set()
        """Contracts that the venue does not know."""
        self._were_held: set[str] = set()
        self._cancelled_ms: float | None = None
        self._flat_ms: float | None = None
        self._notes: list[str] = []
        self._told: set[str] = set()
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._flattener = Flattener(account, clock, self._note)
        self._forbidden_seconds = 0.0

    async def run(self) -> KillReport:
        pause, is_calm = _FIRST_PAUSE, False
        seen: Picture | None = None
        few = _FEW
        while True:
            began_ms = self._elapsed_ms()
            is_last = began_ms > self._plan.patience_seconds * 1_000
            # Only a look at the whole scope ends it; after one, where something was is looked at.
            symbols = () if is_calm or is_last or seen is None else seen.symbols()
            symbols = symbols if len(symbols) <= few else ()
            seconds = _LAST_LOOK_SECONDS if is_last else _LOOK_SECONDS
            picture = await self._look(seconds, symbols)
            seen = None if symbols else picture
            self._take(picture)
            is_done = self._is_done(picture)
            if is_last or (is_done and is_calm) or not self._symbols():
                await self._learn_ends(picture)
                return self._report(picture, is_confirmed=is_done and not self._unheard_of)
            is_calm = is_done
            if is_done:
                self._tell(KillStage.VERIFYING, "asking once more")
                await self._clock.sleep(_LATE_SECONDS)
                continue
            await self._act(picture)
            few = _FEW_IF_SLOW if self._elapsed_ms() - began_ms > _SLOW_MS else _FEW
            # Who goes on asking where the venue forbids it is banned, and cancels nothing at all.
            await self._clock.sleep(max(pause, min(self._forbidden_seconds, _LONGEST_HEED)))
            self._forbidden_seconds = 0.0
            pause = min(2 * pause, _LONGEST_PAUSE)

    # --- looking ------------------------------------------------------------------------------

    async def _look(self, seconds: float, symbols: Sequence[str]) -> Picture:
        scope, account = self._plan.scope, self._account
        symbols = symbols or self._symbols()
        plain, algos, positions = await asyncio.gather(
            self._answer(self._listed(account.open_orders, symbols), seconds),
            self._answer(self._listed(account.open_algo_orders, symbols), seconds),
            self._answer(account.positions(), seconds),
        )
        if positions is not None:
            positions = tuple(
                each for each in positions if each.quantity and scope.covers(each.symbol)
            )
        return Picture(plain, algos, positions)

    def _symbols(self) -> tuple[str, ...]:
        """Whom to ask about; empty is the whole account, none: the venue knows none of them."""
        scope = self._plan.scope
        names = ("",) if scope.is_all else scope.symbols
        return tuple(name for name in names if name not in self._unheard_of)

    async def _listed(
        self, ask: Callable[[str], Awaitable[list[Orders]]], symbols: Sequence[str]
    ) -> list[Orders]:
        # Of all, the whole account is listed again.
        unheard_of = set[str]() if self._plan.scope.is_all else self._unheard_of
        return await listed(ask, symbols, unheard_of)

    async def _answer(self, question: Awaitable[list[T]], seconds: float) -> tuple[T, ...] | None:
        try:
            async with asyncio.timeout(seconds):
                return tuple(await question)
        except FetchError as error:
            if isinstance(error, _Forbidding):
                asked_for = error.retry_after_seconds
                self._forbidden_seconds = max(self._forbidden_seconds, asked_for)
            self._note(str(error))
        except TimeoutError:
            self._note(f"no answer within {seconds:g} s")
        return None

    def _take(self, picture: Picture) -> None:
        held = picture.held()
        self._ends.see(picture.entries())
        self._were_held.update(held or ())
        is_listed = picture.orders is not None and picture.algo_orders is not None
        if is_listed and held is not None:
            self._cancelled_ms = self._since(self._cancelled_ms, not picture.entries())
        if held is not None and self._symbols():
            self._flat_ms = self._since(self._flat_ms, not held)

    def _since(self, before: float | None, is_so: bool) -> float | None:
        if not is_so:
            return None
        return self._elapsed_ms() if before is None else before

    def _is_done(self, picture: Picture) -> bool:
        if None in (picture.orders, picture.algo_orders, picture.positions):
            return False
        if self._plan.policy is Policy.FLATTEN:
            return not (picture.orders or picture.algo_orders or picture.positions)
        return not picture.entries()

    # --- acting -------------------------------------------------------------------------------

    async def _act(self, picture: Picture) -> None:
        steps: list[Awaitable[None]] = [*self._cancels(picture)]
        if self._plan.policy is Policy.FLATTEN:
            steps += self._closing(picture)
        left = self._plan.patience_seconds - self._elapsed_ms() / 1_000
        try:
            async with asyncio.timeout(max(left, _LAST_LOOK_SECONDS)):
                await asyncio.gather(*steps)
        except TimeoutError:
            self._note("requests were not answered in time")

    def _cancels(self, picture: Picture) -> list[Awaitable[None]]:
        entries = picture.entries()
        if entries:
            self._tell(KillStage.CANCELLING, f"{len(entries)} entries are open")
        if picture.orders is None:
            # Those that wait for a trigger are listed by themselves.
            return [*self._blind(), *map(self._cancel, entries)]
        whole = self._to_clear(picture.orders)
        single = [
            order for order in entries if isinstance(order, AlgoReport) or order.symbol not in whole
        ]
        return [*map(self._clear_book, sorted(whole)), *map(self._cancel, single)]

    def _blind(self) -> list[Awaitable[None]]:
        """The venue lists nothing; what is known to be there can still be cancelled (K9)."""
        symbols = self._plan.known if self._plan.scope.is_all else self._symbols()
        return [self._clear_book(symbol) for symbol in symbols]

    def _to_clear(self, orders: Sequence[OrderReport]) -> set[str]:
        """Contracts whose whole book is cancelled: nothing that should stay is in it."""
        symbols = {order.symbol for order in orders}
        if self._plan.policy is Policy.FLATTEN:
            return symbols
        by_symbol = {
            symbol: [order for order in orders if order.symbol == symbol] for symbol in symbols
        }
        return {
            symbol
            for symbol, each in by_symbol.items()
            if len(each) >= _MANY and not any(map(only_lowers, each))
        }

    def _closing(self, picture: Picture) -> list[Awaitable[None]]:
        held = picture.held()
        if held is None:
            return []
        if held:
            self._tell(KillStage.FLATTENING, f"{len(held)} positions are open")
        idle = {each.symbol for each in picture.algo_orders or () if each.symbol not in held}
        # Stops go only where the position is flat, by a question newer than the last request; and
        # not while an entry is open that could need them, or may be.
        idle -= {order.symbol for order in picture.entries()}
        if picture.orders is None:
            idle.clear()
        return [
            *map(self._flattener.reduce, picture.positions or ()),
            *([self._clear_idle(idle)] if idle else ()),
        ]

    async def _cancel(self, order: OrderReport | AlgoReport) -> None:
        is_algo = isinstance(order, AlgoReport)
        name = order.client_order_id

        async def cancel() -> None:
            wish = Cancel(client_order_id=name, symbol=order.symbol, is_algo=is_algo)
            self._ends.on_reply(order, await self._account.cancel(wish))

        await self._try(f"{order.symbol}: {name}", cancel)

    async def _clear_book(self, symbol: str) -> None:
        await self._try(f"{symbol}: all orders", lambda: self._account.cancel_all(symbol))

    async def _clear_idle(self, symbols: set[str]) -> None:
        """Ask once more: those that were listed may belong to a position that began meanwhile."""
        positions = await self._answer(self._account.positions(), _LAST_LOOK_SECONDS)
        if positions is None:
            return
        held = {each.symbol for each in positions if each.quantity}
        await asyncio.gather(*map(self._clear_stops, sorted(symbols - held)))

    async def _clear_stops(self, symbol: str) -> None:
        await self._try(f"{symbol}: all stops", lambda: self._account.cancel_all_algo(symbol))

    async def _try(self, what: str, ask: Callable[[], Awaitable[object]]) -> None:
        async with self._slots:
            try:
                await ask()
            except OrderError as error:
                if error.code != _GONE:  # whether it is done, the next look tells in any case
                    self._note(f"{what} not cancelled: {error}")

    # --- telling ------------------------------------------------------------------------------

    async def _learn_ends(self, picture: Picture) -> None:
        if picture.orders is not None and picture.algo_orders is not None:
            await self._ends.learn(picture.entries(), _LAST_LOOK_SECONDS)

    def _report(self, picture: Picture, *, is_confirmed: bool) -> KillReport:
        open_entries = picture.entries()
        left = tuple(
            Left(each.symbol, each.quantity, is_protected(each, picture.algo_orders or ()))
            for each in picture.positions or ()
        )
        is_listed = picture.orders is not None and picture.algo_orders is not None
        ends = self._ends.counts(open_entries) if is_listed else (0, 0, 0)
        cancelled, executed, untold = ends
        trouble = [
            f"the venue knows no contract {symbol}: nothing was cancelled there"
            for symbol in sorted(self._unheard_of)
        ]
        trouble += _trouble(picture, left, is_confirmed=is_confirmed or bool(trouble))
        report = KillReport(
            is_confirmed=is_confirmed,
            scope=str(self._plan.scope),
            policy=self._plan.policy,
            entries=len(self._ends),
            cancelled=cancelled,
            executed=executed,
            untold=untold,
            open_entries=tuple(order.client_order_id for order in open_entries),
            closed=0 if picture.positions is None else len(self._were_held) - len(left),
            positions=left,
            stops=len(picture.algo_orders or ())
            - sum(isinstance(each, AlgoReport) for each in open_entries),
            cancelled_ms=self._cancelled_ms,
            flat_ms=self._flat_ms,
            time_ms=self._clock.now_ms(),
            unseen=picture.unseen(),
            trouble=(*trouble, *(() if is_confirmed else self._notes)),
        )
        self._tell(KillStage.CONFIRMED if is_confirmed else KillStage.TROUBLE, in_words(report))
        return report

    def _note(self, text: str) -> None:
        if text not in self._told:  # every round would say it again
            self._told.add(text)
            logger.warning("kill: %s", text)
        if text in self._notes:
            self._notes.remove(text)
        self._notes = [*self._notes[1 - _NOTES_KEPT :], text]

    def _elapsed_ms(self) -> float:
        return (self._clock.monotonic_ns() - self._began_ns) / 1e6


def _trouble(picture: Picture, left: Sequence[Left], *, is_confirmed: bool) -> list[str]:
    found = [f"the venue did not list {what}" for what in picture.unseen()]
    if picture.algo_orders is not None:
        naked = [each.symbol for each in left if not each.is_protected]
        if naked:
            found.append(f"positions WITHOUT A STOP: {', '.join(naked)}")
    if not found and not is_confirmed:
        found.append("not everything is as it was wanted")
    return found


def _entry_words(report: KillReport) -> list[str]:
    if ORDERS in report.unseen or CONDITIONAL in report.unseen:
        # Nothing open and nothing known to be open are not the same.
        return [f"{report.entries} entries found, what is open now was not seen"]
    return [
        f"{report.cancelled} of {report.entries} entries cancelled",
        *([f"{report.executed} executed"] if report.executed else []),
        *([f"{report.untold} ended, the venue did not tell how"] if report.untold else []),
        f"{len(report.open_entries)} open",
    ]


def in_words(report: KillReport) -> str:
    """One line for people; every number in it is the venue's."""
    words = _entry_words(report)
    found, is_flat = report.closed + len(report.positions), report.flat_ms is not None
    if POSITIONS in report.unseen:
        return ", ".join([*words, "positions were not seen"])
    if report.policy is Policy.FLATTEN and not found:
        # Another was quicker, such as the engine, or there never was one: no number tells that.
        words.append(f"{report.scope} found flat")
        return ", ".join(words)
    if report.policy is Policy.FLATTEN:
        words.append(f"{report.closed} of {found} positions closed")
    elif report.positions:
        count = len(report.positions)
        naked = sum(not each.is_protected for each in report.positions)
        stops = f"{naked} WITHOUT A STOP" if naked else f"{count} with a stop"
        if CONDITIONAL in report.unseen:
            stops = "stops were not seen"
        words.append(f"{count} position{'s' * (count != 1)} held, {stops}")
    if not report.positions and is_flat:
        words.append("flat")
    return ", ".join(words)
