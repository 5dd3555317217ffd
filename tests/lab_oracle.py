"""Compares what the venue really has with what we believe and have recorded."""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from lab_ledger import Disk
from msgspec import Struct

from botcore_tui.core.client_ids import is_ours
from botcore_tui.core.desk import TradingDesk
from botcore_tui.exchange.sim.exchange import Exchange
from botcore_tui.exchange.sim.orders import AlgoOrder, AlgoStatus, Fill, Order, OrderType, Status
from botcore_tui.model.ledger import FillRow, FundingRow, TransferRow
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderState
from botcore_tui.model.trading import Cover

_ATOMS: Final = Decimal(10**8)
_OF_BOOK: Final = {
    Status.NEW: (OrderState.OPEN, OrderState.TRIGGERED),
    Status.PARTIALLY_FILLED: (OrderState.PARTLY_FILLED,),
    Status.FILLED: (OrderState.FILLED,),
    Status.CANCELED: (OrderState.CANCELED,),
    Status.EXPIRED: (OrderState.EXPIRED,),
    Status.EXPIRED_IN_MATCH: (OrderState.EXPIRED,),
}
_OF_ALGO: Final = {
    AlgoStatus.NEW: (OrderState.OPEN,),
    # One that vanished without a word is taken for expired.
    AlgoStatus.CANCELED: (OrderState.CANCELED, OrderState.EXPIRED),
    AlgoStatus.EXPIRED: (OrderState.EXPIRED,),
    AlgoStatus.REJECTED: (OrderState.REJECTED,),
}
_NOWHERE: Final = (OrderState.NOT_PLACED, OrderState.REJECTED)


class Evidence(Struct):
    """All there is to compare."""

    exchange: Exchange
    desk: TradingDesk
    disk: Disk
    submits: Counter[str]
    history: int = 0
    """Executions before our time."""
    began_ms: int = 0
    """What the venue booked until then is from before our time."""

    @property
    def fills(self) -> list[Fill]:
        """Executions that are to be recorded.

        What others did before we had anything to do with a contract is history, and cannot be told
        from what they did before our first session.
        """
        first: dict[str, int] = {}
        for symbol, trade_id in self.disk.fills:
            first[symbol] = min(first.get(symbol, trade_id), trade_id)
        return [
            fill
            for fill in self.exchange.venue.floor.account.fills[self.history :]
            if is_ours(fill.order.client_id)
            or fill.trade_id >= first.get(fill.order.contract.symbol, fill.trade_id + 1)
        ]

    @property
    def recorded(self) -> dict[tuple[str, int], FillRow]:
        """What was recorded, but for history, some of which may be."""
        before = {_key(fill) for fill in self.exchange.venue.floor.account.fills[: self.history]}
        return {key: row for key, row in self.disk.fills.items() if key not in before}


def differences(evidence: Evidence) -> list[str]:
    """What is wrong, a line each, its kind first; empty after a good run."""
    return [
        *_submits(evidence),
        *_orders(evidence),
        *_register(evidence),
        *_positions(evidence),
        *_fills(evidence),
        *_money(evidence),
    ]


def exposure_gaps(exchange: Exchange, desk: TradingDesk, submits: Counter[str]) -> list[str]:
    """Where the venue may execute more of our entries than we count on; must never be."""
    working: dict[tuple[str, Side], Decimal] = {}
    for order in exchange.venue.floor.orders.open():
        name = order.client_id
        if name in submits and name.endswith("-e"):
            key = (order.contract.symbol, order.side)
            working[key] = working.get(key, Decimal(0)) + _quantity(order, order.remaining)
    return [
        f"exposure: {symbol} {side} {quantity} works at the venue,"
        f" we count {desk.state.register.exposure(symbol, side)}"
        for (symbol, side), quantity in working.items()
        if quantity > desk.state.register.exposure(symbol, side)
    ]


