"""What the composition root decides about the cockpit."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from msgspec import Struct, field

from botcore_tui.ui.command_ids import CommandIds
from botcore_tui.ui.screens.checks import ChecksDesk
from botcore_tui.ui.screens.dialog import ARM_SECONDS
from botcore_tui.ui.screens.environment import EnvironmentChoice
from botcore_tui.ui.screens.evidence import EvidenceLoader
from botcore_tui.ui.screens.ledger import LedgerBrowser
from botcore_tui.ui.screens.limits import LimitsBook
from botcore_tui.ui.screens.production import Road
from botcore_tui.ui.screens.readiness import Doctor
from botcore_tui.ui.theme import DEFAULT_THEME


class CockpitSettings(Struct, frozen=True):
    """Settings of one cockpit."""

    actor: str
    """Who halts and resumes here, as the log will say it."""
    environments: tuple[EnvironmentChoice, ...] = ()
    theme: str = DEFAULT_THEME
    fps: float = 10.0
    """Pictures per second."""
    interval_ms: int = 60_000
    low_bandwidth: bool = False
    state_path: Path | None = None
    """Where the looks are remembered; None: nowhere."""
    theme_directories: tuple[Path, ...] = ()
    """Beside the shipped ones, and before them."""
    arm_seconds: float = ARM_SECONDS
    """How long no dialog can be confirmed."""
    command_ids: Callable[[], str] = field(default_factory=CommandIds)
    """Makes a name for each command, unique for ever."""
    taker_fee_pct: Decimal = Decimal("0.05")
    """Of notional, for the figures of the order ticket."""
    ledger: LedgerBrowser | None = None
    """Where the ledger screen reads; None: there is no ledger."""
    evidence: EvidenceLoader | None = None
    """Reads what the next phase needs; None: there is no ledger."""
    limits: LimitsBook | None = None
    """The limits in force, and who has read them; None: there are none to read."""
    doctor: Doctor | None = None
    """Looks whether all is ready; None: nobody can here."""
    checks: ChecksDesk | None = None
    """Reads the monitoring checklist and the journal; None: there is no ledger."""
    road: Road | None = None
    """To real money; None: there is none from here."""
    fate: str = ""
    """What becomes of orders and positions when the engine ends; empty if it has none."""
