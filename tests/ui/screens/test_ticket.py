"""The ticket on the screen."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from account_builders import an_account, flat
from builders import a_snapshot
from cockpit import a_cockpit, screen_text, turn
from fake_engine import FakeEngine
from textual.widgets import Button

from botcore_tui.model.event import TradingState
from botcore_tui.model.market import Side
from botcore_tui.ui.screens.ticket import OrderTicket

FLAT = a_snapshot(trading_enabled=True, account=flat())


async def shown(*keys: str, size: tuple[int, int] = (80, 24)) -> Sequence[str]:
    app = a_cockpit(FakeEngine(FLAT))
    async with app.run_test(size=size) as pilot:
        await turn(pilot)
        await pilot.press("B", *keys)
        await turn(pilot, seconds=0.6)
        return [line.strip(" │╭╮╰╯") for line in screen_text(app).splitlines()]


@pytest.mark.slow
async def test_everything_that_decides_is_on_a_small_screen() -> None:
    lines = await shown(*"0.1", "tab", *"61000", "enter")
    text = "\n".join(lines)
    assert "Buy BTCUSDT · DEMO" in text
    for word in ("notional  6,165.97", "fees      ", "risk      ", "of equity", "Send BUY"):
        assert word in text, word


async def test_price_cannot_be_typed_for_a_market_order() -> None:
    app = a_cockpit(FakeEngine(FLAT))
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        await pilot.press("B")
        await pilot.pause()
        assert len(app.screen.query("#price:disabled")) == 1
        app.screen.query_one("#type", Button).press()
        await pilot.pause()
        assert not app.screen.query("#price:disabled")
        assert "LIMIT" in screen_text(app)


@pytest.mark.slow
async def test_picture_that_comes_before_the_fields_are_there_is_kept() -> None:
    app = a_cockpit(FakeEngine(FLAT))
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        ticket = OrderTicket(Side.BUY, FLAT, taker_pct=Decimal("0.05"), arm_seconds=0)
        app.push_screen(ticket)
        ticket.show(FLAT)
        await pilot.pause()
        assert "Buy BTCUSDT" in screen_text(app)


async def test_cautions_stand_above_the_fields() -> None:
    snapshot = a_snapshot(
        state=TradingState.REDUCING, account=an_account(trouble="user stream down")
    )
    app = a_cockpit(FakeEngine(snapshot))
    async with app.run_test(size=(100, 30)) as pilot:
        await turn(pilot)
        await pilot.press("S")
        await turn(pilot, seconds=0.6)
        assert "the engine is REDUCING" in screen_text(app)
        assert "no entries now: user stream down" in screen_text(app)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(1, 1), (20, 5), (60, 20), (160, 48)], ids=str)
async def test_ticket_opens_and_closes_at_any_size(size: tuple[int, int]) -> None:
    app = a_cockpit(FakeEngine(FLAT))
    async with app.run_test(size=size) as pilot:
        await turn(pilot)
        await pilot.press("B", "1", "tab", "2")
        assert isinstance(app.screen, OrderTicket)
        await pilot.press("escape")
        assert app.screen is app.main


def test_ticket_keeps_the_contract_and_side_it_was_opened_for() -> None:
    ticket = OrderTicket(Side.SELL, FLAT, taker_pct=Decimal("0.05"))
    assert (ticket.symbol, ticket.side) == ("BTCUSDT", Side.SELL)
