"""The lease: one program at a time writes for an account, on whichever machine it runs."""

import os
import platform
from pathlib import Path
from typing import Final

from msgspec import Struct, structs
from sqlalchemy import Connection, RowMapping, insert, update

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.tables import LEASE

ALIVE_MS: Final = 30_000
"""A lease that was not refreshed for so long is nobody's."""


class Holder(Struct, frozen=True):
    """Who holds a lease, or wants it."""

    token: str
    """Of this session; no other ever has it."""
    host: str
    pid: int
    born: str
    """When the process began, as its system counts; empty where that is not told."""


def this_process(token: str) -> Holder:
    """This process as a holder."""
    return Holder(token, _host(), os.getpid(), _born(os.getpid()))


def take(connection: Connection, account: str, holder: Holder, now_ms: int) -> None:
    """Take the lease of an account, inside the caller's transaction.

    Raises:
        UnavailableError: Another has it, and may well be alive.
    """
    # Two may come at once: whoever makes the row makes the other one wait for it.
    query = LEASE.select().where(LEASE.c.account == account).with_for_update()
    row = connection.execute(query).mappings().one_or_none()
    if row is not None and _is_live(row, now_ms, is_local=_is_local(connection)):
        raise UnavailableError(
            f"account {account} is in use: process {row['pid']} on {row['host'].partition('/')[0]}"
            " writes its ledger; end that one first"
        )
    values = {**structs.asdict(holder), "refreshed_ms": now_ms}
    if row is None:
        connection.execute(insert(LEASE).values(account=account, **values))
    else:
        connection.execute(update(LEASE).where(LEASE.c.account == account).values(**values))


def is_held(connection: Connection, account: str, now_ms: int, *, besides: str = "") -> bool:
    """Whether a program that may well be alive writes for an account.

    Args:
        connection: To the ledger.
        account: Whose lease.
        now_ms: By the wall clock.
        besides: Token of a holder that does not count; empty: any does.
    """
    row = connection.execute(LEASE.select().where(LEASE.c.account == account)).mappings().first()
    if row is None or row["token"] == besides:
        return False
    # One that is gone, or of long ago, may have come with another copy of the ledger.
    return _is_live(row, now_ms, is_local=_is_local(connection))


def any_held(connection: Connection, now_ms: int) -> str:
    """An account that a program writes for which may well be alive; empty if there is none."""
    rows = connection.execute(LEASE.select()).mappings().all()
    local = _is_local(connection)
    live = (row for row in rows if _is_live(row, now_ms, is_local=local))
    return next((str(row["account"]) for row in live), "")


def refresh(connection: Connection, account: str, token: str, now_ms: int) -> bool:
    """Say that the holder is alive; False if the lease is no longer its own."""
    own = (LEASE.c.account == account) & (LEASE.c.token == token)
    done = connection.execute(update(LEASE).where(own).values(refreshed_ms=now_ms))
    return done.rowcount == 1


def release(connection: Connection, account: str, token: str) -> None:
    """Give the lease back."""
    connection.execute(
        LEASE.delete().where((LEASE.c.account == account) & (LEASE.c.token == token))
    )


def _is_local(connection: Connection) -> bool:
    """Whether only processes of this machine come to the ledger: it is a file."""
    return connection.dialect.name == "sqlite"


def _is_live(row: RowMapping, now_ms: int, *, is_local: bool) -> bool:
    age_ms = now_ms - row["refreshed_ms"]
    # Names are given twice: of a shared database the holder may be another machine, and alive.
    if is_local and age_ms <= -ALIVE_MS and _is_of_earlier_boot(row):
        # Its clock was ahead then: of how long ago it was refreshed that says nothing.
        return False
    return age_ms < ALIVE_MS and not _is_known_dead(row)


def _is_of_earlier_boot(row: RowMapping) -> bool:
    """Whether this very machine held it before it was started anew."""
    name, _, rest = str(row["host"]).partition("/")
    boot = rest.partition("/")[0]
    return name == platform.node() and bool(boot and _boot()) and boot != _boot()


def _is_known_dead(row: RowMapping) -> bool:
    if row["host"] != _host():
        return False
    try:
        os.kill(row["pid"], 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return bool(row["born"]) and row["born"] != _born(row["pid"])


def _host() -> str:
    """This machine since its start; containers of one machine count as several."""
    return f"{platform.node()}/{_boot()}/{_process_space()}"


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""


def _process_space() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _born(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    # The name in brackets may hold anything; field 22 counts from behind it.
    fields = stat.rpartition(")")[2].split()
    # One that has ended stays until its parent asks after it, which in a container nobody may do.
    has_ended = fields[:1] in (["Z"], ["X"])
    return fields[19] if len(fields) > 19 and not has_ended else ""
