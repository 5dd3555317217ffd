"""A line between register and venue on which anything is lost, late, doubled or out of order."""

from collections.abc import Callable
from decimal import Decimal

from order_builders import NOW_MS, a_request, a_stop_request, a_submit_failed
from rough_ledger import WINDOW_MS, RoughLedger
from rough_venue import RoughVenue, VenueOrder

from botcore_tui.core.client_ids import ClientIds
from botcore_tui.core.orders import OrderEvent, OrderRegister, Step
from botcore_tui.core.portfolio import Portfolio
from botcore_tui.model.account import AccountPicture
from botcore_tui.model.event import Append, Cancel, Effect, Query, Submit
from botcore_tui.model.market import Side
from botcore_tui.model.order import (
    CancelFailed,
    OrderNotFound,
    OrderRequest,
    OrderSent,
    OrderType,
    Outcome,
    Purpose,
    QueryFailed,
    VenueStatus,
)

SYMBOLS = ("AAAUSDT", "BBBUSDT")
_LAG_MS = 2_900
"""The venue may not find an order that is younger."""


class RoughLine:
    """Register, portfolio, ledger and venue; ``move`` lets one thing happen between them."""

    def __init__(self) -> None:
        self.time_ms = NOW_MS
        self.venue = RoughVenue(NOW_MS)
        self.ledger = RoughLedger()
        self.runs = 0
        self.differed = 0
        self._foreigners = 0
        self.start()
        self.heal_picture()

    def start(self) -> None:
        """A session begins; of the one before only the ledger is left, and what it had sent."""
        self.runs += 1
        run_id = f"r{self.runs}"
        self.ids = ClientIds(run_id)
        self.register = OrderRegister(self.ids)
        self.portfolio = Portfolio()
        self.planned: list[OrderRequest] = []
        self.floating: list[tuple[OrderRequest, int]] = getattr(self, "floating", [])
        self.queries: list[Query] = []
        self.cancels: list[Cancel] = []
        self.events: list[OrderEvent] = []
        self.picture: AccountPicture | None = None
        self.venue.stream.clear()
        self.ledger.fresh.clear()
        self.recorded = set(self.ledger.fills)
        recollection = self.ledger.recall(run_id, self.time_ms)
        self.portfolio.restore(recollection)
        self.known = {trade.symbol: trade.trade_id for trade in recollection.trades}
        for trade in recollection.trades:
            self.register.recall(trade)
        for order in recollection.orders:
            self.take(self.register.restore(order, self.time_ms))

    # --- what the core says ---------------------------------------------------------------------

    def take(self, step: Step) -> None:
        self.perform(step.effects)
        for new in step.fills:
            assert (new.fill.symbol, new.fill.trade_id) not in self.recorded, "booked twice"
            self.perform(self.portfolio.fill(new.fill))

    def perform(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Append():
                    self.ledger.append(effect)
                case Submit():
                    self.planned.append(effect.request)
                case Query():
                    self.queries.append(effect)
                case Cancel():
                    self.cancels.append(effect)
                case _:
                    pass

    def process(self, event: OrderEvent) -> None:
        self.take(self.register.process(event, self.time_ms))

    def reconcile(self, picture: AccountPicture) -> None:
        self.take(self.register.reconcile(picture, self.time_ms))
        for account in picture.symbols:
            symbol = account.position.symbol
            newer = self.register.fills_after(symbol, account.last_trade_id)
            effects, differed = self.portfolio.adopt(account, newer=newer)
            self.perform(effects)
            self.differed += differed
            if account.last_trade_id:
                self.known[symbol] = account.last_trade_id

    # --- moves ----------------------------------------------------------------------------------

    def move(self, kind: str, number: int) -> None:
        """Let one thing happen; a move that finds nothing to move does nothing."""
        moves: dict[str, Callable[[int], None]] = {
            "plan": self._plan,
            "send": self._send,
            "fail": lambda n: self._unsent(n, Outcome.FAILED),
            "refuse": lambda n: self._unsent(n, Outcome.REJECTED),
            "time out": self._time_out,
            "arrive": self._arrive,
            "sink": self._sink,
            "trade": self._trade,
            "trade on": self._trade,
            "end": self._end,
            "trigger": self._trigger,
            "foreign": self._foreign,
            "vanish": self._vanish,
            "hear": lambda n: self._hear(n, is_kept=n % 7 == 0),
            "hear all": self._hear_all,
            "miss": self._miss,
            "answer": self._answer,
            "answer all": self._answer_all,
            "cancel": self._cancel,
            "obey": self._obey,
            "wait": self._wait,
            "look": lambda n: self._look() if n % 2 else self._see(),
            "crash": lambda n: self.start() if n % 5 == 0 else None,
        }
        moves[kind](number)

    def _plan(self, number: int) -> None:
        symbol = SYMBOLS[number % 2]
        side = Side.BUY if number % 4 < 2 else Side.SELL
        kind = number % 3
        if kind == 2:
            close_position = number % 5 == 0
            request = a_stop_request(
                client_order_id=self.ids.next(Purpose.STOP),
                symbol=symbol,
                side=side,
                quantity="0" if close_position else "2",
                close_position=close_position,
                created_ms=self.time_ms,
            )
        else:
            request = a_request(
                client_order_id=self.ids.next(Purpose.ENTRY),
                symbol=symbol,
                side=side,
                order_type=OrderType.LIMIT if kind else OrderType.MARKET,
                quantity=str(1 + number % 4),
                created_ms=self.time_ms,
            )
        self.perform(self.register.plan(request))

    def _send(self, number: int) -> None:
        if self.planned:
            request = self.planned.pop(number % len(self.planned))
            expires_ms = self.time_ms + WINDOW_MS
            self.process(OrderSent(request.client_order_id, self.time_ms, expires_ms))
            self.floating.append((request, expires_ms))

    def _unsent(self, number: int, outcome: Outcome) -> None:
        if self.planned:
            request = self.planned.pop(number % len(self.planned))
            # What was not sent is always told: by our own executor, not by the line.
            self.process(a_submit_failed(request.client_order_id, outcome=outcome, code=-1008))

    def _arrive(self, number: int) -> None:
        if not self.floating:
            return
        request, expires_ms = self.floating.pop(number % len(self.floating))
        name = request.client_order_id
        if self.time_ms > expires_ms:
            self.events.append(a_submit_failed(name))
            return
        order = self.venue.place(request)
        kind = number % 4
        if kind == 0:
            self.events.append(self.venue.reply(order))
        elif kind == 1:
            self.events.append(a_submit_failed(name))
        elif kind == 2:
            failure = a_submit_failed(name, outcome=Outcome.REJECTED, code=-4116)
            self.events.append(failure)

    def _time_out(self, number: int) -> None:
        if self.floating:
            request, _ = self.floating[number % len(self.floating)]
            self.events.append(a_submit_failed(request.client_order_id))

    def _sink(self, number: int) -> None:
        if self.floating:
            request, _ = self.floating.pop(number % len(self.floating))
            if number % 2:
                self.events.append(a_submit_failed(request.client_order_id))

    def _pick(self, number: int, *, waits: bool) -> VenueOrder | None:
        orders = [one for one in self.venue.orders.values() if (one.waits if waits else one.rests)]
        return orders[number % len(orders)] if orders else None

    def _trade(self, number: int) -> None:
        order = self._pick(number, waits=False)
        if order is not None:
            self.venue.execute(order, Decimal(1 + number % 3))

    def _end(self, number: int) -> None:
        order = self._pick(number, waits=bool(number % 2))
        if order is not None:
            self.venue.end(order, (VenueStatus.CANCELED, VenueStatus.EXPIRED)[number % 3 % 2])

    def _trigger(self, number: int) -> None:
        order = self._pick(number, waits=True)
        if order is not None:
            self.venue.trigger(order)

    def _vanish(self, number: int) -> None:
        order = self._pick(number, waits=True)
        if order is not None and number % 3 == 0:
            self.venue.vanish(order)

    def _foreign(self, number: int) -> None:
        self._foreigners += 1
        kind = OrderType.MARKET if number % 2 else OrderType.LIMIT
        request = a_request(
            client_order_id=f"web_{self._foreigners}",
            symbol=SYMBOLS[number % 2],
            order_type=kind,
            quantity="2",
        )
        self.venue.place(request)

    def _heard(self) -> list[OrderEvent]:
        """What is under way to us, all mixed up."""
        self.events += self.venue.stream
        self.venue.stream.clear()
        return self.events

    def _pop(self, events: list[OrderEvent], number: int) -> OrderEvent | None:
        return events.pop(number % len(events)) if events else None

    def _hear(self, number: int, *, is_kept: bool) -> None:
        event = self._pop(self._heard(), number)
        if event is not None:
            self.process(event)
            if is_kept:
                self.events.append(event)

    def _hear_all(self, number: int) -> None:
        for count in range(len(self._heard())):
            self._hear(number * count, is_kept=False)

    def _miss(self, number: int) -> None:
        self._pop(self._heard(), number)

    def _answer(self, number: int) -> None:
        if not self.queries:
            return
        query = self.queries.pop(number % len(self.queries))
        kind = number % 5
        if kind == 0:
            self.events.append(QueryFailed(query.client_order_id, "timed out", self.time_ms))
        elif kind == 1 and self._is_young(query):
            self.events.append(OrderNotFound(query.client_order_id, self.time_ms))
        elif kind != 2:
            self.events += self.venue.answer(query)

    def _answer_all(self, number: int) -> None:
        for count in range(len(self.queries)):
            self._answer(number + count)

    def _is_young(self, query: Query) -> bool:
        order = self.venue.orders.get(query.client_order_id)
        return order is not None and self.time_ms - order.created_ms < _LAG_MS

    def _cancel(self, number: int) -> None:
        orders = self.register.open()
        if orders:
            name = orders[number % len(orders)].client_order_id
            self.perform(self.register.cancel(name, self.time_ms))

    def _obey(self, number: int) -> None:
        if not self.cancels:
            return
        cancel = self.cancels.pop(number % len(self.cancels))
        kind = number % 4
        if kind == 0:
            name = cancel.client_order_id
            self.events.append(CancelFailed(name, Outcome.FAILED, -1008, "busy", self.time_ms))
            return
        reply = self.venue.cancel(cancel)
        if reply is not None and kind != 1:
            self.events.append(reply)

    def _wait(self, number: int) -> None:
        self.time_ms += (100, 250, 600, 1_500, 6_000)[number % 5]
        self.venue.time_ms = self.time_ms
        self.take(self.register.on_tick(self.time_ms))

    def _look(self) -> None:
        self.picture = self.venue.picture(self.known, SYMBOLS)

    def _see(self) -> None:
        if self.picture is not None:
            self.reconcile(self.picture)
            self.picture = None

    # --- healing --------------------------------------------------------------------------------

    def heal(self, *, drops: bool) -> None:
        """From here on the line is good; what was under way arrives, or never does."""
        for _ in range(len(self.planned)):
            self._send(0)
        for _ in range(len(self.floating)):
            self._arrive(0)
        if drops:
            self._heard().clear()
        for second in range(150):
            for _ in range(len(self._heard())):
                self._hear(0, is_kept=False)
            for cancel in self.cancels:
                reply = self.venue.cancel(cancel)
                self.events += [reply] if reply is not None else []
            self.cancels = []
            for query in self.queries:
                self.events += self.venue.answer(query)
            self.queries = []
            if second % 10 == 0:
                self.heal_picture()
            self._wait(2)

    def heal_picture(self) -> None:
        self.picture = self.venue.picture(self.known, SYMBOLS)
        self._see()