class Watch:
    """How long positions had no stop at the venue.

    Attributes:
        longest_ms: The longest time on end.
        since_ms: When it began.
    """

    def __init__(self, exchange: Exchange) -> None:
        self.longest_ms = self.since_ms = 0
        self._exchange = exchange
        self._naked: dict[str, int] = {}

    def look(self) -> None:
        """Look now."""
        floor = self._exchange.venue.floor
        for symbol, held in floor.account.positions.items():
            is_naked = held.lots and not any(
                _protects(algo, held.lots) for algo in floor.algos.open(symbol)
            )
            if not is_naked:
                self._naked.pop(symbol, None)
                continue
            since_ms = self._naked.setdefault(symbol, floor.now_ms)
            if floor.now_ms - since_ms > self.longest_ms:
                self.longest_ms, self.since_ms = floor.now_ms - since_ms, since_ms


def _submits(evidence: Evidence) -> Iterator[str]:
    for name, times in evidence.submits.items():
        if times > 1:
            yield f"duplicate: {name} was sent {times} times"
    floor = evidence.exchange.venue.floor
    for orders in (floor.orders, floor.algos):
        names = Counter(each.client_id for each in orders if is_ours(each.client_id))
        for name, times in names.items():
            if times > 1:
                yield f"duplicate: the venue has {times} orders {name}"


def _orders(evidence: Evidence) -> Iterator[str]:
    """Every order there ever was: the last state that we recorded against the venue's."""
    floor = evidence.exchange.venue.floor
    book = {order.client_id: order for order in floor.orders if is_ours(order.client_id)}
    algos = {algo.client_id: algo for algo in floor.algos if is_ours(algo.client_id)}
    recorded = evidence.disk.orders
    for name in (book.keys() | algos.keys()) - recorded.keys():
        order = book.get(name)
        if name in evidence.disk.lost and (order is None or not order.executed):
            # What lowers risk does not wait for a disk; killed meanwhile, it leaves no trace if it
            # ended without one before the next start.
            continue
        if name not in evidence.submits and order is not None and _left_no_trace(order):
            # Another instance placed it, and it was cancelled with all others of its symbol while
            # nothing was heard of the stream: nothing that can be asked for tells of it.
            continue
        yield f"orphan: the venue has {name}, of which nothing is recorded"
    for name, present in recorded.items():
        expected = _expected(book.get(name), algos.get(name))
        if present.state not in expected:
            wanted = " or ".join(expected)
            yield f"state: {name} is recorded as {present.state}, the venue says {wanted}"


def _left_no_trace(order: Order) -> bool:
    return not order.is_open and not order.executed


def _expected(order: Order | None, algo: AlgoOrder | None) -> tuple[OrderState, ...]:
    if order is not None:
        return _OF_BOOK[order.status]
    if algo is not None:
        return _OF_ALGO.get(algo.status, ())
    return _NOWHERE


def _register(evidence: Evidence) -> Iterator[str]:
    register, floor = evidence.desk.state.register, evidence.exchange.venue.floor
    open_here = {order.client_order_id for order in register.open()}
    open_there = {
        each.client_id
        for orders in (floor.orders.open(), floor.algos.open())
        for each in orders
        if is_ours(each.client_id)
    }
    for name in sorted(open_there - open_here):
        yield f"orphan: {name} is open at the venue only"
    for name in sorted(open_here - open_there):
        order = register.of(name)
        yield f"orphan: {name} is {order.state if order else ''} here only"
    for order in register.unknown():
        yield f"unknown: {order.client_order_id}"
    for order in register.open():
        if order.misses_fills:
            yield f"fills: {order.client_order_id} misses some"
    if not register.counts.is_balanced:
        yield "counts: orders out and in are not balanced"


def _positions(evidence: Evidence) -> Iterator[str]:
    floor, state = evidence.exchange.venue.floor, evidence.desk.state
    for symbol in floor.markets:
        held = floor.account.positions.get(symbol)
        lots = 0 if held is None else held.lots
        theirs = Decimal(floor.markets[symbol].contract.quantity_text(lots)) if lots else Decimal(0)
        ours = state.portfolio.quantity(symbol)
        if ours != theirs:
            yield f"position: {symbol} is {ours} here, {theirs} at the venue"
        if not lots:
            continue
        guard = state.protection.guard(symbol)
        if not any(_protects(algo, lots) for algo in floor.algos.open(symbol)):
            yield f"naked: {symbol} {theirs} has no stop at the venue; cover {guard.cover}"
        elif guard.cover is not Cover.VERIFIED:
            yield f"naked: {symbol} {theirs} has a stop, cover is {guard.cover}"


