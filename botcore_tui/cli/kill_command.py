"""``botcore halt``, ``flatten`` and ``status``: need neither an engine nor a ledger.

The order is the point (K1, K6): first the halt file, durable; then, side by side, the engine is
told and the venue is asked to cancel. Nothing waits for the engine.
"""

import asyncio
import os
import threading
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from botcore_tui.cli.actor import actor
from botcore_tui.cli.output import announce, complain
from botcore_tui.cli.parser import Arguments
from botcore_tui.cli.places import Places, latch_path, places, socket_path
from botcore_tui.cli.settings import loaded
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Environment
from botcore_tui.engine.control import Refusal, ask, reply_of
from botcore_tui.engine.kill import in_words, kill
from botcore_tui.engine.kill_terms import (
    CONDITIONAL,
    KillPlan,
    KillReport,
    KillScope,
    Left,
    Policy,
)
from botcore_tui.engine.latch import HaltLatch
from botcore_tui.engine.unix_socket import connected
from botcore_tui.errors import BotcoreError, ConfigError, UnavailableError
from botcore_tui.model.command import Halt
from botcore_tui.model.snapshot import HaltInfo

_ENGINE_SECONDS: Final = 1.0
"""Longest wait for the engine, beside the venue."""
_CONNECT_SECONDS: Final = 0.1
_REASON: Final = "command line"
_ABSENCE: Final = (ConnectionRefusedError, FileNotFoundError, NotADirectoryError)
_WITHOUT_ACCOUNT: Final = frozenset({Environment.PAPER, Environment.REPLAY})


class Heard(StrEnum):
    """What the engine made of it."""

    HALTED = "halted"
    SILENT = "does not answer; it halts when it turns again, its halt file is there"
    UNTOLD = "does not answer, and there is no halt file: it MAY TRADE ON"
    ABSENT = "not running"


class Halted(Struct, frozen=True, kw_only=True):
    """What came of a halt."""

    environment: str
    is_confirmed: bool
    """Latched, and the venue confirmed that nothing is open that should not be."""
    latched_ms: float | None
    """From the start of the command until the halt file was durable; None: it could not be."""
    total_ms: float
    engine: Heard
    scope: str
    venue: KillReport | None
    """None: the venue was not asked, see ``trouble``; or there is nothing to ask about."""
    trouble: tuple[str, ...]


def run_kill_command(arguments: Arguments) -> int:
    """Stop, or tell how trading stands; exit code.

    Raises:
        ConfigError: The environment is not known.
        UnavailableError: It has no account.
    """
    if arguments.command == "status":
        from botcore_tui.cli.status_command import run_status  # noqa: PLC0415 - nothing for a halt

        return run_status(arguments)
    began_ns = SystemClock().monotonic_ns()
    config, where, environment, doubt = settled(arguments)
    halted = _halt(arguments, config, where, environment, began_ns)
    doubt += other_engines(arguments, where, environment)
    trouble = (*doubt, *halted.trouble)
    halted = replace(halted, trouble=trouble, is_confirmed=halted.is_confirmed and not doubt)
    if arguments.json:
        announce(msgspec.json.encode(halted).decode())
    else:
        announce("\n".join(_lines(halted, arguments)))
        if trouble:
            complain("\n".join(trouble))
    return 0 if halted.is_confirmed and not trouble else 1


def settled(arguments: Arguments) -> tuple[Config, Places, Environment, tuple[str, ...]]:
    """What is configured; where that is broken, the defaults and why it is.

    Raises:
        ConfigError: It is broken, and the command line names no environment.
        UnavailableError: The environment has no account.
    """
    doubt: tuple[str, ...] = ()
    try:
        configuration, where = loaded(arguments)
        config = configuration.config
        environment = config.environment
    except ConfigError as error:
        where = places(arguments.state_dir)
        if arguments.environment is None:
            raise ConfigError((*error.problems, _way_out(arguments, where))) from error
        if arguments.environment not in set(Environment):
            raise
        config = Config()
        environment, doubt = Environment(arguments.environment), error.problems
    if environment in _WITHOUT_ACCOUNT:
        raise UnavailableError(f"{environment} has no account: there is nothing to stop")
    return config, where, environment, doubt


