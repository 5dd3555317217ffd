"""Claims exclude other processes, end with theirs, and say who holds them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from botcore_tui.cli.claim import Claim, holder
from botcore_tui.errors import UnavailableError


def test_a_claim_excludes_others_until_it_is_released(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    first = Claim.take(path)
    assert first is not None
    assert Claim.take(path) is None
    assert holder(path) == str(os.getpid())
    first.release()
    first.release()
    second = Claim.take(path)
    assert second is not None
    second.release()


def test_the_claim_of_a_killed_process_is_free(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    code = (
        "import sys; from pathlib import Path; from botcore_tui.cli.claim import Claim;"
        "claim = Claim.take(Path(sys.argv[1])); print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        assert Claim.take(path) is None
        assert holder(path) == str(other.pid)
        other.kill()
        other.wait()
        claim = Claim.take(path)
        assert claim is not None
        claim.release()


@pytest.mark.requirement("F13", "R13")
def test_a_full_disk_is_told_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    path.symlink_to("/dev/full")
    with pytest.raises(UnavailableError, match=r"No space left on device\); make room, or .*dir"):
        Claim.take(path)


def test_a_place_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="No such file or directory"):
        Claim.take(tmp_path / "nowhere" / "x.lock")


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\xff"])
def test_a_holder_that_does_not_say_its_number_is_unknown(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.lock"
    assert holder(path) == "unknown"
    path.write_bytes(content)
    assert holder(path) == "unknown"
