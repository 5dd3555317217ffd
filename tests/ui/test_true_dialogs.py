"""What a question says of money and quantities while it is open, and that it is still so."""

from decimal import Decimal

import pytest
from account_builders import a_position, a_stop_order, an_account, an_order, flat
from builders import a_book_view, a_snapshot
from cockpit import a_cockpit, screen_text, turn
from fake_engine import FakeEngine
from textual.pilot import Pilot

from botcore_tui.model.market import BookState
from botcore_tui.model.order import OrderState
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.model.trading import PositionView
from botcore_tui.ui.supervisor import Leave


async def opened(pilot: Pilot[Leave], *keys: str) -> None:
    """Let the first picture be drawn, then press keys with a picture between them."""
    await turn(pilot)
    for key in keys:
        await pilot.press(key)
        await turn(pilot, seconds=0.6)


def holding(*positions: PositionView) -> Snapshot:
    return a_snapshot(trading_enabled=True, account=an_account(positions=positions))


TWICE = a_position(
    quantity=Decimal("0.240"),
    entry_price=Decimal("61650.0"),
    notional=Decimal("14798.14"),
    unrealized=Decimal("-250.00"),
)


async def test_question_whether_to_close_says_what_is_held_and_lost_now() -> None:
    """A resting entry is filled and the mark falls while somebody reads the question."""
    engine = FakeEngine(holding(a_position()))
    app = a_cockpit(engine)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, "1", "x")
        assert "▲LONG 0.120 at 61600.0" in screen_text(app)
        engine.snapshot = holding(TWICE)
        await turn(pilot)
        shown = screen_text(app)
        assert "All of it is closed at market" in shown
        assert "▲LONG 0.240 at 61650.0" in shown
        assert "uPnL -250.00" in shown
        engine.snapshot = holding()
        await turn(pilot)
        assert "the position is closed" in screen_text(app)


async def test_question_whether_to_flatten_lists_what_is_held_now() -> None:
    engine = FakeEngine(a_snapshot(trading_enabled=True, account=flat()))
    app = a_cockpit(engine)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, "f8")
        assert "No position is known here" in screen_text(app)
        engine.snapshot = holding(TWICE)
        await turn(pilot)
        shown = screen_text(app)
        assert "BTCUSDT ▲LONG 0.240  worth 14,798.14  uPnL -250.00" in shown
        assert "No position is known here" not in shown


@pytest.mark.slow
async def test_question_whether_to_cancel_says_what_the_order_is_now() -> None:
    engine = FakeEngine(a_snapshot(trading_enabled=True, account=an_account()))
    app = a_cockpit(engine)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, "5", "x")
        assert "LIMIT at 61659.0, open" in screen_text(app)
        filled = an_order(state=OrderState.PARTLY_FILLED, filled_quantity=Decimal("0.1"))
        orders = (filled, a_stop_order())
        engine.snapshot = a_snapshot(trading_enabled=True, account=an_account(orders=orders))
        await turn(pilot)
        assert "LIMIT at 61659.0, partly filled" in screen_text(app)


async def test_ticket_says_that_its_price_is_old() -> None:
    """The book's stream is down, that of trades and marks is up: nothing else looks stale."""
    book = a_book_view(state=BookState.STALE, reason="no update for 60.0 s")
    engine = FakeEngine(a_snapshot(trading_enabled=True, account=flat(), book=book))
    app = a_cockpit(engine)
    async with app.run_test(size=(100, 34)) as pilot:
        await opened(pilot, "B")
        await turn(pilot)
        assert "the book is stale (no update for 60.0 s)" in screen_text(app)
