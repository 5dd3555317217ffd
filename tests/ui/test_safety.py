"""Halt, flatten, resume and reset: from a key to a command, and from its answer to the screen."""

from collections.abc import Sequence

import pytest
from account_builders import an_account, an_answer
from builders import a_halt, a_snapshot
from cockpit import NEVER, a_cockpit, screen_text, turn
from fake_engine import FakeEngine
from msgspec.structs import replace
from risk_views import HALTED_BY_BREAKER, TRIPPED, a_risk, limited
from textual.pilot import Pilot

from botcore_tui.model.command import ResetBreaker
from botcore_tui.model.event import Answer, TradingState
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui.screens.flatten import FlattenDialog
from botcore_tui.ui.screens.report import ReportScreen
from botcore_tui.ui.screens.reset import ResetDialog
from botcore_tui.ui.supervisor import Leave

HALTED = limited(state=TradingState.HALTED, halt=a_halt("somebody", reason="a reason"))
RESUME = ("f9", *"fed", "enter", *"resume", "enter")
RESET = ("b", "r", *"fed", "enter", *"reset", "enter")


async def press(pilot: Pilot[Leave], *keys: str) -> None:
    """Let a picture be drawn, then press keys with one more behind each that opens something."""
    await turn(pilot)
    for key in keys:
        await pilot.press(key)
        if len(key) > 1 or key in "br":
            await turn(pilot, seconds=0.3)


def answering(snapshot: Snapshot, *answers: Answer) -> Snapshot:
    account = snapshot.account or an_account()
    return replace(snapshot, account=replace(account, answers=answers))


# --- flatten -------------------------------------------------------------------------------------


@pytest.mark.requirement("K12")
async def test_flatten_halts_and_closes_after_its_word_was_typed() -> None:
    engine = FakeEngine(limited())
    app = a_cockpit(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "f8")
        assert isinstance(app.screen, FlattenDialog)
        assert engine.halts == []
        await press(pilot, *"flatte", "enter")
        assert engine.halts == []
        await press(pilot, *"n", "enter")
        assert engine.halts == [("tester", "flatten, typed in the cockpit")]
        assert engine.flattens == [True]
        assert app.screen is app.main
        assert "HALTING…" in screen_text(app)
        assert "requested: halt and close every position" in screen_text(app)


@pytest.mark.requirement("K12")
async def test_one_chord_halts_without_a_question_and_without_closing_anything() -> None:
    engine = FakeEngine(limited())
    app = a_cockpit(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "f12", "ctrl+k")
        assert [reason for _, reason in engine.halts] == ["key F12", "key ^k"]
        assert engine.flattens == [False, False]


@pytest.mark.slow
async def test_keys_typed_ahead_cannot_flatten() -> None:
    engine = FakeEngine(limited())
    app = a_cockpit(engine, arm_seconds=NEVER)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "f8", *"flatten", "enter", "tab", "enter")
        assert engine.halts == []


@pytest.mark.slow
@pytest.mark.requirement("K11")
async def test_halt_leaves_the_question_about_flattening_open() -> None:
    engine = FakeEngine(limited())
    app = a_cockpit(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "f8", "f12")
        assert isinstance(app.screen, FlattenDialog)
        await press(pilot, *"flatten", "enter")
        assert engine.flattens == [False, True]


async def test_flatten_says_where_there_is_nothing_to_close() -> None:
    app = a_cockpit(FakeEngine(a_snapshot()))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("f8")
        await pilot.pause()
        assert "no picture yet; F12 halts" in screen_text(app)
        await press(pilot, "f8")
        assert "nothing to flatten here; market data only" in screen_text(app)
        assert app.screen is app.main


async def test_account_that_is_not_known_yet_can_be_flattened() -> None:
    app = a_cockpit(FakeEngine(a_snapshot(trading_enabled=True)))
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, "f8")
        assert "the venue is asked all the same" in screen_text(app)


# --- resume --------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.requirement("K7")
async def test_resume_carries_the_typed_reason_and_its_answer_is_shown() -> None:
    engine = FakeEngine(HALTED)
    app = a_cockpit(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *RESUME)
        assert engine.resumes == [("tester", "fed")]
        assert engine.resumed_with == [("ui-1", ())]
        refusal = an_answer("ui-1", refused="preflight", text="not reconciled")
        engine.snapshot = answering(HALTED, refusal)
        await turn(pilot)
        assert "refused: resume from HALTED: not reconciled (preflight)" in screen_text(app)


@pytest.mark.slow
async def test_resume_without_an_account_waits_for_no_answer() -> None:
    engine = FakeEngine(a_snapshot(state=TradingState.HALTED))
    app = a_cockpit(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *RESUME)
        assert engine.resumed_with == [("", ())]
        await turn(pilot, seconds=5)
        assert "no answer" not in screen_text(app)


