"""Opens the cockpit on an environment, changes environments, runs without a screen."""

import logging
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import structs

from botcore_tui import __version__
from botcore_tui.cli.actor import actor
from botcore_tui.cli.claim import Claim, holder
from botcore_tui.cli.doors import Doors
from botcore_tui.cli.logs import Logs
from botcore_tui.cli.offers import offers, trades
from botcore_tui.cli.parser import Arguments
from botcore_tui.cli.places import Places
from botcore_tui.cli.settings import (
    loaded,
    refuse_idle_flags,
    refuse_unusable,
    with_usual_strategy,
)
from botcore_tui.cli.trade_run import Ending, finish
from botcore_tui.cli.workplace import Builder, Workplace
from botcore_tui.config import Environment, Loaded
from botcore_tui.engine.signals import SignalThread
from botcore_tui.errors import ConfigError, UnavailableError
from botcore_tui.model.event import TradingState
from botcore_tui.ui.supervisor import (
    CockpitSupervisor,
    Leave,
    LeaveReason,
    OnDisconnect,
    check_terminal,
)

if TYPE_CHECKING:
    from botcore_tui.cli.ledger_pages import LedgerPages
    from botcore_tui.ui.settings import CockpitSettings

logger = logging.getLogger(__name__)

_LEAVE_SECONDS = 15.0
_LEAVE_ACCOUNT_SECONDS = 45.0
"""The same where entries are cancelled, the venue is asked and a ledger closed."""
_ID_BYTES = 4
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


def run_live(arguments: Arguments) -> int:
    """``botcore`` and ``botcore run``; exit code."""
    configuration, where = loaded(arguments)
    refuse_unusable(configuration, is_replay=False)
    refuse_idle_flags(arguments, configuration.config)
    if not arguments.headless:
        check_screen(arguments, where)
    config = with_usual_strategy(configuration, is_headless=arguments.headless)
    room = ControlRoom(
        structs.replace(configuration, config=config),
        where,
        is_headless=arguments.headless,
        ending=Ending(arguments.duration, wants_report=arguments.json),
    )
    builder = Builder(
        config,
        room.logs.ring,
        state_dir=where.state_dir,
        record=arguments.record,
        is_fresh=arguments.fresh,
    )
    return room.run(config.environment, builder, tape=None)


def check_screen(arguments: Arguments, where: Places) -> None:
    """Make sure that a cockpit can be shown here, in the theme asked for.

    A configured theme that is missing costs colours and an alert; a cockpit must open all the same.
    One that was typed just now is typed again sooner than it is missed.

    Raises:
        ConfigError: There is no theme of the name on the command line.
        UnavailableError: There is no terminal.
    """
    check_terminal()
    if arguments.theme is None:
        return
    from textual.theme import BUILTIN_THEMES  # noqa: PLC0415 - Textual, only with a screen

    from botcore_tui.ui.shelf import ThemeShelf  # noqa: PLC0415
    from botcore_tui.ui.theme import shipped_themes  # noqa: PLC0415

    shelf = ThemeShelf((where.theme_dir, shipped_themes()))
    problems = shelf.look().problems
    if arguments.theme not in (*shelf.names, *BUILTIN_THEMES):
        known = f"no such theme; {', '.join(shelf.names)}"
        spoilt = [text for text in problems if text.startswith(f"{arguments.theme}.toml: ")]
        named = f'--theme: ui.theme = "{arguments.theme}"'
        raise ConfigError(spoilt or [f"{named}: {known}"])


