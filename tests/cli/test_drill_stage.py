"""The stage of a drill: steps that pass in time, or fail."""

import asyncio
from pathlib import Path

import pytest
from drill_scene import Scene

from botcore_tui.cli import drill_stage
from botcore_tui.cli.drill_stage import Stage
from botcore_tui.cli.drill_terms import Seen, Step
from botcore_tui.config import Config
from botcore_tui.errors import FetchError, UnavailableError


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def stepped(scene: Scene, *looks: Seen | FetchError, within_ms: float = 10_000.0) -> Step:
    coming = iter(looks)

    async def look() -> Seen:
        seen = next(coming, looks[-1])
        if isinstance(seen, FetchError):
            raise seen
        return seen

    async def run() -> bool:
        return await scene.expect("open", look, within_ms=within_ms)

    is_passed = asyncio.run(run())
    (step,) = scene.steps
    assert step.is_passed is is_passed
    return step


def test_a_step_passes_once_it_has_come_true(scene: Scene) -> None:
    step = stepped(scene, Seen(is_so=False, text="2 open"), Seen(is_so=True, text="0 open"))
    assert (step.is_passed, step.text) == (True, "0 open")
    assert step.ms is not None


def test_a_question_that_fails_is_asked_again(scene: Scene) -> None:
    assert stepped(scene, FetchError("503"), Seen(is_so=True, text="0 open")).is_passed


@pytest.mark.parametrize("last", [Seen(is_so=False, text="2 open"), FetchError("2 open")])
def test_a_step_that_does_not_come_true_fails_and_says_what_was_there(
    scene: Scene, last: Seen | FetchError
) -> None:
    step = stepped(scene, last, within_ms=30.0)
    assert (step.is_passed, step.text) == (False, "2 open; wanted within 30 ms")


def test_a_step_that_came_true_too_late_fails(scene: Scene) -> None:
    assert not stepped(scene, Seen(is_so=True, text="0 open"), within_ms=-1.0).is_passed


def test_an_engine_that_says_nothing_is_not_taken_for_a_good_one(scene: Scene) -> None:
    async def run() -> object:
        return await scene.status()

    assert asyncio.run(run()) is None
    assert not scene.is_latched()
    assert not scene.note("kept", Seen(is_so=False, text="0 stops"))


def test_what_ends_before_it_trades_is_told_by_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stage, "_command", lambda *_: ["/bin/sh", "-c", "echo no room >&2"])

    async def run() -> None:
        async with Stage(Config(), tmp_path):
            raise AssertionError("it came up")

    with pytest.raises(UnavailableError, match="does not trade: no room"):
        asyncio.run(run())


def test_a_command_that_does_not_end_is_told(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drill_stage, "_COMMAND_SECONDS", 0.05)
    monkeypatch.setattr(Stage, "_command", lambda *_: ["/bin/sleep", "30"])
    with pytest.raises(UnavailableError, match=r"botcore halt does not end within 0\.05 s"):
        asyncio.run(scene.run("halt"))
