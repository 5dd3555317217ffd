"""Money of the embedded exchange: whole numbers of 10**-8 USDT, so that sums are exact."""

from decimal import Decimal
from typing import Final

ATOMS: Final = 10**8
"""Atoms in one USDT."""


def atoms(text: str) -> int:
    """Atoms of a plain decimal such as ``5000`` or ``0.00000001``; digits beyond are cut off."""
    return int(Decimal(text) * ATOMS)


def money_text(value: int) -> str:
    """An amount as the venue writes it, with eight decimals."""
    sign = "-" if value < 0 else ""
    whole, rest = divmod(abs(value), ATOMS)
    return f"{sign}{whole}.{rest:08d}"


def rounded(numerator: int, denominator: int) -> int:
    """``numerator / denominator`` to the nearest whole number, halves away from zero.

    ``denominator`` is positive. The same for both signs, so that what one side pays the other gets.
    """
    half = denominator // 2
    if numerator >= 0:
        return (numerator + half) // denominator
    return -((-numerator + half) // denominator)


def scaled_text(value: int, decimals: int) -> str:
    """``value / 10**decimals`` as a plain decimal with so many digits behind the point."""
    if not decimals:
        return str(value)
    sign = "-" if value < 0 else ""
    whole, rest = divmod(abs(value), 10**decimals)
    return f"{sign}{whole}.{rest:0{decimals}d}"
