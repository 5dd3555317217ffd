"""Keys of trading: whether anything may, how much is risked, how a position is protected."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from botcore_tui.config.section import Allowed, Section, contradiction
from botcore_tui.config.symbols import SymbolList

_Symbols = Annotated[SymbolList, Allowed('contracts of `symbols`, such as ["BTCUSDT"]')]


class TradingSettings(Section):
    """Whether anything may trade."""

    enabled: bool = Field(
        default=False,
        description="Let people and strategies send orders; in production each session is confirmed"
        " by a person besides. Off until a person turns it on.",
    )
    symbols: _Symbols = Field(
        default=(),
        max_length=20,
        description="Contracts in which positions may be raised; empty for all that are followed."
        " The others can still be reduced.",
    )
    strategy_symbols: _Symbols = Field(
        default=(),
        max_length=20,
        description="Those in which strategies may; empty for the same.",
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
    # The start values below are those of the design; no regulation gives any. What would justify
    # another one stands with each.
    max_order_share_pct: float = Field(
        default=25,
        ge=1,
        le=100,
        description="Most that one such order may be worth, of the phase's capital x leverage:"
        " a typing error should not be the whole account.",
    )
    max_symbol_share_pct: float = Field(
        default=100,
        ge=1,
        le=100,
        description="Most that one contract may take of equity x leverage; less spreads the risk"
        " where several are traded.",
    )
    max_volume_share_pct: float = Field(
        default=5,
        ge=0.01,
        le=100,
        description="Most that one order may be of the volume of a usual minute (median of the"
        " last 30): more would move the price against itself.",
    )
    collar_pct: float = Field(
        default=2,
        ge=0.01,
        le=50,
        description="Distance of a LIMIT price from the mark: beyond it is more likely a slip of"
        " the finger than a wish.",
    )
    through_pct: float = Field(
        default=0.3,
        ge=0,
        le=10,
        description="How far a LIMIT price may go through the best price of the other side.",
    )
    slippage_pct: float = Field(
        default=0.5,
        ge=0.01,
        le=10,
        description="Most that a MARKET order may slip from the mid price, by the visible book.",
    )
    fill_slippage_pct: float = Field(
        default=0.3,
        ge=0.01,
        le=10,
        description="A strategy with three fills in a day that are farther from the mid price of"
        " their decision is disabled until a person enables it.",
    )
    venue_leverage: int = Field(
        default=20,
        ge=1,
        le=125,
        description="Leverage that a contract may be set to at the venue; 20 is what the venue"
        " sets itself. A phase lowers it to its own. It is not what may be traded with: that is"
        " max_leverage.",
    )
    margin_type: Literal["CROSSED", "ISOLATED"] = Field(
        default="CROSSED", description="Margin type that each contract must have at the venue."
    )
    liquidation_stops: float = Field(
        default=2,
        ge=1,
        le=100,
        description="The estimated liquidation price must be this many times as far away as the"
        " stop, so that a gap through the stop does not end in it.",
    )
    liquidation_pct: float = Field(
        default=10,
        ge=1,
        le=90,
        description="It must be this far from the mark besides.",
    )
    maintenance_pct: float = Field(
        default=2.5,
        ge=0.1,
        le=50,
        description="Of the notional, what the venue takes for maintenance in that estimate; it"
        " is 0.4 for small positions in BTCUSDT and grows with size and in smaller contracts.",
    )
    strategy_orders_per_second: float = Field(
        default=2, ge=0.1, le=20, description="Entries that one strategy may send."
    )
    account_orders_per_second: float = Field(
        default=10,
        ge=1,
        le=25,
        description="Orders of the account; entries leave a fifth of it to what reduces. The"
        " venue takes 30.",
    )
    orders_per_fill: int = Field(
        default=50,
        ge=1,
        le=1000,
        description="Orders for each one that is filled, over ten minutes; the venue penalises"
        " more than some hundred.",
    )
    funding_pct: float = Field(
        default=0,
        ge=0,
        le=5,
        description="No entry shortly before a funding that would cost it more than this share of"
        " its worth; 0 turns this off.",
    )
    funding_minutes: int = Field(
        default=15, ge=1, le=480, description="How long before a funding that is looked at."
    )
    clock_offset_ms: int = Field(
        default=500,
        ge=10,
        le=5000,
        description="Most that this machine's clock may be off the venue's; in demo the exchange"
        " has a clock of its own and nobody asks.",
    )
    clock_doubt_ms: int = Field(
        default=250, ge=10, le=2500, description="Most that this difference may be uncertain by."
    )


class BreakerSettings(Section):
    """When losses halt trading, or a standstill reduces it; none of these can be turned off."""

    daily_loss_pct: float = Field(
        default=5,
        ge=0.1,
        le=50,
        description="Lost since 00:00 UTC, of the equity then; the phase's limit holds where it"
        " is lower, here as below.",
    )
    drawdown_pct: float = Field(
        default=15,
        ge=0.1,
        le=90,
        description="Lost since the highest equity, of that; deposits and withdrawals move it.",
    )
    hour_loss_pct: float = Field(
        default=2,
        ge=0.1,
        le=50,
        description="Lost within any 60 minutes, so that midnight renews no budget.",
    )
    rolling_day_loss_pct: float = Field(
        default=5, ge=0.1, le=50, description="Lost within any 24 hours."
    )
    standstill_seconds: float = Field(
        default=1,
        ge=0.2,
        le=8,
        description="How long the engine may stand still, as on a machine that has too much to do,"
        " before trading is REDUCING; after 10 seconds it is halted whatever stands here.",
    )
    on_trip: Literal["hold", "flatten"] = Field(
        default="hold",
        description="What happens to positions when a breaker trips: hold leaves them to their"
        " stops, flatten closes them at market. Entries are cancelled either way.",
    )


class DeadManSettings(Section):
    """The venue cancels resting entries by itself when it does not hear from the program."""

    countdown_seconds: float = Field(
        default=120,
        ge=10,
        le=600,
        description="How long the venue waits before it cancels them.",
    )
    refresh_seconds: float = Field(
        default=30,
        ge=2,
        le=150,
        description="How often it is told to wait; trading halts when it misses that twice.",
    )

    @model_validator(mode="after")
    def _two_may_be_missed(self) -> Self:
        if self.refresh_seconds * _REFRESHES > self.countdown_seconds:
            reason = f"must be at most a third of countdown_seconds = {self.countdown_seconds:g}"
            raise contradiction(reason, "refresh_seconds", others=("countdown_seconds",))
        return self


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
        le=20,
        description="Distance of a trailing stop from the best price since the entry of a"
        " strategy, beside the stop; 0 sets none.",
    )

    @model_validator(mode="after")
    def _trail_is_one_the_venue_takes(self) -> Self:
        # Binance USD-M, new algo order: callbackRate is at least 0.1.
        if 0 < self.trail_pct < _LEAST_TRAIL_PCT:
            raise contradiction(f"must be 0 or at least {_LEAST_TRAIL_PCT}", "trail_pct", others=())
        return self


_LEAST_TRAIL_PCT = 0.1
_REFRESHES = 3
"""Of the dead-man's countdown: two missed ones must not let it run out yet."""
