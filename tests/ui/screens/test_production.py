"""The way to real money is a look, what is at risk, and a typed name."""

import threading
from collections.abc import Sequence

import pytest
from msgspec import Struct
from textual.app import App
from textual.widgets import Static

from botcore_tui.errors import UnavailableError
from botcore_tui.ui.screens.production import Offer, ProductionDialog


class Found(Struct):
    lines: Sequence[str] = ("REAL MONEY: 812.50 USDT are at risk", "account ...sRfW")
    word: str = "sRfW"


class Road:
    """Answers when it is told to."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.may_answer = threading.Event()

    def look(self) -> Offer:
        self.may_answer.wait(10)
        if self.error is not None:
            raise self.error
        return Found()


class Host(App[None]):
    def __init__(self, dialog: ProductionDialog) -> None:
        super().__init__()
        self.dialog = dialog
        self.answers: list[str | None] = []

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.answers.append)

    def said(self) -> str:
        found = self.dialog.query("#offer").results(Static)
        return "".join(str(offer.render()) for offer in found)


@pytest.mark.requirement("R18")
async def test_money_at_risk_is_seen_before_the_name_can_be_typed() -> None:
    road = Road()
    app = Host(ProductionDialog(road, arm_seconds=0))
    async with app.run_test() as pilot:
        await pilot.press(*"sRfW", "enter")
        assert app.answers == []
        assert "looking at the account" in app.said()
        road.may_answer.set()
        while "looking at" in app.said():
            await pilot.pause()
        assert "812.50 USDT are at risk" in app.said()
        await pilot.press(*"srfw", "enter")
        assert app.answers == []
        await pilot.press(*["backspace"] * 8, *"sRfW", "enter")
        assert app.answers == ["sRfW"]


async def test_the_time_before_the_button_counts_from_when_there_is_something_to_read() -> None:
    road = Road()
    app = Host(ProductionDialog(road, arm_seconds=0))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert not app.dialog.is_armed
        road.may_answer.set()
        while "looking at" in app.said():
            await pilot.pause()
        assert app.dialog.is_armed


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (UnavailableError("no gate to real money was passed"), "no gate to real money was passed"),
        (ValueError("odd"), "ValueError; a defect, nothing was changed"),
    ],
)
async def test_what_stands_in_the_way_is_told_and_nothing_can_be_confirmed(
    error: Exception, text: str
) -> None:
    road = Road(error)
    road.may_answer.set()
    app = Host(ProductionDialog(road, arm_seconds=0))
    async with app.run_test() as pilot:
        while not app.said() or "looking at" in app.said():
            await pilot.pause()
        assert text in app.said()
        await pilot.press(*"yes", "enter")
        assert app.answers == []
        await pilot.press("escape")
        assert app.answers == [""]


async def test_without_a_road_there_is_nothing_to_confirm() -> None:
    app = Host(ProductionDialog(None, arm_seconds=0))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "no way to real money" in app.said()
