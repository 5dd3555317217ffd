"""A PostgreSQL of the test's own, where one is installed."""

import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _program(name: str) -> str:
    found = [*Path("/usr/lib/postgresql").glob(f"*/bin/{name}")]
    path = str(max(found)) if found else shutil.which(name)
    if path is None:
        pytest.skip(f"PostgreSQL is not installed: no {name}")
    return path


def _as_whom() -> list[str]:
    # It refuses to run as root.
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("PostgreSQL does not run as root, and there is no setpriv to be another")
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        ids = (f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}")
        return ["setpriv", *ids, "--clear-groups"]
    pytest.skip("PostgreSQL does not run as root, and there is neither user postgres nor nobody")


def _run(*command: str) -> None:
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd="/", stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def running_postgres(directory: Path) -> Iterator[str]:
    """A cluster without network; its URL. Skips, and says why, where there cannot be one.

    Args:
        directory: Empty and short: a socket's path holds little more than a hundred letters.
    """
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("the driver of PostgreSQL, psycopg, is not installed")
    initdb, pg_ctl, user = _program("initdb"), _program("pg_ctl"), _as_whom()
    data = directory / "data"
    data.mkdir()
    if user:
        uid, gid = (int(word.partition("=")[2]) for word in user[1:3])
        for path in (directory, data):
            os.chown(path, uid, gid)
    common = ("-D", str(data))
    _run(*user, initdb, *common, "-U", "ada", "-A", "trust", "-N", "--locale=C", "-E", "UTF8")
    options = f"-c listen_addresses='' -c unix_socket_directories='{directory}' -c fsync=off"
    log = str(directory / "log")
    _run(*user, pg_ctl, *common, "-w", "-l", log, "-o", options, "start")
    try:
        yield f"postgresql+psycopg://ada@/postgres?host={directory}"
    finally:
        _run(*user, pg_ctl, *common, "-w", "-m", "immediate", "stop")
