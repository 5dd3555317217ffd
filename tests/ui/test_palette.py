"""The command palette offers what there is."""

import pytest
from builders import a_replay, a_snapshot
from cockpit import a_cockpit, turn
from fake_engine import FakeEngine
from textual.command import CommandPalette

from botcore_tui.ui.actions import ACTIONS
from botcore_tui.ui.palette import CockpitCommands


async def test_every_action_and_theme_is_in_the_palette() -> None:
    app = a_cockpit(FakeEngine(a_snapshot(replay=a_replay())))
    async with app.run_test() as pilot:
        await turn(pilot)
        await pilot.press("z")
        provider = CockpitCommands(app.screen)
        texts = [str(hit.prompt) async for hit in provider.discover()]
        for action in ACTIONS:
            is_listed = f"{action.label}: {action.tooltip}" in texts
            assert is_listed == (action.id != "command_palette")
        assert "Theme: mono" in texts


async def test_tape_commands_are_absent_without_a_tape() -> None:
    app = a_cockpit(FakeEngine(a_snapshot()))
    async with app.run_test() as pilot:
        await turn(pilot)
        texts = [str(hit.prompt) async for hit in CockpitCommands(app.screen).discover()]
        assert not any(text.startswith("Step") for text in texts)
        assert not any(text.startswith("All panes") for text in texts)


async def test_search_finds_by_what_an_action_does() -> None:
    app = a_cockpit(FakeEngine(a_snapshot()))
    async with app.run_test():
        hits = [hit async for hit in CockpitCommands(app.screen).search("stop trading now")]
        assert str(max(hits).text).startswith("HALT")


@pytest.mark.requirement("K12")
async def test_halt_key_works_while_the_palette_takes_text() -> None:
    engine = FakeEngine(a_snapshot())
    app = a_cockpit(engine)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+p", "a", "b")
        await pilot.pause()
        assert isinstance(app.screen, CommandPalette)
        await pilot.press("f12", "ctrl+k")
        assert engine.halts == [("tester", "key F12"), ("tester", "key ^k")]
