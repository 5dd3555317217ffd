"""Keys of trading: whether anything may, how much is risked, how a position is protected."""

from typing import Self

from pydantic import Field, model_validator

from botcore_tui.config.section import Section, contradiction


class TradingSettings(Section):
    """Whether anything may trade."""

    enabled: bool = Field(
        default=False,
        description="Let people and strategies send orders, in demo and on testnet. Off until a"
        " person turns it on.",
    )


class RiskSettings(Section):
    """How much may be risked; percents are positive numbers."""

    risk_pct: float = Field(
        default=2,
        ge=0.01,
        le=5,
        description="Share of the equity that is lost if the stop of a position is hit.",
    )
    max_leverage: float = Field(
        default=1,
        ge=0.1,
        le=5,
        description="Most that all positions and entries are worth, as a multiple of the equity.",
    )
    max_positions: int = Field(
        default=3, ge=1, le=20, description="Contracts in which a position may be held at once."
    )
    max_order_notional: float = Field(
        default=0,
        ge=0,
        le=1_000_000_000,
        description="Most that one order which raises a position may be worth, in USDT; 0 turns"
        " this limit off.",
    )


class ProtectionSettings(Section):
    """How a position is protected at the venue; percents are distances from the entry."""

    stop_pct: float = Field(
        default=3.5,
        ge=0.1,
        le=20,
        description="Stop of what gives none itself: strategies, and positions that are found"
        " without one.",
    )
    verify_seconds: float = Field(
        default=5,
        ge=1,
        le=30,
        description="Longest time for the venue to confirm a stop; after that the position is"
        " closed.",
    )
    target_pct: float = Field(
        default=0,
        ge=0,
        le=100,
        description="Where a strategy's position takes profit; 0 sets no target.",
    )
    trail_pct: float = Field(
        default=0,
        ge=0,
        le=10,
        description="Distance of a trailing stop from the best price since the entry of a"
        " strategy, beside the stop; 0 sets none.",
    )

    @model_validator(mode="after")
    def _trail_is_one_the_venue_takes(self) -> Self:
        # Binance USD-M, new algo order: callbackRate from 0.1 to 10.
        if 0 < self.trail_pct < _LEAST_TRAIL_PCT:
            raise contradiction(f"must be 0 or at least {_LEAST_TRAIL_PCT}", "trail_pct", others=())
        return self


_LEAST_TRAIL_PCT = 0.1
