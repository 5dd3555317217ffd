"""Limits in force: the tightest of configuration and phase, then what is relaxed for a while."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from msgspec.structs import replace

from botcore_tui.core.gate_terms import Limits
from botcore_tui.core.phase import PhaseRules

RELAXABLE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "risk.risk_pct": "risk_pct",
        "risk.max_leverage": "max_leverage",
        "risk.max_positions": "max_positions",
        "risk.max_order_notional": "max_order_notional",
        "risk.max_order_share_pct": "order_share_pct",
        "risk.max_symbol_share_pct": "symbol_share_pct",
        "risk.max_volume_share_pct": "volume_share_pct",
        "risk.collar_pct": "collar_pct",
        "risk.through_pct": "through_pct",
        "risk.slippage_pct": "slippage_pct",
    }
)
"""Keys of the configuration that may be relaxed, and their fields: larger is looser of each."""


def tightest(limits: Limits, rules: PhaseRules | None) -> Limits:
    """The tighter of configuration and phase, limit by limit.

    Args:
        limits: Of the configuration.
        rules: Of the phase in force; None where none is.
    """
    if rules is None:
        return limits
    venue_leverage = limits.venue_leverage
    if venue_leverage is not None:
        # R28: the venue itself is set to no more than the phase allows.
        venue_leverage = max(1, min(venue_leverage, int(rules.max_leverage)))
    return replace(
        limits,
        risk_pct=min(limits.risk_pct, rules.risk_pct),
        max_leverage=min(limits.max_leverage, rules.max_leverage),
        max_positions=min(limits.max_positions, rules.max_positions),
        venue_leverage=venue_leverage,
    )


def relaxed(limits: Limits, values: Iterable[tuple[str, Decimal]]) -> Limits:
    """The same with some limits relaxed; none becomes tighter by it.

    Args:
        limits: In force without.
        values: Key of the configuration and value of each.
    """
    changes: dict[str, Decimal | int] = {}
    for key, value in values:
        normal = normal_of(limits, key)
        if normal is not None and value > normal:
            name = RELAXABLE[key]
            changes[name] = int(value) if name == "max_positions" else value
    return replace(limits, **changes) if changes else limits


def normal_of(limits: Limits, key: str) -> Decimal | None:
    """The value of a limit that may be relaxed; None if it may not, or does not hold."""
    name = RELAXABLE.get(key)
    value = getattr(limits, name) if name else None
    return Decimal(value) if value else None
