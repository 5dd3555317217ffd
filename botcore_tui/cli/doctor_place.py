"""Whether the configured environment is ready: the account's place here, then the venue itself."""

import asyncio
import os
from collections.abc import Iterator

from botcore_tui.cli.addresses import Address, demo_address, looking_address, venue_address
from botcore_tui.cli.desk_settings import limits_of
from botcore_tui.cli.doctor_terms import Finding, Grade
from botcore_tui.cli.first_start import waiting
from botcore_tui.cli.kill_venue import account_to_kill
from botcore_tui.cli.offers import trades
from botcore_tui.cli.phase_report import PhaseReport
from botcore_tui.cli.places import Places, latch_path
from botcore_tui.cli.preflight import Wanted, preflight
from botcore_tui.cli.preflight_place import (
    halt_file,
    ledger,
    lock,
    operators,
    phase,
    running,
)
from botcore_tui.cli.preflight_streams import streams
from botcore_tui.cli.setup_steps import tested_alert
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Environment, endpoints
from botcore_tui.core.gate_limits import tightest
from botcore_tui.engine.latch import HaltLatch
from botcore_tui.errors import BotcoreError
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.sim.ready import Ready

_WITHOUT_ACCOUNT = frozenset({Environment.PAPER, Environment.REPLAY})


def place(config: Config, where: Places, ready: Ready | None) -> Iterator[Finding]:
    """Everything about the configured environment.

    Args:
        config: Checked.
        where: Of this installation.
        ready: An embedded exchange that was started to be looked at; None if that failed.
    """
    environment = config.environment
    if environment in _WITHOUT_ACCOUNT:
        yield from _market(config, environment)
        return
    left = demo_left(config, where, environment)
    address = address_of(config, environment, ready) if left is None else left
    is_ours = environment is Environment.DEMO and left is None
    account = "" if isinstance(address, Finding) or is_ours else address.account
    yield lock(where, environment)
    yield halt_file(config, where, environment, account)
    yield ledger(config, where, environment, account)
    found, report = phase(config, where, environment, account)
    yield found
    yield from operators(where, environment)
    if waiting(config, environment, where.state_dir):
        text = "the limits in force were not acknowledged: trading stays HALTED"
        yield Finding(Grade.BAD, "limits", text, "read them: botcore setup --accept")
    yield tested_alert(config, environment, is_sent=False)
    if isinstance(address, Finding):
        yield address
        yield from () if environment is Environment.DEMO else _market(config, environment)
        return
    why = "" if is_ours else _no_canary(where, environment)
    yield from asyncio.run(preflight(address, config, _wanted(config, environment, report, why)))


def demo_left(config: Config, where: Places, environment: Environment) -> Address | None:
    """The account of a demo that trades, or was left behind by one; None: there is none.

    An exchange that exists only for this look would tell of an account that is nobody's.

    Args:
        config: Checked.
        where: Of this installation.
        environment: None has such an account but demo.
    """
    return account_to_kill(config, where, environment) if environment is Environment.DEMO else None


def address_of(config: Config, environment: Environment, ready: Ready | None) -> Address | Finding:
    """The account, with its key; or why there is none to look at.

    Args:
        config: Checked.
        environment: With an account.
        ready: An embedded exchange, for demo; None: there is none.
    """
    try:
        if environment is Environment.DEMO:
            if ready is None:
                text = "not looked at: there is no exchange"
                return Finding(Grade.NOTE, "account", text, "see exchange")
            return demo_address(ready)
        if environment.is_real_money:
            return looking_address(config, environment, os.environ)
        return venue_address(config, environment, os.environ)
    except BotcoreError as error:
        # Whoever only watches needs no key.
        is_needed = environment.is_real_money or trades(config, environment)
        grade = Grade.BAD if is_needed else Grade.NOTE
        return Finding(grade, "key", str(error), "set it, then look again")


def _wanted(
    config: Config, environment: Environment, report: PhaseReport | None, no_canary: str
) -> Wanted:
    limits = limits_of(config, environment)
    rules = None if report is None else report.rules
    return Wanted(
        margin_type=config.risk.margin_type,
        leverage=tightest(limits, rules).venue_leverage,
        clock_offset_ms=limits.clock_offset_ms,
        clock_doubt_ms=config.risk.clock_doubt_ms,
        no_canary=no_canary,
    )


def _no_canary(where: Places, environment: Environment) -> str:
    if environment.is_real_money:
        return "with real money nothing but questions is sent"
    if HaltLatch(latch_path(where.state_dir, environment), str(environment)).read() is not None:
        return "trading is halted: nothing is sent that could raise a position"
    pid = running(where, environment)
    if pid:
        return f"an engine trades this account, pid {pid}"
    is_left = environment is Environment.DEMO
    return "a crash left this account behind: the next session takes it over" if is_left else ""


def _market(config: Config, environment: Environment) -> Iterator[Finding]:
    hosts = endpoints(environment, config.hosts)
    if hosts is None:
        return
    limiter = Limiter(config.limits.weight_per_minute, SystemClock())
    yield from asyncio.run(streams(hosts, config.symbols, config, limiter)).findings
