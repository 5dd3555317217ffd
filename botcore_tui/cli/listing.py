"""Orders, positions, limits and obstacles as lines of text, one each."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from botcore_tui.model.risk import Gauge, Obstacle, RiskView
from botcore_tui.model.trading import FIGURES_OLD_NS, OrderView, PositionView

_NEWS_SECONDS: Final = 0.5
"""Two ticks of an engine: what the venue confirmed longer ago may be another by now."""


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


def told_seconds(position: PositionView, now_ns: int) -> float | None:
    """How long ago the venue last confirmed a position; None: never.

    Args:
        position: By an engine on this machine: its monotonic clock is ours.
        now_ns: Monotonic.
    """
    stamp_ns = position.confirmed_ns
    return max(0, now_ns - stamp_ns) / 1e9 if stamp_ns else None


def position_lines(
    positions: Sequence[PositionView], now_ns: int, *, is_told: bool = True
) -> list[str]:
    """One line a position under a head; a line that says so if there is none.

    Args:
        positions: See there.
        now_ns: Monotonic, for ages.
        is_told: Whether the venue has told the whole account once: before, there may be others.
    """
    if not positions:
        return ["no positions" if is_told else "positions are not known: the venue has not told"]
    columns = {
        "symbol": [position.symbol for position in positions],
        "quantity": [_plain(position.quantity) for position in positions],
        "entry": [_rounded(position.entry_price) for position in positions],
        "mark": [_marked(position) for position in positions],
        "unrealized": [_money(position.unrealized) for position in positions],
        "stop": [_plain(position.stop_price) for position in positions],
        "cover": [str(position.cover) for position in positions],
        "target": [_plain(position.target_price) for position in positions],
        "trail": [_percent(position.trail_pct) for position in positions],
        "liquidation": [_rounded(position.liquidation_price) for position in positions],
        "confirmed": [_told(told_seconds(position, now_ns)) for position in positions],
    }
    if not any(position.target_price for position in positions):
        del columns["target"]
    if not any(position.trail_pct for position in positions):
        del columns["trail"]
    return _table(tuple(columns), list(zip(*columns.values(), strict=True)))


def obstacle_lines(obstacles: Sequence[Obstacle], asked: str) -> list[str]:
    """One line a control of the gate, in its order, and how to clear those that refuse.

    Args:
        obstacles: The controls.
        asked: Contract that they are asked about: another may meet others.
    """
    if not obstacles:
        return ["no controls were evaluated"]
    rows = [
        (
            "pass" if each.is_passed else "DENY",
            each.code,
            each.name,
            each.value,
            each.limit,
            "-" if each.age_ms is None else f"{each.age_ms / 1000:.1f} s",
            each.remedy,
        )
        for each in obstacles
    ]
    denied = sum(not each.is_passed for each in obstacles)
    what = f"{denied} of {len(obstacles)} controls refuse" if denied else "nothing refuses"
    said = f"{what} an entry into {asked}"
    return [*_table(("", "code", "control", "seen", "limit", "age", "to clear it"), rows), said]


def gauge_lines(risk: RiskView) -> list[str]:
    """One line a limit, then what is latched, relaxed or disabled."""
    rows = [
        (
            gauge.code,
            gauge.name,
            _share(gauge),
            f"{_plain(gauge.limit_pct)} %",
            _unsigned(gauge.used_amount),
            _unsigned(gauge.limit_amount),
            _unsigned(gauge.left_amount),
            "LATCHED" if gauge.is_latched else str(gauge.tier),
        )
        for gauge in risk.gauges
    ]
    lines = ["no limits are measured"]
    if rows:
        head = ("code", "limit", "used", "of", "lost", "at most", "left", "state")
        lines = _table(head, rows)
    age_ms = risk.equity_age_ms
    if age_ms is not None and age_ms * 1_000_000 > FIGURES_OLD_NS:
        lines.append(f"equity was last known {age_ms / 1000:.1f} s ago: these figures are as old")
    lines += [f"latched: {code}; botcore reset-breaker {code}" for code in risk.latched]
    lines += [f"relaxed: {row.limit} to {_plain(row.value)}" for row in risk.overrides]
    lines += [f"disabled: {name}" for name in risk.disabled]
    return lines


def _share(gauge: Gauge) -> str:
    return "unknown" if gauge.used_pct is None else f"{gauge.used_pct:.2f} %"


def _percent(value: Decimal | None) -> str:
    return "-" if value is None else f"{_plain(value)} %"


def _unsigned(amount: Decimal | None) -> str:
    return "-" if amount is None else f"{amount:.2f}"


def _state(order: OrderView) -> str:
    if order.is_cancel_requested and not order.state.is_terminal:
        return f"{order.state}, cancel requested"
    return str(order.state)


def _told(seconds: float | None) -> str:
    if seconds is None:
        return "never"
    return "now" if seconds <= _NEWS_SECONDS else f"{seconds:.1f} s ago"


def _marked(position: PositionView) -> str:
    """The mark; one that is old says so, since the profit beside it is as old."""
    text, age_ms = _rounded(position.mark), position.mark_age_ms
    if position.mark is None or age_ms is None or age_ms * 1_000_000 <= FIGURES_OLD_NS:
        return text
    return f"{text} ({age_ms / 1000:.1f} s ago)"


def _rounded(price: Decimal | None) -> str:
    """An average has more digits than anybody trades at: the eighth is enough."""
    return "-" if price is None else _plain(round(price, max(0, 7 - price.adjusted())))


def _money(amount: Decimal | None) -> str:
    return "-" if amount is None else f"{amount:+z.2f}"


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
