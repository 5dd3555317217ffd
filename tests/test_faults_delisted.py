"""A contract that is delisted while the program is away."""

from pathlib import Path

import pytest
from fault_config import a_config
from fault_stage import BTC, ETH, Bot, a_bot, a_workplace
from sim_process import running_sim

from botcore_tui.model.trading import Cover


@pytest.mark.slow
@pytest.mark.requirement("F11")
def test_position_gets_its_stop_after_another_contract_was_delisted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program held ETH and was ended; the venue took ETH from its list; BTC is held by hand."""
    # The embedded exchange makes another key at each start; a real one keeps it.
    monkeypatch.setattr("botcore_tui.cli.addresses.fingerprint", lambda _key: "0123abcd")
    both = ("--seed", 13, "--symbols", f"{BTC},{ETH}", "--balance", 5_000, "--no-limits")
    with running_sim(*both) as sim, a_bot(sim, tmp_path) as bot:
        bot.buy(ETH)
        bot.protected(ETH)
    one = ("--seed", 13, "--symbols", BTC, "--balance", 5_000, "--no-limits")
    with running_sim(*one) as sim:
        fault = {"name": "foreign-position", "symbol": BTC, "side": "BUY", "notional": 600}
        sim.control("POST", "/sim/faults", fault)
        config = a_config(sim, symbols=[BTC])
        with a_workplace(sim, tmp_path, config) as workplace:
            again = Bot(sim, workplace)
            workplace.engine.start()
            again.until(lambda desk: desk.state.portfolio.quantity(BTC))
            again.until(lambda desk: desk.state.protection.guard(BTC).cover is Cover.VERIFIED)
            assert list(again.held_at_venue()) == [BTC]
            assert again.stops_at_venue(BTC)
