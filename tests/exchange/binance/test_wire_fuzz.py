"""Whatever arrives, ``decode`` returns or raises DecodeError, and never lets a bad number in."""

from collections.abc import Callable
from math import isfinite

import pytest
from hostile import DEEP, hostile_frames, numbers_in
from hypothesis import given, settings
from property_examples import examples
from samples import SAMPLES, framed, sample

from botcore_tui.errors import DecodeError
from botcore_tui.exchange.binance.replies import (
    decode_instruments,
    decode_klines,
    instrument_from_depth,
)
from botcore_tui.exchange.binance.wire import (
    decode,
    decode_depth,
)

DECODERS: tuple[Callable[[bytes], object], ...] = (
    decode,
    lambda raw: decode_depth("X", raw),
    lambda raw: decode_klines("X", "1m", raw),
    decode_instruments,
    lambda raw: instrument_from_depth("X", raw),
)
_SIGNED = {"change_pct", "funding_rate"}

pytestmark = [pytest.mark.requirement("R09"), pytest.mark.requirement("R20")]


def check(raw: bytes) -> None:
    for decoder in DECODERS:
        try:
            decoded = decoder(raw)
        except DecodeError:
            continue
        for name, number in numbers_in(decoded):
            assert isfinite(number), (raw[:200], name, number)
            assert number >= 0 or name in _SIGNED, (raw[:200], name, number)


@settings(max_examples=examples(600), deadline=None)
@given(hostile_frames)
def test_hostile_frame_is_decoded_or_refused_and_nothing_else(raw: bytes) -> None:
    check(raw)


@pytest.mark.parametrize("raw", DEEP)
def test_frame_nested_beyond_any_stack_is_refused(raw: bytes) -> None:
    check(raw)
    with pytest.raises(DecodeError):
        decode(raw)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_truncation_of_a_documented_payload_is_refused(name: str) -> None:
    raw = sample(name)
    for length in range(len(raw)):
        with pytest.raises(DecodeError):
            decode(raw[:length])
        with pytest.raises(DecodeError):
            decode(framed("x@depth", raw)[: length + 1])


@pytest.mark.parametrize(
    "price",
    ["NaN", "sNaN", "-1", "0", "Infinity", "1e9999999", "1e-9999999", "1_000", "１２", " 1"],
)
def test_mark_price_that_is_no_plain_positive_decimal_is_refused(price: str) -> None:
    raw = sample("mark_price").replace(b"11794.15000000", price.encode())
    with pytest.raises(DecodeError, match="number: markPriceUpdate"):
        decode(raw)


@pytest.mark.parametrize("digits", ["9" * 16, "0." + "1" * 1_000_000])
def test_mark_price_of_endless_digits_is_refused_with_a_short_text(digits: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(sample("mark_price").replace(b"11794.15000000", digits.encode()))
    assert len(str(caught.value)) < 100


@pytest.mark.parametrize("change", ["nan", "inf", "-inf", "1e16", "-1e300"])
def test_day_whose_change_is_no_number_is_refused(change: str) -> None:
    with pytest.raises(DecodeError, match="24hrTicker: "):
        decode(sample("ticker").replace(b"250.00", change.encode()))


def test_day_that_opened_next_to_zero_is_refused() -> None:
    with pytest.raises(DecodeError, match="24hrMiniTicker: a change of inf %"):
        decode(sample("mini_ticker").replace(b'"o":"0.0010"', b'"o":"1e-320"'))
