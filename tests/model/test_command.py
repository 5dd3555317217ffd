"""Commands travel as text between processes and come out as they went in."""

from decimal import Decimal
from typing import get_args

import msgspec
import pytest

from botcore_tui.model.command import (
    CancelOrder,
    ClosePosition,
    Command,
    DeskCommand,
    EnableStrategy,
    Halt,
    MoveStop,
    PlaceOrder,
    Relax,
    ResetBreaker,
    Resume,
    SignOff,
)
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderType

COMMANDS: list[Command] = [
    Halt("F12", "by hand", 1),
    Resume("F12", "all is well", 2),
    PlaceOrder(
        command_id="1",
        actor="ann",
        symbol="BTCUSDT",
        side=Side.SELL,
        type=OrderType.LIMIT,
        quantity=Decimal("0.010"),
        price=Decimal("60000.10"),
        stop_price=Decimal(61000),
        time_ms=3,
    ),
    ClosePosition(command_id="2", actor="ann", symbol="BTCUSDT", time_ms=4),
    CancelOrder(command_id="3", actor="ann", client_order_id="bc-1-1-e", time_ms=5),
    MoveStop(
        command_id="4", actor="ann", symbol="BTCUSDT", stop_price=Decimal("60500.5"), time_ms=6
    ),
    ResetBreaker(command_id="5", actor="ann", code="A01", rebases=True, reason="seen", time_ms=7),
    Relax(
        command_id="6",
        actor="ann",
        limit="risk.max_leverage",
        value=Decimal("1.5"),
        minutes=30,
        reason="news",
        time_ms=8,
    ),
    EnableStrategy(command_id="7", actor="ann", strategy="ema_cross", reason="seen", time_ms=9),
    SignOff(command_id="8", actor="ann", what="trade", subject="12", reason="seen", time_ms=10),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
def test_each_says_what_it_is_and_comes_back_the_same(command: Command) -> None:
    text = msgspec.json.encode(command)
    assert f'"command":"{type(command).__name__}"'.encode() in text
    assert msgspec.json.decode(text, type=Command) == command


def test_none_is_left_out() -> None:
    assert {type(command) for command in COMMANDS} == set(get_args(Command))
    assert {Halt, Resume} == set(get_args(Command)) - set(get_args(DeskCommand))
