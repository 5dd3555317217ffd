"""The keys of the configuration: type, default, bounds and meaning of each stand here only."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, Strict, model_validator

from botcore_tui.config.alerts import AlertSettings
from botcore_tui.config.checks import ChecksSettings
from botcore_tui.config.demo import DemoSettings
from botcore_tui.config.environments import Environment, Hosts, refused_hosts
from botcore_tui.config.ledger import LedgerSettings
from botcore_tui.config.section import Allowed, Section, contradiction
from botcore_tui.config.strategy import StrategySettings
from botcore_tui.config.symbols import SymbolList
from botcore_tui.config.trading import (
    BreakerSettings,
    DeadManSettings,
    ProtectionSettings,
    RiskSettings,
    TradingSettings,
)


def _whole(value: object) -> object:
    # To pydantic 100.0 is the literal 100, to a person who reads the message it is not.
    if type(value) is not int:
        raise ValueError("not a whole number")
    return value


_Symbols = Annotated[
    SymbolList, Allowed('1 to 20 different symbols in upper case, such as ["BTCUSDT", "ETHUSDT"]')
]
_ThemeName = Annotated[str, Allowed("a name of a-z, 0-9 and hyphens, at most 64 characters long")]


def _check_order(base: float, cap: float, prefix: str) -> None:
    if cap < base:
        name = f"{prefix}_base_seconds"
        raise contradiction(
            f"must not be less than {name} = {base}", f"{prefix}_cap_seconds", others=(name,)
        )


class StreamSettings(Section):
    """How market data connections are made, watched and replaced."""

    connect_seconds: float = Field(
        default=10, gt=0, le=120, description="Longest time for one connection to be made."
    )
    first_frame_seconds: float = Field(
        default=10,
        gt=0,
        le=300,
        description="Longest silence of a new subscription before it counts as failed; the venue"
        " acknowledges a stream it will never send.",
    )
    backoff_base_seconds: float = Field(
        default=1,
        gt=0,
        le=60,
        description="Wait before the first reconnection; each further one waits twice as long.",
    )
    backoff_cap_seconds: float = Field(
        default=60, gt=0, le=3600, description="Longest wait between two reconnections."
    )
    backoff_jitter_pct: float = Field(
        default=25,
        ge=0,
        le=100,
        description="Random part of each wait, up or down, so that streams do not return together.",
    )
    stable_seconds: float = Field(
        default=60,
        gt=0,
        le=3600,
        description="A connection that lived this long makes the next wait a first one again.",
    )
    alarm_failures: int = Field(
        default=10,
        ge=1,
        le=1000,
        description="Failures in a row that raise the alarm; reconnecting goes on regardless.",
    )
    rollover_hours: float = Field(
        default=23,
        gt=0,
        lt=24,
        description="Age at which a connection is replaced; the venue cuts it at 24 hours.",
    )
    subscribe_per_second: float = Field(
        default=5,
        gt=0,
        le=8,
        description="Control messages per connection; the venue cuts beyond 10, pings included.",
    )
    depth_interval_ms: Annotated[Literal[100, 250, 500], BeforeValidator(_whole)] = Field(
        default=100, description="How often the venue sends changes of the order book."
    )

    @model_validator(mode="after")
    def _cap_not_below_base(self) -> Self:
        _check_order(self.backoff_base_seconds, self.backoff_cap_seconds, "backoff")
        return self


class StalenessSettings(Section):
    """When data that stopped coming counts as stale: the greater of floor and usual gap."""

    depth_seconds: float = Field(
        default=1,
        gt=0,
        le=60,
        description="Floor for the order book: for silence, and for how late its updates come.",
    )
    trade_seconds: float = Field(default=30, gt=0, le=3600, description="Floor for trades.")
    mark_seconds: float = Field(default=3, gt=0, le=60, description="Floor for mark prices.")
    gap_multiple: int = Field(
        default=10,
        ge=1,
        le=1000,
        description="Stale after this many times the stream's own median gap, if that is longer"
        " than the floor.",
    )


class LimitSettings(Section):
    """How much is asked of the venue."""

    weight_per_minute: int = Field(
        default=1200,
        ge=100,
        le=2400,
        description="Request weight that may be used in a minute; the venue's own limit, usually"
        " 2400, holds where it is lower. Queries may fill 60 percent of it, the rest is kept for"
        " orders and cancels.",
    )


class BookSettings(Section):
    """How order books are fetched before they are kept up to date."""

    snapshot_limit: Annotated[Literal[100, 500, 1000], BeforeValidator(_whole)] = Field(
        default=1000,
        description="Levels per side in a snapshot; they cost 5, 10 and 20 request weight.",
    )
    snapshot_backoff_base_seconds: float = Field(
        default=0.5,
        gt=0,
        le=60,
        description="Wait before asking for a second snapshot; each further one waits twice as"
        " long.",
    )
    snapshot_backoff_cap_seconds: float = Field(
        default=30, gt=0, le=600, description="Longest wait between two snapshot requests."
    )

    @model_validator(mode="after")
    def _cap_not_below_base(self) -> Self:
        _check_order(
            self.snapshot_backoff_base_seconds,
            self.snapshot_backoff_cap_seconds,
            "snapshot_backoff",
        )
        return self


class EngineSettings(Section):
    """The thread that trades, beside the one that draws."""

    inbox_capacity: int = Field(
        default=8192,
        ge=64,
        le=1_048_576,
        description="Events that may wait for the engine before sockets are no longer read.",
    )
    switch_interval_ms: float = Field(
        default=0.2,
        ge=0.01,
        le=100,
        description="How soon Python lets a waiting thread run; its own default is 5.",
    )
    pin_cores: bool = Field(
        default=True, description="Keep engine and cockpit on different processor cores."
    )
    use_uvloop: bool = Field(
        default=True, description="Run the engine on uvloop where it is installed."
    )


class UiSettings(Section):
    """The cockpit."""

    theme: _ThemeName = Field(
        default="cb-dark",
        pattern=r"^[a-z0-9][a-z0-9-]{0,63}$",
        description="Colours; cb-dark can be told apart by colour-blind eyes.",
    )
    frames_per_second: int = Field(
        default=10, ge=1, le=10, description="How often the screen is drawn, at most."
    )
    interval: Literal["1s", "5s", "15s", "1m", "5m", "15m", "1h"] = Field(
        default="1m", description="Length of a bar on the chart at start."
    )
    on_disconnect: Literal["continue", "halt"] = Field(
        default="continue",
        description="What the engine does when the terminal goes away, as with a lost SSH line.",
    )
    low_bandwidth: bool = Field(
        default=False, description="Draw less and less often, for slow lines."
    )


class RecordingSettings(Section):
    """Tapes of the market data received."""

    rotate_mb: int = Field(
        default=512,
        ge=1,
        le=65_536,
        description="Size at which a new tape is begun, in 1,000,000 bytes.",
    )


class LoggingSettings(Section):
    """The log file."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Least severity that is written."
    )
    keep_files: int = Field(
        default=5, ge=1, le=100, description="Full log files kept beside the newest."
    )
    file_mb: int = Field(
        default=10,
        ge=1,
        le=1000,
        description="Size at which a new file is begun, in 1,000,000 bytes.",
    )


