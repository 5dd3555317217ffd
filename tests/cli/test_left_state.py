"""What the ledger says of the state that the next session begins in."""

from pathlib import Path

import pytest
from builders import NOW_MS
from ledger_rows import ACCOUNT, a_note, tampered, written
from risk_builders import a_trip

from botcore_tui.cli.left_state import left_as
from botcore_tui.config import Config, Environment
from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.store import default_url
from botcore_tui.model.ledger import ResetRow

TESTNET = Environment.TESTNET
TEXT = "HALTED -> REDUCING by ada: looked at it"


NOTHING = ("", "")


def left(directory: Path, account: str = ACCOUNT) -> tuple[str, str]:
    found = left_as(Config(), directory, TESTNET, account)
    return NOTHING if found is None else (found.state, found.why)


def test_before_the_first_session_nothing_is_left(tmp_path: Path) -> None:
    assert left(tmp_path) == NOTHING
    (tmp_path / "ledger-testnet.db").write_bytes(b"")
    assert left(tmp_path) == NOTHING


@pytest.mark.requirement("K7")
def test_what_was_reduced_is_told_of_its_account_only(tmp_path: Path) -> None:
    url = default_url(tmp_path, "testnet")
    written(url, [a_note("state.reducing", TEXT)])
    assert left(tmp_path) == ("REDUCING", TEXT)
    assert left(tmp_path, "testnet:another") == NOTHING
    written(url, [a_note("state.active", "REDUCING -> ACTIVE by ada: all well")])
    assert left(tmp_path) == NOTHING


@pytest.mark.requirement("K7")
def test_breaker_that_was_not_reset_halts_the_next_session_without_a_halt_file(
    tmp_path: Path,
) -> None:
    url = default_url(tmp_path, "testnet")
    written(url, [a_trip("A02"), a_note("state.halted", "ACTIVE -> HALTED by breaker: A02")])
    assert left(tmp_path) == (
        "HALTED",
        "breaker A02 tripped in an earlier run and was not reset",
    )
    reset = ResetRow(code="A02", is_rebased=False, actor="ada", reason="looked at", time_ms=NOW_MS)
    written(url, [reset])
    assert left(tmp_path) == ("REDUCING", "ACTIVE -> HALTED by breaker: A02")


@pytest.mark.usefixtures("hidden")
def test_a_directory_into_which_nobody_may_look_is_no_answer(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="cannot be read: Permission denied"):
        left(tmp_path)


def test_a_ledger_that_cannot_be_read_is_no_answer(tmp_path: Path) -> None:
    url = default_url(tmp_path, "testnet")
    written(url, [a_note("state.reducing", TEXT)])
    tampered(url, "UPDATE alembic_version SET version_num='0001'")
    with pytest.raises(UnavailableError, match="version"):
        left(tmp_path)
    (tmp_path / "ledger-testnet.db").write_bytes(b"this is a letter and not a database" * 100)
    with pytest.raises(UnavailableError, match="cannot be read"):
        left(tmp_path)
