"""Whatever arrives on the user's stream is decoded or refused, and no bad number gets in."""

import json
from decimal import Decimal

import pytest
from hostile import numbers_in
from hypothesis import given, settings
from hypothesis import strategies as st
from property_examples import examples
from user_samples import USER_SAMPLES, combined

from botcore_tui.errors import DecodeError
from botcore_tui.exchange.binance.user_wire import decode_user
from botcore_tui.model.order import Fill

_NOT_NUMBERS = ("NaN", "sNaN", "Infinity", "1e5", "1_0", "", " 1", "１", "9" * 16, "0x1")
_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from([*_NOT_NUMBERS, "-1", "1", 10**30, [], {}, [[]], 10**400]),
)


@st.composite
def _changed_events(draw: st.DrawFn) -> bytes:
    event = json.loads(draw(st.sampled_from(USER_SAMPLES)))
    for _ in range(draw(st.integers(1, 3))):
        bodies = [event, *(part for part in event.values() if isinstance(part, dict))]
        body = draw(st.sampled_from(bodies))
        if not body:
            continue
        key = draw(st.sampled_from(sorted(body)))
        if draw(st.booleans()):
            del body[key]
        else:
            body[key] = draw(_VALUES)
    raw = json.dumps(event).encode()
    return draw(st.sampled_from([raw, combined(raw), raw[: draw(st.integers(0, len(raw)))]]))


@pytest.mark.requirement("R20")
@settings(max_examples=examples(500), deadline=None)
@given(st.one_of(st.binary(), _changed_events()))
def test_whatever_arrives_is_decoded_or_refused_and_nothing_else(raw: bytes) -> None:
    try:
        messages = decode_user(raw)
    except DecodeError:
        return
    for message in messages:
        for _, number in numbers_in(message):
            assert Decimal(number).is_finite()
        if isinstance(message, Fill):
            assert message.price > 0
            assert message.quantity > 0
            assert message.trade_id > 0


@pytest.mark.parametrize("raw", USER_SAMPLES)
def test_every_truncation_of_a_documented_event_is_refused(raw: bytes) -> None:
    for length in range(len(raw)):
        with pytest.raises(DecodeError):
            decode_user(raw[:length])
