"""REST replies of Binance USD-M to our values: bars and contract rules; pure, like ``wire``."""

from itertools import chain
from math import gcd
from typing import Final

from msgspec.json import Decoder

from botcore_tui.errors import DecodeError
from botcore_tui.exchange.binance.allowance import Quotas
from botcore_tui.exchange.binance.payloads import ExchangeInfo, KlineRow, RateLimits, TextDepth
from botcore_tui.exchange.binance.wire import INTERVALS, INVALID, is_plain, positive, why
from botcore_tui.model.instrument import Instrument
from botcore_tui.model.market import Bar

_decode_text_depth: Final = Decoder(TextDepth).decode
_decode_klines: Final = Decoder(list[KlineRow], strict=False).decode
_decode_exchange_info: Final = Decoder(ExchangeInfo).decode
_decode_rate_limits: Final = Decoder(RateLimits).decode


def decode_klines(symbol: str, interval: str, raw: bytes) -> list[Bar]:
    """Decode the reply of ``GET /fapi/v1/klines``, oldest first; the last bar is still open.

    Raises:
        DecodeError: Not the documented array, or an interval without a fixed length.
    """
    interval_ms = INTERVALS.get(interval)
    if interval_ms is None:
        raise DecodeError("kline", f"interval {interval!r} has no fixed length")
    try:
        rows = _decode_klines(raw)
    except INVALID as error:
        raise DecodeError("klines", why(error)) from None
    return [
        Bar(
            symbol=symbol,
            interval_ms=interval_ms,
            open_time_ms=row.open_time_ms,
            open=row.open,
            high=row.high,
            low=row.low,
            close=row.close,
            volume=row.volume,
            trades=row.trades,
            is_closed=row is not rows[-1],
        )
        for row in rows
    ]


def decode_instruments(raw: bytes) -> list[Instrument]:
    """Decode the reply of ``GET /fapi/v1/exchangeInfo``: steps of every contract with filters.

    Raises:
        DecodeError: Not the documented object.
    """
    try:
        info = _decode_exchange_info(raw)
    except INVALID as error:
        raise DecodeError("exchangeInfo", why(error)) from None
    instruments = []
    for contract in info.symbols:
        steps = {item.kind: item.tick_size or item.step_size for item in contract.filters}
        tick, step = steps.get("PRICE_FILTER", ""), steps.get("LOT_SIZE", "")
        if tick and step:
            size = float(positive("tickSize", tick))
            positive("stepSize", step)
            # The digits as written: tick 0.10 means two, which is how prices come on the stream.
            instruments.append(Instrument(contract.symbol, _digits(tick), _digits(step), size))
    return instruments


def decode_quotas(raw: bytes) -> Quotas:
    """Decode the reply of ``GET /fapi/v1/exchangeInfo``: limits, the usual where one is missing.

    Raises:
        DecodeError: Not the documented object.
    """
    try:
        limits = _decode_rate_limits(raw).limits
    except INVALID as error:
        raise DecodeError("exchangeInfo", why(error)) from None
    told = {(each.kind, each.interval, each.count): each.limit for each in limits}
    usual = Quotas()
    return Quotas(
        weight_1m=told.get(("REQUEST_WEIGHT", "MINUTE", 1), usual.weight_1m),
        orders_10s=told.get(("ORDERS", "SECOND", 10), usual.orders_10s),
        orders_1m=told.get(("ORDERS", "MINUTE", 1), usual.orders_1m),
    )


def instrument_from_depth(symbol: str, raw: bytes) -> Instrument | None:
    """Read a contract's decimals and tick off the digits of a depth reply or delta.

    For tapes, which carry no exchange information. The tick is the greatest step that all prices
    share, so a short frame can only overstate it. None where the frame has no levels, or numbers
    as the venue does not write them.
    """
    try:
        depth = _decode_text_depth(raw)
    except INVALID:
        return None
    depth = depth.data or depth
    levels = [*depth.bids, *depth.asks, *depth.delta_bids, *depth.delta_asks]
    if not levels or not all(map(is_plain, chain.from_iterable(levels))):
        return None
    decimals = max(_digits(price) for price, _ in levels)
    ticks = gcd(
        *(int(price.replace(".", "")) * 10 ** (decimals - _digits(price)) for price, _ in levels)
    )
    return Instrument(
        symbol,
        decimals,
        max(_digits(quantity) for _, quantity in levels),
        (ticks or 1) / 10**decimals,
    )


def _digits(text: str) -> int:
    return len(text.partition(".")[2])
