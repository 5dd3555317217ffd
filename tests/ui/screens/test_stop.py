"""Where a stop may go."""

from decimal import Decimal

import pytest
from account_builders import a_position, an_account, flat
from builders import a_snapshot
from textual.app import App
from textual.widgets import Button, Input, Static

from botcore_tui.model.snapshot import Snapshot
from botcore_tui.model.trading import PositionView
from botcore_tui.ui.screens.stop import StopDialog

LONG = a_position(mark=Decimal("61000.0"))
SHORT = a_position(mark=Decimal("61000.0"), quantity=Decimal("-0.120"))


def holding(position: PositionView) -> Snapshot:
    return a_snapshot(account=an_account(positions=(position,)))


class Host(App[None]):
    def __init__(self, position: PositionView) -> None:
        super().__init__()
        self.dialog = StopDialog(position, holding(position), arm_seconds=0.0)
        self.answers: list[Decimal | None] = []

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.answers.append)

    def text(self, selector: str) -> str:
        return str(self.dialog.query_one(selector, Static).render())


async def test_new_price_is_given_back_with_what_it_would_cost_shown_before() -> None:
    app = Host(LONG)
    async with app.run_test() as pilot:
        assert app.dialog.query_one("#stop", Input).placeholder == "now 61500.0"
        await pilot.press(*"60900.0")
        figures = app.text("#figures")
        assert "▲LONG 0.120 at 61600.0, mark 61000.0" in figures
        assert "61500.0 (verified)" in figures
        assert "at stop   -84.00 without fees" in figures
        await pilot.press("up", "enter")
        await pilot.pause()
        assert app.answers == [Decimal("60900.0")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("position", "used", "result"), [(LONG, "60900.1", "-83.99"), (SHORT, "62000.0", "-48.00")]
)
async def test_price_off_the_tick_is_told_as_it_will_be(
    position: PositionView, used: str, result: str
) -> None:
    app = Host(position)
    async with app.run_test() as pilot:
        await pilot.press(*("60900.02" if position is LONG else "62000.07"))
        figures = app.text("#figures")
        assert f"will be   {used}, to the tick" in figures
        assert f"at stop   {result} without fees" in figures
        await pilot.press("up", "enter")
        await pilot.pause()
        assert app.answers == [Decimal(used)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("position", "typed", "why"),
    [
        (LONG, "61000", "must be below the mark 61000: it would trigger at once"),
        (SHORT, "61000", "must be above the mark 61000: it would trigger at once"),
        (LONG, "0", "must be above zero"),
        (LONG, "6e4", "'6e4' is not a number"),
        (SHORT, "9" * 40, "too long: at most 12 digits before and behind the point"),
    ],
)
async def test_price_that_cannot_be_says_why(position: PositionView, typed: str, why: str) -> None:
    app = Host(position)
    async with app.run_test() as pilot:
        await pilot.press(*typed)
        assert app.text("#stop-problem") == why
        assert app.dialog.query_one("#confirm", Button).disabled


async def test_any_price_is_taken_while_the_mark_is_not_known() -> None:
    app = Host(a_position(mark=None))
    async with app.run_test() as pilot:
        await pilot.press(*"99999.9")
        assert not app.dialog.query_one("#confirm", Button).disabled


@pytest.mark.slow
async def test_position_that_is_closed_meanwhile_has_no_stop_to_move() -> None:
    app = Host(LONG)
    async with app.run_test() as pilot:
        await pilot.press(*"60900.0")
        app.dialog.show(a_snapshot(account=flat()))
        assert app.text("#stop-problem") == "the position is closed"
        app.dialog.show(a_snapshot())
        assert app.dialog.query_one("#confirm", Button).disabled
        app.dialog.show(holding(LONG))
        assert not app.dialog.query_one("#confirm", Button).disabled
