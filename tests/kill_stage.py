"""A venue that a kill meets: it loses what is cancelled, and refuses what a test wants refused."""

from collections import deque
from collections.abc import Callable
from decimal import Decimal

from fake_account import FakeAccount, accepted
from msgspec.structs import replace
from order_builders import a_position_report, an_algo_report, an_order_report
from virtual_time import VirtualTime

from botcore_tui.engine.kill import kill
from botcore_tui.engine.kill_terms import KillPlan, KillReport, KillScope, Policy
from botcore_tui.exchange.base import Leaving, OrderError, freely
from botcore_tui.exchange.binance.rest import RestError
from botcore_tui.model.account import PositionReport
from botcore_tui.model.event import Cancel
from botcore_tui.model.market import Side
from botcore_tui.model.order import (
    AlgoReport,
    OrderReport,
    OrderRequest,
    OrderSent,
    OrderType,
    Outcome,
)
from botcore_tui.model.risk import KillStage

BTC, ETH = "BTCUSDT", "ETHUSDT"
EVERYTHING = KillPlan(scope=KillScope.everything())
FLATTEN = KillPlan(scope=KillScope.everything(), policy=Policy.FLATTEN)


class Venue(FakeAccount):
    """A fake account whose orders and positions do what is asked of them.

    Attributes:
        refusals: What an order is answered with, in turn, instead of being done.
        acts: Called in turn after each listing of orders.
        listed: Contracts that it knows; None: whatever it is asked for.
    """

    def __init__(self) -> None:
        super().__init__()
        self.refusals: deque[OrderError] = deque()
        self.acts: deque[Callable[[], None]] = deque()
        self.listed: set[str] | None = None

    async def place(
        self,
        request: OrderRequest,
        on_sent: Callable[[OrderSent], None],
    ) -> OrderReport | AlgoReport:
        await self._pass("place", f"{request.symbol} {request.type} {request.quantity}")
        self.sent.append(request)
        if self.refusals:
            refusal = self.refusals.popleft()
            if refusal.outcome is not Outcome.UNKNOWN:
                raise refusal
            self._execute(request)
            raise refusal
        self._execute(request)
        return accepted(request, len(self.sent), self.time_ms)

    async def cancel(self, cancel: Cancel, leaving: Leaving = freely) -> OrderReport | None:
        await super().cancel(cancel, leaving)
        name = cancel.client_order_id
        if cancel.is_algo:
            self.algo_orders = [each for each in self.algo_orders if each.client_order_id != name]
        else:
            self.orders = [each for each in self.orders if each.client_order_id != name]
        return None

    async def open_orders(self, symbol: str) -> list[OrderReport]:
        self._know(symbol)
        found = await super().open_orders(symbol)
        if self.acts:
            self.acts.popleft()()
        return found

    async def open_algo_orders(self, symbol: str) -> list[AlgoReport]:
        self._know(symbol)
        return await super().open_algo_orders(symbol)

    def _know(self, symbol: str) -> None:
        if self.listed is not None and symbol not in {"", *self.listed}:
            raise RestError("http://venue/x", "Invalid symbol.", status=400, code=-1121)

    def _execute(self, request: OrderRequest) -> None:
        if request.type is not OrderType.MARKET:
            report = accepted(request, len(self.sent), self.time_ms)
            assert isinstance(report, AlgoReport)
            self.algo_orders.append(report)
            return
        assert request.reduce_only
        reduced = [_reduced(each, request) for each in self.held_positions]
        self.held_positions = [position for position in reduced if position.quantity]


def _reduced(position: PositionReport, request: OrderRequest) -> PositionReport:
    if position.symbol != request.symbol:
        return position
    left = max(Decimal(0), abs(position.quantity) - request.quantity)
    return replace(position, quantity=left.copy_sign(position.quantity))


def killed(
    time: VirtualTime, venue: Venue, plan: KillPlan = EVERYTHING
) -> tuple[KillReport, list[KillStage]]:
    """The report of a kill, and how far it said that it was."""
    stages: list[KillStage] = []

    async def run() -> KillReport:
        return await kill(venue, plan, time, lambda stage, _: stages.append(stage))

    return time.run(run), stages


def a_bid(name: str, symbol: str = BTC, *, reduce_only: bool = False) -> OrderReport:
    """A limit order that rests."""
    return an_order_report(client_order_id=name, symbol=symbol, reduce_only=reduce_only)


def an_algo(
    name: str, symbol: str = BTC, *, quantity: str = "1", side: Side = Side.BUY
) -> AlgoReport:
    """A conditional order that can open a position."""
    return an_algo_report(
        client_order_id=name, symbol=symbol, quantity=quantity, side=side, close_position=False
    )


def a_stop(name: str, symbol: str = BTC) -> AlgoReport:
    """A stop that closes a long position."""
    return an_algo_report(client_order_id=name, symbol=symbol)


def held(quantity: str, symbol: str = BTC, mark: str | None = "100") -> PositionReport:
    """A position, as the venue lists it."""
    return a_position_report(symbol=symbol, quantity=quantity, mark=mark)
