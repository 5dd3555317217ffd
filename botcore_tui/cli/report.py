"""What a replay without a screen found, for programs and for people."""

import json

import msgspec
from msgspec import Struct

from botcore_tui.config.masking import printable
from botcore_tui.core.market import SymbolMarket
from botcore_tui.core.trader import Trader
from botcore_tui.engine.book_check import BookCheck
from botcore_tui.engine.publisher import peak_resident_mb
from botcore_tui.exchange.binance.receiver import Receiver


class Timing(Struct, frozen=True):
    """How long it took."""

    tape_seconds: float = 0.0
    """From the first frame to the last."""
    wall_seconds: float = 0.0


class Report:
    """What a headless replay found; also of a tape from which nothing could be read.

    Args:
        path: Of the tape, as the user named it.
        receiver: What was decoded.
        trader: Whose books were kept.
        timing: See there.
        check: The comparisons; None if nobody asked for them.
    """

    def __init__(
        self,
        path: str,
        receiver: Receiver,
        trader: Trader,
        *,
        timing: Timing,
        check: BookCheck | None,
    ) -> None:
        self._path = path
        self._receiver = receiver
        self._trader = trader
        self._timing = timing
        self._check = check

    def as_json(self) -> str:
        """One object; prices and quantities are numbers with the venue's own digits."""
        return msgspec.json.encode(self._fields()).decode()

    def as_text(self) -> str:
        """The same for people: one line a field."""
        fields = self._fields()
        width = max(map(len, fields))
        return "\n".join(
            f"{name:<{width}}  {json.dumps(_plain(value)).strip(chr(34))}"
            for name, value in fields.items()
        )

    def _fields(self) -> dict[str, object]:
        receiver, timing, check = self._receiver, self._timing, self._check
        markets = self._trader.market.by_symbol
        books = [market.book for market in markets.values()]
        fields: dict[str, object] = {
            "tape": printable(self._path),
            "symbols": list(markets),
            "frames": receiver.frames,
            "decoded": receiver.decoded,
            "decode_errors": receiver.decode_errors,
            "by_type": receiver.by_type(),
            "depth_applied": sum(book.applied for book in books),
            "depth_dropped": sum(book.dropped for book in books),
            "sequence_gaps": sum(book.gaps for book in books),
            "resyncs": sum(book.resyncs for book in books),
            "book_checks": check.checks if check else None,
            "book_mismatches": check.mismatches if check else None,
        }
        main = max(markets.values(), key=lambda market: market.book.applied, default=None)
        fields |= _best(main)
        if len(markets) > 1:
            fields["books"] = {symbol: _best(market) for symbol, market in markets.items()}
        return fields | {
            "tape_seconds": round(timing.tape_seconds, 3),
            "wall_seconds": round(timing.wall_seconds, 3),
            "frames_per_second": round(receiver.frames / timing.wall_seconds)
            if timing.wall_seconds
            else 0,
            "peak_rss_mb": round(peak_resident_mb(), 1),
        }


_BEST = ("best_bid", "best_bid_quantity", "best_ask", "best_ask_quantity", "last_update_id")


def _best(market: SymbolMarket | None) -> dict[str, object]:
    if market is None:
        return dict.fromkeys(_BEST)
    book, rules = market.book, market.rules
    price_decimals, quantity_decimals = rules.price_decimals, rules.quantity_decimals

    def number(value: float | None, decimals: int) -> msgspec.Raw:
        # A number, yet with the digits the venue writes: 61659.70 and not 61659.7.
        return msgspec.Raw(b"null" if value is None else f"{value:.{decimals}f}".encode())

    bid, ask = book.bids.best, book.asks.best
    return {
        "best_bid": number(bid, price_decimals),
        "best_bid_quantity": number(
            None if bid is None else book.bids.quantity(bid), quantity_decimals
        ),
        "best_ask": number(ask, price_decimals),
        "best_ask_quantity": number(
            None if ask is None else book.asks.quantity(ask), quantity_decimals
        ),
        "last_update_id": book.last_update_id,
    }


def _plain(value: object) -> object:
    if isinstance(value, msgspec.Raw):
        return bytes(value).decode()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value
