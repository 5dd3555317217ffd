"""What stands on this machine around an account: who runs it, its ledger, phase, operators."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from sqlalchemy import text as sql
from sqlalchemy.exc import SQLAlchemyError

from botcore_tui.cli.claim import holder
from botcore_tui.cli.doctor_terms import Finding, Grade, good
from botcore_tui.cli.ledger_place import ledger_url
from botcore_tui.cli.left_state import Beginning, left_as
from botcore_tui.cli.phase_report import PhaseReport, phase_report
from botcore_tui.cli.places import Places, latch_path
from botcore_tui.cli.real_money_road import production_rules
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Environment
from botcore_tui.core.standing import BREAKER, code_of, trips_of
from botcore_tui.engine.latch import HaltLatch
from botcore_tui.errors import BotcoreError, UnavailableError
from botcore_tui.ledger.lease import is_held
from botcore_tui.ledger.migrate import check_version, version_of
from botcore_tui.ledger.store import file_of, reading_engine, shown, writing_engine
from botcore_tui.model.event import TradingState
from botcore_tui.operators.keys import any_can_write, read_public_key
from botcore_tui.operators.names import operators_directory

_HALTED: Final = TradingState.HALTED
_LOOK: Final = "look why"
_RESUME: Final = "resume with botcore resume --reason TEXT"
_SCRATCH: Final = "CREATE TABLE doctor_scratch (looked INTEGER)"


def lock(where: Places, environment: Environment) -> Finding:
    """Whether another instance runs."""
    pid = running(where, environment)
    if not pid:
        return good("instance", f"no other one runs {environment} with this state directory")
    text = f"{environment} runs already, pid {pid}: what it has for itself is only looked at"
    return Finding(Grade.NOTE, "instance", text, "botcore status tells how it stands")


def running(where: Places, environment: Environment) -> str:
    """Number of the process that runs an environment; empty if none does. Takes nothing."""
    path = where.lock_dir / f"{environment}.lock"
    try:
        fileno = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        # Shared: two that look do not take each other for the one that runs.
        fcntl.flock(fileno, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return holder(path)
    finally:
        os.close(fileno)
    return ""


def halt_file(config: Config, where: Places, environment: Environment, account: str) -> Finding:
    """Whether a halt, or what is left of one, waits for somebody to resume.

    Args:
        config: Checked.
        where: Of this installation.
        environment: Whose.
        account: Whose sessions count; empty: nobody's.
    """
    path = latch_path(where.state_dir, environment)
    halt = HaltLatch(path, str(environment), account=account).read()
    left: Beginning | None = None
    is_known = True
    try:
        left = left_as(config, where.state_dir, environment, account) if account else None
    except UnavailableError:
        is_known = False  # that of the ledger says why
    if halt is not None:
        text = f"halted by {halt.actor}: {halt.reason}"
        codes = [code_of(trip.reason)[0] for trip in trips_of(halt)]
        is_latched = halt.actor == BREAKER or (left is not None and left.state is _HALTED)
        first = f"{_LOOK}, {_reset(codes)}" if codes or is_latched else _LOOK
        remedy = f"a session begins HALTED; {first}, then {_RESUME}"
        return Finding(Grade.WARN, "halt file", text, remedy)
    if not is_known:
        text = "none; in which state a session begins is not known"
        return Finding(Grade.NOTE, "halt file", text, "see ledger")
    if left is None:
        begins = "HALTED, as always with real money" if environment.is_real_money else "ACTIVE"
        return good("halt file", f"none: a session begins {begins}")
    state = _HALTED if environment.is_real_money else left.state
    text = f"none, but a session begins {state}: {left.why}"
    first = f"{_LOOK}, {_reset(())}" if left.state is _HALTED else _LOOK
    return Finding(Grade.WARN, "halt file", text, f"{first}, then {_RESUME}")


def _reset(codes: Sequence[str]) -> str:
    # While a breaker is latched a resume is refused.
    told = (f"botcore reset-breaker {code} --reason TEXT" for code in codes or ("CODE",))
    return f"reset what is still latched with {' and '.join(told)}"


def ledger(config: Config, where: Places, environment: Environment, account: str) -> Finding:
    """Whether it can be written; nothing that is in it changes.

    Args:
        config: Checked.
        where: Of this installation.
        environment: Whose ledger.
        account: Whose lease is looked at; empty: nobody's.
    """
    url = ledger_url(config, where.state_dir, environment)
    try:
        return _ledger(url, account, is_running=bool(running(where, environment)))
    except (UnavailableError, SQLAlchemyError, OSError) as error:
        words = str(error) if isinstance(error, UnavailableError) else type(error).__name__
        remedy = "no order leaves without it: see that it can be written, or name another"
        return Finding(Grade.BAD, "ledger", f"{shown(url)}: {words}", f"{remedy} with ledger.url")


def _ledger(url: str, account: str, *, is_running: bool) -> Finding:
    path = file_of(url)
    if path is not None and not path.exists():
        if os.access(_nearest(path.parent), os.W_OK):
            return good("ledger", f"{path} is made by the first session")
        text = f"{path} cannot be made"
        return Finding(Grade.BAD, "ledger", text, "make its directory writable")
    engine = reading_engine(url)
    try:
        with engine.connect() as connection, connection.begin():
            if version_of(connection) is None:
                return good("ledger", f"{shown(url)} is empty; the first session makes its tables")
            check_version(connection, shown(url))
            is_held_now = bool(account) and is_held(connection, account, SystemClock().now_ms())
    finally:
        engine.dispose()
    if is_running or is_held_now:
        text = f"{shown(url)} is being written by an engine: it was only read"
        return Finding(Grade.NOTE, "ledger", text, "nothing to do")
    _write(url)
    return good("ledger", f"{shown(url)} can be written")


def _write(url: str) -> None:
    """Write, and take it back."""
    engine = writing_engine(url)
    try:
        with engine.connect() as connection:
            transaction = connection.begin()
            try:
                connection.execute(sql(_SCRATCH))
                connection.execute(sql("INSERT INTO doctor_scratch (looked) VALUES (1)"))
            finally:
                transaction.rollback()
    finally:
        engine.dispose()


def _nearest(directory: Path) -> Path:
    return next((each for each in (directory, *directory.parents) if each.exists()), directory)


def phase(
    config: Config, where: Places, environment: Environment, account: str
) -> tuple[Finding, PhaseReport | None]:
    """Which phase is in force, and whether it lets new risk through."""
    remedy = "botcore phase shows what is missing"
    is_demo = environment is Environment.DEMO  # its account is a new one each time
    try:
        if environment.is_real_money:
            production_rules(config, where.state_dir, os.environ)
        now_ms = SystemClock().now_ms()
        report = phase_report(config, where.state_dir, environment, account, now_ms)
    except (BotcoreError, SQLAlchemyError) as error:
        return Finding(Grade.BAD, "phase", _line(error), remedy), None
    view = report.view
    band = f"{view.band_low:f} to " + ("any" if view.band_high is None else f"{view.band_high:f}")
    capital = "unknown" if view.capital is None else f"{view.capital:.2f}"
    text = f"{view.phase}, capital {capital} of {band} USDT, leverage {view.max_leverage:f}x"
    if is_demo:
        return good("phase", f"{view.phase}, any capital, leverage {view.max_leverage:f}x"), report
    if view.capital is None:
        # The first session tells; until then nothing follows from it.
        return Finding(Grade.NOTE, "phase", text, "known once a session has begun"), report
    if view.trouble:
        return Finding(Grade.BAD, "phase", f"{text}: {view.trouble}", remedy), report
    return good("phase", text), report


def operators(where: Places, environment: Environment) -> Iterator[Finding]:
    """Who is believed, and whether others could change that."""
    directory = operators_directory(where.state_dir)
    if any_can_write(directory):
        text = f"others can write {directory}"
        yield Finding(Grade.BAD, "operators", text, f"chmod go-w {directory}")
        return
    keys = sorted(directory.glob("*.pub.pem"))
    trusted = 0
    for path in keys:
        try:
            read_public_key(path)
        except UnavailableError as error:
            yield Finding(Grade.WARN, "operators", str(error), f"put right or remove {path}")
        else:
            trusted += 1
    if trusted:
        yield good("operators", f"{trusted} trusted keys in {directory}")
    elif environment.is_real_money:
        text = f"no trusted key in {directory}: nobody can trade with real money"
        yield Finding(Grade.BAD, "operators", text, "botcore operator keygen")
    elif not keys:
        yield good("operators", "none: this user commands; needed for real money only")


def _line(error: Exception) -> str:
    return str(error) if isinstance(error, BotcoreError) else type(error).__name__
