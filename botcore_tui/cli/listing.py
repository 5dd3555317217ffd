"""Orders and positions as lines of text, one each."""

from collections.abc import Sequence
from decimal import Decimal

from botcore_tui.model.trading import OrderView, PositionView


def order_lines(orders: Sequence[OrderView]) -> list[str]:
    """One line an order under a head; a line that says so if there is none."""
    if not orders:
        return ["no orders"]
    rows = [
        (
            order.client_order_id or "-",
            order.symbol,
            str(order.side),
            str(order.type),
            str(order.purpose or "foreign"),
            "position" if not order.quantity else _plain(order.quantity),
            _plain(order.filled_quantity),
            _plain(order.trigger_price if order.is_algo else order.price),
            _state(order),
        )
        for order in orders
    ]
    head = ("client order id", "symbol", "side", "type", "for", "quantity", "filled", "price")
    return _table((*head, "state"), rows)


def position_lines(positions: Sequence[PositionView]) -> list[str]:
    """One line a position under a head; a line that says so if there is none."""
    if not positions:
        return ["no positions"]
    rows = [
        (
            position.symbol,
            _plain(position.quantity),
            _rounded(position.entry_price),
            _rounded(position.mark),
            _money(position.unrealized),
            _plain(position.stop_price),
            str(position.cover),
            _rounded(position.liquidation_price),
        )
        for position in positions
    ]
    head = ("symbol", "quantity", "entry", "mark", "unrealized", "stop", "cover", "liquidation")
    return _table(head, rows)


def _state(order: OrderView) -> str:
    if order.is_cancel_requested and not order.state.is_terminal:
        return f"{order.state}, cancel requested"
    return str(order.state)


def _rounded(price: Decimal | None) -> str:
    """An average has more digits than anybody trades at: the eighth is enough."""
    return "-" if price is None else _plain(round(price, max(0, 7 - price.adjusted())))


def _money(amount: Decimal | None) -> str:
    return "-" if amount is None else f"{amount:+.2f}"


def _plain(value: Decimal | None) -> str:
    if value is None:
        return "-"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (head, *rows)
    ]
