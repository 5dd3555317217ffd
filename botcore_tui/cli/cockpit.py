"""Opens the cockpit on an environment, changes environments, runs without a screen."""

import getpass
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from botcore_tui import __version__
from botcore_tui.cli.logs import Logs
from botcore_tui.cli.parser import Arguments
from botcore_tui.cli.places import Places
from botcore_tui.cli.settings import loaded
from botcore_tui.cli.workplace import Builder, Workplace, offers
from botcore_tui.config import Config, Environment
from botcore_tui.engine.signals import SignalThread
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
    config = configuration.config
    room = ControlRoom(config, where, is_headless=arguments.headless)
    builder = Builder(config, room.logs.ring, record=arguments.record)
    return room.run(config.environment, builder, tape=None)


class ControlRoom:
    """Everything around an engine for one run of the program.

    Args:
        config: Checked.
        where: For logs, themes and what the cockpit remembers.
        is_headless: No screen; log lines go to standard error.

    Raises:
        UnavailableError: No screen can be shown here, or the log not be written.
    """

    def __init__(self, config: Config, where: Places, *, is_headless: bool) -> None:
        if not is_headless:
            check_terminal()
        self.logs = Logs(where.log_file(config.environment), config.logging, to_stderr=is_headless)
        self._config = config
        self._where = where
        self._is_headless = is_headless
        self._doors = _Doors()

    def run(self, environment: Environment, builder: Builder, *, tape: Path | None) -> int:
        """Run one environment after the other until it is time to leave; exit code."""
        signals = SignalThread(
            self._doors,
            dump_path=self.logs.path,
            leave_seconds=_LEAVE_SECONDS,
            restore_terminal=self._doors.restore_terminal,
        )
        signals.start()  # before any other thread: they inherit the blocked signals
        workplace = builder.build(environment, TradingState.ACTIVE)
        while True:
            leave = self._work(workplace, tape)
            if leave.reason is not LeaveReason.SWITCH:
                break
            workplace.close()
            # Another market is never traded before a person has looked at it.
            workplace = builder.build(Environment(leave.environment), TradingState.HALTED)
        signals.expect_exit()
        workplace.close()
        return 1 if leave.reason is LeaveReason.CRASHED else 0

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
        engine.start()
        logger.info("botcore %s, environment %s, pid %d", __version__, environment, os.getpid())
        if self._is_headless:
            return supervisor.run_headless()
        settings = self._cockpit_settings(tape)
        from botcore_tui.ui.app import CockpitApp  # noqa: PLC0415 - Textual, only with a screen
        from botcore_tui.ui.driver import SafeDriver  # noqa: PLC0415

        return supervisor.run(lambda: CockpitApp(engine, settings, driver_class=SafeDriver))

    def _cockpit_settings(self, tape: Path | None) -> "CockpitSettings":
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
        return CockpitSettings(
            actor=actor(),
            environments=tuple(choices),
            theme=ui.theme,
            fps=ui.frames_per_second,
            interval_ms=_INTERVALS_MS[ui.interval],
            low_bandwidth=ui.low_bandwidth,
            state_path=self._where.state_dir / "cockpit.toml",
            theme_directories=(self._where.theme_dir,),
        )


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
