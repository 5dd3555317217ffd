"""Orders and positions in lines that a person reads."""

from decimal import Decimal

from account_builders import a_position, a_stop_order, an_order

from botcore_tui.cli.listing import order_lines, position_lines
from botcore_tui.model.order import OrderState
from botcore_tui.model.trading import Cover


def test_nothing_is_said_to_be_nothing() -> None:
    assert order_lines(()) == ["no orders"]
    assert position_lines(()) == ["no positions"]


def test_orders_stand_in_columns_with_what_is_known_of_them() -> None:
    lines = order_lines(
        (
            an_order(is_cancel_requested=True),
            a_stop_order(),
            an_order(client_order_id="", purpose=None, state=OrderState.UNKNOWN),
            an_order(state=OrderState.CANCELED, is_cancel_requested=True, price=None),
        )
    )
    state = "open, cancel requested"
    assert lines == [
        "client order id  symbol   side  type         for      quantity  filled  price  state",
        f"bc-k3-1-e        BTCUSDT  BUY   LIMIT        entry    0.12      0       61659  {state}",
        "bc-k3-2-s        BTCUSDT  SELL  STOP_MARKET  stop     position  0       61500  open",
        "-                BTCUSDT  BUY   LIMIT        foreign  0.12      0       61659  UNKNOWN",
        "bc-k3-1-e        BTCUSDT  BUY   LIMIT        entry    0.12      0       -      canceled",
    ]


def test_positions_tell_what_protects_them() -> None:
    head, line = position_lines(
        (
            a_position(
                quantity=Decimal("-0.120"),
                entry_price=Decimal("1E+3"),
                mark=None,
                unrealized=Decimal("-0.00000010"),
                stop_price=None,
                liquidation_price=None,
                cover=Cover.NAKED,
            ),
        )
    )
    assert " ".join(head.split()) == "symbol quantity entry mark unrealized stop cover liquidation"
    assert line.split() == ["BTCUSDT", "-0.12", "1000", "-", "-0.00", "-", "NAKED", "-"]


def test_an_average_is_shown_to_the_eighth_digit() -> None:
    average = Decimal("61659.91111111111111111111111")
    (_, line) = position_lines([a_position(entry_price=average, unrealized=Decimal("12.345"))])
    assert "61659.911" in line.split()
    assert "+12.34" in line.split()
