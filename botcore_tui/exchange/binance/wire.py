"""Binance's market frames to our events: pure, used for live streams and for tapes alike.

Combined frames wrap a payload as ``{"stream": ..., "data": ...}``; payloads are told apart by
``e``. What this program does not read is named, never an error; what is not as documented is a
``DecodeError`` and nothing else.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final, assert_never

from msgspec import DecodeError as JsonError
from msgspec import Struct, ValidationError
from msgspec.json import Decoder

from botcore_tui.errors import DecodeError
from botcore_tui.exchange.binance.payloads import (
    USD_M,
    ContractInfo,
    Depth,
    ForceOrder,
    Kline,
    KlineBody,
    Mark,
    MiniTicker,
    Payload,
    Payloads,
    Probe,
    Ticker,
    WireAggregateTrade,
    WireBookDelta,
    WireBookTicker,
    WireCombined,
    WireTrade,
)
from botcore_tui.model.market import (
    Bar,
    BookDelta,
    BookSnapshot,
    BookTicker,
    BookTop,
    ContractNotice,
    DayTicker,
    Liquidation,
    MarketEvent,
    MarkPrice,
    Trade,
)

SNAPSHOT_STREAM: Final = "@depth@snapshot"
"""Suffix under which a REST depth reply is wrapped on tapes of more than one symbol: the reply
itself does not name its symbol."""

INTERVALS: Final = {
    "1m": 60_000,
    "3m": 180_000,
    "5m": 300_000,
    "15m": 900_000,
    "30m": 1_800_000,
    "1h": 3_600_000,
    "2h": 7_200_000,
    "4h": 14_400_000,
    "6h": 21_600_000,
    "8h": 28_800_000,
    "12h": 43_200_000,
    "1d": 86_400_000,
    "3d": 259_200_000,
    "1w": 604_800_000,
}
"""Kline intervals of fixed length, milliseconds."""

_LARGEST: Final = 1e15
_MOST_OF_A_KIND: Final = 40
# The venue writes plain decimals. Decimal() would take NaN, 1e9999999, 1_000 and a megabyte of
# digits as well.
is_plain: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,18})?").fullmatch


class Reply(Struct, frozen=True):
    """The venue's answer to a SUBSCRIBE, UNSUBSCRIBE or LIST_SUBSCRIPTIONS. Not data."""

    request_id: int | None
    code: int
    """0 when it was accepted."""
    message: str


class Unknown(Struct, frozen=True):
    """A well-formed frame of a type that this program does not read."""

    kind: str


Data = MarketEvent | tuple[MarketEvent, ...] | Reply | Unknown
"""What a frame says: one event, several (all-market arrays; none if all of them are COIN-M), or
something that is not market data."""

# strict=False: numbers arrive as decimal strings; the C parser turns them into floats for a
# fraction of what float() per level costs.
_decode_combined: Final = Decoder(WireCombined, strict=False).decode
_decode_payloads: Final = Decoder(Payloads, strict=False).decode
_decode_depth: Final = Decoder(Depth, strict=False).decode
_decode_probe: Final = Decoder(Probe).decode
_decode_probes: Final = Decoder(list[Probe]).decode
_READY: Final = (WireBookTicker, WireTrade, WireAggregateTrade)
INVALID: Final = (ValidationError, JsonError, UnicodeDecodeError, RecursionError)
"""All that msgspec raises on bytes that are not what was asked for."""

# --- streams -----------------------------------------------------------------------------------


def decode(raw: bytes) -> tuple[str, Data]:
    """Decode one frame of a market stream, a REST depth reply, or an answer to a request.

    Args:
        raw: One JSON text, combined or raw framing, new or older key sets.

    Returns:
        The name of the stream (empty where there is none; a raw payload gets the name of the
        stream that carries its kind) and what the frame says.

    Raises:
        DecodeError: It is not JSON, or not what the venue documents. Nothing else is raised.
    """
    try:
        combined = _decode_combined(raw)
    except INVALID:
        return _decode_unusual(raw)
    data = combined.data
    if isinstance(data, _READY) and data.st == USD_M:
        return combined.stream, data  # the most frequent payloads are events as they stand
    return combined.stream, _events(combined.stream, data)


