"""Opens the cockpit on an environment, changes environments, runs without a screen."""

import getpass
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from botcore_tui import __version__
from botcore_tui.cli.claim import Claim, holder
from botcore_tui.cli.logs import Logs
from botcore_tui.cli.offers import offers
from botcore_tui.cli.parser import Arguments
from botcore_tui.cli.places import Places
from botcore_tui.cli.settings import loaded, refuse_unusable
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
    from botcore_tui.ui.settings import CockpitSettings

logger = logging.getLogger(__name__)

_UNSEEN_IS_POINTLESS = (Environment.DEMO, Environment.REPLAY)
_LEAVE_SECONDS = 15.0
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
    if not arguments.headless:
        check_screen(arguments, where)
    config = configuration.config
    room = ControlRoom(configuration, where, is_headless=arguments.headless)
    builder = Builder(config, room.logs.ring, record=arguments.record)
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

    Raises:
        UnavailableError: The log cannot be written.
    """

    def __init__(self, configuration: Loaded, where: Places, *, is_headless: bool) -> None:
        self._config = configuration.config
        self._is_interval_chosen = configuration.origins["ui.interval"] != "default"
        self._where = where
        self._is_headless = is_headless
        self._doors = _Doors()
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
            leave_seconds=_LEAVE_SECONDS,
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
        while True:
            leave = self._work(workplace, tape)
            if leave.reason is not LeaveReason.SWITCH:
                break
            workplace = self._switched(workplace, builder, Environment(leave.environment))
        signals.expect_exit()
        workplace.close()
        logger.info("left: %s %s", leave.reason.value, leave.detail)
        return 1 if leave.reason is LeaveReason.CRASHED else 0

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

    def _claimed(self, environment: Environment) -> Claim | None:
        """The right to run a live environment; None where there is nothing to share."""
        if environment in _UNSEEN_IS_POINTLESS:
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
        is_live = environment not in _UNSEEN_IS_POINTLESS
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
        settings = self._cockpit_settings(environment, tape)
        from botcore_tui.ui.app import CockpitApp  # noqa: PLC0415 - Textual, only with a screen
        from botcore_tui.ui.driver import SafeDriver  # noqa: PLC0415

        return supervisor.run(lambda: CockpitApp(engine, settings, driver_class=SafeDriver))

    def _cockpit_settings(self, environment: Environment, tape: Path | None) -> "CockpitSettings":
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
        )


def _start(workplace: Workplace) -> None:
    # Said first: what the engine has to say at once must be the newest line on the screen.
    about = (__version__, workplace.environment, os.getpid())
    logger.info("botcore %s, environment %s, pid %d", *about)
    workplace.engine.start()


class _Doors:
    """Signal handlers of whatever environment is open."""

    def __init__(self) -> None:
        self._supervisor: CockpitSupervisor | None = None
        self._terminated = ""

    def open(self, supervisor: CockpitSupervisor) -> None:
        """Pass signals on to this one from now on."""
        self._supervisor = supervisor
        if self._terminated:  # it came between two environments
            supervisor.terminate(self._terminated)

    def halt(self, actor: str, reason: str) -> None:
        """Halt."""
        if self._supervisor is not None:
            self._supervisor.halt(actor, reason)

    def terminate(self, signal_name: str) -> None:
        """Halt and leave."""
        self._terminated = signal_name
        if self._supervisor is not None:
            self._supervisor.terminate(signal_name)

    def disconnect(self, signal_name: str) -> None:
        """Follow the rule for a lost terminal."""
        if self._supervisor is not None:
            self._supervisor.disconnect(signal_name)

    def restore_terminal(self) -> None:
        """Give the terminal back."""
        if self._supervisor is not None:
            self._supervisor.restore_terminal()


def actor() -> str:
    """Who sits here: the system's user, and where a remote session comes from."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # no such user in this container
        user = f"uid {os.getuid()}"
    remote = os.environ.get("SSH_CONNECTION", "").split(" ")[0]
    return f"{user}@{remote}" if remote else user
