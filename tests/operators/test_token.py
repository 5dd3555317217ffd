"""Only what the right key signed, for this program, for now, is believed; nothing of it is told."""

import hashlib
import hmac
import json
import re

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from hypothesis import given
from hypothesis import strategies as st
from operator_builders import (
    HOUR,
    NOW,
    NOW_MS,
    a_key,
    a_token,
    claims,
    header,
    public_pem,
    segment,
    signed,
    unsigned,
)

from botcore_tui.errors import UnavailableError
from botcore_tui.model.command import Scope
from botcore_tui.operators.keys import fingerprint_of
from botcore_tui.operators.names import Operator
from botcore_tui.operators.token import verified

KEY = a_key()
KID = fingerprint_of(KEY.public_key())


def key_of(fingerprint: str) -> RSAPublicKey:
    if fingerprint != KID:
        raise UnavailableError("its key is not trusted here")
    return KEY.public_key()


def refusal(token: str, now_ms: int = NOW_MS) -> str:
    with pytest.raises(UnavailableError) as refused:
        verified(token, key_of, now_ms)
    text = str(refused.value)
    assert "\n" not in text
    for part in re.findall(r"[^.]{12,}", token):
        assert part not in text
    return text


@pytest.mark.requirement("R17")
def test_a_good_token_names_operator_key_and_scopes() -> None:
    assert verified(a_token(Scope.RESUME, Scope.TRADE), key_of, NOW_MS) == Operator(
        subject="ada",
        fingerprint=KID,
        token_id="0123456789abcdef",
        scopes=(Scope.TRADE, Scope.RESUME),
        expires_ms=(NOW + HOUR) * 1000,
    )
    assert verified(signed(header(KEY, typ=None), claims(), KEY), key_of, NOW_MS).name == (
        f"ada#{KID}"
    )


@pytest.mark.requirement("R17")
@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", "RS512", "PS256", "rs256"])
def test_no_other_algorithm_is_taken_whatever_the_header_says(algorithm: str) -> None:
    token = signed(header(KEY, alg=algorithm), claims(), KEY)
    assert refusal(token) == "it is not signed with RS256"


@pytest.mark.requirement("R17")
@pytest.mark.parametrize("end", ["", "."])
def test_an_unsigned_token_is_refused(end: str) -> None:
    assert refusal(unsigned(header(KEY, alg="none"), claims()) + end) == (
        "it is no token in compact form"
    )


@pytest.mark.requirement("R17")
def test_the_public_key_is_no_secret_to_sign_with() -> None:
    for secret in (public_pem(KEY), public_pem(KEY).strip()):
        for algorithm in ("HS256", "RS256"):
            text = unsigned(header(KEY, alg=algorithm), claims())
            digest = hmac.new(secret, text.encode(), hashlib.sha256).digest()
            expected = "its signature is wrong"
            if algorithm == "HS256":
                expected = "it is not signed with RS256"
            assert refusal(f"{text}.{segment(digest)}") == expected


@pytest.mark.requirement("R17")
def test_another_key_under_the_name_of_the_trusted_one_proves_nothing() -> None:
    other = a_key("other")
    assert refusal(signed(header(KEY), claims(), other)) == "its signature is wrong"
    assert refusal(signed(header(other), claims(), other)) == "its key is not trusted here"


@pytest.mark.requirement("R17")
def test_a_claim_changed_after_signing_is_found() -> None:
    head, _, signature = a_token(Scope.VIEW).split(".")
    forged = segment(json.dumps(claims(Scope.TRADE, Scope.PRODUCTION)).encode())
    assert refusal(f"{head}.{forged}.{signature}") == "its signature is wrong"


@pytest.mark.requirement("R17")
@pytest.mark.parametrize(
    "changes",
    [
        {"kid": None},
        {"kid": "../../etc/passwd"},
        {"kid": "0123456789ABCDEF"},
        {"kid": 5},
        {"kid": ""},
        {"alg": None},
        {"alg": ["RS256"]},
        {"typ": "at+jwt"},
        {"jwk": {"kty": "RSA"}},
        {"jku": "https://example.org/keys"},
        {"x5c": ["MII"]},
        {"crit": ["b64"], "b64": False},
        {"zip": "DEF"},
    ],
)
def test_a_header_with_anything_else_in_it_is_refused(changes: dict[str, object]) -> None:
    assert refusal(signed(header(KEY, **changes), claims(), KEY)) == (
        "its header is not that of such a token"
    )


@pytest.mark.requirement("R17")
@pytest.mark.parametrize("name", ["iss", "aud", "sub", "jti", "iat", "nbf", "exp", "scope"])
def test_a_token_without_one_of_the_claims_is_refused(name: str) -> None:
    assert refusal(a_token(**{name: None})) == f"it lacks {name}"


@pytest.mark.requirement("R17")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"aud": "botcore2"}, "it is for another program"),
        ({"aud": ""}, "it is for another program"),
        ({"iss": "https://accounts.example.org"}, "another program issued it"),
        ({"iss": "Botcore Operator"}, "another program issued it"),
        ({"sub": ""}, "its sub or jti cannot be a name"),
        ({"sub": "ada lovelace"}, "its sub or jti cannot be a name"),
        ({"sub": "ada#0123456789abcdef"}, "its sub or jti cannot be a name"),
        ({"sub": "ada\n"}, "its sub or jti cannot be a name"),
        ({"jti": "short"}, "its sub or jti cannot be a name"),
        ({"scope": "trade admin"}, "it has a scope that does not exist"),
        ({"scope": "TRADE"}, "it has a scope that does not exist"),
        ({"scope": ""}, "it has a scope that does not exist"),
        ({"scope": "trade  halt"}, "it has a scope that does not exist"),
    ],
)
def test_claims_for_others_or_that_say_nothing_are_refused(
    changes: dict[str, object], expected: str
) -> None:
    assert refusal(a_token(**changes)) == expected


