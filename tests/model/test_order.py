"""Orders as values: what can be told of them from their own fields."""

import inspect
from decimal import Decimal

import pytest
from msgspec import Struct
from pydantic import ValidationError

from botcore_tui.config.trading import ProtectionSettings
from botcore_tui.model import order
from botcore_tui.model.market import Side
from botcore_tui.model.order import (
    LEAST_TRAIL_PCT,
    MOST_TRAIL_PCT,
    OrderRequest,
    OrderState,
    OrderType,
    Purpose,
)

_OWN = [
    value
    for _, value in inspect.getmembers(order, inspect.isclass)
    if issubclass(value, Struct) and value.__module__ == order.__name__
]


@pytest.mark.parametrize("value", _OWN, ids=lambda value: value.__name__)
def test_each_is_frozen(value: type[Struct]) -> None:
    assert value.__struct_config__.frozen


@pytest.mark.parametrize("kind", list(OrderType))
def test_only_limit_and_market_orders_go_to_the_book_at_once(kind: OrderType) -> None:
    request = OrderRequest(
        client_order_id="bc-1-1-e",
        symbol="BTCUSDT",
        side=Side.BUY,
        type=kind,
        purpose=Purpose.ENTRY,
        quantity=Decimal(1),
    )
    is_plain = kind in {OrderType.LIMIT, OrderType.MARKET}
    assert request.is_algo is kind.is_conditional is not is_plain


@pytest.mark.parametrize("purpose", list(Purpose))
def test_all_but_entries_are_reducing(purpose: Purpose) -> None:
    assert purpose.is_reducing is (purpose is not Purpose.ENTRY)


def test_every_state_is_open_or_ended_and_unknown_is_not_at_the_venue() -> None:
    ended = {state for state in OrderState if state.is_terminal}
    at_venue = {state for state in OrderState if state.is_at_venue}
    assert ended == {
        OrderState.FILLED,
        OrderState.CANCELED,
        OrderState.EXPIRED,
        OrderState.REJECTED,
        OrderState.NOT_PLACED,
    }
    assert not ended & at_venue
    assert set(OrderState) - ended - at_venue == {
        OrderState.PLANNED,
        OrderState.IN_FLIGHT,
        OrderState.UNKNOWN,
    }


def test_the_configuration_takes_the_trailing_distances_that_the_venue_takes() -> None:
    for distance in (LEAST_TRAIL_PCT, MOST_TRAIL_PCT):
        assert ProtectionSettings(trail_pct=float(distance)).trail_pct == float(distance)
    for distance in (LEAST_TRAIL_PCT - Decimal("0.01"), MOST_TRAIL_PCT + Decimal("0.1")):
        with pytest.raises(ValidationError):
            ProtectionSettings(trail_pct=float(distance))
