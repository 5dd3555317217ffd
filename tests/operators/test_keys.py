"""A public key is trusted under its own name only, and where nobody else can put one."""

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from operator_builders import a_key, private_pem, trust

from botcore_tui.errors import UnavailableError
from botcore_tui.operators.keys import any_can_write, fingerprint_of, read_public_key


def refusal(path: Path) -> str:
    with pytest.raises(UnavailableError) as refused:
        read_public_key(path)
    return str(refused.value)


@pytest.mark.requirement("R17")
def test_a_trusted_key_is_read(tmp_path: Path) -> None:
    path = trust(tmp_path / "operators", a_key())
    assert fingerprint_of(read_public_key(path)) == path.name.removesuffix(".pub.pem")


@pytest.mark.requirement("R17")
def test_a_key_that_is_not_there_is_not_trusted(tmp_path: Path) -> None:
    path = tmp_path / "0123456789abcdef.pub.pem"
    assert refusal(path) == f"its key is not trusted here: {path} is not there"
    path.mkdir()
    assert "cannot be read: Is a directory" in refusal(path)


@pytest.mark.requirement("R17")
def test_a_key_that_others_can_write_is_not_trusted(tmp_path: Path) -> None:
    path = trust(tmp_path / "operators", a_key())
    path.chmod(0o664)
    assert refusal(path) == f"others can write {path}; chmod go-w {path}"
    path.chmod(0o644)
    path.parent.chmod(0o777)
    assert refusal(path) == f"others can write {path.parent}; chmod go-w {path.parent}"


@pytest.mark.requirement("R17")
def test_a_key_under_another_name_is_not_trusted(tmp_path: Path) -> None:
    path = trust(tmp_path / "operators", a_key())
    other = path.with_name("0123456789abcdef.pub.pem")
    path.rename(other)
    assert "not the one it says" in refusal(other)


@pytest.mark.requirement("R17")
def test_a_private_key_is_no_public_one(tmp_path: Path) -> None:
    path = trust(tmp_path / "operators", a_key())
    path.write_bytes(private_pem(a_key()))
    assert refusal(path) == f"{path} is no public key in PEM form"


@pytest.mark.requirement("R17")
@pytest.mark.parametrize("kind", ["small", "curve", "garbage", "nothing"])
def test_other_keys_are_not_trusted(tmp_path: Path, kind: str) -> None:
    path = trust(tmp_path / "operators", a_key())
    keys: dict[str, rsa.RSAPublicKey | ec.EllipticCurvePublicKey] = {
        "small": rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key(),
        "curve": ec.generate_private_key(ec.SECP256R1()).public_key(),
    }
    texts = {"garbage": b"\xff", "nothing": b""}
    if kind in keys:
        path.write_bytes(keys[kind].public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        assert refusal(path) == f"{path} is no RSA key of 3072 to 8192 bits"
    else:
        path.write_bytes(texts[kind])
        assert refusal(path) == f"{path} is no public key in PEM form"


def test_what_cannot_be_looked_at_counts_as_open_to_all(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert not any_can_write(tmp_path)
    assert not any_can_write(tmp_path / "missing")
    (tmp_path / "file").touch()
    assert any_can_write(tmp_path / "file" / "below")


@pytest.mark.requirement("R17")
@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
def test_a_key_of_another_user_is_not_trusted(tmp_path: Path) -> None:
    path = trust(tmp_path / "operators", a_key())
    os.chown(path, 12345, 12345)
    assert refusal(path) == f"others can write {path}; chmod go-w {path}"