def other_engines(arguments: Arguments, where: Places, environment: Environment) -> tuple[str, ...]:
    """Engines of other environments that run here, of which this command says nothing.

    The environment may have been changed in the cockpit: who names none may mean that one.

    Args:
        arguments: Of the command.
        where: Of this installation.
        environment: That it is about.
    """
    if arguments.environment is not None:
        return ()
    return tuple(
        f"an engine runs in {other}, too, and is not part of this: see --environment {other}"
        for other in sorted(_with_account())
        if other != environment and is_served(socket_path(where.state_dir, other))
    )


def is_nobody_there(error: UnavailableError) -> bool:
    """Whether nobody listens: a socket may have been left behind by one that was killed."""
    return isinstance(error.__cause__, _ABSENCE)


def is_served(path: Path) -> bool:
    """Whether an engine listens at a socket: one that was killed leaves its own behind."""
    try:
        connected(path, _CONNECT_SECONDS).close()
    except (OSError, UnavailableError):
        return False
    return True


def left_lines(positions: Sequence[Left], *, are_stops_seen: bool = True) -> list[str]:
    """One line a position that the venue lists, and whether a stop protects it.

    Args:
        positions: See there.
        are_stops_seen: Whether it listed conditional orders as well.
    """
    without = "WITHOUT A STOP" if are_stops_seen else "its stop was not seen"
    return [
        f"position: {each.symbol} {each.quantity:f}, "
        + ("with a stop" if each.is_protected else without)
        for each in positions
    ]


def _way_out(arguments: Arguments, where: Places) -> str:
    # Who is in a hurry mends no file first, and mistakes in it do not say what was left undone.
    served = [each for each in _with_account() if is_served(socket_path(where.state_dir, each))]
    runs = f"; an engine runs in {', '.join(served)}" if served else ""
    undone = "nothing was told" if arguments.command == "status" else "NOTHING WAS STOPPED"
    names = "|".join(served or _with_account())
    return f"{undone}{runs}: the same with --environment {names} needs no configuration"


def _with_account() -> list[Environment]:
    return [each for each in Environment if each not in _WITHOUT_ACCOUNT]


def _halt(
    arguments: Arguments, config: Config, where: Places, environment: Environment, began_ns: int
) -> Halted:
    who, why, clock = actor(), arguments.reason or _REASON, SystemClock()
    trouble: list[str] = []
    latched_ms: float | None = None
    path = latch_path(where.state_dir, environment)
    try:
        latch = HaltLatch(path, str(environment))
        latch.renew(HaltInfo(who, why, clock.now_ms()))
        latched_ms = (clock.monotonic_ns() - began_ns) / 1e6
    except OSError as error:
        trouble.append(f"the halt file {path} cannot be written: {error.strerror}")
        if _is_there(path, if_hidden=False):  # on a full disk a name has room, and counts as a halt
            trouble.append("a file of that name is there: as long as it is, no start trades")
    plan = _plan(arguments)
    flattens = plan.policy is Policy.FLATTEN and plan.scope.is_all
    teller = _Teller(where, environment, Halt(who, why, clock.now_ms(), flattens))
    teller.start()
    report, seen = _at_venue(config, where, environment, plan)
    trouble += seen
    if report is not None:
        trouble += report.trouble
    teller.join(_ENGINE_SECONDS)
    heard = teller.heard
    beyond = _unreached(config, where, environment) if heard is Heard.ABSENT else ()
    trouble += beyond
    if heard is Heard.SILENT and latched_ms is None and not _is_there(path, if_hidden=False):
        heard = Heard.UNTOLD
    is_confirmed = latched_ms is not None and not seen and (report is None or report.is_confirmed)
    return Halted(
        environment=str(environment),
        is_confirmed=is_confirmed and not beyond,
        latched_ms=latched_ms,
        total_ms=(clock.monotonic_ns() - began_ns) / 1e6,
        engine=heard,
        scope=str(plan.scope),
        venue=report,
        trouble=tuple(trouble),
    )


