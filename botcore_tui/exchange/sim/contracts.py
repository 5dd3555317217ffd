"""Contracts of the embedded exchange: steps, limits, margin brackets, and numbers to text and back.

A price is a whole number of ticks, a quantity of lots, money of atoms (10**-8 USDT): nothing is
ever rounded on its way through the book.
"""

from decimal import Decimal
from typing import Final

from msgspec import Struct

from botcore_tui.exchange.sim.money import ATOMS, rounded, scaled_text

RATE: Final = 10**8
"""Rates (fees, margins, funding) are whole numbers of 10**-8."""
ONBOARD_MS: Final = 1_569_398_400_000
"""When perpetuals were listed, as the venue says it."""
DELIVERY_MS: Final = 4_133_404_800_000
"""When perpetuals are delivered, as the venue says it: 2100-12-25."""


class Bracket(Struct, frozen=True):
    """One step of a contract's leverage table."""

    number: int
    leverage: int
    """Highest one up to ``cap``."""
    floor: int
    """Smallest notional, USDT."""
    cap: int
    """Largest notional, USDT."""
    maintenance: int
    """Maintenance margin rate, 10**-8."""
    cum: int
    """Taken off notional x rate so that margin has no jumps, atoms."""


class Contract(Struct, frozen=True):
    """A perpetual, margined in USDT.

    ``tick`` and ``step`` are in units of the last decimal: tick 0.10 written with two decimals is
    10, which is why prices on the wire end in 0.
    """

    symbol: str
    base: str
    price_decimals: int
    tick: int
    quantity_decimals: int
    step: int
    first_price: int
    """Where a synthetic market begins, ticks."""
    min_notional: int
    """USDT."""
    max_price: int
    """Ticks."""
    max_lots: int
    market_max_lots: int
    brackets: tuple[Bracket, ...]
    band: int = 5_000_000
    """PERCENT_PRICE: distance of a limit price from the mark, 10**-8."""
    market_take_bound: int = 5_000_000
    """How far a market order may run from the mark, 10**-8."""
    trigger_protect: int = 5_000_000
    liquidation_fee: int = 1_250_000
    status: str = "TRADING"
    tick_multiple: int = 1
    """Of ticks that a price must be; more than 1 once the venue has coarsened its steps, while
    the book goes on in the old ones."""
    step_multiple: int = 1
    """The same of lots."""

    @property
    def unit(self) -> int:
        """Atoms of one tick times one lot; whole for every contract here."""
        exponent = 8 - self.price_decimals - self.quantity_decimals
        return int(self.tick * self.step * 10**exponent)

    @property
    def price_atoms(self) -> int:
        """Atoms of one tick."""
        return int(self.tick * 10 ** (8 - self.price_decimals))

    def notional(self, ticks: int, lots: int) -> int:
        """Worth of lots at a price, atoms."""
        return ticks * lots * self.unit

    def worth(self, price_atoms: int, lots: int) -> int:
        """Worth of lots at a price that is no whole number of ticks (mark, index), atoms."""
        return rounded(price_atoms * lots * self.step, int(10**self.quantity_decimals))

    def ticks_at(self, price_atoms: int, *, is_up: bool = False) -> int:
        """Ticks of a price that is no whole number of them; the next below, or above."""
        return -(-price_atoms // self.price_atoms) if is_up else price_atoms // self.price_atoms

    def price_text(self, ticks: int) -> str:
        """A price as the venue writes it."""
        return scaled_text(ticks * self.tick, self.price_decimals)

    def quantity_text(self, lots: int) -> str:
        """A quantity as the venue writes it."""
        return scaled_text(lots * self.step, self.quantity_decimals)

    def worth_text(self, worth: int) -> str:
        """Worth of whole lots (atoms): it has no more digits than price and quantity together."""
        decimals = self.price_decimals + self.quantity_decimals
        return scaled_text(worth // int(10 ** (8 - decimals)), decimals)

    def average_text(self, notional: int, lots: int) -> str:
        """Average price of a worth (atoms) in lots as the venue writes it; zero for none."""
        return scaled_text(self.average(notional, lots), 8) if lots else "0.00000"

    def average(self, notional: int, lots: int) -> int:
        """Average price of a worth in lots, atoms; 0 for none."""
        if not lots:
            return 0
        return abs(rounded(notional * 10**self.quantity_decimals, abs(lots) * self.step))

    def ticks(self, price: Decimal) -> int | None:
        """Ticks of a price; None where it is between two."""
        return _steps(price, self.price_decimals, self.tick, self.tick_multiple)

    def lots(self, quantity: Decimal) -> int | None:
        """Lots of a quantity; None where it is between two."""
        return _steps(quantity, self.quantity_decimals, self.step, self.step_multiple)

    def bracket(self, notional: int) -> Bracket:
        """The step of the leverage table for a notional in atoms."""
        for bracket in self.brackets:
            if abs(notional) <= bracket.cap * ATOMS:
                return bracket
        return self.brackets[-1]


def _steps(value: Decimal, decimals: int, step: int, multiple: int) -> int | None:
    # As a fraction, not as a decimal: that would forget digits beyond the 28th.
    top, bottom = value.as_integer_ratio()
    units, rest = divmod(top * int(10**decimals), bottom * step)
    return units if not rest and units % multiple == 0 else None


_LADDER: Final = (
    # leverage, share of the largest notional in a thousand, maintenance rate; the shape of
    # BTCUSDT's table (Binance, leverage and margin tiers).
    (125, 1, 400_000),
    (100, 2, 500_000),
    (75, 8, 650_000),
    (50, 30, 1_000_000),
    (25, 100, 2_000_000),
    (20, 200, 2_500_000),
    (10, 300, 5_000_000),
    (5, 400, 10_000_000),
    (4, 500, 12_500_000),
    (3, 700, 15_000_000),
    (2, 850, 25_000_000),
    (1, 1000, 50_000_000),
)


def _brackets(leverage: int, largest: int) -> tuple[Bracket, ...]:
    brackets: list[Bracket] = []
    for highest, share, rate in _LADDER:
        if highest > leverage:
            continue
        floor = brackets[-1].cap if brackets else 0
        before = brackets[-1] if brackets else None
        cum = 0 if before is None else before.cum + floor * (rate - before.maintenance)
        cap = largest * share // 1000
        brackets.append(Bracket(len(brackets) + 1, highest, floor, cap, rate, cum))
    return tuple(brackets)


class _Row(Struct, frozen=True):
    """Price and quantity steps as the venue writes them, and sizes in proportion to the price."""

    price: str
    tick: str
    step: str
    min_notional: int = 5
    leverage: int = 75
    largest: int = 100_000_000


_ROWS: Final = {
    "BTCUSDT": _Row("61659.70", "0.10", "0.001", 100, 125, 1_000_000_000),
    "ETHUSDT": _Row("2634.51", "0.01", "0.001", 20, 100, 500_000_000),
    "BNBUSDT": _Row("521.370", "0.010", "0.01", 5, 75, 100_000_000),
    "SOLUSDT": _Row("152.3400", "0.0100", "0.01", 5, 100, 200_000_000),
    "XRPUSDT": _Row("0.6113", "0.0001", "0.1", 5, 75, 100_000_000),
    "DOGEUSDT": _Row("0.104280", "0.000010", "1", 5, 75, 50_000_000),
    "ADAUSDT": _Row("0.33620", "0.00010", "1", 5, 75, 50_000_000),
    "LINKUSDT": _Row("10.465", "0.001", "0.01", 20, 75, 50_000_000),
    "LTCUSDT": _Row("60.31", "0.01", "0.001", 20, 75, 50_000_000),
}
_OTHER: Final = _Row("152.3400", "0.0100", "0.01")
_LONGEST_SYMBOL: Final = 30
_MOST_WORTH: Final = 50_000_000
"""Largest limit order, USDT at the first price."""


def contract(symbol: str, price: str = "", tick: str = "", step: str = "") -> Contract:
    """The contract of a symbol, made up where it is not one of the well-known ones.

    Args:
        symbol: Upper case, ends in ``USDT``.
        price: First price as text, instead of the usual one; so ``tick`` and ``step``, with the
            decimals that prices and quantities are written with.

    Raises:
        ValueError: The symbol does not end in ``USDT``, or names no base asset; or the steps are
            too fine for money in whole atoms.
    """
    base = symbol.removesuffix("USDT")
    is_name = symbol == symbol.upper() and symbol.isalnum() and len(symbol) <= _LONGEST_SYMBOL
    if base in {"", symbol} or not is_name:
        raise ValueError(f"{symbol!r} is no contract margined in USDT, such as BTCUSDT")
    row = _ROWS.get(symbol, _OTHER)
    tick, step, price = tick or row.tick, step or row.step, price or row.price
    price_decimals, quantity_decimals = _decimals(tick), _decimals(step)
    if price_decimals + quantity_decimals > 8:
        raise ValueError(f"a tick of {tick} times a lot of {step} {base} is less than 10^-8 USDT")
    tick_units = int(Decimal(tick).scaleb(price_decimals))
    step_units = int(Decimal(step).scaleb(quantity_decimals))
    first = int(Decimal(price).scaleb(price_decimals)) // tick_units
    lot_worth = Decimal(price) * Decimal(step)
    max_lots = max(1, int(_MOST_WORTH / lot_worth))
    return Contract(
        symbol=symbol,
        base=base,
        price_decimals=price_decimals,
        tick=tick_units,
        quantity_decimals=quantity_decimals,
        step=step_units,
        first_price=first,
        min_notional=row.min_notional,
        max_price=first * 75,
        max_lots=max_lots,
        market_max_lots=max(1, max_lots // 8),
        brackets=_brackets(row.leverage, row.largest),
    )


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])
