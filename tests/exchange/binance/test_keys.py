"""Keys as people paste them."""

import hashlib
from typing import Final

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from botcore_tui.errors import ConfigError
from botcore_tui.exchange.binance.keys import fingerprint, load_credentials

KEY: Final = "k" * 64
_PRIVATE: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def pem_of(key: serialization.PublicFormat | object, **options: object) -> str:
    assert hasattr(key, "private_bytes")
    written: bytes = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        options.get("encryption", serialization.NoEncryption()),
    )
    return written.decode()


PEM: Final = pem_of(_PRIVATE)


@pytest.mark.parametrize(
    "text",
    [
        PEM,
        PEM.strip(),
        PEM.replace("\n", "\r\n"),
        PEM.replace("\n", "\\n"),
        PEM.replace("\n", "\\r\\n"),
        PEM.replace("\n", " "),
        f"\n  {PEM}  \n",
        "\n".join(f"  {line}" for line in PEM.splitlines()),
    ],
)
def test_ed25519_key_is_set_right_however_it_was_pasted(text: str) -> None:
    credentials = load_credentials(KEY, text)
    assert credentials.secret == PEM
    assert credentials.is_ed25519
    # ccxt takes a longer one for RSA.
    assert len(credentials.secret) <= 120


def test_hmac_secret_and_key_lose_the_spaces_around_them() -> None:
    credentials = load_credentials(f" {KEY}\n", "\t" + "s" * 64 + "\r\n")
    assert (credentials.api_key, credentials.secret) == (KEY, "s" * 64)
    assert not credentials.is_ed25519


def test_secret_is_not_shown() -> None:
    credentials = load_credentials(KEY, "s" * 64)
    shown = f"{credentials!r} {credentials} {[credentials]}"
    assert "sss" not in shown
    assert "kkk" not in shown
    assert fingerprint(KEY) in shown


def test_fingerprint_is_the_start_of_a_digest() -> None:
    assert fingerprint(KEY) == hashlib.sha256(KEY.encode()).hexdigest()[:8]


@pytest.mark.parametrize(
    ("key", "secret", "words"),
    [
        ("", "s", "API key: is empty"),
        ("a b", "s", "API key"),
        ("a\nX-Other: 1", "s", "API key"),
        ("k", "  ", "API secret: is empty"),
        ("k", "s t", "API secret"),
        ("k", PEM.splitlines()[0], "without its BEGIN or END"),
        ("k", PEM.replace("MC4C", "!!!!"), "cannot be read|can be read"),
        ("k", PEM.replace(PEM.splitlines()[1], "AAAA"), "can be read"),
    ],
)
def test_what_cannot_be_a_key_is_refused_and_not_shown(key: str, secret: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        load_credentials(key, secret)
    assert "AAAA" not in str(caught.value)


def test_both_problems_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        load_credentials("", "")
    assert len(caught.value.problems) == 2


def test_rsa_key_is_refused_by_its_name() -> None:
    with pytest.raises(ConfigError, match="not Ed25519"):
        load_credentials(KEY, pem_of(generate_private_key(65537, 1024)))


def test_key_with_a_pass_phrase_is_refused() -> None:
    locked = pem_of(_PRIVATE, encryption=serialization.BestAvailableEncryption(b"x"))
    with pytest.raises(ConfigError, match="pass phrase"):
        load_credentials(KEY, locked)
