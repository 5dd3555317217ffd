"""What the venue says of the account: positions, balances, money that moved, how it is set up."""

from decimal import Decimal
from enum import StrEnum
from typing import Final

from msgspec import Struct

from botcore_tui.model.order import AlgoReport, Fill, OrderReport


class PositionReport(Struct, frozen=True, kw_only=True):
    """The venue's word on one position, one-way mode."""

    symbol: str
    quantity: Decimal
    """Signed: negative is short; zero is flat."""
    entry_price: Decimal
    mark: Decimal | None = None
    liquidation_price: Decimal | None = None
    """None where the venue names none."""
    margin_type: str = ""
    """CROSSED or ISOLATED; empty where not told."""
    time_ms: int
    """When it last changed."""


class BalanceReport(Struct, frozen=True, kw_only=True):
    """The venue's word on the settlement asset."""

    asset: str
    wallet: Decimal
    """Without unrealized profit."""
    available: Decimal | None = None
    time_ms: int


class AccountUpdate(Struct, frozen=True, kw_only=True):
    """What changed on the account, as the user stream tells it; only what changed is in it."""

    reason: str
    """The venue's word: ORDER, FUNDING_FEE, DEPOSIT, WITHDRAW, MARGIN_TYPE_CHANGE ..."""
    balances: tuple[BalanceReport, ...]
    positions: tuple[PositionReport, ...]
    change: Decimal = Decimal(0)
    """Of the balance, by other than trading; its sign is the account's. Of the settlement asset,
    wherever that is among the balances; else of the first one's."""
    symbol: str = ""
    """Of a funding fee, where the venue says."""
    time_ms: int


class IncomeKind(StrEnum):
    """Why money moved; what the venue's list calls ``incomeType``."""

    REALIZED_PNL = "REALIZED_PNL"
    COMMISSION = "COMMISSION"
    FUNDING_FEE = "FUNDING_FEE"
    TRANSFER = "TRANSFER"
    OTHER = "OTHER"


MOST_INCOME_ROWS: Final = 1_000
"""So many the venue gives at once; of one kind and millisecond it never tells more."""

TRANSFERS: Final = frozenset(
    {"DEPOSIT", "WITHDRAW", "WITHDRAW_REJECT", "ADMIN_DEPOSIT", "ADMIN_WITHDRAW", "AUTO_EXCHANGE"}
)
"""The venue's words, in stream and history, for capital that comes or goes."""
TRANSFER_PARTS: Final = ("TRANSFER", "COIN_SWAP")
"""Parts of its other words for that."""


def is_transfer(word: str) -> bool:
    """Whether it is the venue's word for capital that comes or goes: no profit, and no cost."""
    return word in TRANSFERS or any(part in word for part in TRANSFER_PARTS)


class Income(Struct, frozen=True, kw_only=True):
    """One row of the venue's income history; ``(kind, transaction_id, trade_id)`` is unique."""

    kind: IncomeKind
    word: str
    """The venue's own, such as INSURANCE_CLEAR."""
    symbol: str
    asset: str
    amount: Decimal
    """Signed: negative is paid."""
    transaction_id: int
    trade_id: int
    """0 where there is none."""
    time_ms: int


class LeverageChange(Struct, frozen=True):
    """Leverage or margin type of a symbol, as the venue holds it."""

    symbol: str
    leverage: int
    margin_type: str = ""
    """CROSSED or ISOLATED; empty where not told."""
    time_ms: int = 0


class UserStreamUp(Struct, frozen=True):
    """The user stream delivers, from here on; what happened before must be asked for."""

    time_ms: int


class UserStreamDown(Struct, frozen=True):
    """Events of the account may be missing from here on."""

    reason: str
    time_ms: int


class SymbolAccount(Struct, frozen=True, kw_only=True):
    """One symbol in a reconciliation: its position is the sum of all trades up to one of them."""

    position: PositionReport
    last_trade_id: int
    """0 if no trade was found."""
    fills: tuple[Fill, ...]
    """Trades that may be new to us, oldest first."""
    untold: str = ""
    """Why the venue refused to tell its trades; empty if it told them."""


