"""Opens the cockpit on an environment, changes environments, runs without a screen."""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import structs

from botcore_tui import __version__
from botcore_tui.cli.claim import Claim, holder
from botcore_tui.cli.cockpit_doctor import CockpitDoctor, doctors
from botcore_tui.cli.doors import Doors
from botcore_tui.cli.first_start import waiting
from botcore_tui.cli.logs import Logs
from botcore_tui.cli.offers import trades
from botcore_tui.cli.parser import Arguments
from botcore_tui.cli.places import Places, lock_path
from botcore_tui.cli.settings import (
    loaded,
    refuse_idle_flags,
    refuse_unusable,
    with_usual_strategy,
)
from botcore_tui.cli.telling import Telling
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
    from botcore_tui.cli.real_money import Offer, RealMoney
    from botcore_tui.exchange.binance.permit import Confirmed

logger = logging.getLogger(__name__)

_STANDARD_INPUT = 0
_LEAVE_SECONDS = 15.0
_LEAVE_ACCOUNT_SECONDS = 60.0
"""The same where entries are cancelled, positions protected, the venue is asked and a ledger
closed."""


def run_live(arguments: Arguments) -> int:
    """``botcore`` and ``botcore run``; exit code."""
    configuration, where = loaded(arguments)
    refuse_unusable(configuration, is_replay=False, is_production_asked=arguments.production)
    refuse_idle_flags(arguments, configuration.config)
    if not arguments.headless:
        check_screen(arguments, where)
    config = with_usual_strategy(configuration, is_headless=arguments.headless)
    if arguments.headless and waiting(config, config.environment, where.state_dir):
        raise UnavailableError(
            f"trading on {config.environment} without a screen waits for somebody who has read the"
            " limits in force: botcore setup shows them, botcore setup --accept stores that you did"
        )
    room = ControlRoom(
        structs.replace(configuration, config=config),
        where,
        is_headless=arguments.headless,
        ending=Ending(
            arguments.duration,
            wants_report=arguments.json,
            is_unseen=arguments.headless,
            lifeline=_STANDARD_INPUT if arguments.until_eof else None,
        ),
        telling=Telling(config),
        doctor=doctors(arguments, config.environment),
    )
    builder = Builder(
        config,
        room.logs.ring,
        state_dir=where.state_dir,
        record=arguments.record,
        is_fresh=arguments.fresh,
    )
    confirmed: Confirmed | None = None
    if config.environment.is_real_money:
        from botcore_tui.cli.real_money import ask  # noqa: PLC0415 - see ``road``

        confirmed = ask(room.road(builder), arguments.confirm)
    return room.run(config.environment, builder, tape=None, confirmed=confirmed)


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

    from botcore_tui.ui.shelf import ThemeShelf  # noqa: PLC0415 - the same
    from botcore_tui.ui.theme import shipped_themes  # noqa: PLC0415 - the same

    shelf = ThemeShelf((where.theme_dir, shipped_themes()))
    problems = shelf.look().problems
    if arguments.theme not in (*shelf.names, *BUILTIN_THEMES):
        known = f"no such theme; {', '.join(shelf.names)}"
        spoilt = [text for text in problems if text.startswith(f"{arguments.theme}.toml: ")]
        named = f'--theme: ui.theme = "{arguments.theme}"'
        raise ConfigError(spoilt or [f"{named}: {known}"])


class _Road:
    """The way to real money, put together when somebody looks."""

    def __init__(self, road: "Callable[[], RealMoney]") -> None:
        self._road = road

    def look(self) -> "Offer":
        return self._road().look()


