"""The drills, each carried out on a real engine: they pass, and would not if it failed."""

import asyncio
from pathlib import Path

import pytest

from botcore_tui.cli import drills
from botcore_tui.cli.drill_stage import Stage
from botcore_tui.cli.drill_terms import Step
from botcore_tui.config import Config

pytestmark = pytest.mark.xdist_group("drills")


def carried_out(directory: Path, *names: str) -> list[Step]:
    """Several in a row on one engine."""

    async def run() -> list[Step]:
        async with Stage(Config(), directory) as stage:
            await drills.prepare(stage)
            for name in names:
                await getattr(drills, name)(stage)
            return stage.steps

    return asyncio.run(run())


def names(steps: list[Step]) -> list[str]:
    return [step.name for step in steps]


@pytest.mark.slow
@pytest.mark.requirement("K8")
@pytest.mark.requirement("F14")
def test_crash_and_dead_man_leave_the_position_protected(tmp_path: Path) -> None:
    steps = carried_out(tmp_path, "crash", "dead_man")
    assert [step for step in steps if not step.is_passed] == []
    assert names(steps) == [
        "position with its stop",
        "entries rest",
        "position and stop are known",
        "position and stop kept",
        "entries are known",
        "countdown is armed",
        "entries still rest",
        "no entry open",
        "position and stop kept",
    ]


@pytest.mark.slow
@pytest.mark.requirement("K8")
@pytest.mark.requirement("F05")
def test_disconnect_halt_and_flatten_pass_one_after_the_other(tmp_path: Path) -> None:
    steps = carried_out(tmp_path, "disconnect", "halt", "flatten")
    assert [step for step in steps if not step.is_passed] == []
    seen = names(steps)
    assert seen.index("reconciled") < seen.index("latched") < seen.index("flat")
    assert "botcore halt confirms" in seen
