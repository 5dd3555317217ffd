"""Keys and revocations count as they stand on the disk, and a revocation for good."""

from pathlib import Path

import pytest
from operator_builders import NOW_MS, a_key, a_token, claims, header, revoke, signed, trust

from botcore_tui.errors import UnavailableError
from botcore_tui.operators.keys import fingerprint_of
from botcore_tui.operators.register import revoked_path
from botcore_tui.operators.trust import Trust


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    trust(tmp_path / "operators", a_key())
    return tmp_path / "operators"


def refusal(found: Trust, token: str) -> str:
    with pytest.raises(UnavailableError) as refused:
        found.operator(token, NOW_MS)
    return str(refused.value)


@pytest.mark.requirement("R17")
def test_a_revoked_token_is_refused_at_once_and_others_are_not(directory: Path) -> None:
    found = Trust(directory)
    assert found.operator(a_token(), NOW_MS).subject == "ada"
    revoke(directory, "0123456789abcdef")
    assert refusal(found, a_token()) == "it is revoked (0123456789abcdef)"
    assert found.operator(a_token(jti="another-token"), NOW_MS).subject == "ada"
    revoke(directory, "another-token")
    assert refusal(found, a_token(jti="another-token")) == "it is revoked (another-token)"


@pytest.mark.requirement("R17")
def test_a_revocation_outlives_its_file(directory: Path) -> None:
    found = Trust(directory)
    revoke(directory, "0123456789abcdef")
    refusal(found, a_token())
    revoked_path(directory).unlink()
    assert refusal(found, a_token()) == "it is revoked (0123456789abcdef)"


@pytest.mark.requirement("R17")
def test_a_damaged_or_open_record_of_revocations_refuses_every_token(directory: Path) -> None:
    found = Trust(directory)
    revoke(directory, "another-token")
    path = revoked_path(directory)
    found.operator(a_token(), NOW_MS)
    path.chmod(0o666)
    assert refusal(found, a_token()) == f"others can write {path}; chmod go-w {path}"
    path.chmod(0o600)
    path.write_bytes(b"{\n")
    for _ in range(2):
        assert refusal(found, a_token()) == f"{path}, line 1, is damaged; repair it"
    path.write_bytes(b"")
    assert found.operator(a_token(), NOW_MS).subject == "ada"


@pytest.mark.requirement("R17")
def test_a_key_counts_while_it_is_there(directory: Path) -> None:
    found, key = Trust(directory), a_key("other")
    token = signed(header(key), claims(), key)
    assert "is not there" in refusal(found, token)
    path = trust(directory, key)
    assert found.operator(token, NOW_MS).subject == "ada"
    path.chmod(0o666)
    assert "others can write" in refusal(found, token)
    path.chmod(0o644)
    path.unlink()
    assert "is not there" in refusal(found, token)


def test_a_key_is_read_again_only_when_its_file_changed(directory: Path) -> None:
    found, name = Trust(directory), fingerprint_of(a_key().public_key())
    first = found._key(name)
    assert found._key(name) is first
    path = trust(directory, a_key())
    path.write_bytes(path.read_bytes() + b"\n")
    assert found._key(name) is not first


def test_what_was_readable_at_the_start_is_remembered(directory: Path) -> None:
    trust(directory, a_key("other")).write_bytes(b"garbage")
    revoked_path(directory).write_bytes(b"{\n")
    found = Trust(directory)
    assert found.remembered(a_token(), NOW_MS).subject == "ada"
    with pytest.raises(UnavailableError, match="its key is not known"):
        found.remembered(signed(header(a_key("other")), claims(), a_key("other")), NOW_MS)


def test_a_directory_that_cannot_be_searched_refuses_every_token(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "cannot be read: Not a directory" in refusal(Trust(tmp_path / "file"), a_token())
