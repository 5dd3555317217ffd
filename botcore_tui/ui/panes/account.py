"""What the panes of the account share: numbers of any contract, ages, and why nothing is there."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from botcore_tui.model.market import Side
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.model.trading import FIGURES_OLD_NS
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.base import Row, filled, message_rows
from botcore_tui.ui.panes.cells import cut
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.risk_reading import entry_denial

MARKET_ONLY: Final = "market data only"
"""Why there are no positions and orders, and nothing can be bought."""
HOW_TO_TRADE: Final = "start with --enable-trading"

_SIDES: Final = {Side.BUY: ("▲BUY", Ink.UP), Side.SELL: ("▼SELL", Ink.DOWN)}


def price_text(snapshot: Snapshot, symbol: str, price: Decimal | None) -> str:
    """A price with the digits of its contract, where these are known; a dash if there is none."""
    if symbol == snapshot.symbol and snapshot.has_instrument:
        return fmt.fixed(price, snapshot.price_decimals)
    return fmt.significant(price)


def quantity_text(snapshot: Snapshot, symbol: str, quantity: Decimal) -> str:
    """A quantity without its sign, as exact as it is known."""
    if symbol == snapshot.symbol:
        decimals = max(snapshot.quantity_decimals, len(fmt.exact(quantity).partition(".")[2]))
        return fmt.fixed(abs(quantity), decimals)
    return fmt.exact(abs(quantity))


def side_text(side: Side) -> tuple[str, Ink]:
    """Side of an order: arrow, word and colour."""
    return _SIDES[side]


def side_of(quantity: Decimal) -> tuple[str, Ink]:
    """Direction of a position: arrow, word and colour."""
    return ("▲LONG", Ink.UP) if quantity > 0 else ("▼SHORT", Ink.DOWN)


def signed_ink(value: Decimal | float | None) -> Ink:
    """Colour of an amount beside its sign."""
    if not value:
        return Ink.TEXT
    return Ink.UP if value > 0 else Ink.DOWN


def since_ns(snapshot: Snapshot, time_ms: int, now_ns: int) -> int:
    """Time since a moment of the engine's clock; it grows also while no picture comes."""
    return (snapshot.time_ms - time_ms) * 1_000_000 + max(0, now_ns - snapshot.published_ns)


def age_of(stamp_ns: int, now_ns: int) -> int | None:
    """Time since a monotonic stamp; None if it never was."""
    return max(0, now_ns - stamp_ns) if stamp_ns else None


def is_old(stamp_ns: int, now_ns: int) -> bool:
    """Whether a figure of the venue is so old that its age must be shown."""
    age_ns = age_of(stamp_ns, now_ns)
    return age_ns is None or age_ns > FIGURES_OLD_NS


def mark_age_ns(snapshot: Snapshot, age_ms: int, now_ns: int) -> int:
    """Age of a mark now, of which a picture says how old it was; it grows while none comes."""
    return age_ms * 1_000_000 + max(0, now_ns - snapshot.published_ns)


def absent_rows(width: int, height: int, *, snapshot: Snapshot) -> list[Row]:
    """Why there is no account to show."""
    if snapshot.trading_enabled:
        return message_rows("no account yet", "", width=width, height=height)
    return message_rows(MARKET_ONLY, HOW_TO_TRADE, width=width, height=height)


def notice_rows(snapshot: Snapshot, width: int) -> Sequence[Row]:
    """A line that says why no new risk is taken, if that is so."""
    why = entry_denial(snapshot)
    if not why:
        return ()
    text = cut(f" NO ENTRIES: {why} ", width)
    return (filled(((text, Ink.ALARM),), width),)