def _events(stream: str, data: Payloads) -> Data:
    if isinstance(data, list):
        return tuple(_event(stream, payload) for payload in data if payload.st == USD_M)
    return _event(stream, data) if data.st == USD_M else ()


def _event(stream: str, data: Payload) -> MarketEvent:
    match data:
        case BookTicker() | Trade():
            return data
        case BookDelta():
            return _book_event(stream, data)
        case Mark():
            return _mark_price(data)
        case Kline():
            return _bar(data.body)
        case Ticker() | MiniTicker():
            return _day_ticker(data)
        case ForceOrder():
            body = data.body
            return Liquidation(body.symbol, body.side, body.price, body.quantity, body.time_ms)
        case ContractInfo():
            return ContractNotice(data.symbol, data.contract_type, data.status, data.time_ms)
        case _:
            assert_never(data)


def _book_event(stream: str, data: WireBookDelta) -> BookDelta | BookTop:
    # Partial depth (<symbol>@depth5, 10, 20) has the keys of the diff stream and the whole top
    # each time; so has rpiDepth, which is another book. Only the stream's name tells them apart.
    if stream and stream.split("@")[1:2] != ["depth"]:
        return BookTop(data.symbol, data.last_update_id, data.bids, data.asks, data.time_ms)
    if data.first_update_id > data.last_update_id:
        raise DecodeError(
            "depthUpdate", f"U {data.first_update_id} is greater than u {data.last_update_id}"
        )
    return data


def _mark_price(data: Mark) -> MarkPrice:
    return MarkPrice(
        symbol=data.symbol,
        mark=positive("markPriceUpdate.p", data.mark),
        index=positive("markPriceUpdate.i", data.index),
        funding_rate=_finite("markPriceUpdate.r", data.funding_rate) if data.funding_rate else None,
        next_funding_ms=data.next_funding_ms,
        time_ms=data.time_ms,
    )


def _bar(body: KlineBody) -> Bar:
    interval_ms = INTERVALS.get(body.interval)
    if interval_ms is None:
        raise DecodeError("kline", f"interval {body.interval!r} has no fixed length")
    return Bar(
        symbol=body.symbol,
        interval_ms=interval_ms,
        open_time_ms=body.open_time_ms,
        open=body.open,
        high=body.high,
        low=body.low,
        close=body.close,
        volume=body.volume,
        trades=body.trades,
        is_closed=body.is_closed,
    )


def _day_ticker(data: Ticker | MiniTicker) -> DayTicker:
    if isinstance(data, Ticker):
        change_pct = data.change_pct
    else:
        change_pct = (data.last / data.open - 1) * 100 if data.open else 0.0
        if change_pct > _LARGEST:  # the open is no price at all: 1e-320
            raise DecodeError("24hrMiniTicker", f"a change of {change_pct:g} %")
    return DayTicker(
        symbol=data.symbol,
        last=data.last,
        change_pct=change_pct,
        high=data.high,
        low=data.low,
        volume=data.volume,
        quote_volume=data.quote_volume,
        time_ms=data.time_ms,
    )


def _finite(name: str, text: str) -> Decimal:
    if is_plain(text) is None:
        raise DecodeError("number", f"{name} is {text[:40]!r}, not a decimal")
    return Decimal(text)


def positive(name: str, text: str) -> Decimal:
    """Read a plain positive decimal called ``name``; raises DecodeError."""
    value = _finite(name, text)
    if value <= 0:
        raise DecodeError("number", f"{name} is {text[:40]!r}, not positive")
    return value


# --- everything that is not a combined frame of a known kind -----------------------------------


def _decode_unusual(raw: bytes) -> tuple[str, Data]:
    if raw[:1] == b"[":
        return _decode_payload("", "", raw)
    try:
        probe = _decode_probe(raw)
    except INVALID as error:
        raise DecodeError("json", why(error)) from None
    if probe.stream is not None:
        return _decode_wrapped(probe.stream, bytes(probe.data))
    if probe.e is not None:
        return _decode_payload("", probe.e, raw)
    if probe.last_update_id is not None:
        return "", decode_depth("", raw)
    if probe.error is not None:
        return "", Reply(probe.id, probe.error.code, probe.error.msg)
    if probe.code is not None:
        return "", Reply(probe.id, probe.code, probe.msg)
    if probe.id is not None:
        return "", Reply(probe.id, 0, "")
    raise DecodeError("shape", "neither a stream frame, a depth reply nor an answer")


