"""Our ports to a venue: its market data, and the account that we trade there.

Live streams, tapes and the embedded exchange stand behind the same words.
"""

from collections.abc import Callable
from typing import Protocol

from botcore_tui.errors import BotcoreError
from botcore_tui.model.account import BalanceReport, Income, LeverageChange, PositionReport
from botcore_tui.model.event import Cancel, Event, Query, RequestSnapshot
from botcore_tui.model.instrument import ContractRules
from botcore_tui.model.order import (
    AlgoReport,
    Fill,
    OrderReport,
    OrderRequest,
    OrderSent,
    Outcome,
)
from botcore_tui.model.snapshot import FeedState

Leaving = Callable[[], None]
"""Called when a request has its turn, before its first byte leaves. If it raises, nothing is sent.
"""


def freely() -> None:
    """Whatever happened while it waited for its turn, a request leaves."""


class Sink(Protocol):
    """Where a feed delivers; all of it in the engine's loop."""

    def deliver(self, event: Event, received_ns: int) -> None:
        """Hand over one event; ``received_ns`` is monotonic, 0 where no latency is to be taken."""

    async def room(self) -> None:
        """Return when more may be delivered; a full engine stops the reading of sockets here."""


class MarketFeed(Protocol):
    """A source of market events."""

    owns_time: bool
    """True: the feed delivers the Ticks (a tape); False: the engine makes them from its clock."""

    async def run(self, sink: Sink) -> None:
        """Deliver until there is no more or the task is cancelled.

        Returns only when the market has ended for good (the end of a tape). A failure of the
        network is no reason to return or to raise.
        """

    def request_snapshot(self, request: RequestSnapshot) -> None:
        """See to it that a BookSnapshot or a SnapshotFailed is delivered, after the back-off."""

    def states(self, now_ns: int) -> tuple[FeedState, ...]:
        """One row for each stream, for the screen."""

    def counters(self) -> tuple[int, int]:
        """Frames that could not be decoded, and frames of unknown types, since the start."""


class OrderError(BotcoreError):
    """A request that may change something at the venue brought no report.

    Attributes:
        outcome: Whether it is certain that nothing was done.
        code: Binance's number; 0 if it gave none.
        reason: What went wrong, one line.
    """

    def __init__(self, outcome: Outcome, code: int, reason: str) -> None:
        self.outcome = outcome
        self.code = code
        self.reason = reason
        super().__init__(f"{reason} ({code})" if code else reason)


class VenueAccount(Protocol):
    """One account at a venue.

    Questions are repeated where that may help and raise ``FetchError`` when it did not. What
    changes something is sent once and raises ``OrderError``.
    """

    async def run(self, sink: Sink) -> None:
        """Keep clock and user stream until cancelled.

        Delivers ``UserStreamUp``, ``UserStreamDown``, ``OrderReport``, ``AlgoReport``, ``Fill``,
        ``AccountUpdate``, ``LeverageChange``. Nothing the network does makes it return or raise.
        """

    def now_ms(self) -> int:
        """The venue's time, as far as it is known."""

    async def place(
        self,
        request: OrderRequest,
        on_sent: Callable[[OrderSent], None],
    ) -> OrderReport | AlgoReport:
        """Send an order, once.

        Args:
            request: See there.
            on_sent: Told when it is signed and has its turn, before the first byte leaves. If it
                raises, nothing is sent.

        Raises:
            OrderError: No report; see its outcome.
        """

    async def cancel(self, cancel: Cancel, leaving: Leaving = freely) -> OrderReport | None:
        """Ask to cancel an order; None of a conditional one, whose reply reports nothing.

        Raises:
            OrderError: Not confirmed; see its outcome.
        """

    async def cancel_all(self, symbol: str, leaving: Leaving = freely) -> None:
        """Ask to cancel every order of the book in a symbol; conditional ones stay.

        Raises:
            OrderError: Not confirmed; see its outcome.
        """

    async def cancel_all_algo(self, symbol: str) -> None:
        """Ask to cancel every conditional order of a symbol, its protective stops too.

        Raises:
            OrderError: Not confirmed; see its outcome.
        """

    async def count_down(self, symbol: str, countdown_ms: int, leaving: Leaving = freely) -> None:
        """Have the venue cancel the orders of a symbol so much later, unless asked again; 0 stops.

        Raises:
            OrderError: Not confirmed; an earlier countdown may go on.
        """

    async def set_leverage(
        self, symbol: str, leverage: int, leaving: Leaving = freely
    ) -> LeverageChange:
        """Set the leverage of a symbol; what the venue says that it is now.

        Raises:
            OrderError: Not confirmed; see its outcome.
        """

    async def account_id(self) -> str:
        """The venue's own name of the account.

        Raises:
            FetchError: No answer.
        """

    async def order(self, query: Query) -> OrderReport | AlgoReport | None:
        """What the venue says of one order; None if it says that it has none.

        Raises:
            FetchError: No answer.
        """

    async def open_orders(self, symbol: str) -> list[OrderReport]:
        """Orders of the book that have not ended; of the whole account if ``symbol`` is empty."""

    async def open_algo_orders(self, symbol: str) -> list[AlgoReport]:
        """Conditional orders that wait; of the whole account if ``symbol`` is empty."""

    async def positions(self) -> list[PositionReport]:
        """Every position that is not flat."""

    async def balance(self) -> BalanceReport:
        """Of the settlement asset."""

    async def trades(self, symbol: str, *, from_id: int = 0, order_id: int = 0) -> list[Fill]:
        """Trades of a symbol, oldest first: all from an id on, or of one order, or the newest."""

    async def income(self, start_ms: int, end_ms: int) -> list[Income]:
        """All that moved money in that time, both ends included, oldest first."""

    async def leverages(self) -> list[LeverageChange]:
        """Leverage and margin type of every symbol."""

    async def is_one_way(self) -> bool:
        """Whether a symbol has one net position (not hedge mode)."""

    async def is_single_asset(self) -> bool:
        """Whether margin is of the settlement asset only (not multi-assets mode)."""

    async def rules(self, symbols: tuple[str, ...]) -> list[ContractRules]:
        """Filters of these contracts; those the venue does not know are left out."""

    async def close(self) -> None:
        """Free the connections."""
