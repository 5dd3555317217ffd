import subprocess
import sys
from base64 import b64encode
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from botcore_tui.exchange.sim.refusals import RefusalError
from botcore_tui.exchange.sim.signatures import Credentials, Verifier, check_timestamp

# Key and signatures of the examples in "General Info"; the space in the third one is the page's.
KEY = "dbefbc809e3e83c283a984c3a1459732ea7db1360ca80c5c2c8867408d28cc83"
SECRET = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"
QUERY = (
    "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC"
    "&recvWindow=5000&timestamp=1591702613943"
)
SIGNATURE = "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9"
MIXED_QUERY = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC"
MIXED_BODY = "quantity=1&price=9000&recvWindow=5000&timestamp= 1591702613943"
MIXED_SIGNATURE = "f9d0ae5e813ef6ccf15c2b5a434047a0181cb5a342b903b367ca6d27a66e36f2"
OTHER_KEY = "e" * 64
NOW_MS = 1_591_702_613_943


def a_verifier(private_key: Ed25519PrivateKey | None = None) -> Verifier:
    if private_key is None:
        return Verifier(Credentials(KEY, SECRET))
    public = private_key.public_key().public_bytes_raw()
    return Verifier(Credentials(KEY, SECRET, OTHER_KEY, public))


def code(query: str, body: str = "", key: str = KEY, verifier: Verifier | None = None) -> int:
    try:
        (verifier or a_verifier()).check_signature(key, query, body)
    except RefusalError as refusal:
        return refusal.code
    return 0


@pytest.mark.parametrize(
    ("query", "body"),
    [
        (f"{QUERY}&signature={SIGNATURE}", ""),
        ("", f"{QUERY}&signature={SIGNATURE}"),
        (f"{QUERY}&signature={SIGNATURE.upper()}", ""),
        (QUERY, f"signature={SIGNATURE}"),
        (f"signature={SIGNATURE}", QUERY),
    ],
)
def test_the_documented_signature_is_valid_wherever_it_stands(query: str, body: str) -> None:
    assert code(query, body) == 0


def test_query_and_body_are_signed_with_nothing_in_between() -> None:
    assert code(MIXED_QUERY, f"{MIXED_BODY}&signature={MIXED_SIGNATURE}") == 0
    assert code(f"{MIXED_QUERY}&signature={MIXED_SIGNATURE}", MIXED_BODY) == 0


@pytest.mark.parametrize(
    ("query", "body"),
    [
        (f"{QUERY}0&signature={SIGNATURE}", ""),
        (f"{QUERY}&signature={SIGNATURE[:-1]}", ""),
        (f"{QUERY}&signature={SIGNATURE}&more=1", ""),
        (f"{QUERY}&signature=é", ""),
    ],
)
def test_another_text_or_signature_is_refused(query: str, body: str) -> None:
    assert code(query, body) == -1022


@pytest.mark.parametrize("query", [QUERY, f"{QUERY}&signature="])
def test_a_signature_must_be_there(query: str) -> None:
    assert code(query) == -1102


@pytest.mark.parametrize("is_quoted", [True, False])
def test_ed25519_signatures_are_base64(is_quoted: bool) -> None:
    private_key = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    verifier = a_verifier(private_key)
    for number in range(20):  # some of them have + and / in them
        text = f"{QUERY}&id={number}"
        signature = b64encode(private_key.sign(text.encode())).decode()
        sent = quote(signature, safe="") if is_quoted else signature
        assert code(f"{text}&signature={sent}", "", OTHER_KEY, verifier) == 0


@pytest.mark.parametrize("signature", ["!", SIGNATURE, b64encode(b"x" * 64).decode(), "YQ"])
def test_a_wrong_ed25519_signature_is_refused(signature: str) -> None:
    verifier = a_verifier(Ed25519PrivateKey.from_private_bytes(b"k" * 32))
    assert code(f"{QUERY}&signature={signature}", "", OTHER_KEY, verifier) == -1022


def test_each_key_signs_in_its_own_way() -> None:
    private_key = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    signature = b64encode(private_key.sign(QUERY.encode())).decode()
    verifier = a_verifier(private_key)
    assert code(f"{QUERY}&signature={signature}", "", KEY, verifier) == -1022
    assert code(f"{QUERY}&signature={SIGNATURE}", "", OTHER_KEY, verifier) == -1022


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("", -2014),
        ("k" * 63, -2014),
        ("k" * 63 + "!", -2014),
        ("k" * 64, -2015),
        (OTHER_KEY, -2015),
    ],
)
def test_keys_are_64_letters_and_digits_that_the_account_has(key: str, expected: int) -> None:
    with pytest.raises(RefusalError) as refusal:
        a_verifier().check_key(key)
    assert (refusal.value.code, refusal.value.status) == (expected, 401)
    a_verifier().check_key(KEY)


@pytest.mark.parametrize("age_ms", [5_000, 0, -999])
def test_a_timestamp_may_be_five_seconds_old_and_not_quite_one_ahead(age_ms: int) -> None:
    check_timestamp(NOW_MS - age_ms, None, (NOW_MS,))


@pytest.mark.parametrize(
    ("age_ms", "window", "words"),
    [(5_001, None, "outside of the recvWindow"), (101, 100, "outside of"), (-1_000, None, "ahead")],
)
def test_other_timestamps_are_refused(age_ms: int, window: int | None, words: str) -> None:
    with pytest.raises(RefusalError, match=words) as refusal:
        check_timestamp(NOW_MS - age_ms, window, (NOW_MS,))
    assert refusal.value.code == -1021


@pytest.mark.parametrize(("window", "expected"), [(60_001, -1131), (-1, -1130)])
def test_a_window_has_bounds(window: int, expected: int) -> None:
    with pytest.raises(RefusalError) as refusal:
        check_timestamp(NOW_MS, window, (NOW_MS,))
    assert refusal.value.code == expected
    check_timestamp(NOW_MS - 60_000, 60_000, (NOW_MS,))


def test_a_timestamp_may_fit_any_of_the_clocks() -> None:
    check_timestamp(NOW_MS, None, (NOW_MS + 10**6, NOW_MS))


def test_the_heavy_module_is_not_loaded_for_hmac() -> None:
    program = (
        "import sys; from botcore_tui.exchange.sim.signatures import *;"
        f"Verifier(Credentials({KEY!r}, {SECRET!r})).check_signature({KEY!r},"
        f" {QUERY + '&signature=' + SIGNATURE!r}, '');"
        "sys.exit('cryptography' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
