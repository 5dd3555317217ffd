"""Leaving a venue in order: halted, entries cancelled, and the venue asked whether it is so."""

import asyncio
import concurrent.futures
import logging
import threading
from typing import Final, Protocol

from msgspec import Struct

from botcore_tui.clock import SystemClock
from botcore_tui.core.standing import LEAVING
from botcore_tui.engine.kill_terms import Picture, is_protected
from botcore_tui.engine.port import EnginePort
from botcore_tui.errors import FetchError, why_unanswered
from botcore_tui.exchange.base import VenueAccount
from botcore_tui.model.account import PositionReport
from botcore_tui.model.event import TradingState
from botcore_tui.model.order import AlgoReport, OrderReport, OrderState, Purpose
from botcore_tui.model.snapshot import Snapshot, View
from botcore_tui.model.trading import AccountView, Cover, OrderView

logger = logging.getLogger(__name__)

_LOOK_SECONDS: Final = 0.05
_ASK_SECONDS: Final = 5.0
_BARE_TIMES: Final = 2.5
"""So many times longer is waited while a position has no stop: where nobody answers, both forms of
one are given five seconds each before it is closed."""
_DOUBTFUL: Final = frozenset({OrderState.PLANNED, OrderState.IN_FLIGHT, OrderState.UNKNOWN})


class Truth(Struct, frozen=True):
    """What the venue itself says that is open."""

    orders: tuple[OrderReport, ...]
    algo_orders: tuple[AlgoReport, ...]
    positions: tuple[PositionReport, ...]

    def entries(self) -> tuple[str, ...]:
        """Client ids of what can raise a position."""
        found = Picture(self.orders, self.algo_orders, self.positions).entries()
        return tuple(order.client_order_id for order in found)

    def naked(self) -> tuple[str, ...]:
        """Contracts with a position that no stop protects."""
        bare = (each for each in self.positions if not is_protected(each, self.algo_orders))
        return tuple(each.symbol for each in bare)


class Settled(Struct, frozen=True):
    """How an account was left."""

    trouble: str
    """Why it is not as it should be; empty if it is."""
    snapshot: Snapshot | None = None
    """The last picture."""
    truth: Truth | None = None
    """None if the venue did not answer, or there was no account."""

    @property
    def is_clean(self) -> bool:
        """Whether it is flat or protected, with no entry left and nothing unknown."""
        return not self.trouble


class Reachable(Protocol):
    """An account that can be asked."""

    @property
    def venue(self) -> VenueAccount:
        """Whom to ask."""

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """Where."""


class Opened(Protocol):
    """Where the account is opened."""

    @property
    def account(self) -> Reachable | None:
        """The one that is traded; None while there is none."""


def settle(engine: EnginePort, counter: Opened, reason: str, seconds: float) -> Settled:
    """Halt, wait until nothing is open, in doubt or bare, then ask the venue; blocks.

    Args:
        engine: Running; its desk cancels entries when it is halted, and protects positions.
        counter: Knows the account.
        reason: Of the halt.
        seconds: How long to wait; longer while a position has no verified stop.
    """
    engine.halt(LEAVING, reason)
    snapshot = _calm(engine, seconds)
    account, view = counter.account, None if snapshot is None else snapshot.account
    truth = None if account is None else _asked(account)
    # Where no session ever began there is nothing that could be left behind.
    is_untouched = account is None and (view is None or not (view.orders or view.positions))
    trouble = "" if is_untouched else _trouble(view, truth)
    if trouble:
        logger.error("the account is left in doubt: %s", trouble)
    return Settled(trouble, snapshot, truth)


def _calm(engine: EnginePort, seconds: float) -> Snapshot | None:
    clock, pause = SystemClock(), threading.Event()
    begun_ns = clock.monotonic_ns()
    while True:
        snapshot = engine.look(View())
        # A picture from before the halt says nothing of what the halt brought about.
        if snapshot is not None and _is_calm(snapshot, begun_ns):
            return snapshot
        times = 1.0 if snapshot is None or _is_covered(snapshot) else _BARE_TIMES
        if clock.monotonic_ns() - begun_ns > seconds * times * 1e9:
            return snapshot
        pause.wait(_LOOK_SECONDS)


def _is_calm(snapshot: Snapshot, begun_ns: int) -> bool:
    if snapshot.published_ns <= begun_ns or snapshot.state is not TradingState.HALTED:
        return False
    view = snapshot.account
    is_quiet = view is None or not any(map(_is_in_doubt, view.orders))
    # Between two tries nothing is under way for a position without a stop: it is still being
    # protected, or closed, and nobody would do that after us.
    return is_quiet and _is_covered(snapshot)


def _is_covered(snapshot: Snapshot) -> bool:
    positions = () if snapshot.account is None else snapshot.account.positions
    return all(position.cover is Cover.VERIFIED for position in positions)


def _is_in_doubt(order: OrderView) -> bool:
    if order.purpose is None or order.state.is_terminal:
        return False
    return order.purpose is Purpose.ENTRY or _is_unheard(order)


def _is_unheard(order: OrderView) -> bool:
    return order.purpose is not None and order.state in _DOUBTFUL


def _asked(account: Reachable) -> Truth | None:
    asking = asyncio.run_coroutine_threadsafe(_ask(account), account.loop)
    try:
        return asking.result(_ASK_SECONDS)
    except (FetchError, TimeoutError, concurrent.futures.CancelledError, RuntimeError) as error:
        asking.cancel()
        why = why_unanswered(error, _ASK_SECONDS)
        logger.error("the venue did not say what is open: %s", why)  # noqa: TRY400 - no defect
        return None


async def _ask(account: Reachable) -> Truth:
    venue = account.venue
    algo_orders = await venue.open_algo_orders("")
    orders = await venue.open_orders("")
    return Truth(tuple(orders), tuple(algo_orders), tuple(await venue.positions()))


def _trouble(view: AccountView | None, truth: Truth | None) -> str:
    if truth is None:
        return "the venue did not say what is open"
    if view is not None and view.unknown_orders:
        return f"{view.unknown_orders} orders are UNKNOWN"
    in_doubt = () if view is None else tuple(filter(_is_unheard, view.orders))
    if in_doubt:
        names = ", ".join(order.client_order_id for order in in_doubt)
        return f"what became of orders is not known: {names}"
    if truth.entries():
        return f"entries are open: {', '.join(truth.entries())}"
    return f"positions without a stop: {', '.join(truth.naked())}" if truth.naked() else ""
