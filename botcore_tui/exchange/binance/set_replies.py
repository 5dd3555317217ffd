"""Replies to what sets something beside orders: leverage, countdowns; pure, like ``wire``."""

from typing import Final, TypeVar

from msgspec.json import Decoder

from botcore_tui.errors import DecodeError
from botcore_tui.exchange.binance.account_payloads import WireCountdown, WireLeverage
from botcore_tui.exchange.binance.wire import INVALID, why
from botcore_tui.model.account import LeverageChange

T = TypeVar("T")

_decode_leverage: Final = Decoder(WireLeverage)
_decode_countdown: Final = Decoder(WireCountdown)


def decode_leverage(raw: bytes, symbol: str) -> LeverageChange:
    """Decode the reply of ``POST leverage``.

    Raises:
        DecodeError: Not the documented object, or of another symbol.
    """
    row = _decoded("leverage", _decode_leverage, raw)
    if row.symbol != symbol:
        raise DecodeError("leverage", f"of {row.symbol!r}, not of {symbol}")
    return LeverageChange(row.symbol, row.leverage)


def check_countdown(raw: bytes, symbol: str, countdown_ms: int) -> None:
    """Make sure that ``POST countdownCancelAll`` confirms what was asked for.

    Raises:
        DecodeError: It does not.
    """
    row = _decoded("countdownCancelAll", _decode_countdown, raw)
    if row.symbol != symbol or str(row.countdown_ms) != str(countdown_ms):
        told = f"{row.countdown_ms!r} ms for {row.symbol!r}"
        raise DecodeError("countdownCancelAll", f"{told}, not {countdown_ms} for {symbol}")


def _decoded(kind: str, decoder: Decoder[T], raw: bytes) -> T:
    try:
        return decoder.decode(raw)
    except INVALID as error:
        raise DecodeError(kind, why(error)) from None
