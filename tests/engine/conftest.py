"""What the tests of the engine share."""

from pathlib import Path

import pytest
from virtual_time import VirtualTime

from botcore_tui.engine import engine as engine_module
from botcore_tui.engine.latch import HaltLatch


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> VirtualTime:
    """A time of its own for a test, in which every engine runs."""
    time = VirtualTime()
    monkeypatch.setattr(engine_module, "loop_factory", lambda *, uses_uvloop: time.loop)
    return time


@pytest.fixture
def latch(tmp_path: Path) -> HaltLatch:
    """A halt file that is not there, nor is its directory."""
    return HaltLatch(tmp_path / "state" / "testnet.halted", "testnet")


@pytest.fixture
def blocked(latch: HaltLatch) -> HaltLatch:
    """The same, and its directory cannot be made until the file in its place is gone."""
    latch.path.parent.write_text("no directory")
    return latch
