"""Incident pages open where a code stands: log, why not trading, breakers."""

import pytest
from builders import a_log_line, a_snapshot
from cockpit import Cockpit, a_cockpit, screen_text, turn
from fake_engine import FakeEngine
from risk_views import OBSTACLES, a_risk, a_trip, limited
from textual.pilot import Pilot

from botcore_tui.model.event import Severity
from botcore_tui.ui.runbook import runbook
from botcore_tui.ui.screens.page import page_screen
from botcore_tui.ui.supervisor import Leave

LINES = (
    a_log_line(1, severity=Severity.CRITICAL, source="state.halted", text="ACTIVE -> HALTED"),
    a_log_line(2, source="command.denied", text="ada: PlaceOrder denied P15: no stop, no order"),
    a_log_line(3, source="exchange.demo", text="embedded exchange is ready"),
)


async def pressed(pilot: Pilot[Leave], *keys: str) -> str:
    await pilot.press(*keys)
    await turn(pilot)
    app = pilot.app
    assert isinstance(app, Cockpit)
    return screen_text(app)


@pytest.mark.slow
@pytest.mark.requirement("G7")
async def test_enter_in_the_log_explains_the_newest_code_in_sight_then_those_above() -> None:
    app = a_cockpit(FakeEngine(a_snapshot(), LINES))
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        text = await pressed(pilot, "7", "enter")
        assert "P15  risk to the stop  (page 1 of 3)" in text
        assert "command.denied ada: PlaceOrder denied P15" in text
        for title in ("What it means", "What the program has done", "What to look at", "How to"):
            assert title in text
        assert "command.denied  a command was refused  (page 2 of 3)" in await pressed(pilot, "n")
        assert "state.halted" in await pressed(pilot, "n")
        assert "P15" in await pressed(pilot, "n")
        assert "state.halted" in await pressed(pilot, "N")


@pytest.mark.slow
@pytest.mark.requirement("G7")
async def test_a_search_decides_which_line_is_explained() -> None:
    app = a_cockpit(FakeEngine(a_snapshot(), LINES))
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        text = await pressed(pilot, "7", "slash", *"HALTED", "enter")
        assert "Runbook" not in text  # that enter ended the search
        assert "state.halted  trading was halted  (page 1 of 3)" in await pressed(pilot, "enter")


@pytest.mark.requirement("G7")
async def test_enter_explains_controls_that_deny_first() -> None:
    denying = next(each for each in OBSTACLES if not each.is_passed)
    app = a_cockpit(FakeEngine(limited(a_risk(obstacles=tuple(OBSTACLES)))))
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        assert "enter explains" in await pressed(pilot, "w")
        assert f"{denying.code}  " in (await pressed(pilot, "enter")).split("page 1 of")[0]


@pytest.mark.slow
@pytest.mark.requirement("G7")
async def test_enter_explains_latched_breakers_first() -> None:
    risk = a_risk(trips=(a_trip("A16"),), latched=("A16",))
    app = a_cockpit(FakeEngine(limited(risk)))
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        await pressed(pilot, "b")
        assert "A16  dead-man not confirmed" in await pressed(pilot, "enter")


async def test_all_pages_open_with_one_key_and_scroll_at_any_size() -> None:
    count = len({page.codes for page in runbook().values()})
    app = a_cockpit(FakeEngine(a_snapshot()))
    async with app.run_test(size=(40, 12)) as pilot:
        await turn(pilot)
        text = await pressed(pilot, "R")
        assert f"(page 1 of {count})" in " ".join(text.split())
        assert "--enable-trading" in await pressed(pilot, "end")


async def test_pages_open_before_the_engine_has_shown_itself() -> None:
    app = a_cockpit(FakeEngine(None))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("R")
        await pilot.pause()
        assert "P01  trading state" in screen_text(app)


@pytest.mark.slow
@pytest.mark.parametrize("keys", [("7",), ("w",), ("b",)], ids=str)
async def test_without_a_code_in_sight_nothing_opens(keys: tuple[str, ...]) -> None:
    app = a_cockpit(FakeEngine(a_snapshot(), LINES[2:]))
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        before = await pressed(pilot, *keys)
        depth = len(app.screen_stack)
        await pressed(pilot, "enter")
        assert len(app.screen_stack) == depth, before


def test_codes_without_a_page_open_nothing() -> None:
    assert page_screen(("Z99",), "", clock_ns=lambda: 0) is None