class AccountPicture(Struct, frozen=True, kw_only=True):
    """Everything that a reconciliation found, of one moment as far as the venue allows.

    Listings were asked for after the positions. An order of ours that is absent from them may have
    ended, or been placed after ``asked_ms``.
    """

    reason: str
    """What it was made for: start, reconnect, periodic, mismatch, blind, command."""
    asked_ms: int
    """When its first question was sent, by the venue's clock."""
    time_ms: int
    """When its last answer came, by the venue's clock."""
    symbols: tuple[SymbolAccount, ...]
    """Every followed symbol, and every other with a position; of a sighting only the latter."""
    balance: BalanceReport | None
    """None: that question alone had no answer; what protects positions does not wait for it."""
    orders: tuple[OrderReport, ...] | None
    """None: listings were not asked for."""
    algo_orders: tuple[AlgoReport, ...] | None
    listed: tuple[str, ...]
    """Symbols that the listings cover; empty: the whole account."""
    leverages: tuple[LeverageChange, ...] = ()
    is_one_way: bool = True
    is_single_asset: bool = True
    """Not in multi-assets mode, where what the settlement asset is worth is not what margin is."""
    lacks_settings: bool = False
    """Leverages and mode were asked for and did not come; no stop waits for them, new risk does."""
    income: tuple[Income, ...] | None = None
    """All that moved money for some time before, oldest first; None: not asked for."""
    is_sighting: bool = False
    """Positions and open orders alone, told while the rest is still being asked for: enough for
    stops, and one of the whole account is enough for a halt. It books no trade, ends no position,
    reconciles nothing and answers no request."""


class ReconcileFailed(Struct, frozen=True):
    """A reconciliation could not be finished; nothing of it counts."""

    reason: str
    error: str
    time_ms: int


class LedgerHealth(Struct, frozen=True):
    """Whether intents can be recorded."""

    is_writable: bool
    reason: str
    time_ms: int
    is_taken: bool = False
    """Another program holds the lease: it trades the account now, and this one does no more."""


class ClockHealth(Struct, frozen=True, kw_only=True):
    """How well the venue's clock is known (P23)."""

    offset_ms: float
    """The venue's less ours."""
    uncertainty_ms: float
    """Half the shortest round trip among the samples."""
    has_stepped: bool
    """One of both clocks jumped since it was last measured; the next measurement clears it."""
    time_ms: int


class KeyRights(Struct, frozen=True, kw_only=True):
    """What the venue says that a key may do."""

    may_trade: bool
    """Futures."""
    may_withdraw: bool
    may_transfer: bool
    """To other accounts, or between wallets."""
    is_ip_bound: bool
    """Whether it works from listed addresses only."""
    created_ms: int = 0
    """When it was made; 0: the venue does not tell."""


class Binding(Struct, frozen=True, kw_only=True):
    """Which money orders move: one value, made once for a session and compared as a whole (P02)."""

    environment: str
    rest: str
    ws_private: str
    fingerprint: str
    """First 8 hexadecimal digits of the key's hash."""
    account_id: str
    """The venue's own name of the account."""
    phase: str


class AccountBound(Struct, frozen=True):
    """What the session is really connected to."""

    binding: Binding
    time_ms: int


class DeadManSet(Struct, frozen=True, kw_only=True):
    """The venue confirmed a countdown that cancels the orders of a symbol."""

    symbol: str
    countdown_ms: int
    """0: it was stopped."""
    asked_ms: int
    """When it was asked for, by our clock: the countdown began no earlier."""
    time_ms: int


class DeadManFailed(Struct, frozen=True):
    """The venue did not confirm a countdown; an earlier one goes on."""

    symbol: str
    reason: str
    time_ms: int


class EngineLag(Struct, frozen=True):
    """The engine's loop stood still for so long (A14); told once it turns again."""

    seconds: float
    time_ms: int
