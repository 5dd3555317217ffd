"""What the cockpit is told fits the environment that is shown."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec import Struct

from botcore_tui.cli.checks_report import Checkroom
from botcore_tui.cli.cockpit_settings import cockpit_settings
from botcore_tui.cli.ledger_pages import LedgerPages
from botcore_tui.cli.places import places
from botcore_tui.clock import ManualClock
from botcore_tui.config import Config, Environment
from botcore_tui.errors import UnavailableError
from botcore_tui.ui.screens.checks import ChecksDesk
from botcore_tui.ui.screens.evidence import EvidenceLine
from botcore_tui.ui.screens.production import Offer
from botcore_tui.ui.settings import CockpitSettings


class Closed:
    """No way leads to real money."""

    def look(self) -> Offer:
        """Nothing is found."""
        raise UnavailableError("closed")


class Traded(Struct):
    """An account with a ledger."""

    ledger: LedgerPages

    def pages(self) -> LedgerPages:
        """The ledger."""
        return self.ledger

    def checks(self) -> ChecksDesk:
        return Checkroom(
            Config(),
            Path(),
            Environment.DEMO,
            lambda: "",
            ManualClock(0),
            rights=lambda _config, _environment: (None, ""),
        )

    def evidence(self) -> Sequence[EvidenceLine]:
        """None."""
        return ()


class Shown(Struct):
    """An environment that runs."""

    environment: Environment
    trading: Traded | None = None


def settings(
    shown: Shown, directory: Path, config: Config | None = None, *, is_chosen: bool = False
) -> CockpitSettings:
    return cockpit_settings(
        config or Config(),
        places(directory),
        shown,
        None,
        is_interval_chosen=is_chosen,
        road=Closed(),
    )


def test_the_browser_of_the_ledger_is_there_where_there_is_one(tmp_path: Path) -> None:
    plain = settings(Shown(Environment.DEMO), tmp_path)
    assert plain.ledger is None
    assert plain.fate == ""
    pages = LedgerPages(f"sqlite:///{tmp_path}/x.db", lambda: "")
    traded = settings(Shown(Environment.DEMO, Traded(pages)), tmp_path)
    assert traded.ledger is pages
    assert plain.evidence is None
    assert plain.checks is None
    assert traded.checks is not None
    assert traded.evidence is not None
    assert traded.evidence() == ()
    # A name that an earlier start gave stays that command's in the ledger.
    assert traded.command_ids() != plain.command_ids()


@pytest.mark.parametrize(
    ("environment", "fate"),
    [
        (Environment.DEMO, "The demo exchange ends"),
        (Environment.TESTNET, "with their stops at the venue"),
        (Environment.PRODUCTION, "with their stops at the venue"),
    ],
)
def test_it_is_told_what_becomes_of_positions(
    environment: Environment, fate: str, tmp_path: Path
) -> None:
    pages = LedgerPages(f"sqlite:///{tmp_path}/x.db", lambda: "")
    assert fate in settings(Shown(environment, Traded(pages)), tmp_path).fate


@pytest.mark.parametrize(
    ("interval", "environment", "seconds"),
    [
        (None, Environment.DEMO, 60),
        (None, Environment.REPLAY, 5),
        (None, Environment.PAPER, 60),
        ("15s", Environment.REPLAY, 15),
        ("15s", Environment.PAPER, 15),
        ("1m", Environment.REPLAY, 60),
    ],
)
def test_short_tapes_get_short_bars_unless_the_user_chose(
    interval: str | None, environment: Environment, seconds: int, tmp_path: Path
) -> None:
    config = Config() if interval is None else Config.model_validate({"ui": {"interval": interval}})
    found = settings(Shown(environment), tmp_path, config, is_chosen=interval is not None)
    assert found.interval_ms == seconds * 1000


def test_what_the_cockpit_writes_stays_in_the_state_directory(tmp_path: Path) -> None:
    found = settings(Shown(Environment.DEMO), tmp_path / "s")
    assert found.state_path == tmp_path / "s" / "cockpit.toml"


@pytest.mark.requirement("R18")
def test_real_money_is_offered_only_for_trading(tmp_path: Path) -> None:
    found = settings(Shown(Environment.DEMO), tmp_path)
    (production,) = (each for each in found.environments if each.is_real_money)
    assert not production.available
    assert "--enable-trading" in production.reason
    assert found.road is not None
