"""The private key is this user's alone, is never lost by accident, and no engine reads it."""

import ast
import os
from pathlib import Path
from typing import Final

import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from operator_builders import NOW_MS, a_key, claims, private_pem

from botcore_tui.cli import operator_key
from botcore_tui.cli.operator_key import make_keys, private_key_path, read_private_key, signed
from botcore_tui.errors import UnavailableError
from botcore_tui.operators.keys import fingerprint_of, read_public_key
from botcore_tui.operators.names import public_key_path
from botcore_tui.operators.token import Claims
from botcore_tui.operators.trust import Trust

_SOURCE: Final = Path(operator_key.__file__).parents[1]
NONE: Final = serialization.NoEncryption()


@pytest.fixture
def private(tmp_path: Path) -> Path:
    return private_key_path(tmp_path / "config")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "operators"


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


def a_file(path: Path, data: bytes, mode: int = 0o600) -> Path:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(mode)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(UnavailableError) as refused:
        read_private_key(path)
    return str(refused.value)


@pytest.mark.requirement("R17")
@pytest.mark.requirement("R16")
def test_a_pair_is_private_to_this_user_and_trusted_by_its_public_half(
    private: Path, directory: Path
) -> None:
    before = os.umask(0)
    try:
        fingerprint, replaced = make_keys(private, directory, replaces=False)
    finally:
        os.umask(before)
    assert replaced == ""
    assert (mode_of(private), mode_of(private.parent)) == (0o600, 0o700)
    assert [path.name for path in private.parent.iterdir()] == ["private.pem"]
    assert [path.name for path in directory.iterdir()] == [f"{fingerprint}.pub.pem"]
    key = read_private_key(private)
    assert key.key_size == 3072
    public = read_public_key(public_key_path(directory, fingerprint))
    assert fingerprint_of(public) == fingerprint_of(key.public_key()) == fingerprint


@pytest.mark.slow
@pytest.mark.requirement("R17")
def test_a_key_that_is_there_is_kept_unless_it_is_to_be_replaced(
    private: Path, directory: Path
) -> None:
    first, _ = make_keys(private, directory, replaces=False)
    kept = private.read_bytes()
    with pytest.raises(UnavailableError, match="is there already; --force makes a new key"):
        make_keys(private, directory, replaces=False)
    assert private.read_bytes() == kept
    second, replaced = make_keys(private, directory, replaces=True)
    assert replaced == first != second
    assert [path.name for path in directory.iterdir()] == [f"{second}.pub.pem"]


def test_an_unreadable_key_can_be_replaced(private: Path, directory: Path) -> None:
    a_file(private, b"garbage")
    assert make_keys(private, directory, replaces=True)[1] == ""
    assert read_private_key(private).key_size == 3072


@pytest.mark.requirement("R17")
def test_a_signed_token_is_one_that_an_engine_takes(private: Path, directory: Path) -> None:
    fingerprint, _ = make_keys(private, directory, replaces=False)
    token = signed(msgspec.convert(claims(), Claims), read_private_key(private))
    assert Trust(directory).operator(token, NOW_MS).fingerprint == fingerprint


@pytest.mark.requirement("R16")
@pytest.mark.requirement("R17")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610])
def test_a_key_that_others_can_read_is_refused(private: Path, mode: int) -> None:
    a_file(private, private_pem(a_key()), mode)
    assert refusal(private).startswith(f"others can read {private}; chmod 600 {private}")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
def test_a_key_of_another_user_is_refused(private: Path) -> None:
    os.chown(a_file(private, private_pem(a_key())), 12345, 12345)
    assert refusal(private).startswith(f"others can read {private}")


@pytest.mark.requirement("R16")
def test_what_is_no_such_key_is_refused_and_not_shown(private: Path) -> None:
    assert refusal(private) == f"there is no {private}; make it with botcore operator keygen"
    small = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    curve = ec.generate_private_key(ec.SECP256R1())
    locked = a_key().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"a pass phrase"),
    )
    for data, expected in (
        (b"Zq9Zq8Zq7Zq6Zq5", f"{private} is no private key in PEM form"),
        (b"", f"{private} is no private key in PEM form"),
        (locked, f"{private} has a pass phrase; export it without one"),
        (private_pem(small), f"{private} is no RSA key of 3072 bits or more"),
        (
            curve.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, NONE
            ),
            f"{private} is no RSA key of 3072 bits or more",
        ),
    ):
        assert refusal(a_file(private, data)) == expected
    private.unlink()
    private.mkdir()
    assert refusal(private) == f"{private} cannot be read: Is a directory"


def test_a_directory_that_others_can_write_takes_no_private_key(
    private: Path, directory: Path
) -> None:
    private.parent.mkdir(parents=True)
    private.parent.chmod(0o777)
    with pytest.raises(UnavailableError, match="others can write"):
        make_keys(private, directory, replaces=False)
    assert not private.exists()


@pytest.mark.slow
def test_trouble_with_the_disk_leaves_the_old_key_and_no_half_of_a_new_one(
    private: Path, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_keys(private, directory, replaces=False)
    kept = private.read_bytes()

    def full(_number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UnavailableError, match="cannot be written: No space left on device"):
        make_keys(private, directory, replaces=True)
    assert private.read_bytes() == kept
    assert [path.name for path in private.parent.iterdir()] == ["private.pem"]


# --- nobody else ----------------------------------------------------------------------------


def _imports(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.slow
@pytest.mark.requirement("R17")
def test_only_the_command_of_operators_can_get_hold_of_a_private_key() -> None:
    texts = {
        str(path.relative_to(_SOURCE)): path.read_text(encoding="utf-8")
        for path in _SOURCE.rglob("*.py")
    }
    own = {"cli/operator_key.py"}
    users = {
        name
        for name, text in texts.items()
        if any("operator_key" in imported for imported in _imports(ast.parse(text)))
    }
    assert users == {"cli/operator_command.py"}
    # Keys of the venue are Ed25519 and come from variables: no file is opened for them there.
    readers = {name for name, text in texts.items() if "load_pem_private_key" in text}
    assert readers == own | {"exchange/binance/keys.py"}
    assert {name for name, text in texts.items() if '"private.pem"' in text} == own
    signers = {
        name
        for name, text in texts.items()
        if any(imported.split(".")[0] == "jwt" for imported in _imports(ast.parse(text)))
    }
    assert signers == own | {"operators/token.py"}
