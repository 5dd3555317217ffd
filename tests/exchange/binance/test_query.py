"""What is signed and sent is what ccxt would have written."""

from collections.abc import Mapping

import pytest
from ccxt.base.exchange import Exchange
from hypothesis import given
from hypothesis import strategies as st

from botcore_tui.exchange.binance.query import quick

_VALUES = st.one_of(st.text(), st.integers(), st.booleans(), st.floats(), st.just("BTCUSDT"))


@pytest.mark.requirement("P04")
@given(st.dictionaries(st.one_of(st.text(), st.just("symbol")), _VALUES))
def test_every_parameter_is_written_as_ccxt_writes_it(parameters: dict[str, object]) -> None:
    assert quick(Exchange.urlencode)(parameters) == Exchange.urlencode(parameters)


def test_an_order_takes_the_short_way() -> None:
    def never(parameters: Mapping[str, object]) -> str:
        raise AssertionError(parameters)

    order = {"symbol": "BTCUSDT", "quantity": "0.002", "timestamp": 1_700_000_000_000}
    assert quick(never)(order) == "symbol=BTCUSDT&quantity=0.002&timestamp=1700000000000"


def test_what_has_to_be_escaped_goes_the_long_way() -> None:
    assert quick(Exchange.urlencode)({"a": "1&b=2"}) == "a=1%26b%3D2"
