"""Signatures and notes from the screen, and the reminder of the review."""

import json

import pytest
from builders import a_snapshot
from check_views import a_check, a_list, a_trade
from checks_app import FakeChecks, an_app, settle
from cockpit import Cockpit, screen_text, turn
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import Input

from botcore_tui.model.check import CheckState, Period
from botcore_tui.model.command import SignOff
from botcore_tui.ui.screens.sign import SignDialog
from botcore_tui.ui.supervisor import Leave


async def fill(pilot: Pilot[Leave], reason: str, word: str) -> None:
    dialog = pilot.app.screen
    assert isinstance(dialog, SignDialog)
    dialog.query_one("#reason", Input).value = reason
    dialog.query_one("#word", Input).value = word
    await pilot.pause()
    await pilot.click("#confirm")
    await turn(pilot)


def signed(app: Cockpit) -> SignOff:
    (command,) = app.fake.sent
    assert isinstance(command, SignOff)
    return command


@pytest.mark.slow
@pytest.mark.requirement("R75")
async def test_a_list_is_signed_with_what_was_seen() -> None:
    checks = FakeChecks()
    checks.lists[Period.DAILY] = a_list(a_check(CheckState.LOOK))
    app = an_app(checks)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        await settle(pilot, "C", "s")
        assert "LOOK R59 P&L of the day" in screen_text(app)
        await fill(pilot, "all read", "daily")
        command = signed(app)
        assert (command.what, command.reason, command.actor) == ("daily", "all read", "tester")
        assert command.summary == "1 LOOK"
        seen = json.loads(command.seen)
        assert seen["checks"][0]["state"] == "LOOK"
        assert seen["limits"] == {"risk.risk_pct": "2"}


@pytest.mark.slow
@pytest.mark.requirement("R66")
async def test_changed_limits_need_their_own_word() -> None:
    checks = FakeChecks()
    checks.lists[Period.WEEKLY] = a_list(period=Period.WEEKLY, changes=("risk.risk_pct: 1 -> 2",))
    app = an_app(checks)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        await settle(pilot, "C", "right", "s")
        await fill(pilot, "calmer", "weekly")
        assert app.fake.sent == []
        await fill(pilot, "calmer", "limits")
        assert signed(app).summary == "1 OK; limits changed: risk.risk_pct: 1 -> 2"


@pytest.mark.slow
@pytest.mark.requirement("R63")
async def test_a_trade_is_reviewed_with_a_note() -> None:
    app = an_app(FakeChecks(a_trade(7), a_trade(5, net="-1")))
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        await settle(pilot, "C", "left", "j", "enter")
        await fill(pilot, "left too late", "reviewed")
        command = signed(app)
        assert (command.what, command.subject, command.reason) == ("trade", "5", "left too late")
        assert command.summary == "BTCUSDT -1.00 USDT"


@pytest.mark.slow
async def test_the_band_goes_on_below_a_question() -> None:
    app = an_app(FakeChecks())
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        await settle(pilot, "C", "s")
        app.fake.snapshot = replace(
            a_snapshot(), heartbeat_ns=app.clock_ns(), published_ns=app.clock_ns()
        )
        await turn(pilot, seconds=0.5)
        assert isinstance(app.screen, SignDialog)
        assert "ENGINE SILENT" not in screen_text(app)


@pytest.mark.slow
async def test_who_cancels_signs_nothing_and_a_halt_leaves_the_question_open() -> None:
    app = an_app(FakeChecks())
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        await settle(pilot, "C", "s", "f12")
        assert isinstance(app.screen, SignDialog)
        await settle(pilot, "escape")
        assert app.fake.sent == []
        await settle(pilot, "left", "enter")
        assert not isinstance(app.screen, SignDialog)


@pytest.mark.requirement("R75")
async def test_a_review_that_is_due_is_said_soon_after_the_start() -> None:
    checks = FakeChecks()
    checks.due = "the daily P&L review is due since 08:00 UTC"
    app = an_app(checks)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await turn(pilot)
        assert "is due since" not in screen_text(app)
        await turn(pilot, seconds=25)
        await settle(pilot)
        assert "the daily P&L review is due since 08:00 UTC (C)" in screen_text(app)


async def test_a_reminder_that_cannot_be_read_goes_to_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    checks = FakeChecks()
    checks.error = OSError("disk is gone")
    app = an_app(checks)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot, seconds=25)
        await settle(pilot)
        assert "disk is gone" in caplog.text
