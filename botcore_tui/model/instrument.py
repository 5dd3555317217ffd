"""A tradable contract: its steps and the decimals its numbers are written with."""

from msgspec import Struct


class Instrument(Struct, frozen=True):
    """What formatting and grouping need to know of a contract.

    ``price_decimals`` and ``quantity_decimals`` are the digits the venue writes behind the point;
    ``tick`` is the smallest price step seen or published (quote units).
    """

    symbol: str
    price_decimals: int
    quantity_decimals: int
    tick: float
