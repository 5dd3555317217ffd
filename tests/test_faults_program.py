"""F13, F16 to F18 and F20: what fails on our own side, and stopping while it does."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from fault_config import PATIENT, a_config
from fault_stage import BTC, ETH, LOTS, Bot, a_bot, a_workplace
from sim_process import Sim, running_sim

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.reader import LedgerReader
from botcore_tui.ledger.verify import verify
from botcore_tui.model.account import AccountPicture
from botcore_tui.model.event import StateChanged, TradingState
from botcore_tui.model.ledger import AuditRow, FillRow
from botcore_tui.model.order import OrderState
from botcore_tui.model.snapshot import View

pytestmark = [pytest.mark.xdist_group("faults_program"), pytest.mark.slow]


_EXCHANGE = ("--seed", 15, "--symbols", f"{BTC},{ETH}", "--balance", 5_000, "--no-limits")


@pytest.fixture(scope="module")
def sim() -> Iterator[Sim]:
    with running_sim(*_EXCHANGE) as exchange:
        yield exchange


@pytest.fixture(scope="module")
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def running(sim: Sim, state_dir: Path) -> Iterator[Bot]:
    with a_bot(sim, state_dir, a_config(sim, staleness=PATIENT)) as bot:
        yield bot


@pytest.fixture
def bot(running: Bot) -> Iterator[Bot]:
    yield running
    running.put_in_order()


def ledger_file(state_dir: Path) -> Path:
    return state_dir / "ledger-testnet.db"


@contextmanager
def locked(state_dir: Path) -> Iterator[sqlite3.Connection]:
    """The ledger, held by somebody who does not let go."""
    other = sqlite3.connect(ledger_file(state_dir), isolation_level=None)
    try:
        other.execute("BEGIN EXCLUSIVE")
        yield other
    finally:
        other.close()


# --- F13: the ledger -----------------------------------------------------------------------------


@pytest.mark.requirement("F13")
def test_ledger_that_is_locked_means_no_new_risk_and_every_way_out(
    bot: Bot, state_dir: Path
) -> None:
    bot.buy()
    bot.protected()
    resting = bot.buy(ETH, away="0.015")
    bot.reached(resting, OrderState.OPEN)
    with locked(state_dir):
        name = bot.buy(ETH)
        order = bot.reached(name, OrderState.NOT_PLACED)
        assert "ledger did not record" in order.reason
        assert name not in bot.orders_at_venue(ETH)
        bot.until(lambda desk: not desk.state.is_ledger_writable)
        denied = bot.send(bot.order())
        assert denied.code == "P10"
        assert "ledger cannot be written" in denied.text
        assert bot.close(BTC).is_accepted
        bot.flat()
        bot.engine.halt("anna", "the disk is broken")
        bot.reached(resting, OrderState.CANCELED)
        assert bot.venue()["open_orders"] == []
        bot.until(lambda _desk: (state_dir / "halt-testnet.json").exists())
    bot.until(lambda desk: desk.state.is_ledger_writable)


@pytest.mark.requirement("F13")
def test_order_waits_for_a_slow_disk_and_leaves_when_it_is_recorded(
    bot: Bot, state_dir: Path
) -> None:
    with locked(state_dir) as other:
        name = bot.buy()
        assert bot.diary.states(name) == [OrderState.PLANNED]
        assert name not in bot.orders_at_venue(BTC)
        other.execute("ROLLBACK")
        bot.reached(name, OrderState.FILLED)
    assert bot.protected() == LOTS[BTC]


# --- F16: a flood --------------------------------------------------------------------------------


@pytest.mark.requirement("F16")
def test_flood_of_orders_does_not_keep_a_halt_from_cancelling_them_all(bot: Bot) -> None:
    template = bot.order(away="0.015", stop_away="0.05", lots=Decimal("0.002"))
    assert template.price is not None
    first = len(bot.submitted())
    for number in range(1_000):
        price = template.price - Decimal("0.1") * number
        bot.engine.send(
            type(template)(
                command_id=f"flood{number}",
                actor="flood",
                symbol=BTC,
                side=template.side,
                type=template.type,
                quantity=template.quantity,
                price=price,
                stop_price=template.stop_price,
                time_ms=template.time_ms,
            )
        )
        if number == 100:
            bot.engine.halt("anna", "a flood")
    names = bot.until(lambda desk: desk._standing.is_halted and bot.submitted()[first:])
    assert names
    assert len(names) <= 101
    bot.until(lambda desk: not desk.state.register.entries(BTC))
    assert bot.venue()["open_orders"] == []


# --- F17: the screen -----------------------------------------------------------------------------


@pytest.mark.requirement("F17")
def test_engine_trades_and_protects_whether_or_not_anybody_looks(bot: Bot) -> None:
    stalled, may_go_on = threading.Event(), threading.Event()

    def look_and_stall() -> None:
        bot.engine.look(View())
        stalled.set()
        may_go_on.wait(30)

    screen = threading.Thread(target=look_and_stall)
    screen.start()
    try:
        assert stalled.wait(10)
        bot.buy()
        assert bot.protected() == LOTS[BTC]
        assert bot.close(BTC).is_accepted
        bot.flat()
    finally:
        may_go_on.set()
        screen.join()


# --- F18: kill at the wrong moment ---------------------------------------------------------------


def _reconnecting(bot: Bot) -> None:
    bot.arm("ws-refused", route="private")
    bot.reconnect()
    bot.until(lambda desk: not desk.state.is_stream_up)


def _reconciling(bot: Bot) -> None:
    before = bot.strikes("reply-slow")
    bot.arm("reply-slow", delay_ms=1_500, endpoint="GET /fapi/v3/positionRisk")
    bot.reconnect()
    bot.until(lambda _desk: bot.strikes("reply-slow") > before)


def _sending(bot: Bot) -> None:
    bot.arm("user-late", delay_ms=2_000, event="ORDER_TRADE_UPDATE", count="unlimited")
    bot.arm("reply-slow", delay_ms=1_500, symbol=BTC, endpoint="POST /fapi/v1/order")
    bot.engine.send(bot.order(away="0.01"))
    bot.until(lambda desk: _in_flight(desk.state.register.open(BTC)))


def _in_flight(orders: object) -> bool:
    assert isinstance(orders, list)
    return any(order.state is OrderState.IN_FLIGHT for order in orders)


def _halting(bot: Bot) -> None:
    threads = [
        threading.Thread(target=bot.engine.halt, args=(f"hand {number}", "now"))
        for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.requirement("F18")
@pytest.mark.parametrize("moment", [_reconnecting, _reconciling, _sending, _halting])
def test_halt_at_any_moment_ends_with_no_entry_at_the_venue_and_the_stop_in_place(
    bot: Bot, state_dir: Path, moment: object
) -> None:
    assert callable(moment)
    bot.buy()
    bot.protected()
    resting = bot.buy(away="0.015")
    bot.reached(resting, OrderState.OPEN)
    changes = len(halts(bot))
    moment(bot)
    for _ in range(2):
        bot.engine.halt("anna", "stop")
        assert bot.engine.is_halted
    assert bot.send(bot.order(ETH)).code == "P01"
    bot.reached(resting, OrderState.CANCELED)
    bot.until(lambda desk: not desk.state.register.entries())
    assert bot.venue()["open_orders"] == []
    assert len(bot.stops_at_venue(BTC)) == 1
    assert bot.held_at_venue() == {BTC: LOTS[BTC]}
    assert len(halts(bot)) == changes + 1
    bot.until(lambda _desk: (state_dir / "halt-testnet.json").exists())
    bot.disarm()
    pictures = len(bot.diary.events(AccountPicture))
    bot.reconnect()
    bot.until(lambda _desk: len(bot.diary.events(AccountPicture)) > pictures)
    assert bot.venue()["open_orders"] == []


def halts(bot: Bot) -> list[StateChanged]:
    """Changes of the trading state to HALTED."""
    effects = [effect for _, effects in tuple(bot.diary.pages) for effect in effects]
    changes = [effect for effect in effects if isinstance(effect, StateChanged)]
    return [change for change in changes if change.state is TradingState.HALTED]


# --- F20: two of us ------------------------------------------------------------------------------


@pytest.mark.requirement("F20")
def test_second_program_on_the_account_is_refused(bot: Bot, sim: Sim, state_dir: Path) -> None:
    with pytest.raises(UnavailableError, match="testnet:"), a_workplace(sim, state_dir):
        pass
    bot.buy()
    assert bot.protected() == LOTS[BTC]


@pytest.mark.requirement("F20")
def test_order_of_another_instance_is_told_counted_and_cancelled_by_a_halt(bot: Bot) -> None:
    before = len([row for row in bot.diary.rows(AuditRow) if row.code == "order.adopted"])
    bot.arm("second-instance", symbol=ETH, away_bps=300)
    bot.until(lambda desk: desk.state.register.entries(ETH))
    adopted = [row for row in bot.diary.rows(AuditRow) if row.code == "order.adopted"]
    assert len(adopted) == before + 1
    assert bot.until(lambda desk: (desk.state.gross_notional() or 0) > 0)
    bot.engine.halt("anna", "who else is there?")
    bot.until(lambda desk: not desk.state.register.entries(ETH))
    assert bot.venue()["open_orders"] == []


# --- what all of this left behind ----------------------------------------------------------------


@pytest.mark.requirement("F13")
@pytest.mark.requirement("F18")
def test_ledger_is_whole_after_all_that_and_a_halt_outlives_the_program(tmp_path: Path) -> None:
    with running_sim(*_EXCHANGE) as sim:  # on the other one an account is traded already
        with a_bot(sim, tmp_path) as bot:
            bot.buy()
            bot.protected()
            with locked(tmp_path):
                bot.close(BTC)
                bot.flat()
            bot.until(lambda desk: desk.state.is_ledger_writable)
            bot.engine.halt("anna", "for the night")
            bot.until(lambda desk: desk._standing.is_halted)
            fills = {row.fill.trade_id for row in bot.diary.rows(FillRow)}
        url = f"sqlite:///{ledger_file(tmp_path)}"
        assert verify(url).is_intact
        with LedgerReader(url) as reader:
            assert {row["trade_id"] for row in reader.everything("fills")} == fills
        with a_workplace(sim, tmp_path) as workplace:
            assert workplace.engine.is_halted
