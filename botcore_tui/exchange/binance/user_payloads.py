"""Payloads of Binance's user stream as they are on the wire: the only place that knows its keys.

Numbers stay texts here: they are money, and are read as Decimal. Unknown keys are ignored.

Source: Binance USD-M futures, "User Data Streams", one page a payload; ``st`` (1 USD-M, 2 COIN-M)
came with the merged engine of 2026-06-30, beside the payload or in its body, and may be absent.
"""

from typing import Annotated

from msgspec import Meta, Raw, Struct, field

from botcore_tui.exchange.binance.payloads import USD_M, Time
from botcore_tui.model.market import Side

Number = Annotated[int, Meta(ge=0, le=2**63 - 1)]
"""Of an order or a trade; fits the ledger's columns."""

Leverage = Annotated[int, Meta(ge=1, le=1_000)]

Word = Annotated[str, Meta(min_length=1, max_length=64)]
"""A symbol, a type, an asset."""

OrderId = Annotated[str, Meta(max_length=64)]
"""A client's order id: at most 36 characters of ours, others' may be longer."""


class Envelope(Struct, frozen=True):
    """Any JSON object, read only as far as needed to tell what it is."""

    stream: str | None = None
    data: Raw = Raw()
    e: str | None = None
    st: int = USD_M


class OrderBody(Struct, frozen=True):
    """``o`` of ORDER_TRADE_UPDATE; ``l``, ``L``, ``n``, ``t``, ``rp``, ``m`` are of one fill."""

    symbol: Word = field(name="s")
    client_order_id: OrderId = field(name="c")
    side: Side = field(name="S")
    type: Word = field(name="o")
    quantity: str = field(name="q")
    price: str = field(name="p")
    execution: str = field(name="x")
    status: str = field(name="X")
    order_id: Number = field(name="i")
    filled_quantity: str = field(name="z")
    time_ms: Time = field(name="T")
    last_quantity: str = field(default="0", name="l")
    last_price: str = field(default="0", name="L")
    fee: str | None = field(default=None, name="n")
    fee_asset: str | None = field(default=None, name="N")
    trade_id: int = field(default=0, name="t")
    is_maker: bool = field(default=False, name="m")
    reduce_only: bool = field(default=False, name="R")
    close_position: bool = field(default=False, name="cp")
    realized_pnl: str = field(default="0", name="rp")
    ending: str = field(default="0", name="er")
    position_side: str = field(default="BOTH", name="ps")
    st: int = USD_M


class OrderTradeUpdate(Struct, frozen=True):
    """ORDER_TRADE_UPDATE."""

    time_ms: Time = field(name="T")
    body: OrderBody = field(name="o")


class AlgoBody(Struct, frozen=True):
    """``o`` of ALGO_UPDATE; ``ai`` is empty until it triggers."""

    symbol: Word = field(name="s")
    client_order_id: OrderId = field(name="caid")
    algo_id: Number = field(name="aid")
    side: Side = field(name="S")
    type: Word = field(name="o")
    status: str = field(name="X")
    quantity: str = field(default="", name="q")
    trigger_price: str = field(default="", name="tp")
    close_position: bool = field(default=False, name="cp")
    reduce_only: bool = field(default=False, name="R")
    order_id: str | Number | None = field(default=None, name="ai")
    reject_reason: str | None = field(default=None, name="rm")
    st: int = USD_M


class AlgoUpdate(Struct, frozen=True):
    """ALGO_UPDATE."""

    time_ms: Time = field(name="T")
    body: AlgoBody = field(name="o")


class BalanceBody(Struct, frozen=True):
    """One of ``a.B`` of ACCOUNT_UPDATE: a balance that changed."""

    asset: Word = field(name="a")
    wallet: str = field(name="wb")
    change: str = field(default="0", name="bc")


class PositionBody(Struct, frozen=True):
    """One of ``a.P`` of ACCOUNT_UPDATE: a position that changed."""

    symbol: Word = field(name="s")
    quantity: str = field(name="pa")
    entry_price: str = field(name="ep")
    side: str = field(default="BOTH", name="ps")
    margin_type: str = field(default="", name="mt")
    """In other words than those of REST: ``cross``, ``isolated``."""
    st: int = USD_M


class AccountBody(Struct, frozen=True):
    """``a`` of ACCOUNT_UPDATE."""

    reason: Word = field(name="m")
    balances: tuple[BalanceBody, ...] = field(default=(), name="B")
    positions: tuple[PositionBody, ...] = field(default=(), name="P")
    symbol: str = field(default="", name="S")
    """Of a funding fee."""
    st: int = USD_M


class AccountFrame(Struct, frozen=True):
    """ACCOUNT_UPDATE."""

    time_ms: Time = field(name="T")
    body: AccountBody = field(name="a")


class LeverageBody(Struct, frozen=True):
    """``ac`` of ACCOUNT_CONFIG_UPDATE."""

    symbol: Word = field(name="s")
    leverage: Leverage = field(name="l")
    st: int = USD_M


class AssetModeBody(Struct, frozen=True):
    """``ai`` of ACCOUNT_CONFIG_UPDATE."""

    is_multi_assets: bool = field(name="j")


class ConfigUpdate(Struct, frozen=True):
    """ACCOUNT_CONFIG_UPDATE: one of the two."""

    time_ms: Time = field(name="T")
    leverage: LeverageBody | None = field(default=None, name="ac")
    asset_mode: AssetModeBody | None = field(default=None, name="ai")


class CalledBody(Struct, frozen=True):
    """One of ``p`` of MARGIN_CALL."""

    symbol: Word = field(name="s")


class MarginCall(Struct, frozen=True):
    """MARGIN_CALL."""

    positions: tuple[CalledBody, ...] = field(name="p")


class TriggerRejectBody(Struct, frozen=True):
    """``or`` of CONDITIONAL_ORDER_TRIGGER_REJECT."""

    symbol: Word = field(name="s")
    order_id: Number = field(name="i")
    reason: str = field(default="", name="r")


class TriggerReject(Struct, frozen=True):
    """CONDITIONAL_ORDER_TRIGGER_REJECT; since 2025-12-15 ALGO_UPDATE tells it."""

    body: TriggerRejectBody = field(name="or")


class KeyExpiry(Struct, frozen=True):
    """``listenKeyExpired``: the socket stays open and is silent from here on."""

    key: str = field(default="", name="listenKey")
