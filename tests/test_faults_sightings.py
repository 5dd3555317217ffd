"""F11: one question has no answer for long; a position gets its stop all the same."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from fault_stage import BTC, ETH, Bot, a_bot, a_workplace
from sim_process import Sim, running_sim

from botcore_tui.core.desk import TradingDesk
from botcore_tui.model.account import UserStreamDown
from botcore_tui.model.trading import Cover

pytestmark = [pytest.mark.xdist_group("faults_sightings"), pytest.mark.slow]


@pytest.fixture
def sim() -> Iterator[Sim]:
    arguments = ("--seed", 13, "--symbols", f"{BTC},{ETH}", "--balance", 5_000, "--no-limits")
    with running_sim(*arguments) as exchange:
        yield exchange


def becomes_protected(bot: Bot) -> None:
    """By the venue's word on the position alone; once all is told, it is counted once."""

    def sighted(desk: TradingDesk) -> Decimal:
        is_covered = desk.state.protection.guard(ETH).cover is Cover.VERIFIED
        is_all_told = desk.state.is_reconciled
        return desk.state.portfolio.quantity(ETH) if is_covered and not is_all_told else Decimal(0)

    quantity = bot.until(sighted)
    assert bot.held_at_venue() == {ETH: quantity}
    assert len(bot.stops_at_venue(ETH)) == 1
    bot.disarm()
    bot.ready()
    assert bot.protected(ETH) == quantity
    bot.put_in_order()


@pytest.mark.requirement("F11")
@pytest.mark.parametrize("question", ["userTrades", "openOrders"])
def test_position_that_was_there_at_the_start(sim: Sim, tmp_path: Path, question: str) -> None:
    sim.ask_signed("POST", "/fapi/v1/order", symbol=ETH, side="BUY", type="MARKET", quantity="0.2")
    with a_workplace(sim, tmp_path) as workplace:
        bot = Bot(sim, workplace)
        bot.arm("unavailable", endpoint=f"GET /fapi/v1/{question}", count="unlimited")
        workplace.engine.start()
        becomes_protected(bot)


@pytest.mark.requirement("F11")
def test_position_that_was_made_while_the_stream_was_away(sim: Sim, tmp_path: Path) -> None:
    with a_bot(sim, tmp_path) as bot:
        bot.arm("unavailable", endpoint="GET /fapi/v1/userTrades", count="unlimited")
        bot.arm("ws-refused", route="private", count=3)
        bot.reconnect()
        bot.until(lambda _desk: bot.diary.events(UserStreamDown))
        bot.arm("foreign-position", symbol=ETH, side="BUY", notional=600)
        becomes_protected(bot)