class ReplaySettings(Section):
    """Playing tapes back."""

    speed: float = Field(default=1, gt=0, le=1000, description="Multiple of real time at start.")


class Config(Section):
    """Everything a person can set, checked as a whole."""

    environment: Annotated[Environment, Strict(strict=False)] = Field(
        default=Environment.DEMO,
        description="Which market and which account: demo starts an exchange on this machine;"
        " replay plays a tape; paper shows the real market and sends no orders; testnet is the"
        " venue's own play money; production is real money.",
    )
    symbols: _Symbols = Field(
        default=("BTCUSDT",), min_length=1, max_length=20, description="Contracts to follow."
    )
    trading: TradingSettings = TradingSettings()
    risk: RiskSettings = RiskSettings()
    breaker: BreakerSettings = BreakerSettings()
    dead_man: DeadManSettings = DeadManSettings()
    protection: ProtectionSettings = ProtectionSettings()
    strategy: StrategySettings = StrategySettings()
    checks: ChecksSettings = ChecksSettings()
    streams: StreamSettings = StreamSettings()
    staleness: StalenessSettings = StalenessSettings()
    limits: LimitSettings = LimitSettings()
    ledger: LedgerSettings = LedgerSettings()
    book: BookSettings = BookSettings()
    engine: EngineSettings = EngineSettings()
    ui: UiSettings = UiSettings()
    recording: RecordingSettings = RecordingSettings()
    logging: LoggingSettings = LoggingSettings()
    alerts: AlertSettings = AlertSettings()
    demo: DemoSettings = DemoSettings()
    replay: ReplaySettings = ReplaySettings()
    hosts: Hosts = Hosts()

    @model_validator(mode="after")
    def _traded_symbols_are_followed(self) -> Self:
        for name in ("symbols", "strategy_symbols"):
            if not set(getattr(self.trading, name)) <= set(self.symbols):
                reason = "each must be in `symbols`"
                raise contradiction(reason, f"trading.{name}", others=("symbols",))
        return self

    @model_validator(mode="after")
    def _hosts_fit_environment(self) -> Self:
        refused = refused_hosts(self.environment, self.hosts)
        if refused:
            # An environment that refuses one refuses all, for the same reason.
            keys = [f"hosts.{name}" for name in refused]
            raise contradiction(next(iter(refused.values())), *keys, others=("environment",))
        return self