@pytest.mark.requirement("R17")
@pytest.mark.parametrize(
    "changes",
    [
        {"aud": ["botcore"]},
        {"aud": ["botcore", "other"]},
        {"exp": str(NOW + HOUR)},
        {"exp": NOW + 0.5},
        {"exp": True},
        {"iat": {}},
        {"scope": ["trade"]},
        {"sub": 5},
        {"admin": True},
    ],
)
def test_claims_of_another_kind_are_refused(changes: dict[str, object]) -> None:
    assert refusal(a_token(**changes)) == "its claims are not those of such a token"


@pytest.mark.requirement("R17")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"exp": NOW}, "it has expired"),
        ({"exp": NOW - 1}, "it has expired"),
        ({"exp": -(10**30)}, "it has expired"),
        ({"nbf": NOW + 6}, "it is not valid yet"),
        ({"iat": NOW + 6}, "it is not valid yet"),
        ({"nbf": 10**30}, "it is not valid yet"),
        ({"iat": NOW, "exp": NOW + 24 * HOUR + 1}, "it is valid for more than 24 hours"),
        ({"exp": 10**30}, "it is valid for more than 24 hours"),
        ({"iat": NOW - 20 * HOUR, "exp": NOW + 5 * HOUR}, "it is valid for more than 24 hours"),
    ],
)
def test_a_token_counts_for_its_time_only_and_for_a_day_at_most(
    changes: dict[str, object], expected: str
) -> None:
    assert refusal(a_token(**changes)) == expected


@pytest.mark.requirement("R17")
@pytest.mark.parametrize(
    "changes",
    [
        {"exp": NOW + 1},
        {"nbf": NOW + 5, "iat": NOW + 5},
        {"iat": NOW, "exp": NOW + 24 * HOUR},
    ],
)
def test_clocks_may_differ_by_five_seconds(changes: dict[str, object]) -> None:
    assert verified(a_token(**changes), key_of, NOW_MS).subject == "ada"


@pytest.mark.requirement("R17")
def test_a_name_that_stands_twice_is_refused_in_header_and_claims() -> None:
    body = json.dumps(claims()).encode()
    head = json.dumps(header(KEY)).encode()
    twice = body[:-1] + b', "sub": "eve"}'
    assert refusal(signed(head, twice, KEY)) == "its claims are not those of such a token"
    nested = body[:-1] + b', "more": {"a": 1, "a": 2}}'
    assert refusal(signed(head, nested, KEY)) == "its claims are not those of such a token"
    twice = head[:-1] + b', "alg": "none"}'
    assert refusal(signed(twice, body, KEY)) == "its header is not that of such a token"


@pytest.mark.requirement("R17")
def test_an_oversized_token_is_refused_before_anything_is_decoded() -> None:
    assert refusal(a_token(sub="a" * 4000)) == "it is longer than 4,096 characters"


@pytest.mark.requirement("R17")
@pytest.mark.parametrize(
    "token",
    ["a", "a.b", "a.b.c.d", "..", "a..c", "a b.c.d", "a.b.c\n", "é.b.c", "a.b.c=", "\ud800.a.a"],
)
def test_what_is_no_compact_token_is_refused(token: str) -> None:
    assert refusal(token) == "it is no token in compact form"


@pytest.mark.requirement("R17")
@pytest.mark.parametrize(
    "data",
    [
        b"null",
        b"[]",
        b"{",
        b"\xff\xfe",
        b'{"alg": NaN}',
        pytest.param(b"[" * 1500, id="deep"),
        pytest.param('{"alg": "RS256"}'.encode("utf-16"), id="utf-16"),
    ],
)
def test_garbage_in_a_segment_is_refused(data: bytes) -> None:
    assert refusal(signed(data, claims(), KEY)) == "its header is not that of such a token"
    assert refusal(signed(header(KEY), data, KEY)) in {
        "its claims are not those of such a token",
        "its claims are no object",
    }
    # One letter more than whole bytes need.
    assert refusal(f"aaaaa.{segment(data)}.aaaa") == "its header is not that of such a token"


@pytest.mark.requirement("R17")
@given(st.text(max_size=200) | st.from_regex(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){2}"))
def test_nothing_made_up_is_ever_believed(token: str) -> None:
    with pytest.raises(UnavailableError):
        verified(token, key_of, NOW_MS)


@pytest.mark.requirement("R17")
@given(place=st.integers(0, 10_000), letter=st.sampled_from("ABab01_-"))
def test_no_letter_of_a_token_can_be_changed(place: int, letter: str) -> None:
    token = a_token()
    place %= len(token)
    changed = token[:place] + letter + token[place + 1 :]
    try:
        operator = verified(changed, key_of, NOW_MS)
    except UnavailableError:
        return
    # The last letter of a segment has bits that stand for nothing.
    assert operator == verified(token, key_of, NOW_MS)
