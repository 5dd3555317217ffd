"""The venue's books are asked for where the ledger's account is, and nowhere else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_exchange import ready_facts
from sim_process import Sim, running_sim

from botcore_tui.cli.income import income_in
from botcore_tui.cli.places import trace_path
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config
from botcore_tui.errors import ConfigError, UnavailableError
from botcore_tui.exchange.lingering import write_trace
from botcore_tui.ledger.writer import LedgerWriter
from botcore_tui.model.account import IncomeKind


@pytest.fixture(scope="module")
def sim() -> Iterator[Sim]:
    with running_sim("--symbols", "BTCUSDT") as exchange:
        yield exchange


@pytest.mark.slow
def test_a_demo_is_asked_from_the_beginning_of_its_record_on(sim: Sim, tmp_path: Path) -> None:
    write_trace(trace_path(tmp_path), (), sim)
    account = f"demo:{sim.instance}"
    LedgerWriter.open(f"sqlite:///{tmp_path}/ledger-demo.db", account, "demo").close()
    sim.ask_signed(
        "POST", "/fapi/v1/order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.01"
    )
    income = income_in(tmp_path)(Config(), account, 0, SystemClock().now_ms() + 60_000)
    # The money to begin with came before the ledger did.
    assert [row.kind for row in income] == [IncomeKind.COMMISSION]


def test_an_account_that_cannot_be_asked_is_told(tmp_path: Path) -> None:
    ask = income_in(tmp_path)
    with pytest.raises(UnavailableError, match="no demo exchange runs: its books ended with it"):
        ask(Config(), "demo:0123abcd", 0, 1)
    write_trace(trace_path(tmp_path), (), ready_facts())
    with pytest.raises(UnavailableError, match=r"is about demo:other, but .* is demo:0123abcd"):
        ask(Config(), "demo:other", 0, 1)
    with pytest.raises(UnavailableError, match="is about no account, but"):
        ask(Config(), "", 0, 1)
    with pytest.raises(UnavailableError, match="paper has no account to attest against"):
        ask(Config.model_validate({"environment": "paper"}), "x", 0, 1)
    with pytest.raises(ConfigError, match="needs a key"):
        ask(Config.model_validate({"environment": "testnet"}), "x", 0, 1)


def test_a_ledger_without_a_run_is_asked_about_from_the_start(sim: Sim, tmp_path: Path) -> None:
    write_trace(trace_path(tmp_path), (), sim)
    LedgerWriter.open(f"sqlite:///{tmp_path}/ledger-demo.db", "demo:another", "demo").close()
    income = income_in(tmp_path)(Config(), f"demo:{sim.instance}", 0, SystemClock().now_ms())
    assert income[0].kind is IncomeKind.TRANSFER
