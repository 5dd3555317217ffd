"""Positions in contracts that are not, or no longer, followed; and answers that a stop can miss."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fault_config import a_config
from fault_stage import BTC, ETH, Bot, a_bot, a_workplace
from sim_process import Sim, running_sim

from botcore_tui.core.desk import TradingDesk
from botcore_tui.model.ledger import FillRow
from botcore_tui.model.trading import Cover

SECONDS = 20.0
"""Never waited for in a passing test."""


@pytest.fixture
def sim() -> Iterator[Sim]:
    arguments = ("--seed", 13, "--symbols", f"{BTC},{ETH}", "--balance", 5_000, "--no-limits")
    with running_sim(*arguments) as exchange:
        yield exchange


@contextmanager
def only_btc(sim: Sim, state_dir: Path) -> Iterator[Bot]:
    with a_workplace(sim, state_dir, a_config(sim, symbols=[BTC])) as workplace:
        bot = Bot(sim, workplace)
        workplace.engine.start()
        bot.until(lambda desk: desk.state.has_picture and desk.state.is_reconciled)
        yield bot


def became_of(bot: Bot, symbol: str) -> str:
    """Of a position that has no stop at first."""

    def end(desk: TradingDesk) -> str:
        if not desk.state.portfolio.quantity(symbol):
            return "closed"
        is_verified = desk.state.protection.guard(symbol).cover is Cover.VERIFIED
        return "protected" if is_verified else ""

    bot.until(lambda desk: desk.state.portfolio.quantity(symbol))
    return bot.until(end)


def fault(sim: Sim, name: str, **values: object) -> None:
    sim.control("POST", "/sim/faults", {"name": name, **values})


@pytest.mark.requirement("F10")
def test_position_by_hand_in_another_contract_gets_a_stop(sim: Sim, tmp_path: Path) -> None:
    with only_btc(sim, tmp_path) as bot:
        bot.arm("foreign-position", symbol=ETH, side="BUY", notional=600)
        assert became_of(bot, ETH) == "protected"
        assert list(bot.held_at_venue()) == [ETH]
        # Its rules are known now; it is not traded for that.
        assert not bot.send(bot.order(ETH)).is_accepted


@pytest.mark.slow
@pytest.mark.requirement("F04")
def test_trades_of_a_contract_that_is_no_longer_followed_are_asked_for(
    sim: Sim, tmp_path: Path
) -> None:
    with a_bot(sim, tmp_path) as bot:
        bot.buy(ETH)
        bot.protected(ETH)
    bot.arm("liquidation", symbol=ETH)
    deadline = time.monotonic() + SECONDS
    while ETH in bot.held_at_venue():
        assert time.monotonic() < deadline
        time.sleep(0.05)  # until the deadline above
    before = {row.fill.trade_id for row in bot.diary.rows(FillRow) if row.fill.symbol == ETH}
    missing = bot.trades_at_venue(ETH) - before
    assert missing
    with only_btc(sim, tmp_path) as again:
        again.until(lambda desk: desk.state.portfolio.realized_today)
        again.until(lambda desk: not desk.state.portfolio.quantity(ETH))
        again.until(lambda _: missing <= {row.fill.trade_id for row in again.diary.rows(FillRow)})


@pytest.mark.slow
@pytest.mark.requirement("F11")
@pytest.mark.parametrize("endpoint", ["exchangeInfo", "symbolConfig"])
def test_what_only_new_risk_needs_keeps_no_position_from_its_stop(
    sim: Sim, tmp_path: Path, endpoint: str
) -> None:
    fault(sim, "foreign-position", symbol=BTC, side="BUY", notional=600)
    fault(sim, "unavailable", count="unlimited", endpoint=f"GET /fapi/v1/{endpoint}")
    with a_workplace(sim, tmp_path) as workplace:
        bot = Bot(sim, workplace)
        workplace.engine.start()
        assert became_of(bot, BTC) == "protected"
        assert bot.stops_at_venue(BTC)
        assert list(bot.held_at_venue()) == [BTC]