class ControlRoom:
    """Everything around an engine for one run of the program.

    Args:
        configuration: Checked.
        where: For logs, themes and what the cockpit remembers.
        is_headless: No screen; log lines go to standard error.
        ending: When to leave, and what to tell then.
        telling: Who is told besides; None: nobody.
        doctor: Makes who looks at an environment from the cockpit; None: nobody does.

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
        telling: Telling | None = None,
        doctor: Callable[[Environment], CockpitDoctor] | None = None,
    ) -> None:
        self._doctor = doctor
        self._telling = telling
        self._road: RealMoney | None = None
        self._builder: Builder | None = None
        self._ending = ending or Ending()
        self._config = configuration.config
        self._is_interval_chosen = configuration.origins["ui.interval"] != "default"
        self._where = where
        self._is_headless = is_headless
        self._doors = Doors()
        self._claim: Claim | None = None
        self.logs = Logs(where, self._config.logging, to_stderr=is_headless)

    def run(
        self,
        environment: Environment,
        builder: Builder,
        *,
        tape: Path | None,
        confirmed: "Confirmed | None" = None,
    ) -> int:
        """Run one environment after the other until it is time to leave; exit code.

        Args:
            environment: To begin with.
            builder: Builds each.
            tape: That is played.
            confirmed: By a person; needed where the first one is real money.

        Raises:
            UnavailableError: The first environment cannot be opened.
        """
        self._builder = builder
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
        if self._telling is not None:
            self._telling.start()
        try:
            workplace = builder.build(environment, TradingState.ACTIVE, confirmed)
            return self._run(workplace, builder, tape, signals)
        finally:
            if self._telling is not None:
                self._telling.finish()
            self.logs.finish()

    def _run(
        self, workplace: Workplace, builder: Builder, tape: Path | None, signals: SignalThread
    ) -> int:
        self._start(workplace)
        self._ending.schedule(workplace.engine, self._doors.terminate)
        while True:
            leave = self._work(workplace, tape)
            if leave.reason is not LeaveReason.SWITCH:
                break
            workplace = self._switched(workplace, builder, leave)
        signals.expect_exit()
        code = finish(workplace, self._ending)
        logger.info("left: %s %s", leave.reason.value, leave.detail)
        return 1 if leave.reason is LeaveReason.CRASHED else code

    def _switched(self, workplace: Workplace, builder: Builder, leave: Leave) -> Workplace:
        """The other workplace; the present one, halted as it is, where that cannot be opened."""
        environment, claim = Environment(leave.environment), None
        try:
            is_real = environment.is_real_money
            confirmed = self.road(builder).confirm(leave.typed) if is_real else None
            claim = self._claimed(environment)
            # Another market is never traded before a person has looked at it.
            following = builder.build(environment, TradingState.HALTED, confirmed)
        except (ConfigError, UnavailableError) as error:
            if claim is not None:
                claim.release()
            logger.error("environment not changed: %s", error)  # noqa: TRY400 - not a defect
            return workplace
        workplace.close()
        if self._claim is not None:
            self._claim.release()
        self._claim = claim
        self._start(following)
        return following

    def road(self, builder: Builder | None = None) -> "RealMoney":
        """The way to real money, always the same one.

        Args:
            builder: Of this program; needed at the first call.
        """
        if self._road is None:
            # A database and cryptography: only who goes there waits for them.
            from botcore_tui.cli.real_money_road import road_of  # noqa: PLC0415 - a database

            builder = builder or self._builder
            assert builder is not None  # ``run`` was called with one
            self._road = road_of(self._config, self._where, builder.limiter)
        return self._road

    def _start(self, workplace: Workplace) -> None:
        # Said first: what the engine has to say at once must be the newest line on the screen.
        about = (__version__, workplace.environment, os.getpid())
        logger.info("botcore %s, environment %s, pid %d", *about)
        if self._telling is not None:
            self._telling.follow(workplace.engine, str(workplace.environment))
        workplace.engine.start()

    def _is_pointless_unseen(self, environment: Environment) -> bool:
        """Whether nothing is there that must be looked after without a screen, or kept alone."""
        is_played = environment in {Environment.DEMO, Environment.REPLAY}
        return is_played and not trades(self._config, environment)

    def _claimed(self, environment: Environment) -> Claim | None:
        """The right to run a live environment; None where there is nothing to share."""
        if self._is_pointless_unseen(environment):
            return None
        path = lock_path(self._where.state_dir, environment)
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
        from botcore_tui.cli.cockpit_settings import cockpit_settings  # noqa: PLC0415 - Textual
        from botcore_tui.ui.app import CockpitApp  # noqa: PLC0415 - the same
        from botcore_tui.ui.driver import SafeDriver  # noqa: PLC0415 - the same

        settings = cockpit_settings(
            self._config,
            self._where,
            workplace,
            tape,
            is_interval_chosen=self._is_interval_chosen,
            road=_Road(self.road),
        )
        if self._doctor is not None:
            settings = structs.replace(settings, doctor=self._doctor(environment))
        door = engine if workplace.trading is None else workplace.trading.door(engine)
        return supervisor.run(lambda: CockpitApp(door, settings, driver_class=SafeDriver))
