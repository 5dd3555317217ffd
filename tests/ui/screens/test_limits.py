"""The first screen: shown once, never in the way of a halt, readable where there is little room."""

from collections.abc import Sequence

import pytest
from builders import a_log_line, a_snapshot
from cockpit import Cockpit, a_cockpit, screen_text, turn
from fake_engine import FakeEngine
from msgspec.structs import replace
from risk_views import a_risk, limited
from textual.pilot import Pilot

from botcore_tui.core.briefing import Paragraph
from botcore_tui.errors import UnavailableError
from botcore_tui.model.event import Severity, TradingState
from botcore_tui.model.risk import RiskView
from botcore_tui.ui.screens.limits import LimitsScreen
from botcore_tui.ui.supervisor import Leave


class Book:
    """Limits that a test sets by hand."""

    def __init__(self, acknowledged: str = "", *, is_needed: bool = False) -> None:
        self.is_needed = is_needed
        self.acknowledged = acknowledged
        self.asked = 0
        self.trouble = ""
        self.risks: list[RiskView | None] = []

    def paragraphs(self, risk: RiskView | None) -> Sequence[Paragraph]:
        self.risks.append(risk)
        lines = tuple(f"limit number {number} is in force" for number in range(30))
        return (Paragraph("What halts", ("Losing \x1b 5 %", *lines)),)

    def acknowledge(self) -> None:
        self.asked += 1
        if self.trouble:
            raise UnavailableError(self.trouble)
        self.acknowledged = "today by tester"


def an_app(
    book: Book | None, engine: FakeEngine | None = None, *, arm_seconds: float = 0.0
) -> Cockpit:
    app = a_cockpit(engine or FakeEngine(a_snapshot()), arm_seconds=arm_seconds)
    app.settings = replace(app.settings, limits=book)
    return app


async def settled(pilot: Pilot[Leave]) -> str:
    await pilot.app.workers.wait_for_complete()
    await turn(pilot)
    app = pilot.app
    assert isinstance(app, Cockpit)
    return screen_text(app)


@pytest.mark.requirement("R71")
async def test_it_opens_at_the_first_start_and_one_key_acknowledges_it() -> None:
    book = Book()
    app = an_app(book)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        text = screen_text(app)
        assert "Limits in force" in text
        assert "enter says that you have read it" in text
        assert r"· Losing \x1b 5 %" in text
        assert "DEMO" in text.splitlines()[0]
        await pilot.press("enter")
        text = await settled(pilot)
        assert (book.asked, "limits acknowledged today by tester" in text) == (1, True)
        assert not isinstance(app.screen, LimitsScreen)


@pytest.mark.slow
@pytest.mark.requirement("R71")
async def test_it_is_not_shown_again_but_on_demand_and_from_the_help() -> None:
    book = Book("yesterday by ada")
    app = an_app(book)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        assert len(app.screen_stack) == 1
        for keys in (("i",), ("question_mark", "i")):
            await pilot.press(*keys)
            await turn(pilot)
            assert "acknowledged yesterday by ada" in screen_text(app)
            await pilot.press("enter", "escape")
            await settled(pilot)
        assert book.asked == 0


@pytest.mark.requirement("R71")
async def test_escape_leaves_it_for_the_next_start() -> None:
    book = Book()
    app = an_app(book)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert (len(app.screen_stack), book.asked) == (1, 0)


@pytest.mark.slow
async def test_a_key_that_was_typed_before_it_was_seen_does_not_acknowledge() -> None:
    book = Book()
    app = an_app(book, arm_seconds=3_600.0)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        await pilot.press("enter")
        screen = app.screen
        assert isinstance(screen, LimitsScreen)
        assert "I have read this" not in await settled(pilot)
        screen._arm()  # its time has come
        assert "I have read this" in await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert book.asked == 1


@pytest.mark.requirement("R71")
@pytest.mark.requirement("K12")
@pytest.mark.parametrize(
    "size",
    [
        (80, 24),
        pytest.param((60, 20), marks=pytest.mark.slow),
        pytest.param((160, 48), marks=pytest.mark.slow),
    ],
    ids=str,
)
async def test_a_halt_and_what_is_critical_are_seen_and_all_of_it_can_be_read(
    size: tuple[int, int],
) -> None:
    engine = FakeEngine(a_snapshot())
    app = an_app(Book(), engine)
    async with app.run_test(size=size) as pilot:
        await turn(pilot)
        await pilot.press("f12")
        engine.lines.append(
            a_log_line(1, severity=Severity.CRITICAL, source="state.halted", text="HALTED now")
        )
        engine.lines.append(a_log_line(2, text="nothing much"))
        await turn(pilot)
        lines = screen_text(app).splitlines()
        assert len(engine.halts) == 1
        assert "HALTING" in lines[0]
        assert "state.halted HALTED now" in lines[-1]
        await pilot.press("end")
        await turn(pilot)
        assert "limit number 29" in screen_text(app)
        assert "HALTED now" in screen_text(app)


@pytest.mark.slow
@pytest.mark.requirement("R71")
async def test_where_trading_waits_for_it_that_is_said_and_what_to_do_then() -> None:
    book = Book(is_needed=True)
    app = an_app(book, FakeEngine(limited(state=TradingState.HALTED)))
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        assert "Trading stays HALTED here until then" in screen_text(app)
        await pilot.press("escape", "f9")
        await turn(pilot)
        assert isinstance(app.screen, LimitsScreen)  # a resume would be refused
        await pilot.press("enter")
        assert "F9 resumes trading, step by step" in await settled(pilot)
        await pilot.press("f9")
        await turn(pilot)
        assert "HALTED → REDUCING" in screen_text(app)


@pytest.mark.slow
async def test_a_mark_that_cannot_be_stored_is_told_and_asked_for_again() -> None:
    book = Book()
    book.trouble = "the disk is full"
    app = an_app(book)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        await pilot.press("enter")
        assert "not stored: the disk is full" in await settled(pilot)
        await pilot.press("i")
        await turn(pilot)
        assert "enter says that you have read it" in screen_text(app)


async def test_it_is_there_before_the_engine_is_and_follows_what_the_session_knows() -> None:
    book, engine = Book(), FakeEngine(None)
    app = an_app(book, engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "limit number 3 is in force" in screen_text(app)
        assert set(book.risks) == {None}
        engine.snapshot = limited(a_risk())
        await turn(pilot)
        assert book.risks[-1] is not None


async def test_where_nothing_can_be_ordered_there_are_no_limits() -> None:
    app = an_app(None)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        await pilot.press("i")
        await turn(pilot)
        assert "there are no limits here" in screen_text(app)
