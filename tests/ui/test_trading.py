"""From a key to a command, and from an answer to the screen; nothing is sent by a key alone."""

from decimal import Decimal

import pytest
from account_builders import (
    a_position,
    a_stop_order,
    an_account,
    an_answer,
    an_order,
    flat,
)
from brief import brief
from builders import a_snapshot
from cockpit import NEVER, Cockpit, a_cockpit, screen_text, turn
from fake_engine import FakeEngine
from textual.pilot import Pilot
from textual.timer import Timer, TimerCallback
from textual.widgets import Button

from botcore_tui.model.command import CancelOrder, ClosePosition, MoveStop, PlaceOrder
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderState, OrderType
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui.screens.form import FormDialog
from botcore_tui.ui.screens.ledger import LedgerScreen
from botcore_tui.ui.screens.question import Question
from botcore_tui.ui.screens.ticket import OrderTicket
from botcore_tui.ui.supervisor import Leave

TRADING = a_snapshot(trading_enabled=True, account=an_account())


def an_engine(snapshot: Snapshot = TRADING) -> FakeEngine:
    return FakeEngine(snapshot)


async def opened(pilot: Pilot[Leave], *keys: str) -> None:
    """Let the first picture be drawn, then press keys with a picture between them."""
    await turn(pilot)
    for key in keys:
        await pilot.press(key)
        await turn(pilot, seconds=0.6)


async def fill(pilot: Pilot[Leave], **texts: str) -> None:
    for name, text in texts.items():
        pilot.app.screen.query_one(f"#{name}").focus()
        await pilot.press(*text)
    await pilot.pause()


async def confirm(pilot: Pilot[Leave]) -> None:
    pilot.app.screen.query_one("#confirm").focus()
    await pilot.press("enter")
    await pilot.pause()


# --- the ticket ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "side"), brief([("B", Side.BUY), ("S", Side.SELL)]))
async def test_ticket_that_is_filled_in_and_confirmed_is_sent(key: str, side: Side) -> None:
    engine = an_engine(a_snapshot(trading_enabled=True, account=flat()))
    app = a_cockpit(engine)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, key)
        stop = "61000.0" if side is Side.BUY else "62000.0"
        await fill(pilot, size="0.1", stop=stop)
        assert "risk" in screen_text(app)
        await confirm(pilot)
        (command,) = engine.sent
        assert isinstance(command, PlaceOrder)
        assert (command.side, command.type) == (side, OrderType.MARKET)
        assert (command.quantity, command.stop_price) == (Decimal("0.1"), Decimal(stop))
        assert (command.command_id, command.actor) == ("ui-1", "tester")
        assert command.time_ms == app.time.now_ms()
        assert f"requested: {side} 0.1 BTCUSDT MARKET" in screen_text(app)


@pytest.mark.slow
async def test_limit_order_takes_the_price_and_a_market_order_forgets_it() -> None:
    engine = an_engine(a_snapshot(trading_enabled=True, account=flat()))
    app = a_cockpit(engine)
    async with app.run_test(size=(100, 30)) as pilot:
        for is_limit in (True, False):
            await opened(pilot, "B")
            app.screen.query_one("#type").focus()
            await pilot.press("enter")
            await fill(pilot, size="0.1", price="61000.0", stop="60000.0")
            if not is_limit:
                app.screen.query_one("#type").focus()
                await pilot.press("enter")
            await confirm(pilot)
        limit, market = engine.sent
        assert isinstance(limit, PlaceOrder)
        assert isinstance(market, PlaceOrder)
        assert (limit.type, limit.price) == (OrderType.LIMIT, Decimal("61000.0"))
        assert (market.type, market.price) == (OrderType.MARKET, None)
        assert limit.command_id != market.command_id


@pytest.mark.slow
async def test_no_key_alone_sends_anything() -> None:
    engine = an_engine()
    app = a_cockpit(engine)
    async with app.run_test(size=(100, 30)) as pilot:
        for keys in (["B", "enter"], ["S", *["enter"] * 8], ["1", "x", "enter"],
                     ["1", "s", "enter", "enter"], ["5", "x", "enter"]):  # fmt: skip
            await opened(pilot, *keys)
            await pilot.press("escape")
        assert engine.sent == []


