"""Reads an order ticket: what is typed becomes an order, or problems and why they are some.

The figures are estimates to decide by; what may be sent is for the engine's gate to say.
"""

import re
from decimal import Decimal
from typing import Final

from msgspec import Struct

from botcore_tui.model.event import TradingState
from botcore_tui.model.market import BookState, Side
from botcore_tui.model.order import LEAST_TRAIL_PCT, MOST_TRAIL_PCT, OrderType
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.reading import prices_late_ns

FIELDS: Final = ("size", "price", "stop", "target", "trail")
"""What is typed, in the order of the form."""

# Not what Decimal takes: exponents, infinities and underscores are slips here.
_NUMBER: Final = re.compile(r"[0-9]+(\.[0-9]+)?|\.[0-9]+", re.ASCII)
_MOST_DIGITS: Final = 12
"""On each side of the point, as on the command line; Decimal divides no more than 28 exactly."""


class Draft(Struct, frozen=True, kw_only=True):
    """A ticket as it is typed."""

    side: Side
    type: OrderType
    texts: dict[str, str]
    """By field; one that is missing or empty is not wanted."""


class Basis(Struct, frozen=True, kw_only=True):
    """What the figures are computed from."""

    symbol: str
    price_decimals: int
    quantity_decimals: int
    tick: Decimal
    best: Decimal | None
    """Best price of the other side: what a market order meets first."""
    held: Decimal
    """Signed position."""
    equity: Decimal | None
    taker_pct: Decimal


class Wanted(Struct, frozen=True, kw_only=True):
    """An order that can be asked for."""

    side: Side
    type: OrderType
    quantity: Decimal
    price: Decimal | None
    stop_price: Decimal | None
    target_price: Decimal | None
    trail_pct: Decimal | None
    reduce_only: bool


class Reading(Struct, frozen=True):
    """What became of a draft."""

    wanted: Wanted | None
    """None while there are problems."""
    problems: dict[str, str]
    """What is wrong and why, by field; a field that is only empty so far is among them."""
    figures: tuple[str, ...]
    """Lines to know before the order is sent."""


def basis_of(snapshot: Snapshot, side: Side, taker_pct: Decimal) -> Basis:
    """What a picture says of the shown contract and of the account."""
    account, book = snapshot.account, snapshot.book
    best = book.best_ask if side is Side.BUY else book.best_bid
    best = snapshot.last_price if best is None else best
    positions = account.positions if account is not None else ()
    held = [each.quantity for each in positions if each.symbol == snapshot.symbol]
    money = account.money if account is not None else None
    decimals = snapshot.price_decimals
    return Basis(
        symbol=snapshot.symbol,
        price_decimals=decimals,
        quantity_decimals=snapshot.quantity_decimals,
        tick=tick_of(snapshot),
        best=None if best is None else Decimal(f"{best:.{decimals}f}"),
        held=held[0] if held else Decimal(0),
        equity=money.equity if money is not None else None,
        taker_pct=taker_pct,
    )


def tick_of(snapshot: Snapshot) -> Decimal:
    """The contract's smallest step of a price, as the venue writes it."""
    return Decimal(f"{snapshot.tick:.10f}").normalize()


def number_of(text: str) -> Decimal:
    """A price, a size or a percentage as it is typed.

    Raises:
        ValueError: It is none, or too long; says so.
    """
    if _NUMBER.fullmatch(text) is None:
        raise ValueError(f"{text!r} is not a number")
    if max(map(len, text.split("."))) > _MOST_DIGITS:
        raise ValueError(f"too long: at most {_MOST_DIGITS} digits before and behind the point")
    return Decimal(text)


def cautions(snapshot: Snapshot, side: Side) -> tuple[str, ...]:
    """Why the engine may refuse an order at this moment, or the strategy undo it."""
    found = []
    if snapshot.state is not TradingState.ACTIVE:
        found.append(f"the engine is {snapshot.state}: it takes no order that adds risk")
    if snapshot.account is not None and snapshot.account.trouble:
        found.append(f"no entries now: {snapshot.account.trouble}")
    wishes = snapshot.account.wishes if snapshot.account is not None else ()
    warnings = (wish.warning(side) for wish in wishes if wish.symbol == snapshot.symbol)
    found += [warning for warning in warnings if warning]
    book = snapshot.book
    if book.state is not BookState.LIVE:
        why = f" ({book.reason})" if book.reason else ""
        found.append(f"the book is {book.state}{why}: its prices are not those of now")
    if late_ns := prices_late_ns(snapshot):
        found.append(f"mark and trades come {fmt.lapse(late_ns)} late: they are not those of now")
    return tuple(found)


def read(draft: Draft, basis: Basis) -> Reading:
    """Check a draft and compute its figures."""
    return _Reader(draft, basis).reading()


