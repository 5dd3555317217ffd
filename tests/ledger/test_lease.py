"""One program at a time writes for an account."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import NOW_MS
from ledger_rows import ACCOUNT, ledger_url, written
from msgspec import structs
from sqlalchemy import Connection

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.lease import (
    ALIVE_MS,
    Holder,
    _born,
    is_held,
    refresh,
    release,
    take,
    this_process,
)
from botcore_tui.ledger.store import writing_engine
from botcore_tui.ledger.writer import LedgerWriter


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    written(ledger_url(tmp_path), [])
    engine = writing_engine(ledger_url(tmp_path))
    with engine.connect() as connection, connection.begin():
        yield connection
    engine.dispose()


_OTHER = Holder("other", "elsewhere/boot/space", 1, "7")


@pytest.mark.requirement("A17")
@pytest.mark.requirement("F20")
def test_two_writers_on_one_account_are_refused_and_two_accounts_are_not(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    first = LedgerWriter.open(url, ACCOUNT, "testnet")
    with pytest.raises(UnavailableError, match=f"in use: process {os.getpid()}"):
        LedgerWriter.open(url, ACCOUNT, "testnet")
    other = LedgerWriter.open(url, "testnet:other", "testnet")
    other.close()
    first.close()
    LedgerWriter.open(url, ACCOUNT, "testnet").close()


@pytest.mark.requirement("F20")
def test_a_lease_of_another_machine_holds_as_long_as_it_is_fresh(connection: Connection) -> None:
    take(connection, ACCOUNT, _OTHER, NOW_MS)
    mine = this_process("mine")
    with pytest.raises(UnavailableError, match="process 1 on elsewhere"):
        take(connection, ACCOUNT, mine, NOW_MS + ALIVE_MS - 1)
    take(connection, ACCOUNT, mine, NOW_MS + ALIVE_MS)
    assert not refresh(connection, ACCOUNT, "other", NOW_MS + ALIVE_MS)
    assert refresh(connection, ACCOUNT, "mine", NOW_MS + ALIVE_MS)


def test_a_refreshed_lease_is_fresh_again(connection: Connection) -> None:
    take(connection, ACCOUNT, _OTHER, NOW_MS)
    assert refresh(connection, ACCOUNT, "other", NOW_MS + ALIVE_MS)
    with pytest.raises(UnavailableError):
        take(connection, ACCOUNT, this_process("mine"), NOW_MS + ALIVE_MS + 1)


def test_a_lease_given_back_is_free_at_once_and_only_its_own(connection: Connection) -> None:
    take(connection, ACCOUNT, _OTHER, NOW_MS)
    release(connection, ACCOUNT, "mine")
    with pytest.raises(UnavailableError):
        take(connection, ACCOUNT, this_process("mine"), NOW_MS)
    release(connection, ACCOUNT, "other")
    take(connection, ACCOUNT, this_process("mine"), NOW_MS)


@pytest.mark.requirement("F14")
def test_a_lease_of_a_process_that_is_dead_is_free_at_once(connection: Connection) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    here = this_process("mine")
    take(connection, ACCOUNT, structs.replace(here, token="dead", pid=process.pid), NOW_MS)
    take(connection, ACCOUNT, here, NOW_MS)


@pytest.mark.requirement("F14")
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc tells of ended ones")
def test_a_lease_of_a_process_that_has_ended_is_free_though_nobody_asked_after_it(
    connection: Connection,
) -> None:
    # As in a container whose first process is no init.
    program = "import sys; sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE) as process:
        born = _born(process.pid)
        assert born
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        here = this_process("mine")
        ended = structs.replace(here, token="dead", pid=process.pid, born=born)
        take(connection, ACCOUNT, ended, NOW_MS)
        take(connection, ACCOUNT, here, NOW_MS)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc tells births")
def test_a_later_process_of_the_same_number_is_another(connection: Connection) -> None:
    here = this_process("mine")
    assert here.born
    take(connection, ACCOUNT, structs.replace(here, token="dead", born="1"), NOW_MS)
    take(connection, ACCOUNT, here, NOW_MS)


@pytest.mark.requirement("F20")
def test_a_process_of_somebody_else_is_alive(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(_pid: int, _signal: int) -> None:
        raise PermissionError

    here = this_process("mine")
    take(connection, ACCOUNT, structs.replace(here, token="theirs", born="1"), NOW_MS)
    monkeypatch.setattr(os, "kill", kill)
    with pytest.raises(UnavailableError):
        take(connection, ACCOUNT, here, NOW_MS)


@pytest.mark.requirement("F20")
def test_without_proc_only_the_number_of_a_process_counts(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(*_: object) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", absent)
    monkeypatch.setattr(Path, "readlink", absent)
    here = this_process("mine")
    assert here.host.endswith("//")
    assert here.born == ""
    take(connection, ACCOUNT, here, NOW_MS)
    with pytest.raises(UnavailableError):
        take(connection, ACCOUNT, structs.replace(here, token="other"), NOW_MS)


def test_who_looks_sees_whether_somebody_writes(connection: Connection) -> None:
    assert not is_held(connection, ACCOUNT, NOW_MS)
    take(connection, ACCOUNT, _OTHER, NOW_MS)
    assert is_held(connection, ACCOUNT, NOW_MS + ALIVE_MS - 1)
    assert not is_held(connection, ACCOUNT, NOW_MS + ALIVE_MS)


@pytest.mark.requirement("F20")
def test_only_a_living_other_one_has_taken_a_lease(connection: Connection) -> None:
    assert not is_held(connection, ACCOUNT, NOW_MS, besides="mine"), "there is none"
    take(connection, ACCOUNT, _OTHER, NOW_MS)
    assert is_held(connection, ACCOUNT, NOW_MS + ALIVE_MS - 1, besides="mine")
    assert not is_held(connection, ACCOUNT, NOW_MS, besides=_OTHER.token), "it is its own"
    assert not is_held(connection, ACCOUNT, NOW_MS + ALIVE_MS, besides="mine"), "of long ago"
