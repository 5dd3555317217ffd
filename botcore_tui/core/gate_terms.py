"""What the gate's controls speak of: limits, what is around an order, an order that is proposed."""

from collections.abc import Callable
from decimal import Decimal

from msgspec import Struct

from botcore_tui.model.account import ClockHealth
from botcore_tui.model.command import Scope
from botcore_tui.model.event import TradingState
from botcore_tui.model.instrument import ContractRules
from botcore_tui.model.ledger import OverrideRow
from botcore_tui.model.market import Level
from botcore_tui.model.order import OrderRequest


class Denial(Struct, frozen=True):
    """Why an order must not leave."""

    code: str
    """Stable: P01 ...; GATE_ERROR where a control itself failed."""
    what: str
    """What is wrong."""
    limit: str = ""
    """What it would have to be."""
    observed: str = ""
    """What is seen."""
    remedy: str = ""
    """How to clear it."""
    actor: str = ""
    """Who wanted the order."""

    @property
    def text(self) -> str:
        """One sentence of what is wrong, the limit and how to clear it."""
        fact = f"{self.what}, {self.limit}" if self.limit else self.what
        return f"{fact}: {self.remedy}" if self.remedy else fact


class Limits(Struct, frozen=True, kw_only=True):
    """What is allowed: the configuration's word, and whatever is tighter.

    Those that are None or false do not hold; every one of them does where the program itself
    composes them.
    """

    risk_pct: Decimal
    """Of equity, lost if the stop is hit."""
    max_leverage: Decimal
    """Gross notional over equity."""
    max_positions: int
    max_order_notional: Decimal
    """Quote units; 0 for none."""
    fee_rate: Decimal
    """Of the notional, for one side, as a fraction."""
    order_share_pct: Decimal | None = None
    """P07: of the phase's capital x leverage that one order may be worth."""
    symbol_share_pct: Decimal = Decimal(100)
    """P11: of equity x leverage that one contract may take."""
    volume_share_pct: Decimal | None = None
    """P06: of the median volume of a minute that one order may be."""
    collar_pct: Decimal | None = None
    """P08: distance of a LIMIT price from the mark."""
    through_pct: Decimal | None = None
    """P08: how far it may go through the best price of the other side."""
    slippage_pct: Decimal | None = None
    """P08: between mid price and what a MARKET order would bring."""
    fill_slippage_pct: Decimal | None = None
    """A15: between the mid price of the decision and the fill."""
    needs_book: bool = False
    """P09: the book must be live."""
    skew_ms: int | None = None
    """P09: between the venue's stamp of a mark price and its arrival."""
    venue_leverage: int | None = None
    """P13: leverage that a contract may be set to at the venue."""
    margin_type: str = ""
    """P13: CROSSED or ISOLATED; empty: either."""
    liquidation_stops: Decimal | None = None
    """P14: the liquidation price is so many times the stop's distance away."""
    liquidation_pct: Decimal = Decimal(10)
    """P14: and so far from the mark."""
    maintenance_pct: Decimal = Decimal("2.5")
    """P14: of the notional that the venue takes for maintenance, at most, as it is estimated."""
    strategy_rate: Decimal | None = None
    """P18: orders a second of one strategy."""
    account_rate: Decimal | None = None
    """P18: of the account."""
    orders_per_fill: int | None = None
    """P20: over ten minutes."""
    funding_pct: Decimal | None = None
    """P21: rate that an entry may cost at the next funding."""
    funding_minutes: int = 0
    """P21: looked at so long before it."""
    clock_offset_ms: int | None = None
    """P23: between the venue's clock and ours."""
    clock_doubt_ms: int = 250
    """P23: uncertainty of that."""
    symbols: frozenset[str] | None = None
    """P03: contracts in which positions may be raised; None: all that are followed."""
    strategy_symbols: frozenset[str] | None = None
    """P03: those of strategies; None: the same."""


