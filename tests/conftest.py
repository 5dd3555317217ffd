"""Lets every test import the shared builders and fakes that stand beside this file."""

import decimal
import gc
import os
import signal
import ssl
import sys
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from xdist.remote import Producer  # type: ignore[import-untyped]  # it has no types
from xdist.scheduler import LoadGroupScheduling  # type: ignore[import-untyped]  # the same

from botcore_tui.cli import account_claim
from botcore_tui.config import masking

sys.path.insert(0, str(Path(__file__).parent))
# Each worker rewrites the assertions of all test files, which takes a quarter of a minute: once.
sys.dont_write_bytecode = False

from made_once import (  # noqa: E402 - stands beside this file
    keep_what_is_made,
    leave_logs_small,
    look_for_no_unused_snapshots,
    wait_less_for_screens,
)
from property_examples import choose_profile  # noqa: E402 - the same
from set_aside import set_aside  # noqa: E402 - the same

# A shell has what it runs in the background ignore it, and so would all programs of the tests.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

choose_profile()
keep_what_is_made()
wait_less_for_screens()
leave_logs_small()
look_for_no_unused_snapshots()
# Other workers, and other runs on this machine, open accounts of the same keys at the same time.
account_claim._PREFIX = f"botcore-test-{os.getpid()}-"
# Each client of the venue reads all certificates that there are; nothing here has one.
_read_once = cache(ssl.create_default_context)
ssl.create_default_context = _read_once  # type: ignore[assignment]  # it is called alike


_ONE_BY_ONE: Final = {
    "test_app_snapshots.py",
    "test_crash.py",
    "test_end_to_end.py",
    "test_order_runs.py",
    "test_trade_report.py",
}


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage among thousands of tests that all stay, neither now nor later."""
    gc.disable()
    try:
        return (yield)
    finally:
        set_aside()
        gc.enable()


_ALL_SLOW: Final = {
    "test_conformance_ccxt.py",
    "test_conformance_ccxt_implicit.py",
    "test_conformance_ccxt_pro.py",
    "test_conformance_connector.py",
    "test_conformance_python_binance.py",
    "test_conformance_sdk.py",
}
"""Nothing in them is quick, and to import what they need takes a second for each worker."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what would be read only to be left out."""
    is_left_out = config.option.markexpr == "not slow" and collection_path.name in _ALL_SLOW
    return True if is_left_out else None


class _ByFile(LoadGroupScheduling):  # type: ignore[misc]  # xdist has no types
    """Hands out whole files, for what they share; tests of seconds each one by one.

    By the test, as it would be without, the time goes into counting what is left.
    """

    def _split_scope(self, nodeid: str) -> str:
        scope: str = super()._split_scope(nodeid)
        name = nodeid.partition("::")[0]
        is_file = scope == nodeid and Path(name).name not in _ONE_BY_ONE
        return name if is_file else scope


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """One more than there are cores: many a test waits for a disk or another program."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    return len(os.sched_getaffinity(0)) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadGroupScheduling:
    """Decide which worker gets which tests."""
    return _ByFile(config, log)


@pytest.fixture(autouse=True)
def no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin and end without secrets: what one test hides, another may want to see."""
    monkeypatch.setattr(masking._kept, "secrets", ())


@pytest.fixture(autouse=True)
def usual_decimals() -> Iterator[None]:
    """Put back how decimals are rounded: ccxt's unified calls change it for the whole thread."""
    # The context itself, not a copy: tasks that a test starts share it.
    context = decimal.getcontext()
    rounding, precision, traps = context.rounding, context.prec, dict(context.traps)
    yield
    context.rounding, context.prec = rounding, precision
    context.traps.update(traps)