def _decode_wrapped(stream: str, body: bytes) -> tuple[str, Data]:
    if stream.endswith(SNAPSHOT_STREAM):
        symbol = stream.removesuffix(SNAPSHOT_STREAM).upper()
        return stream, decode_depth(symbol, body)
    if body[:1] != b"{":
        return _decode_payload(stream, "", body)
    try:
        kind = _decode_probe(body).e
    except INVALID as error:
        raise DecodeError("json", why(error)) from None
    if kind is None:
        raise DecodeError("shape", f"a frame of {stream[:60]!r} without an event type")
    return _decode_payload(stream, kind, body)


def _decode_payload(stream: str, kind: str, body: bytes) -> tuple[str, Data]:
    try:
        payload = _decode_payloads(body)
    except INVALID as error:
        kind = kind or _kind_of_first(body)
        if kind and kind not in _KINDS:
            return stream, Unknown(kind[:_MOST_OF_A_KIND])
        raise DecodeError(kind or "shape", why(error)) from None
    return stream or _stream_of(payload), _events(stream, payload)


def _kind_of_first(body: bytes) -> str:
    try:
        members = _decode_probes(body)
    except INVALID:
        return ""
    return members[0].e or "" if members else ""


def decode_depth(symbol: str, body: bytes) -> BookSnapshot:
    """Decode the reply of ``GET /fapi/v1/depth`` for a symbol; raises DecodeError."""
    try:
        depth = _decode_depth(body)
    except INVALID as error:
        raise DecodeError("depth", why(error)) from None
    return BookSnapshot(symbol, depth.last_update_id, depth.bids, depth.asks, depth.time_ms)


def _stream_of(payload: Payloads) -> str:
    match payload:
        case list():
            return _stream_of(payload[0]) if payload else ""
        case Kline():
            return f"{payload.body.symbol.lower()}@kline_{payload.body.interval}"
        case ForceOrder():
            return f"{payload.body.symbol.lower()}@forceOrder"
        case _:
            return f"{payload.symbol.lower()}@{_SUFFIXES[type(payload)]}"


def why(error: Exception) -> str:
    """What a decoder of msgspec objects to, in one line of bounded length."""
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)[:200]


_SUFFIXES: Final[dict[type[Struct], str]] = {
    WireBookTicker: "bookTicker",
    WireBookDelta: "depth",
    WireTrade: "trade",
    WireAggregateTrade: "aggTrade",
    Mark: "markPrice",
    Ticker: "ticker",
    MiniTicker: "miniTicker",
    ContractInfo: "contractInfo",
}
_NAMES: Final[dict[type, str]] = {
    WireBookTicker: "bookTicker",
    WireBookDelta: "depthUpdate",
    WireTrade: "trade",
    WireAggregateTrade: "aggTrade",
    MarkPrice: "markPriceUpdate",
    Bar: "kline",
    DayTicker: "24hrTicker",
    Liquidation: "forceOrder",
    ContractNotice: "contractInfo",
    BookTop: "depthTop",
    BookSnapshot: "depthSnapshot",
    Reply: "reply",
    Unknown: "unknown",
    tuple: "array",
}
_KINDS: Final = frozenset(
    {"kline", "forceOrder", *(kind.__struct_config__.tag for kind in _SUFFIXES)}
)


def name_of(kind: type) -> str:
    """The venue's name for a decoded type, for counters: ``depthUpdate``, ``bookTicker`` ..."""
    return _NAMES[kind]


def symbols_of(streams: Iterable[str]) -> tuple[str, ...]:
    """Symbols that stream names speak of, upper case, in order, each once."""
    return tuple(dict.fromkeys(name.partition("@")[0].upper() for name in streams))
