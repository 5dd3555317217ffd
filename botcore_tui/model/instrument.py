"""A tradable contract: its steps, the limits of its orders, and the digits of its numbers."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from msgspec import Struct

from botcore_tui.model.market import Side

SETTLEMENT_ASSET: Final = "USDT"
"""In which the account's limits, losses and sums are counted."""


class Instrument(Struct, frozen=True):
    """What formatting and grouping need to know of a contract.

    ``price_decimals`` and ``quantity_decimals`` are the digits the venue writes behind the point;
    ``tick`` is the smallest price step seen or published (quote units).
    """

    symbol: str
    price_decimals: int
    quantity_decimals: int
    tick: float


class ContractRules(Struct, frozen=True, kw_only=True):
    """The venue's filters for orders of one contract (P05).

    Source: Binance USD-M ``GET /fapi/v1/exchangeInfo``: PRICE_FILTER, LOT_SIZE, MARKET_LOT_SIZE,
    MIN_NOTIONAL, PERCENT_PRICE.
    """

    symbol: str
    status: str
    """TRADING, or why it is not."""
    tick: Decimal
    min_price: Decimal
    max_price: Decimal
    step: Decimal
    min_quantity: Decimal
    max_quantity: Decimal
    market_step: Decimal
    market_min_quantity: Decimal
    market_max_quantity: Decimal
    min_notional: Decimal
    """Not for reducing orders."""
    multiplier_up: Decimal
    """A BUY price may not be above mark x this."""
    multiplier_down: Decimal
    """A SELL price may not be below mark x this."""
    max_orders: int = 0
    """Orders that may rest in the contract's book; 0: not told."""

    def round_price(self, price: Decimal, side: Side) -> Decimal:
        """To the tick, towards the less aggressive side: down to buy, up to sell."""
        rounding = ROUND_FLOOR if side is Side.BUY else ROUND_CEILING
        return (price / self.tick).to_integral_value(rounding) * self.tick

    def round_trigger(self, price: Decimal, side: Side) -> Decimal:
        """Trigger of a protective order, to the tick: away from the market is never farther.

        A stop that sells is rounded up and one that buys down, so that the loss it allows is not
        above what was meant.
        """
        rounding = ROUND_CEILING if side is Side.SELL else ROUND_FLOOR
        return (price / self.tick).to_integral_value(rounding) * self.tick

    def round_quantity(self, quantity: Decimal, *, is_market: bool = False) -> Decimal:
        """Down to the step; zero if not even one is left."""
        step = self.market_step if is_market else self.step
        return (quantity / step).to_integral_value(ROUND_FLOOR) * step


def settles_in(symbol: str, asset: str) -> bool:
    """Whether profit and loss of a contract are paid in that asset.

    Binance USD-M: a contract is margined in its quote asset, with which its name ends; one that is
    delivered has its date behind that (``BTCUSDT_261225``).
    """
    return symbol.partition("_")[0].endswith(asset)