class Surroundings(Struct, frozen=True, kw_only=True):
    """Everything the controls look at, as it is at this instant."""

    limits: Limits
    is_trading_enabled: bool
    state: TradingState
    symbols: tuple[str, ...]
    rules: ContractRules | None
    mark: Decimal | None
    mark_age_ms: int | None
    position: Decimal
    """Signed."""
    opposing: Decimal
    """Quantity of entries on the other side that may still fill, UNKNOWN ones included."""
    gross_notional: Decimal | None
    """Worst case over all symbols, entries above the mark at their own price; None if a mark is
    missing."""
    exposed_symbols: frozenset[str]
    """With a position, or with an entry that may still fill."""
    equity: Decimal | None
    trouble: str
    """Why the account is not known well enough for new risk; empty if it is (P10)."""
    is_ledger_writable: bool
    last_requests: tuple[OrderRequest, ...]
    """Of the last second."""
    time_ms: int
    is_real_money: bool = False
    unmarked: tuple[str, ...] = ()
    """P12: those of ``exposed_symbols`` without a mark, where ``gross_notional`` is missing."""
    binding_trouble: str = ""
    """P02: how the account differs from the one that was confirmed; empty if it does not."""
    state_reason: str = ""
    """Who or what brought trading into its state, and why; empty where that is not known."""
    latched: str = ""
    """Code of a breaker that is latched; empty for none."""
    breaker_denial: str = ""
    """Why breakers let no entry through; empty if they do."""
    phase_trouble: str = ""
    """Why the phase lets no entry through."""
    capital: Decimal | None = None
    """P07: of the phase; None: not known, or no phase is in force."""
    has_phase: bool = False
    day_left: Decimal | None = None
    """P15: what may still be lost today."""
    is_budget_watched: bool = False
    """Whether there is a limit of the day's loss."""
    working: Decimal = Decimal(0)
    """Quantity of entries on this side that may still fill, UNKNOWN ones and those of others
    included."""
    working_beyond: Decimal = Decimal(0)
    """P11: by how much those are worth more at their own prices than at the mark, or than at the
    price of this order where that is higher."""
    rules_age_ms: int | None = None
    open_orders: int = 0
    """P05: of ours in the contract's book."""
    open_algo_orders: int = 0
    """P05: of ours at the service for conditional orders, all contracts."""
    minute_volume: Decimal | None = None
    """P06: median of the last minutes, base units."""
    is_book_live: bool = False
    book_trouble: str = ""
    bid: float | None = None
    ask: float | None = None
    depth: tuple[Level, ...] = ()
    """P08: what a MARKET order would take, best first."""
    mark_skew_ms: int | None = None
    venue_leverage: int | None = None
    margin_type: str = ""
    """Empty: not told."""
    is_one_way: bool = True
    own_opposite: tuple[Decimal, ...] = ()
    """P17: prices of our resting LIMIT orders on the other side."""
    is_used_id: bool = False
    """P16: there was an order of that id."""
    strategy_tokens: Decimal | None = None
    """P18: orders that its strategy may send now; None: it is no strategy's."""
    account_tokens: Decimal | None = None
    account_reserve: Decimal = Decimal(0)
    """P18: of those, what is kept for reducing orders."""
    disabled: str = ""
    """P19: why its strategy is disabled."""
    orders_10min: int = 0
    fills_10min: int = 0
    funding_rate: Decimal | None = None
    funding_time_ms: int = 0
    clock: ClockHealth | None = None
    overrides: tuple[OverrideRow, ...] = ()


class Proposal(Struct, frozen=True):
    """An order that somebody wants to send."""

    request: OrderRequest
    stop_price: Decimal | None
    scopes: tuple[Scope, ...] = ()
    """Of the operator."""
    is_strategy: bool = False

    @property
    def is_entry(self) -> bool:
        """Whether it may raise a position."""
        return not self.request.purpose.is_reducing


Check = Callable[[Proposal, Surroundings], Denial | None]
