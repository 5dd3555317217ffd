"""Configuration: what a person can set, where it came from, and why it was refused."""

from botcore_tui.config.alerts import AlertSettings
from botcore_tui.config.catalogue import KEYS, Key
from botcore_tui.config.demo import DemoSettings
from botcore_tui.config.environments import (
    CredentialVariables,
    Endpoints,
    Environment,
    Hosts,
    credential_variables,
    endpoints,
    is_real_money,
)
from botcore_tui.config.example import example_text, first_text
from botcore_tui.config.ledger import LedgerSettings
from botcore_tui.config.load import Loaded, load
from botcore_tui.config.models import (
    BookSettings,
    Config,
    EngineSettings,
    LimitSettings,
    LoggingSettings,
    RecordingSettings,
    ReplaySettings,
    StalenessSettings,
    StreamSettings,
    UiSettings,
)
from botcore_tui.config.report import Report, check, show
from botcore_tui.config.strategy import EMA_CROSS, EmaCrossSettings, StrategySettings
from botcore_tui.config.trading import ProtectionSettings, RiskSettings, TradingSettings

__all__ = [
    "EMA_CROSS",
    "KEYS",
    "AlertSettings",
    "BookSettings",
    "Config",
    "CredentialVariables",
    "DemoSettings",
    "EmaCrossSettings",
    "Endpoints",
    "EngineSettings",
    "Environment",
    "Hosts",
    "Key",
    "LedgerSettings",
    "LimitSettings",
    "Loaded",
    "LoggingSettings",
    "ProtectionSettings",
    "RecordingSettings",
    "ReplaySettings",
    "Report",
    "RiskSettings",
    "StalenessSettings",
    "StrategySettings",
    "StreamSettings",
    "TradingSettings",
    "UiSettings",
    "check",
    "credential_variables",
    "endpoints",
    "example_text",
    "first_text",
    "is_real_money",
    "load",
    "show",
]
