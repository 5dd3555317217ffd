"""Binance's user frames to our events: pure.

What this program does not read is named, never an error; what is not as documented is a
``DecodeError`` and nothing else.
"""

from collections.abc import Callable
from decimal import Decimal
from types import MappingProxyType
from typing import Final, TypeVar

from msgspec import Struct
from msgspec.json import Decoder

from botcore_tui.errors import DecodeError
from botcore_tui.exchange.binance.payloads import USD_M
from botcore_tui.exchange.binance.user_payloads import (
    AccountBody,
    AccountFrame,
    AlgoBody,
    AlgoUpdate,
    ConfigUpdate,
    Envelope,
    KeyExpiry,
    MarginCall,
    OrderBody,
    OrderTradeUpdate,
    PositionBody,
    TriggerReject,
)
from botcore_tui.exchange.binance.wire import INVALID, Unknown, is_plain, why
from botcore_tui.model.account import (
    AccountUpdate,
    BalanceReport,
    LeverageChange,
    PositionReport,
)
from botcore_tui.model.instrument import SETTLEMENT_ASSET
from botcore_tui.model.order import (
    AlgoReport,
    AlgoStatus,
    Fill,
    OrderReport,
    Source,
    VenueStatus,
)

_WITHIN: Final = "MARGIN_TRANSFER"
"""Between the cross wallet and an isolated position's margin: the wallet, `wb`, has both."""
_NET: Final = "BOTH"
"""Side of what there is in one-way mode."""
_MOST_OF_A_KIND: Final = 40
_MOST_OF_A_REASON: Final = 200

# Binance, "Order Update", `er`.
_ENDINGS: Final = MappingProxyType(
    {
        "0": "",
        "1": "would have traded with itself",
        "2": "rest of an IOC order",
        "3": "rest of an IOC order that would have traded with itself",
        "4": "knocked out by another reducing order or a reversed position",
        "5": "account liquidated",
        "6": "its position is gone",
        "7": "contract delisted",
        "8": "initial order ended after its stop triggered",
        "9": "rest of a market order",
    }
)
# Insurance fund and auto-deleveraging orders as they enter; seen by NautilusTrader.
_STATUS_WORDS: Final = MappingProxyType({"NEW_INSURANCE": "NEW", "NEW_ADL": "NEW"})
_MARGIN_TYPES: Final = MappingProxyType(
    {"CROSS": "CROSSED", "CROSSED": "CROSSED", "ISOLATED": "ISOLATED"}
)
"""As ``symbolConfig`` has them."""
_EXECUTED: Final = frozenset({"TRADE", "CALCULATED"})
"""CALCULATED: liquidation and auto-deleveraging."""
LEFT_OUT: Final = frozenset({"TRADE_LITE", "STRATEGY_UPDATE", "GRID_UPDATE"})
"""Documented, and told by other events or not of our business."""


class KeyExpired(Struct, frozen=True):
    """The listen key is no longer valid; empty if the venue does not name it."""

    key: str


class Notice(Struct, frozen=True):
    """Worth a line for a person; it changes nothing that is kept here."""

    kind: str
    text: str
    is_urgent: bool = False
    """A person must know of it at once, wherever that person is."""


class ModeChanged(Struct, frozen=True):
    """The account counts its margin otherwise now: what is known of it holds no longer."""

    text: str


class Hedged(Struct, frozen=True):
    """An order or a position of one side alone, which only hedge mode has.

    No event tells that somebody switched to it.
    """


class LeftOut(Struct, frozen=True):
    """Known, and not needed: TRADE_LITE tells what ORDER_TRADE_UPDATE tells again."""

    kind: str


UserEvent = OrderReport | AlgoReport | Fill | AccountUpdate | LeverageChange
"""What goes to the core."""
UserMessage = UserEvent | KeyExpired | ModeChanged | Hedged | Notice | LeftOut | Unknown


def decode_user(raw: bytes) -> tuple[UserMessage, ...]:
    """Decode one frame of the user stream, combined or raw framing.

    Args:
        raw: One JSON text.

    Returns:
        What it says, in the order to be taken: a fill stands before the report that counts it.
        Empty for what concerns COIN-M contracts.

    Raises:
        DecodeError: It is not JSON, or not what the venue documents. Nothing else is raised.
    """
    envelope = _decoded(_ENVELOPE, "json", raw)
    if envelope.stream is not None:
        raw = bytes(envelope.data)
        envelope = _decoded(_ENVELOPE, "json", raw)
    kind = envelope.e
    if kind is None:
        raise DecodeError("shape", "a user frame without an event type")
    if kind in LEFT_OUT:
        return (LeftOut(kind),)
    reader = _READERS.get(kind)
    if reader is None:
        return (Unknown(kind[:_MOST_OF_A_KIND]),)
    return reader(raw) if envelope.st == USD_M else ()


