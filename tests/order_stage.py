"""A register with an order in it, and what its steps came to."""

from collections.abc import Sequence
from decimal import Decimal

from order_builders import ENTRY_ID, NOW_MS, RUN_ID, a_request, an_order_sent

from botcore_tui.core.client_ids import ClientIds
from botcore_tui.core.orders import Order, OrderEvent, OrderRegister, Step
from botcore_tui.model.event import Append, Cancel, Effect, Query
from botcore_tui.model.ledger import AuditRow, FillRow, OrderRow
from botcore_tui.model.order import OrderRequest, OrderState


class Stage:
    """A register and the time; an order was planned, and sent unless told otherwise."""

    def __init__(self, request: OrderRequest | None = None, *, is_sent: bool = True) -> None:
        request = request or a_request()
        self.name = request.client_order_id
        self.time_ms = NOW_MS
        self.register = OrderRegister(ClientIds(RUN_ID))
        self.register.plan(request)
        if is_sent:
            self.process(an_order_sent(self.name))

    @property
    def order(self) -> Order:
        order = self.register.of(self.name)
        assert order is not None
        return order

    @property
    def state(self) -> OrderState:
        return self.order.state

    def process(self, *events: OrderEvent, after_ms: int = 0) -> Step:
        """One event after the other; what came of all of them."""
        self.time_ms += after_ms
        all_of_it = Step()
        for event in events:
            step = self.register.process(event, self.time_ms)
            all_of_it.effects += step.effects
            all_of_it.changed += step.changed
            all_of_it.fills += step.fills
        return all_of_it

    def tick(self, after_ms: int) -> Step:
        self.time_ms += after_ms
        return self.register.on_tick(self.time_ms)

    def cancel(self) -> list[Effect]:
        return self.register.cancel(self.name, self.time_ms)


def a_bare_register() -> OrderRegister:
    return OrderRegister(ClientIds(RUN_ID))


def states(effects: Sequence[Effect], name: str = ENTRY_ID) -> list[OrderState]:
    """Of the rows about an order."""
    rows = appended(effects)
    return [row.state for row in rows if isinstance(row, OrderRow) and row.client_order_id == name]


def appended(effects: Sequence[Effect]) -> list[object]:
    return [effect.row for effect in effects if isinstance(effect, Append)]


def audits(effects: Sequence[Effect]) -> list[str]:
    return [row.code for row in appended(effects) if isinstance(row, AuditRow)]


def fill_rows(effects: Sequence[Effect]) -> list[tuple[int, str, str]]:
    """Trade, order and tag of each row of an execution."""
    rows = [row for row in appended(effects) if isinstance(row, FillRow)]
    return [(row.fill.trade_id, row.client_order_id, row.tag) for row in rows]


def queries(effects: Sequence[Effect]) -> list[Query]:
    return [effect for effect in effects if isinstance(effect, Query)]


def cancels(effects: Sequence[Effect]) -> list[Cancel]:
    return [effect for effect in effects if isinstance(effect, Cancel)]


def filled(step: Step) -> list[tuple[int, Decimal]]:
    """Trade and quantity of each new execution."""
    return [(new.fill.trade_id, new.fill.quantity) for new in step.fills]
