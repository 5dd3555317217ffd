"""Another environment is entered flat and halted; real money only through its own question."""

from collections.abc import Sequence
from typing import Final

import pytest
from account_builders import a_position, an_account, an_order
from brief import brief
from builders import a_snapshot
from cockpit import CHOICES, Cockpit, turn
from fake_engine import FakeEngine
from msgspec import Struct, structs
from textual.widgets import OptionList

from botcore_tui.model.event import TradingState
from botcore_tui.model.order import OrderState, Purpose
from botcore_tui.model.trading import AccountView
from botcore_tui.ui.screens.production import Offer, ProductionDialog
from botcore_tui.ui.settings import CockpitSettings
from botcore_tui.ui.supervisor import Leave, LeaveReason

_FLAT: Final = an_account(positions=(), orders=())


class Found(Struct):
    lines: Sequence[str] = ("REAL MONEY: 812.50 USDT are at risk",)
    word: str = "sRfW"


class Road:
    """Always open."""

    def look(self) -> Offer:
        return Found()


def a_cockpit(account: AccountView | None) -> Cockpit:
    choices = tuple(structs.replace(choice, available=True) for choice in CHOICES)
    settings = CockpitSettings(
        actor="tester", environments=choices, fps=0.5, arm_seconds=0, road=Road()
    )
    snapshot = a_snapshot(state=TradingState.HALTED, account=account)
    return Cockpit(FakeEngine(snapshot), settings)


@pytest.mark.slow
@pytest.mark.requirement("R18")
async def test_real_money_is_entered_by_its_name_and_then_the_accounts() -> None:
    app = a_cockpit(_FLAT)
    async with app.run_test() as pilot:
        await turn(pilot)
        await pilot.press("f7", "down", "enter", *"production", "enter")
        while not (isinstance(app.screen, ProductionDialog) and app.screen.word):
            await pilot.pause()
        await pilot.press(*"yes", "enter")
        assert app.return_value is None
        await pilot.press(*["backspace"] * 3, *"sRfW", "enter")
    assert app.return_value == Leave(LeaveReason.SWITCH, environment="production", typed="sRfW")


@pytest.mark.slow
async def test_name_typed_without_the_list_is_chosen_there() -> None:
    app = a_cockpit(_FLAT)
    async with app.run_test() as pilot:
        await turn(pilot)
        await pilot.press("f7", *"production")
        environments = app.screen.query_one("#environments", OptionList)
        chosen = environments.highlighted_option
        assert chosen is not None
        assert chosen.id == "production"
        await pilot.press("enter")
        assert isinstance(app.screen, ProductionDialog)


@pytest.mark.slow
async def test_who_changes_his_mind_stays_where_he_is() -> None:
    app = a_cockpit(_FLAT)
    async with app.run_test() as pilot:
        await turn(pilot)
        await pilot.press("f7", "down", "enter", *"production", "enter")
        while not isinstance(app.screen, ProductionDialog):
            await pilot.pause()
        await pilot.press("escape")
        assert app.return_value is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("account", "why"),
    brief(
        [
            (an_account(positions=(a_position(),), orders=()), "positions are open: BTCUSDT"),
            (
                an_account(positions=(), orders=(an_order(purpose=Purpose.ENTRY),)),
                "entries are open",
            ),
            (an_account(positions=(), orders=(), unknown_orders=2), "2 orders are UNKNOWN"),
        ]
    ),
)
async def test_account_that_is_not_flat_is_not_left(account: AccountView, why: str) -> None:
    app = a_cockpit(account)
    async with app.run_test() as pilot:
        await turn(pilot)
        assert why in app._obstacle()
        await pilot.press("f7", "down", "enter", *"production", "enter")
        assert not isinstance(app.screen, ProductionDialog)


@pytest.mark.slow
@pytest.mark.parametrize(
    "account",
    [
        None,
        _FLAT,
        an_account(positions=(), orders=(an_order(state=OrderState.CANCELED),)),
    ],
)
async def test_flat_account_is_in_nobodys_way(account: AccountView | None) -> None:
    app = a_cockpit(account)
    async with app.run_test() as pilot:
        await turn(pilot)
        assert app._obstacle() == ""