class ControlRoom:
    """Everything around an engine for one run of the program.

    Args:
        configuration: Checked.
        where: For logs, themes and what the cockpit remembers.
        is_headless: No screen; log lines go to standard error.
        ending: When to leave, and what to tell then.

    Raises:
        UnavailableError: The log cannot be written.
    """

    def __init__(
        self,
        configuration: Loaded,
        where: Places,
        *,
        is_headless: bool,
        ending: Ending | None = None,
    ) -> None:
        self._ending = ending or Ending()
        self._config = configuration.config
        self._is_interval_chosen = configuration.origins["ui.interval"] != "default"
        self._where = where
        self._is_headless = is_headless
        self._doors = Doors()
        self._claim: Claim | None = None
        self.logs = Logs(where, self._config.logging, to_stderr=is_headless)

    def run(self, environment: Environment, builder: Builder, *, tape: Path | None) -> int:
        """Run one environment after the other until it is time to leave; exit code.

        Raises:
            UnavailableError: The first environment cannot be opened.
        """
        self._claim = self._claimed(environment)
        signals = SignalThread(
            self._doors,
            dump_path=self.logs.path,
            leave_seconds=_LEAVE_ACCOUNT_SECONDS
            if self._config.trading.enabled
            else _LEAVE_SECONDS,
            restore_terminal=self._doors.restore_terminal,
        )
        signals.start()  # before any other thread: they inherit the blocked signals
        self.logs.start()
        try:
            return self._run(environment, builder, tape, signals)
        finally:
            self.logs.finish()

    def _run(
        self, environment: Environment, builder: Builder, tape: Path | None, signals: SignalThread
    ) -> int:
        workplace = builder.build(environment, TradingState.ACTIVE)
        _start(workplace)
        self._ending.schedule(workplace.engine, self._doors.terminate)
        while True:
            leave = self._work(workplace, tape)
            if leave.reason is not LeaveReason.SWITCH:
                break
            workplace = self._switched(workplace, builder, Environment(leave.environment))
        signals.expect_exit()
        code = finish(workplace, self._ending)
        logger.info("left: %s %s", leave.reason.value, leave.detail)
        return 1 if leave.reason is LeaveReason.CRASHED else code

    def _switched(
        self, workplace: Workplace, builder: Builder, environment: Environment
    ) -> Workplace:
        """The other workplace; the present one, halted as it is, where that cannot be opened."""
        claim: Claim | None = None
        try:
            claim = self._claimed(environment)
            # Another market is never traded before a person has looked at it.
            following = builder.build(environment, TradingState.HALTED)
        except (ConfigError, UnavailableError) as error:
            if claim is not None:
                claim.release()
            logger.error("environment not changed: %s", error)  # noqa: TRY400 - not a defect
            return workplace
        workplace.close()
        if self._claim is not None:
            self._claim.release()
        self._claim = claim
        _start(following)
        return following

    def _is_pointless_unseen(self, environment: Environment) -> bool:
        """Whether nothing is there that must be looked after without a screen, or kept alone."""
        is_played = environment in {Environment.DEMO, Environment.REPLAY}
        return is_played and not trades(self._config, environment)

    def _claimed(self, environment: Environment) -> Claim | None:
        """The right to run a live environment; None where there is nothing to share."""
        if self._is_pointless_unseen(environment):
            return None
        path = self._where.lock_dir / f"{environment}.lock"
        claim = Claim.take(path)
        if claim is None:
            pid = holder(path)
            raise UnavailableError(
                f"environment {environment} runs already, pid {pid}, with its state in "
                f"{self._where.state_dir}; stop it (kill -TERM {pid}) or use another --state-dir"
            )
        return claim

    def _work(self, workplace: Workplace, tape: Path | None) -> Leave:
        engine, environment = workplace.engine, workplace.environment
        is_live = not self._is_pointless_unseen(environment)
        supervisor = CockpitSupervisor(
            engine,
            on_disconnect=OnDisconnect(self._config.ui.on_disconnect)
            if is_live or self._is_headless
            else OnDisconnect.LEAVE,
            log_path=self.logs.path,
        )
        self._doors.open(supervisor)
        if self._is_headless:
            return supervisor.run_headless()
        ledger = None if workplace.trading is None else workplace.trading.pages()
        settings = self._cockpit_settings(environment, tape, ledger)
        from botcore_tui.ui.app import CockpitApp  # noqa: PLC0415 - Textual, only with a screen
        from botcore_tui.ui.driver import SafeDriver  # noqa: PLC0415

        return supervisor.run(lambda: CockpitApp(engine, settings, driver_class=SafeDriver))

    def _cockpit_settings(
        self, environment: Environment, tape: Path | None, ledger: "LedgerPages | None" = None
    ) -> "CockpitSettings":
        from botcore_tui.ui.command_ids import CommandIds  # noqa: PLC0415
        from botcore_tui.ui.screens.environment import EnvironmentChoice  # noqa: PLC0415
        from botcore_tui.ui.settings import CockpitSettings  # noqa: PLC0415

        choices = (
            EnvironmentChoice(
                str(offer.environment),
                offer.is_available,
                offer.reason,
                offer.environment.is_real_money,
            )
            for offer in offers(tape)
        )
        ui = self._config.ui
        is_short = environment is Environment.REPLAY and not self._is_interval_chosen
        return CockpitSettings(
            actor=actor(),
            environments=tuple(choices),
            theme=ui.theme,
            fps=ui.frames_per_second,
            interval_ms=_INTERVALS_MS[_SHORT_INTERVAL if is_short else ui.interval],
            low_bandwidth=ui.low_bandwidth,
            state_path=self._where.state_dir / "cockpit.toml",
            theme_directories=(self._where.theme_dir,),
            # Unlike those of any other start: the ledger keeps the names of commands.
            command_ids=CommandIds(f"ui-{secrets.token_hex(_ID_BYTES)}"),
            ledger=ledger,
            fate="" if ledger is None else _fate(environment),
        )


def _fate(environment: Environment) -> str:
    match environment:
        case Environment.DEMO:
            return "The demo exchange ends with it, and all positions there."
        case Environment.TESTNET:
            return "Entries are cancelled; positions stay, with their stops at the venue."
        case _:
            return ""


def _start(workplace: Workplace) -> None:
    # Said first: what the engine has to say at once must be the newest line on the screen.
    about = (__version__, workplace.environment, os.getpid())
    logger.info("botcore %s, environment %s, pid %d", *about)
    workplace.engine.start()
