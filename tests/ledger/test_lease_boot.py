"""A lease that a machine left behind whose clock was ahead."""

import platform
from pathlib import Path

import pytest
from builders import NOW_MS
from ledger_rows import ACCOUNT, ledger_url, written
from msgspec import structs

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger import lease
from botcore_tui.ledger.lease import Holder, take, this_process
from botcore_tui.ledger.store import writing_engine

DAY_MS = 86_400_000


@pytest.mark.skipif(not Path("/proc/sys/kernel/random/boot_id").exists(), reason="no boot ids")
def test_lease_of_before_a_reboot_whose_clock_was_ahead_is_free(tmp_path: Path) -> None:
    """The clock was a day ahead, the power failed; after the start the time server is right."""
    written(ledger_url(tmp_path), [])
    engine = writing_engine(ledger_url(tmp_path))
    before = Holder("dead", f"{platform.node()}/another-boot/pid:[4026531836]", 77, "7")
    with engine.connect() as connection, connection.begin():
        take(connection, ACCOUNT, before, NOW_MS + DAY_MS)
        take(connection, ACCOUNT, this_process("mine"), NOW_MS)
    engine.dispose()


def test_lease_of_another_machine_in_the_future_holds(tmp_path: Path) -> None:
    written(ledger_url(tmp_path), [])
    engine = writing_engine(ledger_url(tmp_path))
    other = structs.replace(this_process("other"), host="elsewhere/boot/space")
    with engine.connect() as connection, connection.begin():
        take(connection, ACCOUNT, other, NOW_MS + DAY_MS)
        with pytest.raises(UnavailableError):
            take(connection, ACCOUNT, this_process("mine"), NOW_MS)
    engine.dispose()


def test_lease_in_a_shared_database_holds_whatever_the_machine_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hosts whose containers have one name; the clock of the other is ahead."""
    monkeypatch.setattr(lease, "_is_local", lambda _connection: False)
    written(ledger_url(tmp_path), [])
    engine = writing_engine(ledger_url(tmp_path))
    other = Holder("other", f"{platform.node()}/another-boot/pid:[4026531836]", 77, "7")
    with engine.connect() as connection, connection.begin():
        take(connection, ACCOUNT, other, NOW_MS + 40_000)
        with pytest.raises(UnavailableError):
            take(connection, ACCOUNT, this_process("mine"), NOW_MS)
    engine.dispose()
