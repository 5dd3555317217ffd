"""What the tests of the engine share."""

import pytest
from virtual_time import VirtualTime

from botcore_tui.engine import engine as engine_module


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> VirtualTime:
    """A time of its own for a test, in which every engine runs."""
    time = VirtualTime()
    monkeypatch.setattr(engine_module, "loop_factory", lambda *, uses_uvloop: time.loop)
    return time
