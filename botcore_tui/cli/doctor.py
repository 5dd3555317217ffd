"""``botcore doctor``: what this machine can do, and whether the environment can be traded."""

import logging
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import msgspec

from botcore_tui import __version__
from botcore_tui.cli.doctor_machine import machine
from botcore_tui.cli.doctor_terms import Finding, Grade, Told, exit_code, finding_lines, good
from botcore_tui.cli.offers import trades
from botcore_tui.cli.output import say
from botcore_tui.cli.parser import Arguments
from botcore_tui.cli.places import places
from botcore_tui.cli.secrecy import without_secrets
from botcore_tui.cli.settings import loaded, refuse_unusable
from botcore_tui.config import Config, Environment, Loaded
from botcore_tui.errors import ConfigError
from botcore_tui.exchange.sim.child import EmbeddedExchange
from botcore_tui.exchange.sim.ready import Ready

_EXCHANGE_SECONDS: Final = 15.0
"""Longest wait for the embedded exchange."""


def run_doctor(arguments: Arguments) -> int:
    """Print findings; exit code by the gravest of them."""
    # What the clients would log is in the findings.
    logging.getLogger("botcore_tui").addHandler(logging.NullHandler())
    findings = tuple(_findings(arguments))
    if arguments.json:
        told = Told(findings, not any(each.grade is Grade.BAD for each in findings))
        say(without_secrets(msgspec.json.encode(told).decode()))
    else:
        say(without_secrets("\n".join(line for each in findings for line in finding_lines(each))))
    return exit_code(findings)


def _findings(arguments: Arguments) -> Iterator[Finding]:
    about = f"{__version__} on Python {platform.python_version()}, {sys.platform}"
    yield good("botcore", about)
    where = places(arguments.state_dir)
    yield from machine(where)
    configuration = _loaded(arguments)
    yield from _configuration(configuration)
    if isinstance(configuration, Loaded):
        config = configuration.config
        with _embedded(config) as (exchange, ready):
            yield exchange
            if where.state_dir.is_dir():
                from botcore_tui.cli.doctor_place import place  # noqa: PLC0415 - a database, ccxt

                yield from place(config, where, ready)


def _loaded(arguments: Arguments) -> Loaded | ConfigError:
    try:
        configuration, _ = loaded(arguments)
        # Real money is opened for a session only; looking at it needs no leave.
        if not configuration.config.environment.is_real_money:
            refuse_unusable(configuration, is_replay=False)
    except ConfigError as error:
        return error
    return configuration


def _configuration(configuration: Loaded | ConfigError) -> Iterator[Finding]:
    if isinstance(configuration, ConfigError):
        for problem in configuration.problems:
            yield Finding(Grade.BAD, "configuration", problem, "botcore config check tells more")
        return
    yield good("configuration", _sources(configuration))
    environment = configuration.config.environment
    trading = "on" if trades(configuration.config, environment) else "off"
    if not environment.is_real_money:
        yield good("environment", f"{environment}; trading {trading}, no real money")
        return
    how = "each session is started with --production --enable-trading and confirmed by a person"
    yield Finding(Grade.NOTE, "environment", f"{environment}; REAL MONEY", how)


def _sources(configuration: Loaded) -> str:
    sources = {origin for origin in configuration.origins.values() if origin != "default"}
    return ", ".join(sorted(sources)) or "defaults"


@contextmanager
def _embedded(config: Config) -> Iterator[tuple[Finding, Ready | None]]:
    """The embedded exchange, as long as it is looked at."""
    from botcore_tui.cli.embedded import exchange_command  # noqa: PLC0415 - the feeds

    begun = time.monotonic()
    exchange = EmbeddedExchange(exchange_command(config), lambda: None)
    try:
        exchange.start()
    except OSError as error:
        yield _no_exchange(config, f"cannot be started: {error.strerror}"), None
        return
    try:
        is_done = exchange.wait(_EXCHANGE_SECONDS)
        ready, end = exchange.ready, exchange.end
        if ready is None or end:
            waited = f"not ready within {_EXCHANGE_SECONDS:g} s"
            yield _no_exchange(config, end if is_done else waited), None
            return
        seconds, symbols = time.monotonic() - begun, ", ".join(ready.symbols)
        text = f"the embedded one is ready after {seconds:.1f} s: {config.demo.market}, {symbols}"
        yield good("exchange", text), ready
    finally:
        exchange.stop()
        exchange.wait_for_end(_EXCHANGE_SECONDS)


def _no_exchange(config: Config, reason: str) -> Finding:
    # Other environments do without.
    grade = Grade.BAD if config.environment is Environment.DEMO else Grade.NOTE
    text = f"the embedded one does not start: {reason}"
    return Finding(grade, "exchange", text, "botcore sim --port 0 shows more; demo needs it")
