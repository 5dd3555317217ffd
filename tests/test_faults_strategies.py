"""F16: strategies that fail, want nonsense, block the engine or change their mind without end."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fault_config import a_config
from fault_stage import BTC, LOTS, Bot, a_bot, a_workplace
from fault_strategies import Blocking
from sim_process import Sim, running_sim

from botcore_tui.model.ledger import AuditRow, FillRow, IntentRow
from botcore_tui.model.order import OrderState
from botcore_tui.model.trading import Cover

pytestmark = [pytest.mark.xdist_group("faults_strategies"), pytest.mark.slow]


@pytest.fixture(scope="module")
def sim() -> Iterator[Sim]:
    arguments = ("--seed", 16, "--symbols", BTC, "--balance", 5_000, "--no-limits")
    with running_sim(*arguments) as exchange:
        yield exchange


@contextmanager
def a_bot_with(sim: Sim, directory: Path, strategy: str) -> Iterator[Bot]:
    """The program with a strategy, and with a ledger of its own."""
    name = {"name": f"fault_strategies:{strategy}"}
    with a_bot(sim, directory, a_config(sim, strategy=name)) as bot:
        yield bot
        bot.put_in_order()


@pytest.mark.requirement("F16")
@pytest.mark.parametrize(
    ("strategy", "trouble"),
    [("Raising", "ZeroDivisionError"), ("NoNumber", "target NaN is not between -1 and 1")],
)
def test_strategy_that_fails_is_left_out_and_the_rest_goes_on(
    sim: Sim, tmp_path: Path, strategy: str, trouble: str
) -> None:
    with a_bot_with(sim, tmp_path, strategy) as bot:
        bot.until(lambda _desk: "strategy.failed" in bot.diary.codes())
        rows = [row for row in bot.diary.rows(AuditRow) if row.code == "strategy.failed"]
        assert len(rows) == 1
        assert trouble in rows[0].text
        assert bot.submitted() == []
        bot.buy()
        assert bot.protected() == LOTS[BTC]
        assert not bot.engine.is_halted


@pytest.mark.requirement("F16")
def test_halt_is_in_force_while_a_strategy_blocks_and_nothing_leaves(
    sim: Sim, tmp_path: Path
) -> None:
    Blocking.begun.clear()
    with a_workplace(
        sim, tmp_path, a_config(sim, strategy={"name": "fault_strategies:Blocking"})
    ) as workplace:
        bot = Bot(sim, workplace)
        bot.engine.start()
        assert Blocking.begun.wait(20)
        bot.engine.halt("anna", "it hangs")
        assert bot.engine.is_halted
        bot.until(lambda desk: desk._standing.is_halted)
        # What it wanted was decided before the halt was seen; it does not leave.
        intents = [row.request.client_order_id for row in bot.diary.rows(IntentRow)]
        for name in intents:
            reason = bot.reached(name, OrderState.NOT_PLACED).reason
            assert reason == "halted or reducing before sending"
        assert not set(intents).intersection(bot.orders_at_venue(BTC))


@pytest.mark.requirement("F16")
def test_strategy_that_changes_its_mind_each_second_never_has_two_positions_or_none_protected(
    sim: Sim, tmp_path: Path
) -> None:
    fickle = a_config(sim, strategy={"name": "fault_strategies:Fickle"})
    with a_bot(sim, tmp_path, fickle) as bot:
        bot.until(lambda _desk: len([row for row in bot.diary.rows(FillRow) if row.purpose]) >= 6)
        bot.engine.halt("anna", "enough")
        bot.until(
            lambda desk: (
                all(
                    desk.state.protection.guard(holding.symbol).cover is Cover.VERIFIED
                    for holding in desk.state.portfolio.holdings()
                )
                and not desk.state.register.entries()
            )
        )
        bot.close(BTC)
        bot.flat()
        bot.compare()
