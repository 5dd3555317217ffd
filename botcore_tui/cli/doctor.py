"""``botcore doctor``: what this machine, this Python and this terminal can do."""

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Iterator

from botcore_tui import __version__
from botcore_tui.cli.parser import Arguments
from botcore_tui.cli.settings import loaded

_LIBRARIES = ("textual", "websockets", "ccxt", "msgspec", "pydantic", "uvloop")


def run_doctor(arguments: Arguments) -> int:
    """Print findings, one a line; 1 where something would keep the cockpit from working."""
    findings = list(_findings(arguments))
    for is_good, name, text in findings:
        print(f"{'ok  ' if is_good else 'NOTE'}  {name:<12} {text}")
    return 0


def _findings(arguments: Arguments) -> Iterator[tuple[bool, str, str]]:
    yield True, "botcore", f"{__version__} on Python {platform.python_version()}, {sys.platform}"
    versions = (f"{name} {importlib.metadata.version(name)}" for name in _libraries())
    yield True, "libraries", ", ".join(versions)
    configuration, where = loaded(arguments)
    config = configuration.config
    money = "REAL MONEY" if config.environment.is_real_money else "no real money"
    yield not config.environment.is_real_money, "environment", f"{config.environment}: {money}"
    yield not config.trading.enabled, "trading", "enabled" if config.trading.enabled else "off"
    yield _cores()
    has_uvloop = importlib.util.find_spec("uvloop") is not None
    yield has_uvloop, "engine loop", "uvloop" if has_uvloop else "asyncio (uvloop not installed)"
    yield _terminal()
    directory = where.log_file(config.environment).parent
    free_mb = shutil.disk_usage(directory).free // 1_000_000
    yield free_mb > 1_000, "disk", f"{free_mb:,} MB free for logs and tapes in {where.state_dir}"


def _libraries() -> Iterator[str]:
    return (name for name in _LIBRARIES if importlib.util.find_spec(name) is not None)


def _cores() -> tuple[bool, str, str]:
    if not hasattr(os, "sched_getaffinity"):
        return False, "cores", "this system has no thread affinity; engine and screen share cores"
    count = len(os.sched_getaffinity(0))
    if count < 2:
        text = "one core: engine and screen share it; expect latencies of several milliseconds"
        return False, "cores", text
    return True, "cores", f"{count}: the engine gets one for itself while the cockpit is open"


def _terminal() -> tuple[bool, str, str]:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False, "terminal", "none here: the cockpit needs one; --headless does not"
    columns, lines = shutil.get_terminal_size()
    name = os.environ.get("TERM", "unknown")
    colours = os.environ.get("COLORTERM") or "no truecolor announced"
    text = f"{name} {columns}x{lines}, {colours}"
    return columns >= 80 and lines >= 24, "terminal", text
