"""Every limit in force by its key, as a signature keeps it (R66)."""

from decimal import Decimal
from typing import Final

from botcore_tui.cli.desk_settings import exact
from botcore_tui.config import Config
from botcore_tui.config.catalogue import KEYS, Value, value_of
from botcore_tui.core.checks import plain
from botcore_tui.core.phase import Caps

_SECTIONS: Final = frozenset({"risk", "breaker", "protection", "dead_man"})


def limits_in_force(config: Config, caps: Caps, phase: str) -> tuple[tuple[str, str], ...]:
    """Keys of the configuration that limit risk, each with the tighter of itself and the phase.

    Args:
        config: Checked.
        caps: In force.
        phase: In force.
    """
    lowered = {
        "breaker.daily_loss_pct": caps.daily_loss_pct,
        "breaker.drawdown_pct": caps.drawdown_pct,
        "risk.max_leverage": caps.max_leverage,
        "risk.max_positions": Decimal(caps.max_positions),
        "risk.risk_pct": caps.risk_pct,
    }
    limits = [("phase", phase)]
    for name, key in KEYS.items():
        if key.section in _SECTIONS:
            value = lowered.get(name)
            text = _text(value_of(config, key)) if value is None else plain(value)
            limits.append((name, text))
    return tuple(limits)


def _text(value: Value) -> str:
    return plain(exact(value)) if isinstance(value, float) else str(value)
