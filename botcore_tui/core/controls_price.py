"""Controls of the price: collar, freshness of what it is compared with, funding; P08, P09, P21."""

from decimal import Decimal
from typing import Final

from botcore_tui.core.controls import Control, Reading, seconds
from botcore_tui.core.gate_terms import Denial, Proposal, Surroundings
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderType

FRESH_MS: Final = 5_000
"""A mark that is older says nothing. The venue sends one a second, or one in three where it is
slow: with the 1.5 s of the table every second frame that is late would stop trading."""
_HUNDRED: Final = Decimal(100)
_MINUTE_MS: Final = 60_000


# --- P08 -----------------------------------------------------------------------------------------


def price_collar(proposal: Proposal, around: Surroundings) -> Denial | None:
    """P08: a LIMIT price is near the mark and the book, a MARKET order slips little."""
    if around.mark is None or (around.limits.needs_book and not around.is_book_live):
        return None  # P09 says so
    if proposal.request.type is OrderType.LIMIT:
        return _off_mark(proposal, around) or _through_book(proposal, around)
    return _slipping(proposal, around)


def _off_mark(proposal: Proposal, around: Surroundings) -> Denial | None:
    limit, price, mark = around.limits.collar_pct, proposal.request.price, around.mark
    if limit is None:
        return None
    assert price is not None  # P04
    assert mark is not None  # above
    off = abs(price / mark - 1) * _HUNDRED
    if off <= limit:
        return None
    return _denied(f"price {price:f} is {off:.2f} % from the mark {mark:f}", limit, off, "collar")


def _through_book(proposal: Proposal, around: Surroundings) -> Denial | None:
    limit, price = around.limits.through_pct, proposal.request.price
    if limit is None:
        return None
    assert price is not None  # P04
    is_buy = proposal.request.side is Side.BUY
    best = around.ask if is_buy else around.bid
    if best is None:
        return Denial("P08", "the best price of the other side is not known", remedy="wait")
    other = Decimal(repr(best))
    through = (price / other - 1 if is_buy else 1 - price / other) * _HUNDRED
    if through <= limit:
        return None
    text = f"price {price:f} goes {through:.2f} % through the book's best {other:f}"
    return _denied(text, limit, through, "through")


def _slipping(proposal: Proposal, around: Surroundings) -> Denial | None:
    limit = around.limits.slippage_pct
    if limit is None:
        return None
    slippage = _slippage_pct(proposal, around)
    if slippage is None:
        text = "the visible book is not deep enough for this MARKET order"
        return Denial("P08", text, observed="too thin", remedy="take less, or a LIMIT order")
    if slippage <= limit:
        return None
    return _denied(f"it would slip by {slippage:.2f} % of mid", limit, slippage, "slippage")


def _slippage_pct(proposal: Proposal, around: Surroundings) -> Decimal | None:
    """Of mid price, at the average price over the visible depth; None if that is too thin."""
    bid, ask = around.bid, around.ask
    if bid is None or ask is None:
        return None
    # The book is made of floats; an estimate needs no more.
    left, paid, quantity = float(proposal.request.quantity), 0.0, float(proposal.request.quantity)
    for price, there in around.depth:
        taken = min(left, there)
        paid += taken * price
        left -= taken
        if not left > 0:
            mid = (bid + ask) / 2
            return Decimal(repr(abs(paid / quantity / mid - 1))) * _HUNDRED
    return None


def _denied(text: str, limit: Decimal, seen: Decimal, name: str) -> Denial:
    remedy = f"come nearer, or relax risk.{name}_pct"
    return Denial("P08", text, f"at most {limit:f} %", f"{seen:.2f} %", remedy)


def _see_collar(proposal: Proposal, around: Surroundings) -> Reading:
    limits = around.limits
    if proposal.request.type is OrderType.LIMIT:
        return Reading("of the price", f"{limits.collar_pct} % of mark")
    if limits.slippage_pct is None:
        return Reading("not watched", "")
    seen = _slippage_pct(proposal, around)
    value = "unknown" if seen is None else f"{seen:.3f} % slippage"
    return Reading(value, f"{limits.slippage_pct:f} % of mid")


# --- P09 -----------------------------------------------------------------------------------------


def fresh_prices(proposal: Proposal, around: Surroundings) -> Denial | None:
    """P09: there is a mark price, it is fresh, and so is the book."""
    symbol, limits = proposal.request.symbol, around.limits
    if around.mark is None or around.mark_age_ms is None:
        return Denial("P09", f"no mark price of {symbol} yet", remedy="wait")
    if not around.mark_age_ms <= FRESH_MS:
        age = seconds(around.mark_age_ms)
        return Denial(
            "P09", f"the mark price is {age} old", "at most 5 s", age, "wait for the feed"
        )
    if limits.skew_ms is not None:
        skew = around.mark_skew_ms
        if skew is None or not abs(skew) <= limits.skew_ms:
            seen = seconds(skew)
            text = f"the mark price came {seen} after its own stamp"
            limit = f"at most {limits.skew_ms / 1000:g} s"
            return Denial("P09", text, limit, seen, "wait, and check this machine's clock")
    if limits.needs_book and not around.is_book_live:
        text = f"the book of {symbol} is not live: {around.book_trouble}"
        return Denial("P09", text, observed=around.book_trouble, remedy="wait for the feed")
    return None


def _see_prices(_proposal: Proposal, around: Surroundings) -> Reading:
    mark = "no mark" if around.mark is None else f"mark {around.mark:f}"
    book = "book live" if around.is_book_live else f"book {around.book_trouble or 'not live'}"
    limit = "5 s, book live" if around.limits.needs_book else "5 s"
    return Reading(f"{mark}, {book}", limit, around.mark_age_ms)


# --- P21 -----------------------------------------------------------------------------------------


def funding_bearable(proposal: Proposal, around: Surroundings) -> Denial | None:
    """P21: the next funding is far, or costs little; off unless configured."""
    limit = around.limits.funding_pct
    if limit is None:
        return None
    left_ms = around.funding_time_ms - around.time_ms
    if around.funding_rate is None or around.funding_time_ms <= 0:
        return Denial("P21", "the next funding is not known", remedy="wait for the feed")
    if left_ms > around.limits.funding_minutes * _MINUTE_MS:
        return None
    cost = proposal.request.side.sign * around.funding_rate * _HUNDRED
    if cost <= limit:
        return None
    text = f"funding in {left_ms / _MINUTE_MS:.1f} min costs {cost:.4f} %"
    return Denial("P21", text, f"at most {limit:f} %", f"{cost:.4f} %", "wait until it is over")


def _see_funding(_proposal: Proposal, around: Surroundings) -> Reading:
    limit = around.limits.funding_pct
    if limit is None:
        return Reading("not watched", "")
    rate = around.funding_rate
    value = "unknown" if rate is None else f"{rate * _HUNDRED:.4f} %"
    return Reading(value, f"{limit:f} % within {around.limits.funding_minutes} min")


P08: Final = Control("P08", "price collar", price_collar, _see_collar)
P09: Final = Control("P09", "fresh prices", fresh_prices, _see_prices)
P21: Final = Control("P21", "funding", funding_bearable, _see_funding)
