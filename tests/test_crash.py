"""Killed at a few points of the order path, and started again; at all of them: bench_crash.py."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import msgspec
import pytest
from crash_lab import Visit
from real_program import surroundings

_LAB: Final = Path(__file__).with_name("crash_lab.py")
_SECONDS: Final = 120.0
"""Never waited for in a passing test."""
_BUSY: Final = 30.0
"""Bound until a position is protected, here; the machine does other things at the same time."""

ENTRY_LEFT: Final = r"~entry \| wire POST /fapi/v1/order \| a turn after done"
STOP_NOT_SENT: Final = r"~entry \| submit stop \| before executor._supervised:\d+ \|"
STOP_LEFT: Final = r"~entry \| wire POST /fapi/v1/algoOrder \| a turn after done"
GUARDS_LEFT: Final = r"~close \| cancel \| before executor._supervised:\d+ \|"
HALT_KEPT: Final = r"~halt \| latch \| after it was set"
STOP_REPLACED: Final = r"~start \| wire POST /fapi/v1/algoOrder \| a turn after done"


@pytest.mark.requirement("F14")
@pytest.mark.parametrize(
    "points",
    [
        pytest.param((ENTRY_LEFT,), id="entry"),
        pytest.param((STOP_NOT_SENT, STOP_LEFT), id="stop", marks=pytest.mark.slow),
        pytest.param((HALT_KEPT, GUARDS_LEFT, STOP_REPLACED), id="later", marks=pytest.mark.slow),
    ],
)
def test_after_sigkill_nothing_is_doubled_lost_or_naked_and_a_halt_stays(
    points: tuple[str, ...], tmp_path: Path
) -> None:
    command = [sys.executable, str(_LAB), "--bound", str(_BUSY), "--keep", str(tmp_path)]
    for point in points:
        command += ["--target", point]
    done = subprocess.run(
        command,
        check=False,
        env=surroundings(tmp_path),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
    )
    visits = [msgspec.json.decode(line, type=Visit) for line in done.stdout.splitlines()]
    assert [each.target for each in visits] == [*points], done.stderr
    assert {each.target: each.problems for each in visits if each.problems} == {}
    assert [each.target for each in visits if not each.is_reached] == []
    assert done.stderr == ""
