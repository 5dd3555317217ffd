"""Unix sockets for one user."""

import asyncio
import pwd
import socket
from pathlib import Path

import pytest

from botcore_tui.engine import unix_socket
from botcore_tui.engine.unix_socket import Peer, bound, connected, peer_of
from botcore_tui.errors import UnavailableError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "demo.sock"


def test_socket_in_use_and_other_files_are_left_alone(path: Path) -> None:
    with bound(path):
        with pytest.raises(UnavailableError, match="another engine serves"):
            bound(path)
        assert path.exists()
    path.unlink()
    path.write_text("precious")
    with pytest.raises(UnavailableError, match="is no socket"):
        bound(path)
    assert path.read_text() == "precious"


def test_path_too_long_for_the_system_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unix_socket, "_OPEN_FILES", tmp_path / "none")
    path = tmp_path / ("long" * 40) / "demo.sock"

    with pytest.raises(UnavailableError, match="use a shorter --state-dir"):
        bound(path)
    with pytest.raises(UnavailableError, match="use a shorter --state-dir"):
        connected(path, 1.0)


async def test_peer_is_named_where_the_system_tells(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with bound(path) as listener, connected(path, 1.0) as client:
        served, _ = await asyncio.get_running_loop().sock_accept(listener)
        with served:
            peer = peer_of(client)
            if peer is not None:
                assert str(peer) == pwd.getpwuid(peer.uid).pw_name
            monkeypatch.delattr(socket, "SO_PEERCRED", raising=False)
            assert peer_of(served) is None


def test_user_without_a_name_is_named_by_number() -> None:
    assert str(Peer(1, 2_000_000_123)) == "uid 2000000123"