class _Reader:
    """One pass over a draft."""

    def __init__(self, draft: Draft, basis: Basis) -> None:
        self._draft = draft
        self._basis = basis
        self._problems: dict[str, str] = {}
        self._sign = draft.side.sign

    def reading(self) -> Reading:
        """All of it."""
        is_limit = self._draft.type is OrderType.LIMIT
        size = self._size()
        price = self._price("price") if is_limit else None
        if is_limit and price is None:
            self._say("price", "needed: a LIMIT order rests at its price")
        meets = price if is_limit else self._basis.best
        if not is_limit and meets is None:
            self._say("price", "no market price is known: use LIMIT")
        reduces = size is not None and self._reduces(size)
        stop = self._guard("stop", meets, direction=-1)
        target = self._guard("target", meets, direction=1)
        trail = self._trail()
        self._check_guards(stop, target, trail, reduces=reduces, has_size=size is not None)
        figures = () if size is None or meets is None else self._figures(size, meets, stop)
        if self._problems or size is None:
            return Reading(None, self._problems, figures)
        wanted = Wanted(
            side=self._draft.side,
            type=self._draft.type,
            quantity=size,
            price=price,
            stop_price=stop,
            target_price=target,
            trail_pct=trail,
            reduce_only=reduces,
        )
        return Reading(wanted, {}, figures)

    def _say(self, field: str, text: str) -> None:
        self._problems.setdefault(field, text)

    def _text(self, field: str) -> str:
        return self._draft.texts.get(field, "").strip()

    def _number(self, field: str) -> Decimal | None:
        text = self._text(field)
        if not text:
            return None
        try:
            value = number_of(text)
        except ValueError as problem:
            self._say(field, str(problem))
            return None
        if not value:
            self._say(field, "must be above zero")
            return None
        return value

    def _size(self) -> Decimal | None:
        size = self._number("size")
        if size is None:
            self._say("size", f"needed, in {self._basis.symbol} contract units")
        elif not _fits(size, Decimal(1).scaleb(-self._basis.quantity_decimals)):
            digits = self._basis.quantity_decimals
            self._say("size", f"at most {digits} digits behind the point")
            return None
        return size

    def _price(self, field: str) -> Decimal | None:
        price = self._number(field)
        if price is not None and not _fits(price, self._basis.tick):
            self._say(field, f"not a multiple of the tick {fmt.exact(self._basis.tick)}")
            return None
        return price

    def _reduces(self, size: Decimal) -> bool:
        held = self._basis.held
        return held * self._sign < 0 and size <= abs(held)

    def _guard(self, field: str, meets: Decimal | None, *, direction: int) -> Decimal | None:
        # A stop lies on the losing side of the price, a target on the winning one.
        price = self._price(field)
        if price is None or meets is None:
            return price
        way = direction * self._sign
        if (price - meets) * way <= 0:
            side = "above" if way > 0 else "below"
            self._say(field, f"must be {side} {fmt.exact(meets)}: this is a {self._draft.side}")
        return price

    def _trail(self) -> Decimal | None:
        trail = self._number("trail")
        if trail is not None and not LEAST_TRAIL_PCT <= trail <= MOST_TRAIL_PCT:
            self._say("trail", f"{LEAST_TRAIL_PCT} to {MOST_TRAIL_PCT} percent")
        return trail

    def _check_guards(
        self,
        stop: Decimal | None,
        target: Decimal | None,
        trail: Decimal | None,
        *,
        reduces: bool,
        has_size: bool,
    ) -> None:
        if not reduces:
            if has_size and stop is None:
                self._say("stop", "needed: the order raises the position")
            return
        for field, value in (("stop", stop), ("target", target), ("trail", trail)):
            if value is not None:
                self._problems[field] = "leave empty: the order only reduces the position"

    def _figures(self, size: Decimal, meets: Decimal, stop: Decimal | None) -> tuple[str, ...]:
        basis = self._basis
        notional = size * meets
        after = basis.held + self._sign * size
        about = "about " if self._draft.type is OrderType.MARKET else ""
        what = "  reduce-only" if self._reduces(size) else ""
        lines = [
            f"price     {about}{fmt.exact(meets)}",
            f"notional  {fmt.grouped(notional, 2)}{_of(notional, basis.equity)}",
        ]
        rate = basis.taker_pct / 100
        fees = notional * rate + size * (meets if stop is None else stop) * rate
        if self._reduces(size):
            fees = notional * rate
            lines.append(f"fee       {fmt.grouped(fees, 2)}  taker {fmt.exact(basis.taker_pct)}%")
        else:
            lines.append(
                f"fees      {fmt.grouped(fees, 2)} both sides  taker {fmt.exact(basis.taker_pct)}%"
            )
        if stop is not None and (meets - stop) * self._sign > 0 and not self._reduces(size):
            risk = abs(meets - stop) * size + fees
            lines.append(f"risk      {fmt.grouped(risk, 2)} incl. fees{_of(risk, basis.equity)}")
        elif not self._reduces(size):
            lines.append("risk      - until there is a stop")
        lines.append(f"position  {_position(basis.held)} -> {_position(after)}{what}")
        return tuple(lines)


def _fits(value: Decimal, step: Decimal) -> bool:
    return value % step == 0


def _of(amount: Decimal, equity: Decimal | None) -> str:
    if equity is None or equity <= 0:
        return "  - of equity"
    return f"  {fmt.fixed(amount / equity * 100, 2)}% of equity"


def _position(quantity: Decimal) -> str:
    if not quantity:
        return "flat"
    return f"{'LONG' if quantity > 0 else 'SHORT'} {fmt.exact(abs(quantity))}"