def _is_there(path: Path, *, if_hidden: bool) -> bool:
    try:
        return path.exists()
    except OSError:  # a directory of another user, into which nobody else may look
        return if_hidden


def _plan(arguments: Arguments) -> KillPlan:
    named = arguments.contracts
    return KillPlan(
        scope=KillScope.of(*named) if named else KillScope.everything(),
        policy=Policy.FLATTEN if _is_flattening(arguments) else Policy.HOLD,
    )


def _is_flattening(arguments: Arguments) -> bool:
    return arguments.command == "flatten" or arguments.flatten


def _at_venue(
    config: Config, where: Places, environment: Environment, plan: KillPlan
) -> tuple[KillReport | None, list[str]]:
    from botcore_tui.cli.kill_venue import (  # noqa: PLC0415 - after the halt file is written
        account_to_kill,
        venue_to_kill,
    )

    try:
        address = account_to_kill(config, where, environment)
    except BotcoreError as error:
        return None, [f"the venue was not asked: {error}"]
    if address is None:
        return None, []  # what was open has ended with its exchange

    async def run() -> KillReport:
        async with venue_to_kill(address) as venue:
            whole = replace(plan, known=address.symbols)
            return await kill(venue, whole, SystemClock(), lambda *_: None)

    try:
        return asyncio.run(run()), []
    except BotcoreError as error:  # such as a client that may not exist
        return None, [f"the venue was not asked: {error}"]


def _unreached(config: Config, where: Places, environment: Environment) -> tuple[str, ...]:
    from botcore_tui.cli.kill_venue import account_to_kill, unreached  # noqa: PLC0415 - as above

    try:
        address = account_to_kill(config, where, environment)
    except BotcoreError:  # told already
        return ()
    return () if address is None else unreached(address, where, environment)


class _Teller(threading.Thread):
    """Tells the engine; nobody waits for it longer than a second."""

    def __init__(self, where: Places, environment: Environment, halt: Halt) -> None:
        super().__init__(name="engine", daemon=True)
        self.heard = Heard.SILENT
        self._path = socket_path(where.state_dir, environment)
        self._halt = halt

    def run(self) -> None:
        from botcore_tui.cli.operator_token import token_for  # noqa: PLC0415 - beside the venue

        if not _is_there(self._path, if_hidden=True):
            self.heard = Heard.ABSENT
            return
        try:
            token = token_for(self._halt, os.environ)
            reply = reply_of(ask(self._path, self._halt, _ENGINE_SECONDS, token))
        except UnavailableError as error:
            self.heard = Heard.ABSENT if is_nobody_there(error) else Heard.SILENT
            return
        except msgspec.MsgspecError:
            return
        self.heard = Heard.SILENT if isinstance(reply, Refusal) else Heard.HALTED


def _lines(halted: Halted, arguments: Arguments) -> list[str]:
    if halted.latched_ms is None:
        first = f"{halted.environment}: NOT LATCHED"
    else:
        first = f"{halted.environment}: halt latched after {halted.latched_ms:.0f} ms"
    silent = not (arguments.contracts or arguments.everything)
    scope = f"{halted.scope}, as neither --symbol nor --all was given" if silent else halted.scope
    lines = [first, f"engine: {halted.engine}", f"scope: {scope}"]
    if arguments.contracts:
        lines.append("the halt is of trading as a whole: a running engine cancels all its entries")
    if halted.venue is not None:
        word = "confirmed" if halted.venue.is_confirmed else "NOT CONFIRMED"
        lines.append(f"venue, {word}: {in_words(halted.venue)}")
        lines += [f"still open: {name}" for name in halted.venue.open_entries]
        if halted.engine is Heard.HALTED and _is_flattening(arguments):
            lines.append("what the engine closed before the venue was asked is not counted here")
        are_seen = CONDITIONAL not in halted.venue.unseen
        lines += left_lines(halted.venue.positions, are_stops_seen=are_seen)
    elif not halted.trouble:
        lines.append("venue: its exchange is gone, and all orders with it")
    return lines