async def test_keys_typed_ahead_cannot_confirm() -> None:
    engine = an_engine()
    app = a_cockpit(engine, arm_seconds=NEVER)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, "1", "x", "tab", "enter")
        await pilot.press("escape")
        await opened(pilot, "B")
        await fill(pilot, size="0.1", stop="61000.0")
        assert app.screen.query_one("#confirm").disabled
        await pilot.press("escape")
        assert engine.sent == []


async def test_market_only_cockpit_says_why_it_takes_no_orders() -> None:
    app = a_cockpit(an_engine(a_snapshot()))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("B")
        await pilot.pause()
        assert "no picture yet" in screen_text(app)
        await opened(pilot, "S")
        assert "market data only: start with --enable-trading" in screen_text(app)
        assert app.screen is app.main


@pytest.mark.slow
@pytest.mark.requirement("K7")
async def test_halt_takes_an_open_ticket_away() -> None:
    engine = an_engine()
    app = a_cockpit(engine)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, "B")
        assert isinstance(app.screen, OrderTicket)
        await pilot.press("f12")
        await pilot.pause()
        assert app.screen is app.main
        assert engine.halts
        assert engine.sent == []


@pytest.mark.slow
async def test_ticket_follows_the_market_and_refuses_another_contract() -> None:
    engine = an_engine(a_snapshot(trading_enabled=True, account=flat()))
    app = a_cockpit(engine)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, "B")
        await fill(pilot, size="0.1", stop="61000.0")
        assert "about 61659.7" in screen_text(app)
        engine.snapshot = a_snapshot(trading_enabled=True, account=flat(), symbol="ETHUSDT")
        await turn(pilot)
        assert "another contract is shown" in screen_text(app)
        assert app.screen.query_one("#confirm").disabled


# --- positions and orders ------------------------------------------------------------------------


async def test_position_is_closed_after_a_question() -> None:
    engine = an_engine()
    app = a_cockpit(engine)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, "1", "x")
        assert "BTCUSDT ▲LONG 0.120 at 61600.0" in screen_text(app)
        await pilot.press("tab", "enter")
        await pilot.pause()
        (command,) = engine.sent
        assert isinstance(command, ClosePosition)
        assert command.symbol == "BTCUSDT"


@pytest.mark.slow
@pytest.mark.parametrize("after", [(), (a_position(quantity=Decimal("-0.1")),)], ids=str)
async def test_position_that_is_gone_or_turned_meanwhile_is_not_closed(
    after: tuple[()],
) -> None:
    engine = an_engine()
    app = a_cockpit(engine)
    async with app.run_test(size=(100, 30)) as pilot:
        for keys in (["1", "x"], ["1", "s"]):
            engine.snapshot = TRADING
            await opened(pilot, *keys)
            if isinstance(app.screen, FormDialog):
                await fill(pilot, stop="61000.0")
            engine.snapshot = a_snapshot(trading_enabled=True, account=an_account(positions=after))
            app.latest = engine.snapshot
            await confirm(pilot)
            assert engine.sent == []
            assert "nothing was sent: the position is not what it was" in screen_text(app)


@pytest.mark.slow
async def test_stop_is_moved_after_its_form_is_filled_in() -> None:
    engine = an_engine()
    app = a_cockpit(engine)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, "1", "s")
        await fill(pilot, stop="61550.0")
        await confirm(pilot)
        (command,) = engine.sent
        assert isinstance(command, MoveStop)
        assert (command.symbol, command.stop_price) == ("BTCUSDT", Decimal("61550.0"))


async def test_order_is_cancelled_after_a_question() -> None:
    engine = an_engine()
    app = a_cockpit(engine)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, "5", "x")
        assert "entry ▲BUY 0.120 BTCUSDT LIMIT at 61659.0, open" in screen_text(app)
        await confirm(pilot)
        (command,) = engine.sent
        assert isinstance(command, CancelOrder)
        assert command.client_order_id == "bc-k3-1-e"


@pytest.mark.slow
async def test_cancel_of_a_stop_warns_that_it_protects() -> None:
    app = a_cockpit(an_engine())
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, "5", "j", "x")
        assert "It protects a position" in screen_text(app)
        assert "all BTCUSDT STOP_MARKET at 61500.0" in screen_text(app)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("order", "why"),
    [
        (an_order(purpose=None), "not ours"),
        (an_order(state=OrderState.FILLED), "the order is filled"),
        (a_stop_order(is_cancel_requested=True), "requested already"),
    ],
)
async def test_order_that_cannot_be_cancelled_says_why(order: object, why: str) -> None:
    engine = an_engine(a_snapshot(trading_enabled=True, account=an_account(orders=(order,))))
    app = a_cockpit(engine)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, "5", "x")
        assert why in screen_text(app)
        assert not isinstance(app.screen, Question)


