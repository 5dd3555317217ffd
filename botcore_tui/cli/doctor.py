"""``botcore doctor``: what this machine, this Python and this terminal can do."""

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
import time
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final

from msgspec import Struct

from botcore_tui import __version__
from botcore_tui.cli.offers import trades
from botcore_tui.cli.output import say
from botcore_tui.cli.parser import Arguments
from botcore_tui.cli.places import places
from botcore_tui.cli.settings import loaded, refuse_unusable
from botcore_tui.config import Config, Environment, Loaded
from botcore_tui.errors import ConfigError, UnavailableError
from botcore_tui.exchange.sim.child import EmbeddedExchange

_LIBRARIES: Final = ("textual", "websockets", "ccxt", "msgspec", "pydantic", "sqlmodel", "uvloop")
_OPTIONAL: Final = ("uvloop",)
_LITTLE_ROOM_MB: Final = 1_000
_COLUMNS, _LINES = 80, 24
_EXCHANGE_SECONDS: Final = 15.0
"""Longest wait for the embedded exchange."""


class Grade(StrEnum):
    """How much a finding matters."""

    GOOD = "ok"
    NOTE = "NOTE"
    """Worth knowing; the program runs."""
    BAD = "FAIL"
    """The program does not run until this is put right."""


class Finding(Struct, frozen=True):
    """One thing that was looked at."""

    grade: Grade
    name: str
    text: str


def run_doctor(arguments: Arguments) -> int:
    """Print findings, one a line; 1 where something keeps the program from running."""
    findings = list(_findings(arguments))
    say("\n".join(f"{finding.grade:<4}  {finding.name:<13} {finding.text}" for finding in findings))
    return int(any(finding.grade is Grade.BAD for finding in findings))


def _findings(arguments: Arguments) -> Iterator[Finding]:
    about = f"{__version__} on Python {platform.python_version()}, {sys.platform}"
    yield Finding(Grade.GOOD, "botcore", about)
    yield from _libraries()
    configuration = _loaded(arguments)
    yield from _configuration(configuration)
    if isinstance(configuration, Loaded):
        yield _exchange(configuration.config)
    yield _cores()
    yield _loop()
    yield _terminal()
    yield _state(arguments)


def _libraries() -> Iterator[Finding]:
    found = [name for name in _LIBRARIES if importlib.util.find_spec(name) is not None]
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in found)
    yield Finding(Grade.GOOD, "libraries", versions)
    missing = [name for name in _LIBRARIES if name not in (*found, *_OPTIONAL)]
    if missing:
        yield Finding(Grade.BAD, "libraries", f"not installed: {', '.join(missing)}")


def _loaded(arguments: Arguments) -> Loaded | ConfigError:
    try:
        configuration, _ = loaded(arguments)
        refuse_unusable(configuration, is_replay=False)
    except ConfigError as error:
        return error
    return configuration


def _configuration(configuration: Loaded | ConfigError) -> Iterator[Finding]:
    if isinstance(configuration, ConfigError):
        for problem in configuration.problems:
            yield Finding(Grade.BAD, "configuration", problem)
        return
    yield Finding(Grade.GOOD, "configuration", _sources(configuration))
    environment = configuration.config.environment
    trading = "on" if trades(configuration.config, environment) else "off"
    yield Finding(Grade.GOOD, "environment", f"{environment}; trading {trading}, no real money")


def _sources(configuration: Loaded) -> str:
    sources = {origin for origin in configuration.origins.values() if origin != "default"}
    return ", ".join(sorted(sources)) or "defaults"


def _exchange(config: Config) -> Finding:
    from botcore_tui.cli.embedded import exchange_command  # noqa: PLC0415 - the feeds

    begun = time.monotonic()
    exchange = EmbeddedExchange(exchange_command(config), lambda: None)
    try:
        exchange.start()
        is_done = exchange.wait(_EXCHANGE_SECONDS)
    except OSError as error:
        return _no_exchange(config, f"cannot be started: {error.strerror}")
    finally:
        exchange.stop()
    seconds = time.monotonic() - begun
    end = exchange.end if exchange.ready is None else ""
    exchange.wait_for_end(_EXCHANGE_SECONDS)
    if exchange.ready is None:
        waited = f"not ready within {_EXCHANGE_SECONDS:g} s"
        return _no_exchange(config, end if is_done else waited)
    symbols = ", ".join(exchange.ready.symbols)
    text = f"the embedded one is ready after {seconds:.1f} s: {config.demo.market}, {symbols}"
    return Finding(Grade.GOOD, "exchange", text)


def _no_exchange(config: Config, reason: str) -> Finding:
    # Other environments do without.
    grade = Grade.BAD if config.environment is Environment.DEMO else Grade.NOTE
    return Finding(grade, "exchange", f"the embedded one does not start: {reason}")


def _cores() -> Finding:
    if not hasattr(os, "sched_getaffinity"):
        text = "this system has no thread affinity; engine and screen share cores"
        return Finding(Grade.NOTE, "cores", text)
    count = len(os.sched_getaffinity(0))
    if count < 2:
        text = "one core: engine and screen share it; expect latencies of several milliseconds"
        return Finding(Grade.NOTE, "cores", text)
    text = f"{count}: the engine gets one for itself while the cockpit is open"
    return Finding(Grade.GOOD, "cores", text)


def _loop() -> Finding:
    if importlib.util.find_spec("uvloop") is None:
        return Finding(Grade.NOTE, "engine loop", "asyncio (uvloop is not installed)")
    return Finding(Grade.GOOD, "engine loop", "uvloop")


def _terminal() -> Finding:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        text = "none here: the cockpit needs one; --headless does not"
        return Finding(Grade.NOTE, "terminal", text)
    columns, lines = shutil.get_terminal_size()
    name = os.environ.get("TERM", "unknown")
    colours = os.environ.get("COLORTERM") or "no truecolor announced"
    is_large = columns >= _COLUMNS and lines >= _LINES
    text = f"{name} {columns}x{lines}, {colours}"
    if not is_large:
        text += f"; better from {_COLUMNS}x{_LINES} on"
    return Finding(Grade.GOOD if is_large else Grade.NOTE, "terminal", text)


def _state(arguments: Arguments) -> Finding:
    where = places(arguments.state_dir)
    try:
        where.make()
    except UnavailableError as error:
        return Finding(Grade.BAD, "state", str(error))
    return _room(where.state_dir)


def _room(directory: Path) -> Finding:
    free_mb = shutil.disk_usage(directory).free // 1_000_000
    grade = Grade.GOOD if free_mb > _LITTLE_ROOM_MB else Grade.NOTE
    return Finding(grade, "state", f"{directory}, {free_mb:,} MB free for logs and tapes")