@pytest.mark.slow
@pytest.mark.requirement("K7")
async def test_latched_breaker_cannot_be_resumed_away() -> None:
    engine = FakeEngine(HALTED_BY_BREAKER)
    app = a_cockpit(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "f9")
        assert "A01 daily loss is latched: b, then r resets it" in screen_text(app)
        await press(pilot, *"fed", "enter", *"resume", "enter", "tab", "enter")
        assert engine.resumes == []


# --- limits --------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.requirement("R40")
async def test_breaker_is_reset_by_a_typed_reason_and_the_answer_is_shown() -> None:
    engine = FakeEngine(HALTED_BY_BREAKER)
    app = a_cockpit(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *RESET)
        (command,) = engine.sent
        assert command == ResetBreaker(
            command_id="ui-1",
            actor="tester",
            code="A01",
            rebases=False,
            reason="fed",
            time_ms=command.time_ms,
        )
        assert isinstance(app.screen, ReportScreen)
        engine.snapshot = answering(
            HALTED_BY_BREAKER,
            an_answer("ui-1", refused="A01", text="the loss is still beyond the limit"),
        )
        await press(pilot, "escape")
        text = screen_text(app)
        assert "refused: reset A01 daily loss: the loss is still beyond the limit (A01)" in text


@pytest.mark.slow
async def test_rebase_is_part_of_the_command() -> None:
    engine = FakeEngine(HALTED_BY_BREAKER)
    app = a_cockpit(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "b", "r")
        app.screen.query_one("#rebases").focus()
        await press(pilot, "enter")
        app.screen.query_one("#reason").focus()
        await press(pilot, *"fed", "enter", *"reset", "enter")
        (command,) = engine.sent
        assert isinstance(command, ResetBreaker)
        assert command.rebases


@pytest.mark.slow
async def test_nothing_latched_offers_no_reset() -> None:
    app = a_cockpit(FakeEngine(limited()))
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, "b", "r")
        assert isinstance(app.screen, ReportScreen)
        await press(pilot, "escape")
        assert "nothing to reset: no breaker is latched" in screen_text(app)


@pytest.mark.slow
async def test_breaker_that_was_reset_meanwhile_is_not_reset_again() -> None:
    engine = FakeEngine(HALTED_BY_BREAKER)
    app = a_cockpit(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "b", "r", *"fed", "enter", *"reset")
        engine.snapshot = limited(replace(TRIPPED, latched=("A16",)))
        await press(pilot, "enter", "escape")
        assert engine.sent == []
        assert "nothing was sent: A01 is not latched any more" in screen_text(app)


@pytest.mark.slow
@pytest.mark.requirement("K7")
@pytest.mark.parametrize("keys", [("escape",), ("enter",), ("f12",)], ids=str)
async def test_hurried_keys_reset_nothing(keys: Sequence[str]) -> None:
    engine = FakeEngine(HALTED_BY_BREAKER)
    app = a_cockpit(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "b", "r")
        assert isinstance(app.screen, ResetDialog)
        await press(pilot, *keys)
        assert engine.sent == []
        assert not isinstance(app.screen, ResetDialog)


# --- what must not be missed ---------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.requirement("R18")
@pytest.mark.parametrize("size", [(160, 48), (120, 40), (80, 24), (60, 20)], ids=str)
async def test_every_state_has_words_and_a_border_of_its_own(size: tuple[int, int]) -> None:
    engine = FakeEngine(limited())
    app = a_cockpit(engine, theme="mono")
    looks = {
        "demo": limited(),
        "▼ REDUCING": limited(state=TradingState.REDUCING),
        "HALTED": HALTED,
        "PRODUCTION": limited(environment="production", label=""),
        "PRODUCTION  HALTED": replace(HALTED, environment="production", label=""),
    }
    borders = {}
    async with app.run_test(size=size) as pilot:
        for words, snapshot in looks.items():
            engine.snapshot = snapshot
            await turn(pilot)
            await turn(pilot)
            first = screen_text(app).splitlines()[0]
            assert all(word in first.lower() for word in words.lower().split()), first
            kind, _ = app.desk.panes["chart"].styles.border_top
            borders[words] = kind
    assert len(set(borders.values())) == len(looks)


@pytest.mark.slow
@pytest.mark.requirement("A01")
@pytest.mark.requirement("A18")
@pytest.mark.parametrize("size", [(160, 48), (120, 40), (80, 24), (60, 20)], ids=str)
async def test_trip_is_named_in_the_band_at_every_size(size: tuple[int, int]) -> None:
    app = a_cockpit(FakeEngine(HALTED_BY_BREAKER))
    async with app.run_test(size=size) as pilot:
        await turn(pilot)
        assert "TRIPPED A01" in screen_text(app).splitlines()[0]


async def test_limits_without_risk_say_nothing() -> None:
    app = a_cockpit(FakeEngine(limited(a_risk())))
    async with app.run_test(size=(160, 48)) as pilot:
        await turn(pilot)
        first = screen_text(app).splitlines()[0]
        assert not any(word in first for word in ("TRIPPED", "RELAXED", "NO ENTRIES"))