# --- orders ------------------------------------------------------------------------------------


def _read_order(raw: bytes) -> tuple[UserMessage, ...]:
    frame = _decoded(_ORDER, "ORDER_TRADE_UPDATE", raw)
    body = frame.body
    if body.st != USD_M:
        return ()
    report = OrderReport(
        source=Source.STREAM,
        symbol=body.symbol,
        client_order_id=body.client_order_id,
        order_id=body.order_id,
        side=body.side,
        type=body.type,
        status=_order_status(body.status),
        quantity=_amount("ORDER_TRADE_UPDATE.q", body.quantity),
        filled_quantity=_amount("ORDER_TRADE_UPDATE.z", body.filled_quantity),
        price=_amount("ORDER_TRADE_UPDATE.p", body.price),
        reduce_only=body.reduce_only,
        close_position=body.close_position,
        time_ms=frame.time_ms,
        detail=_ENDINGS.get(body.ending, f"er {body.ending[:_MOST_OF_A_KIND]}"),
    )
    fill = _fill(body) if body.execution in _EXECUTED else None
    told = (report,) if fill is None else (fill, report)
    return told if body.position_side == _NET else (*told, Hedged())


def _fill(body: OrderBody) -> Fill | None:
    quantity = _amount("ORDER_TRADE_UPDATE.l", body.last_quantity)
    price = _amount("ORDER_TRADE_UPDATE.L", body.last_price)
    if not (quantity and price) or not 0 < body.trade_id < 2**63:
        # FILLED with L = 0 was seen. Without its price or number a fill cannot be counted; that
        # one is missing shows in the report's filled quantity, and the list of trades has it.
        return None
    return Fill(
        source=Source.STREAM,
        symbol=body.symbol,
        trade_id=body.trade_id,
        order_id=body.order_id,
        client_order_id=body.client_order_id,
        side=body.side,
        price=price,
        quantity=quantity,
        # Both are absent where nothing was paid.
        fee=_number("ORDER_TRADE_UPDATE.n", body.fee) if body.fee else Decimal(0),
        fee_asset=body.fee_asset or "",
        realized_pnl=_number("ORDER_TRADE_UPDATE.rp", body.realized_pnl),
        is_maker=body.is_maker,
        time_ms=body.time_ms,
    )


def _order_status(word: str) -> VenueStatus:
    try:
        return VenueStatus(_STATUS_WORDS.get(word, word))
    except ValueError:
        raise DecodeError("ORDER_TRADE_UPDATE", f"status {word[:_MOST_OF_A_KIND]!r}") from None


def _read_algo(raw: bytes) -> tuple[UserMessage, ...]:
    frame = _decoded(_ALGO, "ALGO_UPDATE", raw)
    body = frame.body
    if body.st != USD_M:
        return ()
    report = AlgoReport(
        source=Source.STREAM,
        symbol=body.symbol,
        client_order_id=body.client_order_id,
        algo_id=body.algo_id,
        side=body.side,
        type=body.type,
        status=_algo_status(body.status),
        quantity=_amount("ALGO_UPDATE.q", body.quantity or "0"),
        trigger_price=_amount("ALGO_UPDATE.tp", body.trigger_price or "0"),
        close_position=body.close_position,
        reduce_only=body.reduce_only,
        order_id=_placed_order(body),
        time_ms=frame.time_ms,
        detail=(body.reject_reason or "")[:_MOST_OF_A_REASON],
    )
    return (report,)


def _algo_status(word: str) -> AlgoStatus:
    try:
        return AlgoStatus(word)
    except ValueError:
        raise DecodeError("ALGO_UPDATE", f"status {word[:_MOST_OF_A_KIND]!r}") from None


def _placed_order(body: AlgoBody) -> int:
    text = str(body.order_id or "0")
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else -1
    if not 0 <= number < 2**63:
        text = text[:_MOST_OF_A_KIND]
        raise DecodeError("ALGO_UPDATE", f"ai is {text!r}, not a number of an order")
    return number


# --- the account -------------------------------------------------------------------------------


def _read_account(raw: bytes) -> tuple[UserMessage, ...]:
    frame = _decoded(_ACCOUNT, "ACCOUNT_UPDATE", raw)
    body = frame.body
    if body.st != USD_M:
        return ()
    assets = [each.asset for each in body.balances]
    # Where another asset alone has changed, it is recorded as well, and is in no sum.
    changed = assets[0] if assets and SETTLEMENT_ASSET not in assets else SETTLEMENT_ASSET
    change = sum(
        (
            _number("ACCOUNT_UPDATE.bc", each.change)
            for each in body.balances
            if each.asset == changed
        ),
        Decimal(0),
    )
    update = AccountUpdate(
        reason=body.reason,
        balances=tuple(
            BalanceReport(
                asset=each.asset,
                wallet=_number("ACCOUNT_UPDATE.wb", each.wallet),
                time_ms=frame.time_ms,
            )
            for each in body.balances
        ),
        positions=_positions(body, frame.time_ms),
        change=Decimal(0) if body.reason == _WITHIN else change,
        symbol=body.symbol,
        time_ms=frame.time_ms,
    )
    sides = (each for each in body.positions if each.side != _NET and each.st == USD_M)
    is_hedged = any(_held(each) for each in sides)
    return (update, Hedged()) if is_hedged else (update,)