def _protects(algo: AlgoOrder, lots: int) -> bool:
    ticket = algo.ticket
    side = Side.SELL if lots > 0 else Side.BUY
    is_stop = ticket.type is OrderType.STOP_MARKET and ticket.side is side
    return is_stop and (ticket.close_position or ticket.lots >= abs(lots))


def _fills(evidence: Evidence) -> Iterator[str]:
    theirs = {_key(fill): fill for fill in evidence.fills}
    ours = evidence.recorded
    for key in sorted(theirs.keys() - ours.keys()):
        yield f"fills: {key} of {theirs[key].order.client_id} is not recorded"
    for key in sorted(ours.keys() - theirs.keys()):
        yield f"fills: {key} is recorded and never was"
    for key in theirs.keys() & ours.keys():
        problem = _difference(theirs[key], ours[key])
        if problem:
            yield f"fills: {key} {problem}"


def _difference(theirs: Fill, row: FillRow) -> str:
    fill, contract = row.fill, theirs.order.contract
    told = (fill.quantity, fill.price, fill.fee, fill.realized_pnl, fill.is_maker)
    true = (
        Decimal(contract.quantity_text(theirs.lots)),
        Decimal(contract.price_text(theirs.ticks)),
        theirs.fee / _ATOMS,
        theirs.realized / _ATOMS,
        theirs.is_maker,
    )
    if told != true:
        return f"recorded as {told}, is {true}"
    name = theirs.order.client_id
    if is_ours(name) and row.client_order_id != name:
        return f"recorded of {row.client_order_id!r}, is of {name}"
    return ""


def _money(evidence: Evidence) -> Iterator[str]:
    account = evidence.exchange.venue.floor.account
    rows = [row.fill for row in evidence.recorded.values()]
    booked = {
        "REALIZED_PNL": sum((fill.realized_pnl for fill in rows), Decimal(0)),
        "COMMISSION": -sum((fill.fee for fill in rows), Decimal(0)),
    }
    for kind, amount in booked.items():
        ids = {str(fill.trade_id) for fill in evidence.fills}
        paid = [row.amount for row in account.incomes if row.kind == kind and row.trade_id in ids]
        income = sum(paid) / _ATOMS
        if income != amount:
            yield f"money: {kind} is {amount} in the ledger, {income} at the venue"
    wallet = evidence.desk.state.portfolio.wallet
    if wallet != account.wallet / _ATOMS:
        yield f"money: wallet is {wallet} here, {account.wallet / _ATOMS} at the venue"


def missed_payments(evidence: Evidence) -> list[str]:
    """Funding and transfers that are not booked exactly once, a line each.

    What no stream told is healed from the history only after a reconnection, or within an hour.
    """
    disk, account = evidence.disk, evidence.exchange.venue.floor.account
    booked: dict[str, Sequence[FundingRow | TransferRow]] = {
        "FUNDING_FEE": disk.funding,
        "TRANSFER": disk.transfers,
    }
    problems: list[str] = []
    for kind, rows in booked.items():
        # By a clock that is ahead of the venue's we begin later than we do: a stream may tell of
        # what the history is not asked for.
        ours = Counter(
            row.amount
            for row in rows
            if row.time_ms <= evidence.began_ms or row.time_ms >= disk.since_ms
        )
        theirs = Counter(
            row.amount / _ATOMS
            for row in account.incomes
            if _book_of(row.kind) == kind and row.time_ms >= disk.since_ms
        )
        if ours != theirs:
            here, there = dict(ours - theirs), dict(theirs - ours)
            problems.append(f"money: {kind} only here {here}, only at the venue {there}")
    return problems


def _book_of(kind: str) -> str:
    """What a liquidation costs is no capital, and stands where that does."""
    return "TRANSFER" if kind == "INSURANCE_CLEAR" else kind


def _key(fill: Fill) -> tuple[str, int]:
    return fill.order.contract.symbol, fill.trade_id


def _quantity(order: Order, lots: int) -> Decimal:
    return Decimal(order.contract.quantity_text(lots))
