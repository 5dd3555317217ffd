"""What this machine, this Python and this terminal can do."""

import importlib.metadata
import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from botcore_tui.cli.doctor_terms import Finding, Grade, good
from botcore_tui.cli.places import Places
from botcore_tui.errors import UnavailableError

_LIBRARIES: Final = ("textual", "websockets", "ccxt", "msgspec", "pydantic", "sqlmodel", "uvloop")
_OPTIONAL: Final = ("uvloop",)
_LITTLE_ROOM_MB: Final = 1_000
_NO_ROOM_MB: Final = 50
_COLUMNS, _LINES = 80, 24


def machine(where: Places) -> Iterator[Finding]:
    """Everything but what the configuration decides."""
    yield from libraries()
    yield _cores()
    yield _loop()
    yield _terminal()
    yield _state(where)


def libraries() -> Iterator[Finding]:
    """Which are installed."""
    found = [name for name in _LIBRARIES if importlib.util.find_spec(name) is not None]
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in found)
    yield good("libraries", versions)
    missing = [name for name in _LIBRARIES if name not in (*found, *_OPTIONAL)]
    if missing:
        names = ", ".join(missing)
        yield Finding(
            Grade.BAD, "libraries", f"not installed: {names}", f"pip install {' '.join(missing)}"
        )


def _cores() -> Finding:
    if not hasattr(os, "sched_getaffinity"):
        text = "this system has no thread affinity; engine and screen share cores"
        return Finding(Grade.NOTE, "cores", text, "nothing to do; latencies vary more")
    count = len(os.sched_getaffinity(0))
    if count < 2:
        text = "one core: engine and screen share it; expect latencies of several milliseconds"
        return Finding(Grade.NOTE, "cores", text, "give it two cores, or run --headless")
    return good("cores", f"{count}: the engine gets one for itself while the cockpit is open")


def _loop() -> Finding:
    if importlib.util.find_spec("uvloop") is None:
        text = "asyncio (uvloop is not installed)"
        return Finding(Grade.NOTE, "engine loop", text, "pip install uvloop makes it faster")
    return good("engine loop", "uvloop")


def _terminal() -> Finding:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        text = "none here: the cockpit needs one; --headless does not"
        return Finding(Grade.NOTE, "terminal", text, "look again in the terminal that is meant")
    columns, lines = shutil.get_terminal_size()
    name = os.environ.get("TERM", "unknown")
    colours = os.environ.get("COLORTERM") or "no truecolor announced"
    text = f"{name} {columns}x{lines}, {colours}"
    if columns >= _COLUMNS and lines >= _LINES:
        return good("terminal", text)
    return Finding(Grade.NOTE, "terminal", text, f"better from {_COLUMNS}x{_LINES} on")


def _state(where: Places) -> Finding:
    try:
        where.make()
    except UnavailableError as error:
        return Finding(Grade.BAD, "state", str(error), "use a directory that can be written")
    return _room(where.state_dir)


def _room(directory: Path) -> Finding:
    free_mb = shutil.disk_usage(directory).free // 1_000_000
    text = f"{directory}, {free_mb:,} MB free for ledger, logs and tapes"
    if free_mb > _LITTLE_ROOM_MB:
        return good("state", text)
    grade = Grade.WARN if free_mb > _NO_ROOM_MB else Grade.BAD
    return Finding(grade, "state", text, "make room, or name another with --state-dir")