def _held(body: PositionBody) -> Decimal:
    return _number("ACCOUNT_UPDATE.pa", body.quantity)


def _positions(body: AccountBody, time_ms: int) -> tuple[PositionReport, ...]:
    # One-way mode only: LONG and SHORT of hedge mode are two positions of one symbol, and the
    # engine refuses an account in that mode.
    return tuple(
        PositionReport(
            symbol=each.symbol,
            quantity=_held(each),
            entry_price=_amount("ACCOUNT_UPDATE.ep", each.entry_price),
            margin_type=_MARGIN_TYPES.get(each.margin_type.upper(), ""),
            time_ms=time_ms,
        )
        for each in body.positions
        if each.side == _NET and each.st == USD_M
    )


def _read_config(raw: bytes) -> tuple[UserMessage, ...]:
    frame = _decoded(_CONFIG, "ACCOUNT_CONFIG_UPDATE", raw)
    if (body := frame.leverage) is not None:
        if body.st != USD_M:
            return ()
        return (LeverageChange(body.symbol, body.leverage, time_ms=frame.time_ms),)
    if frame.asset_mode is not None:
        mode = "multi-assets" if frame.asset_mode.is_multi_assets else "single-asset"
        return (ModeChanged(f"the account is in {mode} mode now"),)
    raise DecodeError("ACCOUNT_CONFIG_UPDATE", "neither ac nor ai")


# --- news of the stream ------------------------------------------------------------------------


def _read_margin_call(raw: bytes) -> tuple[UserMessage, ...]:
    called = _decoded(_MARGIN_CALL, "MARGIN_CALL", raw).positions
    symbols = ", ".join(each.symbol for each in called)
    text = f"margin call on {symbols}"[:_MOST_OF_A_REASON]
    return (Notice("MARGIN_CALL", text, is_urgent=True),)


def _read_trigger_reject(raw: bytes) -> tuple[UserMessage, ...]:
    kind = "CONDITIONAL_ORDER_TRIGGER_REJECT"
    body = _decoded(_TRIGGER_REJECT, kind, raw).body
    text = f"order {body.order_id} of {body.symbol} was refused as it triggered: {body.reason}"
    return (Notice(kind, text[:_MOST_OF_A_REASON]),)


def _read_key_expiry(raw: bytes) -> tuple[UserMessage, ...]:
    return (KeyExpired(_decoded(_KEY_EXPIRY, "listenKeyExpired", raw).key),)


# --- reading -----------------------------------------------------------------------------------

T = TypeVar("T")

_ENVELOPE: Final = Decoder(Envelope)
_ORDER: Final = Decoder(OrderTradeUpdate)
_ALGO: Final = Decoder(AlgoUpdate)
_ACCOUNT: Final = Decoder(AccountFrame)
_CONFIG: Final = Decoder(ConfigUpdate)
_MARGIN_CALL: Final = Decoder(MarginCall)
_TRIGGER_REJECT: Final = Decoder(TriggerReject)
_KEY_EXPIRY: Final = Decoder(KeyExpiry)


def _decoded(decoder: Decoder[T], kind: str, raw: bytes) -> T:
    try:
        return decoder.decode(raw)
    except INVALID as error:
        raise DecodeError(kind, why(error)) from None


def _number(name: str, text: str) -> Decimal:
    if is_plain(text) is None:
        raise DecodeError("number", f"{name} is {text[:40]!r}, not a decimal")
    return Decimal(text)


def _amount(name: str, text: str) -> Decimal:
    value = _number(name, text)
    if value < 0:
        raise DecodeError("number", f"{name} is {text[:40]!r}, below zero")
    return value


_READERS: Final[MappingProxyType[str, Callable[[bytes], tuple[UserMessage, ...]]]] = (
    MappingProxyType(
        {
            "ORDER_TRADE_UPDATE": _read_order,
            "ALGO_UPDATE": _read_algo,
            "ACCOUNT_UPDATE": _read_account,
            "ACCOUNT_CONFIG_UPDATE": _read_config,
            "MARGIN_CALL": _read_margin_call,
            "CONDITIONAL_ORDER_TRIGGER_REJECT": _read_trigger_reject,
            "listenKeyExpired": _read_key_expiry,
        }
    )
)