async def test_order_that_ended_during_the_question_is_not_cancelled() -> None:
    engine = an_engine()
    app = a_cockpit(engine)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, "5", "x")
        app.latest = a_snapshot(account=an_account(orders=(an_order(state=OrderState.FILLED),)))
        await confirm(pilot)
        assert engine.sent == []
        assert "nothing was sent: the order has ended" in screen_text(app)


# --- answers -------------------------------------------------------------------------------------


async def closing(app: Cockpit, pilot: Pilot[Leave]) -> None:
    await opened(pilot, "1", "x")
    await confirm(pilot)
    assert len(app.fake.sent) == 1


def answered(*answers: object) -> Snapshot:
    return a_snapshot(trading_enabled=True, account=an_account(answers=answers))


@pytest.mark.slow
async def test_answer_is_shown_once_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "botcore_tui.ui.trading")
    app = a_cockpit(an_engine())
    async with app.run_test(size=(100, 30)) as pilot:
        await closing(app, pilot)
        app.fake.snapshot = answered(an_answer("other"), an_answer("ui-1"))
        await turn(pilot)
        await turn(pilot)
        assert "accepted: taken on" in screen_text(app)
        logged = [record.getMessage() for record in caplog.records]
        assert logged == [
            "requested: close BTCUSDT (ui-1)",
            "accepted: close BTCUSDT (ui-1) taken on",
        ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("stop of BTCUSDT at 61200.10 requested", "stop of BTCUSDT at 61200.10 requested"),
        ("", "close BTCUSDT"),
    ],
)
async def test_acceptance_tells_what_was_taken_on(text: str, shown: str) -> None:
    app = a_cockpit(an_engine())
    async with app.run_test(size=(100, 30)) as pilot:
        await closing(app, pilot)
        app.fake.snapshot = answered(an_answer("ui-1", text=text))
        await turn(pilot)
        assert f"accepted: {shown}" in screen_text(app)


@pytest.mark.slow
async def test_refusal_names_its_reason_and_code() -> None:
    app = a_cockpit(an_engine())
    async with app.run_test(size=(100, 30)) as pilot:
        await closing(app, pilot)
        app.fake.snapshot = answered(an_answer("ui-1", refused="P05", text="size is too small"))
        await turn(pilot)
        assert "refused: close BTCUSDT: size is too small (P05)" in screen_text(app)


@pytest.mark.slow
async def test_command_without_an_answer_is_reported_and_forgotten_in_the_end() -> None:
    app = a_cockpit(an_engine())
    async with app.run_test(size=(100, 30)) as pilot:
        await closing(app, pilot)
        await turn(pilot, seconds=4)
        assert "no answer after 4.0s: close BTCUSDT" in screen_text(app)
        await turn(pilot, seconds=130)
        app.fake.snapshot = answered(an_answer("ui-1"))
        await turn(pilot)
        assert "accepted" not in screen_text(app)


async def test_ledger_opens_and_closes() -> None:
    app = a_cockpit(an_engine())
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, "L")
        assert isinstance(app.screen, LedgerScreen)
        assert "there is no ledger here" in screen_text(app)
        await pilot.press("escape")
        assert app.screen is app.main


async def test_two_presses_of_the_button_send_one_command() -> None:
    engine = an_engine()
    app = a_cockpit(engine)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, "1", "x")
        button = app.screen.query_one("#confirm", Button)
        button.press()
        button.press()
        await pilot.pause()
        await pilot.pause()
        assert len(engine.sent) == 1


async def test_one_timer_pulls_the_pictures() -> None:
    class Counted(Cockpit):
        mounts = 0

        def set_interval(
            self,
            interval: float,
            callback: TimerCallback | None = None,
            *,
            name: str | None = None,
            repeat: int = 0,
            pause: bool = False,
        ) -> Timer:
            self.mounts += callback == self.frame
            return super().set_interval(interval, callback, name=name, repeat=repeat, pause=pause)

    engine = an_engine()
    app = Counted(engine, a_cockpit(engine).settings)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        assert app.mounts == 1
