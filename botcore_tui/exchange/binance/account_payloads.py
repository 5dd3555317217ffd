"""Binance's replies about the account as they are on the wire, as far as they are read.

Unknown keys are ignored; numbers are plain decimals as text.

Source: Binance USD-M futures REST, pages of trade and account (2026-05), and the models of its SDK
18.0.1: what POST and DELETE answer has no averages since 2026-07-15.
"""

from typing import Annotated

from msgspec import Meta, Raw, Struct, field

from botcore_tui.exchange.binance.payloads import Time
from botcore_tui.model.market import Side

Number = Annotated[
    str, Meta(pattern=r"\A-?[0-9]{1,20}(\.[0-9]{1,20})?([eE][-+]?[0-9]{1,2})?\Z", max_length=48)
]
"""A finite decimal: no NaN, no infinity, no megabyte of digits. A zero may come as ``0E-8``."""

Identity = Annotated[int, Meta(ge=0, le=2**63 - 1)]


class Word(Struct, frozen=True):
    """Reply that only says whether it was done; the code of success is 200, number or text."""

    code: int | str = 0
    msg: str = ""


class WireOrder(Struct, frozen=True):
    """An order of the book: ``POST``, ``DELETE`` and ``GET order``, ``openOrders``."""

    symbol: str
    client_order_id: str = field(name="clientOrderId")
    order_id: Identity = field(name="orderId")
    side: Side
    type: str
    status: str
    quantity: Number = field(name="origQty")
    filled: Number = field(name="executedQty")
    price: Number
    reduce_only: bool = field(default=False, name="reduceOnly")
    close_position: bool = field(default=False, name="closePosition")
    time_ms: Time = field(default=0, name="updateTime")


class WireAlgo(Struct, frozen=True):
    """A conditional order: ``POST`` and ``GET algoOrder``, ``openAlgoOrders``."""

    algo_id: Identity = field(name="algoId")
    client_order_id: str = field(name="clientAlgoId")
    type: str = field(name="orderType")
    symbol: str
    side: Side
    status: str = field(name="algoStatus")
    quantity: str | None = None
    """Empty or absent with ``closePosition``."""
    trigger: str | None = field(default=None, name="triggerPrice")
    """Empty of a trailing stop."""
    close_position: bool = field(default=False, name="closePosition")
    reduce_only: bool = field(default=False, name="reduceOnly")
    order_id: str | int | None = field(default=None, name="actualOrderId")
    """Empty before it was triggered."""
    time_ms: Time = field(default=0, name="updateTime")


class WireTrade(Struct, frozen=True):
    """A row of ``userTrades``."""

    symbol: str
    trade_id: Identity = field(name="id")
    order_id: Identity = field(name="orderId")
    side: Side
    price: Number
    quantity: Number = field(name="qty")
    fee: Number = field(name="commission")
    fee_asset: str = field(name="commissionAsset")
    realized: Number = field(name="realizedPnl")
    is_maker: bool = field(name="maker")
    time_ms: Time = field(name="time")


class WirePosition(Struct, frozen=True, kw_only=True):
    """A row of ``positionRisk``, v3: symbols with a position or with open orders."""

    symbol: str
    amount: Number = field(name="positionAmt")
    entry: Number = field(name="entryPrice")
    mark: str = field(default="", name="markPrice")
    liquidation: str = field(default="", name="liquidationPrice")
    """0 where none can be reached."""
    time_ms: Time = field(name="updateTime")


class WireBalance(Struct, frozen=True):
    """A row of ``balance``, v3: one asset."""

    asset: str
    wallet: Number = field(name="balance")
    available: Number = field(name="availableBalance")
    time_ms: Time = field(name="updateTime")
    alias: str = field(default="", name="accountAlias")
    """The account's name, the same in every row."""


class WireIncome(Struct, frozen=True):
    """A row of ``income``."""

    kind: str = field(name="incomeType")
    amount: Number = field(name="income")
    asset: str
    time_ms: Time = field(name="time")
    transaction_id: str | int = field(name="tranId")
    symbol: str = ""
    trade_id: str | int = field(default="", name="tradeId")
    """Empty where no trade caused it."""


class WireSymbol(Struct, frozen=True):
    """A row of ``symbolConfig``."""

    symbol: str
    leverage: Annotated[int, Meta(ge=1)]
    margin_type: str = field(name="marginType")


class WireLeverage(Struct, frozen=True):
    """``POST leverage``."""

    symbol: str
    leverage: Annotated[int, Meta(ge=1)]


class WireCountdown(Struct, frozen=True):
    """``POST countdownCancelAll``."""

    symbol: str
    countdown_ms: int | str = field(name="countdownTime")
    """As asked for; a number as text."""


class WireMode(Struct, frozen=True):
    """``positionSide/dual``."""

    is_dual: bool = field(name="dualSidePosition")


class WireConfig(Struct, frozen=True):
    """``accountConfig``."""

    is_multi_assets: bool = field(name="multiAssetsMargin")


class WireTime(Struct, frozen=True):
    """``time``."""

    time_ms: Time = field(name="serverTime")


class WireListenKey(Struct, frozen=True):
    """``POST`` and ``PUT listenKey``; the second may answer with an empty object."""

    key: str = field(default="", name="listenKey")


class WireFilter(Struct, frozen=True):
    """A filter of a contract in ``exchangeInfo``; each has some of these."""

    kind: str = field(name="filterType")
    tick: Number = field(default="", name="tickSize")
    min_price: Number = field(default="", name="minPrice")
    max_price: Number = field(default="", name="maxPrice")
    step: Number = field(default="", name="stepSize")
    min_quantity: Number = field(default="", name="minQty")
    max_quantity: Number = field(default="", name="maxQty")
    notional: Number = ""
    up: Number = field(default="", name="multiplierUp")
    down: Number = field(default="", name="multiplierDown")
    limit: int | str = 0


class WireContract(Struct, frozen=True):
    """A contract in ``exchangeInfo``."""

    symbol: str
    status: str
    filters: Raw = Raw(b"[]")
    """Read of the contracts that matter here; there are hundreds of others."""


class WireContracts(Struct, frozen=True):
    """``exchangeInfo``, as far as orders go."""

    symbols: list[WireContract]
