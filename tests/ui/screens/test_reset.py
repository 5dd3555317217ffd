"""Which breaker, why, and whether losses count anew."""

import pytest
from risk_views import HALTED_BY_BREAKER, a_risk, limited
from textual.app import App
from textual.widgets import Button, Input, OptionList

from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui.screens.reset import RESET_WORD, ResetDialog


class Host(App[None]):
    def __init__(self, dialog: ResetDialog) -> None:
        super().__init__()
        self.dialog = dialog
        self.answers: list[str | None] = []

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.answers.append)


def a_dialog(snapshot: Snapshot = HALTED_BY_BREAKER) -> ResetDialog:
    return ResetDialog(snapshot, arm_seconds=0)


@pytest.mark.requirement("R40")
async def test_reason_and_word_reset_the_first_latched_breaker() -> None:
    app = Host(a_dialog())
    async with app.run_test(size=(80, 24)) as pilot:
        assert app.focused is app.dialog.query_one("#cancel")
        await pilot.press(*"fed", "enter", *RESET_WORD, "enter")
        assert app.answers == ["fed"]
        assert (app.dialog.code, app.dialog.rebases) == ("A01", False)


@pytest.mark.requirement("R40")
async def test_other_breaker_is_chosen_and_named_on_the_button() -> None:
    app = Host(a_dialog())
    async with app.run_test(size=(80, 24)) as pilot:
        app.dialog.query_one(OptionList).focus()
        await pilot.press("down", "enter")
        await pilot.pause()
        assert app.dialog.code == "A16"
        assert str(app.dialog.query_one("#confirm", Button).label) == "Reset A16"
        assert "A16 dead-man" in app.dialog.query_one("#word", Input).placeholder
        assert app.focused is app.dialog.query_one("#reason")


async def test_losses_count_anew_only_where_that_was_chosen() -> None:
    app = Host(a_dialog())
    async with app.run_test(size=(80, 24)) as pilot:
        button = app.dialog.query_one("#rebases", Button)
        # For so long a button takes no second press.
        button.active_effect_duration = 0
        assert "no (refused while beyond the limit)" in str(button.label)
        button.focus()
        await pilot.press("enter")
        await pilot.pause()
        assert str(button.label) == "losses count anew from now: YES"
        assert app.dialog.rebases
        await pilot.press("enter")
        await pilot.pause()
        assert str(button.label).startswith("losses count anew from now: no")
        assert app.answers == []


@pytest.mark.slow
@pytest.mark.parametrize("typed", ["", "rese", "RESET", "resume"])
async def test_another_word_resets_nothing(typed: str) -> None:
    app = Host(a_dialog())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"because", "enter", *typed, "enter")
        assert app.answers == []


async def test_breaker_whose_trip_is_forgotten_can_still_be_reset() -> None:
    app = Host(a_dialog(limited(a_risk(latched=("A14",)))))
    async with app.run_test(size=(80, 24)) as pilot:
        option = app.dialog.query_one(OptionList).get_option_at_index(0)
        assert str(option.prompt) == "A14 engine"
        await pilot.press("escape")
        assert app.answers == [""]


async def test_nothing_latched_leaves_nothing_to_choose() -> None:
    app = Host(a_dialog(limited()))
    async with app.run_test(size=(80, 24)):
        assert app.dialog.code == ""
        assert app.dialog.query_one(OptionList).option_count == 0
