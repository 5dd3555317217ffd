"""One program of a machine trades an account, wherever it keeps its state."""

import errno
import os
import socket
import subprocess
import sys

import pytest

from botcore_tui.cli import account_claim
from botcore_tui.cli.account_claim import AccountClaim, trading_process
from botcore_tui.errors import UnavailableError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such names")

_VENUE = "http://127.0.0.1:1"


@pytest.fixture(autouse=True)
def usual_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the programs that are started here, not of this worker alone."""
    monkeypatch.setattr(account_claim, "_PREFIX", "botcore-account-")


def _account() -> str:
    return f"testnet:claim-{os.getpid()}"


@pytest.mark.requirement("A17", "F20")
def test_a_second_program_is_refused_until_the_first_lets_go() -> None:
    first = AccountClaim.take(_account(), _VENUE)
    with pytest.raises(UnavailableError, match=rf"in use: process {os.getpid()} on this machine"):
        AccountClaim.take(_account(), _VENUE)
    first.release()
    first.release()
    AccountClaim.take(_account(), _VENUE).release()


def test_who_trades_an_account_is_told_and_that_nobody_does() -> None:
    assert trading_process(_account(), _VENUE) == ""
    first = AccountClaim.take(_account(), _VENUE)
    assert trading_process(_account(), _VENUE) == str(os.getpid())
    first.release()
    assert trading_process(_account(), _VENUE) == ""


def test_everybody_who_tries_hears_who_has_it() -> None:
    first = AccountClaim.take(_account(), _VENUE)
    for _ in range(6):  # as a service does that is started again and again
        with pytest.raises(UnavailableError, match=rf"process {os.getpid()} "):
            AccountClaim.take(_account(), _VENUE)
    first.release()


@pytest.mark.requirement("A17", "F20")
def test_the_claim_of_a_killed_program_is_free() -> None:
    code = (
        "import sys; from botcore_tui.cli.account_claim import AccountClaim;"
        "claim = AccountClaim.take(*sys.argv[1:]); print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, _account(), _VENUE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(UnavailableError, match=f"process {other.pid} "):
            AccountClaim.take(_account(), _VENUE)
        other.kill()
        other.wait()
        AccountClaim.take(_account(), _VENUE).release()


def test_another_account_and_another_venue_are_free() -> None:
    first = AccountClaim.take(_account(), _VENUE)
    AccountClaim.take(f"{_account()}-other", _VENUE).release()
    AccountClaim.take(_account(), "http://127.0.0.1:2").release()
    first.release()


def test_program_that_may_have_no_such_name_trades_without_one(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def forbidden(*_: object) -> socket.socket:
        raise PermissionError(errno.EACCES, "forbidden here")

    monkeypatch.setattr(socket, "socket", forbidden)
    AccountClaim.take(_account(), _VENUE).release()
    assert "is not claimed on this machine" in caplog.text
