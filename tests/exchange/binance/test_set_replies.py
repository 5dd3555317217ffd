"""Replies about leverage and countdowns."""

import pytest

from botcore_tui.errors import DecodeError
from botcore_tui.exchange.binance.set_replies import check_countdown, decode_leverage
from botcore_tui.model.account import LeverageChange

BTC = "BTCUSDT"


def test_leverage_that_the_venue_confirms_is_told() -> None:
    raw = b'{"symbol":"BTCUSDT","leverage":3,"maxNotionalValue":"1000"}'
    assert decode_leverage(raw, BTC) == LeverageChange(BTC, 3)


@pytest.mark.parametrize(
    "raw", [b'{"symbol":"ETHUSDT","leverage":3}', b'{"symbol":"BTCUSDT","leverage":0}', b"[]", b"{"]
)
def test_leverage_of_another_symbol_or_none_is_refused(raw: bytes) -> None:
    with pytest.raises(DecodeError):
        decode_leverage(raw, BTC)


@pytest.mark.parametrize("told", [b'"120000"', b"120000"])
def test_countdown_as_number_or_text_is_confirmed(told: bytes) -> None:
    check_countdown(b'{"symbol":"BTCUSDT","countdownTime":' + told + b"}", BTC, 120_000)


@pytest.mark.requirement("A16")
@pytest.mark.parametrize(
    "raw",
    [
        b'{"symbol":"BTCUSDT","countdownTime":"0"}',
        b'{"symbol":"ETHUSDT","countdownTime":"120000"}',
        b'{"code":200}',
        b"",
    ],
)
def test_countdown_that_is_not_what_was_asked_for_is_not_confirmed(raw: bytes) -> None:
    with pytest.raises(DecodeError):
        check_countdown(raw, BTC, 120_000)
