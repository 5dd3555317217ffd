"""An instrument is a value: equal by content, never changed; rules round without making worse."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from botcore_tui.model.instrument import ContractRules, Instrument
from botcore_tui.model.market import Side

BITCOIN = Instrument("BTCUSDT", price_decimals=1, quantity_decimals=3, tick=0.1)


def test_instruments_are_equal_by_content() -> None:
    assert replace(BITCOIN) == BITCOIN
    assert hash(replace(BITCOIN)) == hash(BITCOIN)
    assert replace(BITCOIN, tick=0.5) != BITCOIN


def test_instrument_cannot_be_changed() -> None:
    with pytest.raises(AttributeError, match="immutable"):
        setattr(BITCOIN, "tick", 0.5)  # noqa: B010 - mypy refuses the plain form, as it should


RULES = ContractRules(
    symbol="BTCUSDT",
    status="TRADING",
    tick=Decimal("0.10"),
    min_price=Decimal("556.80"),
    max_price=Decimal(4529764),
    step=Decimal("0.001"),
    min_quantity=Decimal("0.001"),
    max_quantity=Decimal(1000),
    market_step=Decimal("0.01"),
    market_min_quantity=Decimal("0.01"),
    market_max_quantity=Decimal(120),
    min_notional=Decimal(100),
    multiplier_up=Decimal("1.05"),
    multiplier_down=Decimal("0.95"),
)
PRICES = st.decimals("556.80", "4000000", places=4)
QUANTITIES = st.decimals("0", "1000", places=6)


@given(price=PRICES)
def test_limit_prices_are_rounded_to_the_less_aggressive_side(price: Decimal) -> None:
    bid = RULES.round_price(price, Side.BUY)
    ask = RULES.round_price(price, Side.SELL)
    assert bid <= price <= ask
    assert ask - bid in {0, RULES.tick}
    assert bid % RULES.tick == ask % RULES.tick == 0


@given(price=PRICES)
def test_a_rounded_stop_never_allows_a_greater_loss(price: Decimal) -> None:
    assert RULES.round_trigger(price, Side.SELL) >= price
    assert RULES.round_trigger(price, Side.BUY) <= price


@given(quantity=QUANTITIES, is_market=st.booleans())
def test_quantities_are_rounded_down_to_the_step(quantity: Decimal, *, is_market: bool) -> None:
    step = RULES.market_step if is_market else RULES.step
    rounded = RULES.round_quantity(quantity, is_market=is_market)
    assert rounded <= quantity < rounded + step
    assert rounded % step == 0


def test_what_is_less_than_one_step_is_nothing() -> None:
    assert RULES.round_quantity(Decimal("0.0009")) == 0
