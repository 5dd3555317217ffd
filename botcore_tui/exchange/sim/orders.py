"""Orders of the embedded exchange: what a client asks for and what becomes of it."""

from enum import StrEnum

from msgspec import Struct

from botcore_tui.exchange.sim.contracts import Contract
from botcore_tui.model.market import Side


class OrderType(StrEnum):
    """What an order does when it is worked."""

    LIMIT = "LIMIT"
    MARKET = "MARKET"
    STOP = "STOP"
    STOP_MARKET = "STOP_MARKET"
    TAKE_PROFIT = "TAKE_PROFIT"
    TAKE_PROFIT_MARKET = "TAKE_PROFIT_MARKET"
    TRAILING_STOP_MARKET = "TRAILING_STOP_MARKET"
    LIQUIDATION = "LIQUIDATION"
    """The venue's own, shown in the user's stream."""


class TimeInForce(StrEnum):
    """How long an order works."""

    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"
    GTX = "GTX"
    """Post only."""
    GTD = "GTD"
    GTE_GTC = "GTE_GTC"
    """Until its position is gone; of conditional orders only."""


class SelfTrade(StrEnum):
    """What happens when an account would trade with itself."""

    NONE = "NONE"
    EXPIRE_TAKER = "EXPIRE_TAKER"
    EXPIRE_MAKER = "EXPIRE_MAKER"
    EXPIRE_BOTH = "EXPIRE_BOTH"


class Status(StrEnum):
    """State of an order."""

    NEW = "NEW"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    EXPIRED_IN_MATCH = "EXPIRED_IN_MATCH"


class Execution(StrEnum):
    """What just happened to an order: ``x`` of ORDER_TRADE_UPDATE."""

    NEW = "NEW"
    TRADE = "TRADE"
    CANCELED = "CANCELED"
    CALCULATED = "CALCULATED"
    EXPIRED = "EXPIRED"
    AMENDMENT = "AMENDMENT"


class Ending(StrEnum):
    """Why an order expired: ``er`` of ORDER_TRADE_UPDATE."""

    NONE = "0"
    SELF_TRADE = "1"
    IOC_REST = "2"
    IOC_SELF_TRADE = "3"
    REDUCE_ONLY = "4"
    LIQUIDATED = "5"
    DELISTED = "7"
    MARKET_REST = "9"


class WorkingType(StrEnum):
    """Which price triggers a conditional order."""

    MARK_PRICE = "MARK_PRICE"
    CONTRACT_PRICE = "CONTRACT_PRICE"


class AlgoStatus(StrEnum):
    """State of a conditional order."""

    NEW = "NEW"
    TRIGGERING = "TRIGGERING"
    TRIGGERED = "TRIGGERED"
    FINISHED = "FINISHED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"


OPEN = frozenset({Status.NEW, Status.PARTIALLY_FILLED})
CONDITIONAL = frozenset(
    {
        OrderType.STOP,
        OrderType.STOP_MARKET,
        OrderType.TAKE_PROFIT,
        OrderType.TAKE_PROFIT_MARKET,
        OrderType.TRAILING_STOP_MARKET,
    }
)
"""Types that the venue takes as algo orders only, since 2025-12-09."""


class Ticket(Struct, frozen=True, kw_only=True):
    """An order as asked for; its numbers fit the contract's steps, nothing else is checked."""

    side: Side
    type: OrderType
    lots: int
    ticks: int = 0
    """Limit price; 0 for a market order."""
    time_in_force: TimeInForce = TimeInForce.GTC
    client_id: str = ""
    """Empty: the venue makes one."""
    reduce_only: bool = False
    close_position: bool = False
    self_trade: SelfTrade = SelfTrade.EXPIRE_MAKER
    good_till_ms: int = 0


class Order(Struct, kw_only=True):
    """An order at the venue; only the venue changes it."""

    order_id: int
    client_id: str
    contract: Contract
    side: Side
    type: OrderType
    original_type: OrderType
    """Of the conditional order that became this one, else ``type``."""
    time_in_force: TimeInForce
    lots: int
    ticks: int
    reduce_only: bool
    close_position: bool
    self_trade: SelfTrade
    good_till_ms: int
    created_ms: int
    updated_ms: int
    status: Status = Status.NEW
    executed: int = 0
    """Lots."""
    working: int = 0
    """Lots in the book; fewer than ``remaining`` where reduce-only exceeds the position."""
    quote: int = 0
    """Worth of what was executed, atoms."""
    trigger_ticks: int = 0
    """Of the conditional order that became this one."""
    working_type: WorkingType = WorkingType.CONTRACT_PRICE
    price_protect: bool = False
    ending: Ending = Ending.NONE
    amendments: int = 0
    algo_id: int = 0

    @classmethod
    def of(
        cls, ticket: Ticket, contract: Contract, *, order_id: int, client_id: str, now_ms: int
    ) -> "Order":
        """A new order as it was asked for."""
        return cls(
            order_id=order_id,
            client_id=client_id,
            contract=contract,
            side=ticket.side,
            type=ticket.type,
            original_type=ticket.type,
            time_in_force=ticket.time_in_force,
            lots=ticket.lots,
            ticks=ticket.ticks,
            reduce_only=ticket.reduce_only,
            close_position=ticket.close_position,
            self_trade=ticket.self_trade,
            good_till_ms=ticket.good_till_ms,
            created_ms=now_ms,
            updated_ms=now_ms,
        )

    @property
    def remaining(self) -> int:
        """Lots still to be executed."""
        return self.lots - self.executed

    @property
    def is_open(self) -> bool:
        """Whether it can still trade."""
        return self.status in OPEN


class AlgoTicket(Struct, frozen=True, kw_only=True):
    """A conditional order as asked for."""

    side: Side
    type: OrderType
    lots: int
    """0 with ``close_position``."""
    ticks: int = 0
    """Limit price of STOP and TAKE_PROFIT."""
    trigger_ticks: int = 0
    activate_ticks: int = 0
    """0: at once."""
    callback: int = 0
    """Trailing distance, 10**-8."""
    time_in_force: TimeInForce = TimeInForce.GTC
    client_id: str = ""
    reduce_only: bool = False
    close_position: bool = False
    working_type: WorkingType = WorkingType.CONTRACT_PRICE
    price_protect: bool = False
    self_trade: SelfTrade = SelfTrade.EXPIRE_MAKER
    good_till_ms: int = 0


class AlgoOrder(Struct, kw_only=True):
    """A conditional order at the venue; only the venue changes it."""

    algo_id: int
    client_id: str
    contract: Contract
    ticket: AlgoTicket
    created_ms: int
    updated_ms: int
    status: AlgoStatus = AlgoStatus.NEW
    triggered_ms: int = 0
    is_active: bool = False
    """A trailing stop follows the price."""
    extreme: int = 0
    """Best price since a trailing stop became active, atoms; 0 before."""
    order: Order | None = None
    """What it became; has an id of its own."""
    reject_reason: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it can still be cancelled as a conditional order."""
        return self.status is AlgoStatus.NEW


class Amendment(Struct, frozen=True):
    """One change of a resting order."""

    amendment_id: int
    order: Order
    ticks_before: int
    ticks: int
    lots_before: int
    lots: int
    time_ms: int
    number: int
    """Of the changes of this order, from 1."""


class Fill(Struct, frozen=True):
    """One side of a trade of an account."""

    trade_id: int
    order: Order
    ticks: int
    lots: int
    is_maker: bool
    fee: int
    """Atoms; paid if positive."""
    realized: int
    """Atoms."""
    time_ms: int
