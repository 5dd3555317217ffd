"""One row of a command that ends after it."""

from pathlib import Path

import pytest
from ledger_rows import ACCOUNT, a_note, writing

from botcore_tui.cli.ledger_write import write_row
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Environment
from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.reader import LedgerReader
from botcore_tui.ledger.store import default_url

TESTNET = Environment.TESTNET


def codes(state: Path) -> list[object]:
    with LedgerReader(default_url(state, "testnet"), ACCOUNT) as reader:
        return [row["code"] for row in reader.everything("audit")]


def test_it_is_written(tmp_path: Path) -> None:
    assert write_row(Config(), tmp_path, TESTNET, ACCOUNT, a_note("a"), SystemClock()) == ()
    assert codes(tmp_path) == ["a", "run.ended"]


def test_problems_that_are_found_then_keep_it_out(tmp_path: Path) -> None:
    found = write_row(
        Config(),
        tmp_path,
        TESTNET,
        ACCOUNT,
        a_note("a"),
        SystemClock(),
        problems=lambda: ("it has changed",),
    )
    assert found == ("it has changed",)
    assert codes(tmp_path) == ["run.ended"]


@pytest.mark.requirement("F20")
def test_a_ledger_that_an_engine_writes_is_left_alone(tmp_path: Path) -> None:
    with (
        writing(default_url(tmp_path, "testnet")),
        pytest.raises(UnavailableError, match="in use"),
    ):
        write_row(Config(), tmp_path, TESTNET, ACCOUNT, a_note(), SystemClock())
