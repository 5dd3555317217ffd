"""One program of a machine trades an account, wherever it keeps its state."""

import os
import subprocess
import sys

import pytest

from botcore_tui.cli.account_claim import AccountClaim
from botcore_tui.errors import UnavailableError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such names")

_VENUE = "http://127.0.0.1:1"


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
