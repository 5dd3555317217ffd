"""On what the figures were taken."""

import importlib.metadata
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

_PACKAGES = ("botcore-tui", "msgspec", "websockets", "uvloop", "textual", "ccxt", "aiohttp")


class Machine(Struct, frozen=True):
    """Versions, processor, and how busy it was with other things."""

    python: str
    system: str
    processor: str
    cores: int
    """That this process may use."""
    packages: dict[str, str]
    load_average: float
    """Of the last minute."""


def this_machine() -> Machine:
    """Look at the machine now."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return Machine(
        python=f"{platform.python_implementation()} {platform.python_version()}",
        system=platform.platform(),
        processor=_processor(),
        cores=cores,
        packages={name: _version(name) for name in _PACKAGES},
        load_average=round(os.getloadavg()[0], 2),
    )


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor()
    for line in text.splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "absent"


@contextmanager
def engines_core() -> Iterator[None]:
    """Run as in the program: the engine, and the ledger's thread that it starts, on one core."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
