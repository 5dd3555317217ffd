"""The checks screen: lists read in a thread, states by word and sign, the journal's cursor."""

import pytest
from builders import a_snapshot
from check_views import a_check, a_list, a_signature, a_trade
from checks_app import FakeChecks, an_app, settle
from cockpit import a_cockpit, turn
from fake_engine import FakeEngine
from msgspec.structs import replace
from risk_views import a_risk

from botcore_tui.model.check import CheckState, Period


@pytest.mark.slow
@pytest.mark.requirement("R58")
@pytest.mark.requirement("R62")
async def test_each_check_is_told_by_word_and_sign_at_80x24() -> None:
    checks = FakeChecks()
    checks.lists[Period.DAILY] = a_list(
        a_check(),
        a_check(CheckState.FAILED, details=("btcusdt@depth: 91.00 %",)),
        a_check(CheckState.NOT_KNOWN, value="nothing\x1b"),
        signed=a_signature(),
    )
    app = an_app(checks)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        text = await settle(pilot, "C")
        assert "1 OK, 1 FAILED, 1 NOT KNOWN, read" in text
        assert "✓ OK        R59 P&L of the day: +0.40 % (+20.00 USDT)" in text
        assert "limit -2.5 % to +5 %; from ledger, 6" in text
        assert "✗ FAILED    R59 P&L" in text
        assert "- btcusdt@depth: 91.00 %" in text
        assert "→ botcore checks trades" in text
        assert r"? NOT KNOWN R59 P&L of the day: nothing\x1b" in text
        assert "last signed 11-14 21:13Z by ada: all read (5 OK)" in text
        assert checks.asked[0][0] is Period.DAILY
        assert checks.asked[0][1] == a_risk()
        assert max(map(len, text.splitlines())) <= 80


@pytest.mark.slow
@pytest.mark.requirement("R64")
async def test_lists_are_turned_over_and_read_again() -> None:
    checks = FakeChecks()
    app = an_app(checks)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        text = await settle(pilot, "C")
        assert "the daily list was never signed" in text
        assert "[daily] weekly  monthly  journal" in text
        assert "the weekly list was never signed" in await settle(pilot, "right")
        assert "the monthly list was never signed" in await settle(pilot, "right")
        assert "no trade ended flat in 7 days" in await settle(pilot, "right")
        assert "the monthly list was never signed" in await settle(pilot, "left")
        checks.error = OSError("disk is gone")
        assert "the checks cannot be read: disk is gone" in await settle(pilot, "r")
        await settle(pilot, "escape")
        assert app.screen is app.main


async def test_without_a_ledger_that_is_said_and_nothing_can_be_signed() -> None:
    app = an_app(None)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        assert "there is no ledger here" in await settle(pilot, "C", "s", "enter")
        assert app.fake.sent == []


@pytest.mark.slow
@pytest.mark.requirement("R63")
async def test_the_journal_has_a_cursor_that_stays_in_sight() -> None:
    trades = [a_trade(number, note="fine" if number % 2 else "") for number in range(100, 140)]
    app = an_app(FakeChecks(*trades))
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        text = await settle(pilot, "C", "left")
        assert "40 trades in 7 days, 20 not reviewed" in text
        assert "▶     100" in text
        assert "! not reviewed" in text
        assert "✓ fine (ada)" in text
        text = await settle(pilot, *["j"] * 30)
        assert "▶     130" in text
        text = await settle(pilot, "pageup", *["k"] * 40)
        assert "▶     100" in text


async def test_no_account_is_no_reason_to_fail() -> None:
    app = a_cockpit(FakeEngine(a_snapshot()))
    checks = FakeChecks()
    app.settings = replace(app.settings, checks=checks)
    async with app.run_test(size=(120, 40)) as pilot:
        await turn(pilot)
        await settle(pilot, "C")
        assert checks.asked == [(Period.DAILY, None)]
