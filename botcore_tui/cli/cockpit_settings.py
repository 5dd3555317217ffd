"""What the cockpit is told by the program: who sits there, what there is to choose and to read."""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

from botcore_tui.cli.actor import actor
from botcore_tui.cli.first_start import FirstStart
from botcore_tui.cli.offers import obstacle_of_production, obstacle_of_testnet, offers
from botcore_tui.cli.places import Places
from botcore_tui.config import Config, Environment
from botcore_tui.ui.command_ids import CommandIds
from botcore_tui.ui.screens.checks import ChecksDesk
from botcore_tui.ui.screens.environment import EnvironmentChoice
from botcore_tui.ui.screens.evidence import EvidenceLine
from botcore_tui.ui.screens.ledger import LedgerBrowser
from botcore_tui.ui.screens.production import Road
from botcore_tui.ui.settings import CockpitSettings

_ID_BYTES: Final = 4
# Minutes of a short tape are too few to look at.
_SHORT_INTERVAL = "5s"
_INTERVALS_MS = {
    "1s": 1_000,
    "5s": 5_000,
    "15s": 15_000,
    "1m": 60_000,
    "5m": 300_000,
    "15m": 900_000,
    "1h": 3_600_000,
}


class Traded(Protocol):
    """An account that is traded."""

    def pages(self) -> LedgerBrowser:
        """Its ledger."""

    def evidence(self) -> Sequence[EvidenceLine]:
        """What the next phase needs."""

    def checks(self) -> ChecksDesk:
        """Its monitoring checklist."""


class Shown(Protocol):
    """An environment that runs."""

    @property
    def environment(self) -> Environment:
        """Which."""

    @property
    def trading(self) -> Traded | None:
        """Its account; None where no order can leave."""


def cockpit_settings(
    config: Config,
    where: Places,
    shown: Shown,
    tape: Path | None,
    *,
    is_interval_chosen: bool,
    road: Road,
) -> CockpitSettings:
    """Settings of the cockpit of one environment.

    Args:
        config: Checked.
        where: For themes and what the cockpit remembers.
        shown: What runs.
        tape: That is played.
        is_interval_chosen: Whether a person chose the chart's interval.
        road: To real money.
    """
    environment, trading = shown.environment, shown.trading
    choices = (
        EnvironmentChoice(
            str(offer.environment),
            offer.is_available,
            offer.reason,
            offer.environment.is_real_money,
        )
        for offer in offers(
            tape,
            testnet=obstacle_of_testnet(config, os.environ),
            production=obstacle_of_production(config, os.environ),
        )
    )
    ui = config.ui
    is_short = environment is Environment.REPLAY and not is_interval_chosen
    return CockpitSettings(
        actor=actor(),
        environments=tuple(choices),
        theme=ui.theme,
        fps=ui.frames_per_second,
        interval_ms=_INTERVALS_MS[_SHORT_INTERVAL if is_short else ui.interval],
        low_bandwidth=ui.low_bandwidth,
        state_path=where.state_dir / "cockpit.toml",
        theme_directories=(where.theme_dir,),
        # Unlike those of any other start: the ledger keeps the names of commands.
        command_ids=CommandIds(f"ui-{secrets.token_hex(_ID_BYTES)}"),
        ledger=None if trading is None else trading.pages(),
        evidence=None if trading is None else trading.evidence,
        limits=_limits(config, environment, where),
        checks=None if trading is None else trading.checks(),
        road=road,
        fate="" if trading is None else _fate(environment),
    )


def _limits(config: Config, environment: Environment, where: Places) -> FirstStart | None:
    # A tape is not traded, whoever plays it.
    if environment is Environment.REPLAY:
        return None
    return FirstStart(config, environment, where.state_dir, actor())


def _fate(environment: Environment) -> str:
    match environment:
        case Environment.DEMO:
            return "The demo exchange ends with it, and all positions there."
        case Environment.TESTNET | Environment.PRODUCTION:
            return "Entries are cancelled; positions stay, with their stops at the venue."
        case _:
            return ""
