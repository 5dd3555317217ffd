"""An account at a venue that says what a test wants it to say, when the test wants it."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from waiting import Changing

from botcore_tui.exchange.base import Leaving, Sink, freely
from botcore_tui.model.account import (
    BalanceReport,
    Income,
    LeverageChange,
    PositionReport,
    UserStreamUp,
)
from botcore_tui.model.event import Cancel, Event, Query
from botcore_tui.model.instrument import ContractRules
from botcore_tui.model.order import (
    AlgoReport,
    AlgoStatus,
    Fill,
    OrderReport,
    OrderRequest,
    OrderSent,
    Source,
    VenueStatus,
)

NOW_MS: Final = 1_700_000_000_000
RECV_WINDOW_MS: Final = 5_000

Reply = OrderReport | AlgoReport | Exception


class FakeAccount(Changing):
    """Implements ``VenueAccount``.

    Every method notes its call in ``calls`` as ``name argument``, waits while the name is held
    back (``hold``, ``release``), then raises the next exception of ``failures[name]`` if there is
    one. Holding ``place`` holds it before ``on_sent``, holding ``reply`` after it.

    Attributes:
        calls: In order.
        sent: Requests whose ``on_sent`` did not raise, in order.
        replies: Of an order by its client id: the report, or what is raised. Else it is NEW.
        reports: What ``order`` says, by client id or by the venue's number; else None.
        time_ms: The venue's clock.
    """

    def __init__(self) -> None:
        super().__init__()
        self.time_ms = NOW_MS
        self.calls: list[str] = []
        self.sent: list[OrderRequest] = []
        self.failures: dict[str, deque[Exception]] = defaultdict(deque)
        self.replies: dict[str, Reply] = {}
        self.cancel_replies: dict[str, OrderReport | Exception] = {}
        self.reports: dict[str | int, OrderReport | AlgoReport] = {}
        self.orders: list[OrderReport] = []
        self.algo_orders: list[AlgoReport] = []
        self.held_positions: list[PositionReport] = []
        self.fills: list[Fill] = []
        self.after_positions: deque[Callable[[], None]] = deque()
        """Each is called once, in turn, right after an answer to ``positions`` was made up."""
        self.money = BalanceReport(asset="USDT", wallet=Decimal(10_000), time_ms=NOW_MS)
        self.trades_ignore_from = False
        self.answer_seconds = 0.0
        """So long each answer takes, by the loop."""
        self.week_ms = 0
        """Who asks for the newest trades is told those since then only."""
        self.deeds: list[str] = []
        """Cancels and countdowns that have left; those that wait for their turn are not in it."""
        self.incomes: list[Income] = []
        self.leverage_list: list[LeverageChange] = []
        self.one_way = True
        self.single_asset = True
        self.name = "SgsR"
        self.rules_of: dict[str, ContractRules] = {}
        self.sink: Sink | None = None
        self.is_closed = False
        self._gates: dict[str, asyncio.Event] = {}
        self._numbers = iter(range(1_001, 1_000_000))

    # --- for tests ----------------------------------------------------------------------------

    def hold(self, name: str) -> None:
        """Keep calls of this name waiting from now on."""
        self._gates[name] = asyncio.Event()

    def release(self, name: str) -> None:
        """Let them go on."""
        self._gates.pop(name).set()

    def tell(self, event: Event) -> None:
        """Deliver an event as the user stream does."""
        assert self.sink is not None
        self.sink.deliver(event, 0)

    def count(self, name: str) -> int:
        """How often a method was called."""
        return sum(call.partition(" ")[0] == name for call in self.calls)

    # --- VenueAccount -------------------------------------------------------------------------

    async def run(self, sink: Sink) -> None:
        self.sink = sink
        await self._pass("run")
        sink.deliver(UserStreamUp(self.time_ms), 0)
        await asyncio.Event().wait()

    def now_ms(self) -> int:
        return self.time_ms

    async def place(
        self,
        request: OrderRequest,
        on_sent: Callable[[OrderSent], None],
    ) -> OrderReport | AlgoReport:
        client_order_id = request.client_order_id
        await self._pass("place", client_order_id)
        on_sent(OrderSent(client_order_id, self.time_ms, self.time_ms + RECV_WINDOW_MS))
        self.sent.append(request)
        await self._pass("reply", client_order_id)
        reply = self.replies.get(client_order_id)
        if isinstance(reply, Exception):
            raise reply
        return reply or accepted(request, next(self._numbers), self.time_ms)

    async def cancel(self, cancel: Cancel, leaving: Leaving = freely) -> OrderReport | None:
        await self._pass("cancel", cancel.client_order_id)
        leaving()
        self.deeds.append("cancel")
        reply = self.cancel_replies.get(cancel.client_order_id)
        if isinstance(reply, Exception):
            raise reply
        return reply

    async def cancel_all(self, symbol: str, leaving: Leaving = freely) -> None:
        await self._pass("cancel_all", symbol)
        leaving()
        self.deeds.append("cancel_all")
        self.orders = [order for order in self.orders if order.symbol != symbol]

    async def cancel_all_algo(self, symbol: str) -> None:
        await self._pass("cancel_all_algo", symbol)
        self.algo_orders = [order for order in self.algo_orders if order.symbol != symbol]

    async def count_down(self, symbol: str, countdown_ms: int, leaving: Leaving = freely) -> None:
        await self._pass("count_down", f"{symbol} {countdown_ms}")
        leaving()
        self.deeds.append("count_down")

    async def set_leverage(
        self, symbol: str, leverage: int, leaving: Leaving = freely
    ) -> LeverageChange:
        await self._pass("set_leverage", f"{symbol} {leverage}")
        leaving()
        others = [each for each in self.leverage_list if each.symbol != symbol]
        self.leverage_list = [*others, change := LeverageChange(symbol, leverage)]
        return change

    async def account_id(self) -> str:
        await self._pass("account_id")
        return self.name

    async def order(self, query: Query) -> OrderReport | AlgoReport | None:
        await self._pass("order", query.client_order_id or str(query.order_id))
        return self.reports.get(query.client_order_id or query.order_id)

    async def open_orders(self, symbol: str) -> list[OrderReport]:
        await self._pass("open_orders", symbol)
        return [order for order in self.orders if symbol in {"", order.symbol}]

    async def open_algo_orders(self, symbol: str) -> list[AlgoReport]:
        await self._pass("open_algo_orders", symbol)
        return [order for order in self.algo_orders if symbol in {"", order.symbol}]

    async def positions(self) -> list[PositionReport]:
        answer = list(self.held_positions)
        await self._pass("positions")
        if self.after_positions:
            self.after_positions.popleft()()
        return answer

    async def balance(self) -> BalanceReport:
        await self._pass("balance")
        return self.money

    async def trades(self, symbol: str, *, from_id: int = 0, order_id: int = 0) -> list[Fill]:
        what = f"order {order_id}" if order_id else f"from {from_id}"
        await self._pass("trades", f"{symbol} {what}")
        return [
            fill
            for fill in self.fills
            if fill.symbol == symbol and fill.trade_id >= from_id and order_id in {0, fill.order_id}
            if from_id or order_id or fill.time_ms >= self.week_ms
        ]

    async def income(self, start_ms: int, end_ms: int) -> list[Income]:
        await self._pass("income")
        return [row for row in self.incomes if start_ms <= row.time_ms <= end_ms]

    async def leverages(self) -> list[LeverageChange]:
        await self._pass("leverages")
        return self.leverage_list

    async def is_one_way(self) -> bool:
        await self._pass("is_one_way")
        return self.one_way

    async def is_single_asset(self) -> bool:
        await self._pass("is_single_asset")
        return self.single_asset

    async def rules(self, symbols: tuple[str, ...]) -> list[ContractRules]:
        await self._pass("rules", ",".join(symbols))
        return [self.rules_of[symbol] for symbol in symbols if symbol in self.rules_of]

    async def close(self) -> None:
        self.is_closed = True

    async def _pass(self, name: str, argument: str = "") -> None:
        self.calls.append(f"{name} {argument}".strip())
        self.changed()
        while (gate := self._gates.get(name)) is not None:
            await gate.wait()
        if self.answer_seconds:
            await asyncio.sleep(self.answer_seconds)  # of virtual time
        if self.failures[name]:
            raise self.failures[name].popleft()


def accepted(request: OrderRequest, number: int, time_ms: int) -> OrderReport | AlgoReport:
    """The venue's reply to an order that it took."""
    if request.is_algo:
        return AlgoReport(
            source=Source.REPLY,
            symbol=request.symbol,
            client_order_id=request.client_order_id,
            algo_id=number,
            side=request.side,
            type=request.type,
            status=AlgoStatus.NEW,
            quantity=request.quantity,
            trigger_price=request.trigger_price or Decimal(0),
            close_position=request.close_position,
            reduce_only=request.reduce_only,
            time_ms=time_ms,
        )
    return OrderReport(
        source=Source.REPLY,
        symbol=request.symbol,
        client_order_id=request.client_order_id,
        order_id=number,
        side=request.side,
        type=request.type,
        status=VenueStatus.NEW,
        quantity=request.quantity,
        filled_quantity=Decimal(0),
        price=request.price or Decimal(0),
        reduce_only=request.reduce_only,
        time_ms=time_ms,
    )
