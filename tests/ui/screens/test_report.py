"""A screen of live rows keeps the state of trading in sight."""

import pytest
from builders import a_halt, a_snapshot
from cockpit import a_cockpit, screen_text, turn
from fake_engine import FakeEngine
from risk_views import limited

from botcore_tui.model.event import TradingState
from botcore_tui.ui.screens.report import ReportScreen

KEYS = ("w", "b", "e")


@pytest.mark.slow
@pytest.mark.requirement("R18")
@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("size", [(160, 48), (120, 40), (80, 24), (60, 20)], ids=str)
async def test_place_and_state_stay_in_sight_above_the_report(
    key: str, size: tuple[int, int]
) -> None:
    engine = FakeEngine(limited(environment="production", label=""))
    app = a_cockpit(engine)
    async with app.run_test(size=size) as pilot:
        await turn(pilot)
        await pilot.press(key)
        await turn(pilot)
        assert isinstance(app.screen, ReportScreen)
        assert screen_text(app).startswith(" PRODUCTION  REAL MONEY  ● ACTIVE")
        engine.snapshot = limited(state=TradingState.HALTED, halt=a_halt())
        await turn(pilot)
        assert "HALTED" in screen_text(app).splitlines()[0]


@pytest.mark.requirement("K12")
@pytest.mark.parametrize("key", KEYS)
async def test_halt_works_and_shows_while_a_report_is_open(key: str) -> None:
    engine = FakeEngine(limited())
    app = a_cockpit(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        await pilot.press(key, "f12")
        await turn(pilot)
        assert len(engine.halts) == 1
        assert "HALTING…" in screen_text(app).splitlines()[0]


@pytest.mark.slow
@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("close", ["escape", "q"])
async def test_report_closes(key: str, close: str) -> None:
    app = a_cockpit(FakeEngine(a_snapshot()))
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        await pilot.press(key)
        await turn(pilot)
        assert app.screen is not app.main
        await pilot.press(close)
        await pilot.pause()
        assert app.screen is app.main


@pytest.mark.slow
@pytest.mark.parametrize("key", KEYS)
async def test_report_that_opens_before_the_first_picture_waits_for_it(key: str) -> None:
    engine = FakeEngine(None)
    app = a_cockpit(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(key)
        await turn(pilot)
        assert "starting" in screen_text(app)
        engine.snapshot = limited()
        await turn(pilot)
        assert "● ACTIVE" in screen_text(app)


@pytest.mark.slow
@pytest.mark.parametrize("key", KEYS)
async def test_report_without_an_account_says_why_it_is_empty(key: str) -> None:
    app = a_cockpit(FakeEngine(a_snapshot()))
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        await pilot.press(key)
        await turn(pilot)
        assert "market data only" in screen_text(app)
