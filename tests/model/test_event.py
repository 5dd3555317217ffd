"""What goes in and what comes out is frozen, closed and told apart."""

import inspect
from decimal import Decimal
from typing import get_args

import msgspec
import pytest
from msgspec import Struct

from botcore_tui.model import event
from botcore_tui.model.event import (
    AccountEvent,
    Answer,
    Append,
    Cancel,
    Command,
    DeskCommand,
    Effect,
    Event,
    Halt,
    OpenMarket,
    OrderCommand,
    Query,
    Reconcile,
    Record,
    RequestSnapshot,
    Resume,
    Severity,
    StateChanged,
    Submit,
    TradingState,
    VenueEffect,
)
from botcore_tui.model.ledger import IntentRow, Recollection
from botcore_tui.model.market import MarketEvent, Side
from botcore_tui.model.order import OrderRequest, OrderType, Purpose

REQUEST = OrderRequest(
    client_order_id="bc-1-1-e",
    symbol="BTCUSDT",
    side=Side.BUY,
    type=OrderType.LIMIT,
    purpose=Purpose.ENTRY,
    quantity=Decimal("0.001"),
    price=Decimal("60000.10"),
)

_OWN = [
    value
    for _, value in inspect.getmembers(event, inspect.isclass)
    if issubclass(value, Struct) and value.__module__ == event.__name__
]


@pytest.mark.parametrize("value", _OWN, ids=lambda value: value.__name__)
def test_each_is_frozen_and_either_goes_in_or_comes_out(value: type[Struct]) -> None:
    assert value.__struct_config__.frozen
    assert (value in get_args(Event)) != (value in get_args(Effect))


def test_facts_of_the_market_and_wishes_of_a_person_are_events() -> None:
    assert {*get_args(MarketEvent), *get_args(Command)} <= set(get_args(Event))
    assert {Halt, Resume, *get_args(DeskCommand)} == set(get_args(Command))
    assert set(get_args(OrderCommand)) < set(get_args(DeskCommand))


def test_what_comes_back_from_the_venue_and_our_own_memory_are_events() -> None:
    assert {*get_args(AccountEvent), Recollection} <= set(get_args(Event))


def test_what_only_a_venue_can_do_is_an_effect() -> None:
    assert set(get_args(VenueEffect)) <= set(get_args(Effect))


@pytest.mark.parametrize(
    "effect",
    [
        RequestSnapshot("BTCUSDT", 2, "gap", 1_000),
        Record(Severity.CRITICAL, "state.halted", "ACTIVE -> HALTED", 1_000),
        StateChanged(TradingState.HALTED, TradingState.ACTIVE, "F12", "by hand", 1_000),
        Submit(REQUEST),
        Cancel(client_order_id="bc-1-1-e", symbol="BTCUSDT", is_algo=False),
        Query(client_order_id="bc-1-1-e", symbol="BTCUSDT", is_algo=True, delay_seconds=0.5),
        Reconcile(reason="start"),
        Append(IntentRow(REQUEST, Decimal("59000.5"), None, None)),
        Answer(command_id="1", is_accepted=False, code="P01", text="halted", time_ms=1_000),
        OpenMarket(1_000),
    ],
    ids=lambda effect: type(effect).__name__,
)
def test_effect_says_in_its_own_text_which_one_it_is(effect: Effect) -> None:
    text = msgspec.json.encode(effect)
    assert b'"type":"%s"' % type(effect).__name__.encode() in text
    assert msgspec.json.decode(text, type=Effect) == effect


def test_states_and_severities_are_their_own_texts() -> None:
    assert [f"{state}" for state in TradingState] == ["ACTIVE", "REDUCING", "HALTED"]
    assert [f"{severity}" for severity in Severity] == ["DEBUG", "INFO", "WARN", "ERROR", "CRIT"]
