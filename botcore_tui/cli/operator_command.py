"""``botcore operator``: keygen, issue, revoke, list."""

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct, structs

from botcore_tui.cli.actor import actor
from botcore_tui.cli.operator_key import make_keys, private_key_path, read_private_key, signed
from botcore_tui.cli.output import complain, say
from botcore_tui.cli.parser import Arguments
from botcore_tui.cli.places import Places, places
from botcore_tui.clock import Clock, SystemClock
from botcore_tui.errors import UnavailableError
from botcore_tui.operators.keys import fingerprint_of, read_public_key
from botcore_tui.operators.names import (
    is_subject,
    is_token_id,
    operators_directory,
    public_key_path,
)
from botcore_tui.operators.register import (
    Issued,
    Revoked,
    append,
    issued_path,
    records,
    revoked_path,
)
from botcore_tui.operators.token import AUDIENCE, ISSUER, Claims

_ID_BYTES: Final = 8
_HOUR_SECONDS: Final = 3600


class _Key(Struct, frozen=True):
    fingerprint: str
    problem: str
    """Why it is not trusted although it is there; empty if it is."""


class _Token(Struct, frozen=True):
    issued: Issued
    state: str
    """``valid``, ``expired`` or ``revoked``."""
    reason: str
    """Of a revocation."""


class _Listing(Struct, frozen=True):
    directory: str
    keys: tuple[_Key, ...]
    tokens: tuple[_Token, ...]
    revoked: tuple[Revoked, ...]


def run_operator(arguments: Arguments, clock: Clock | None = None) -> int:
    """Run one of the topics; its exit code.

    Args:
        arguments: Parsed.
        clock: Dates tokens and records.

    Raises:
        UnavailableError: A key is missing or unsafe, or a file cannot be used; says what to do.
    """
    where = places(arguments.state_dir)
    clock = clock or SystemClock()
    match arguments.topic:
        case "keygen":
            return _keygen(arguments, where)
        case "issue":
            return _issue(arguments, where, clock)
        case "revoke":
            return _revoke(arguments, where, clock)
        case _:
            return _list(arguments, where, clock)


def _private_key(arguments: Arguments, where: Places) -> Path:
    if arguments.private_key is not None:
        return arguments.private_key.absolute()
    return private_key_path(where.config_file.parent)


def _keygen(arguments: Arguments, where: Places) -> int:
    private, directory = _private_key(arguments, where), operators_directory(where.state_dir)
    fingerprint, replaced = make_keys(private, directory, replaces=arguments.force)
    lines = [
        f"key {fingerprint}",
        f"private, to sign tokens with: {private}",
        f"public, for engines to trust: {public_key_path(directory, fingerprint)}",
    ]
    if replaced:
        lines.append(f"replaces {replaced}: its tokens are refused from now on")
    say("\n".join(lines))
    return 0


def _issue(arguments: Arguments, where: Places, clock: Clock) -> int:
    if is_subject(arguments.sub) is None:
        raise UnavailableError(
            "--sub: a name is 1 to 64 letters, digits, dots, hyphens, underscores or @"
        )
    key = read_private_key(_private_key(arguments, where))
    now = clock.now_ms() // 1000
    claims = Claims(
        iss=ISSUER,
        aud=AUDIENCE,
        sub=arguments.sub,
        jti=secrets.token_hex(_ID_BYTES),
        iat=now,
        nbf=now,
        exp=now + arguments.hours * _HOUR_SECONDS,
        scope=" ".join(arguments.scope),
    )
    fingerprint = fingerprint_of(key.public_key())
    directory = operators_directory(where.state_dir)
    record = Issued(
        jti=claims.jti,
        sub=claims.sub,
        scopes=arguments.scope,
        exp=claims.exp,
        kid=fingerprint,
        time_ms=clock.now_ms(),
        actor=actor(),
    )
    # On record before it exists: there is no token that nobody knows of.
    append(issued_path(directory), record)
    _tell_issued(record, directory)
    say(signed(claims, key))
    return 0


def _tell_issued(record: Issued, directory: Path) -> None:
    scopes, until = ", ".join(record.scopes), _moment(record.exp)
    complain(f"token {record.jti} of {record.sub} for {scopes}; valid until {until}")
    path = public_key_path(directory, record.kid)
    if problem := _problem(path):
        complain(f"not trusted by an engine with its state in {directory.parent}: {problem}")


def _revoke(arguments: Arguments, where: Places, clock: Clock) -> int:
    token_id, directory = arguments.token_id, operators_directory(where.state_dir)
    if is_token_id(token_id) is None:
        raise UnavailableError("that is no name of a token; botcore operator list shows them")
    if token_id in {record.jti for record in records(revoked_path(directory), Revoked)}:
        say(f"{token_id} is revoked already")
        return 0
    is_known = token_id in {record.jti for record in records(issued_path(directory), Issued)}
    record = Revoked(jti=token_id, reason=arguments.reason, actor=actor(), time_ms=clock.now_ms())
    append(revoked_path(directory), record)
    where_from = "" if is_known else " (it was not issued here)"
    say(f"{token_id} is revoked: engines refuse it from now on{where_from}")
    return 0


def _list(arguments: Arguments, where: Places, clock: Clock) -> int:
    found = _listing(operators_directory(where.state_dir), clock.now_ms() // 1000)
    if arguments.json:
        say(msgspec.json.format(msgspec.json.encode(_document(found))).decode())
    else:
        say("\n".join(_lines(found)))
    return 0


def _listing(directory: Path, now: int) -> _Listing:
    revoked = records(revoked_path(directory), Revoked)
    reasons = {record.jti: record.reason for record in revoked}

    def token(record: Issued) -> _Token:
        if record.jti in reasons:
            return _Token(record, "revoked", reasons[record.jti])
        return _Token(record, "valid" if now < record.exp else "expired", "")

    keys = (
        _Key(path.name.removesuffix(".pub.pem"), _problem(path))
        for path in sorted(directory.glob("*.pub.pem"))
    )
    issued = records(issued_path(directory), Issued)
    return _Listing(str(directory), tuple(keys), tuple(map(token, issued)), revoked)


def _problem(path: Path) -> str:
    try:
        read_public_key(path)
    except UnavailableError as error:
        return str(error)
    return ""


def _document(found: _Listing) -> object:
    return {
        "directory": found.directory,
        "keys": [{**structs.asdict(key), "is_trusted": not key.problem} for key in found.keys],
        "tokens": [
            {**structs.asdict(token.issued), "state": token.state, "reason": token.reason}
            for token in found.tokens
        ],
        "revoked": found.revoked,
    }


def _lines(found: _Listing) -> Iterable[str]:
    yield (
        f"trusted keys in {found.directory}:"
        if found.keys
        else (f"no trusted key in {found.directory}; botcore operator keygen makes one")
    )
    for key in found.keys:
        yield f"  {key.fingerprint}" + (f"  NOT TRUSTED: {key.problem}" if key.problem else "")
    yield "tokens issued here:" if found.tokens else "no token was issued here"
    for token in found.tokens:
        record = token.issued
        why = f": {token.reason}" if token.reason else ""
        yield (
            f"  {record.jti}  {record.sub}  {','.join(record.scopes)}  key {record.kid}"
            f"  until {_moment(record.exp)}  {token.state}{why}"
        )
    known = {token.issued.jti for token in found.tokens}
    for gone in found.revoked:
        if gone.jti not in known:
            yield f"  {gone.jti}  issued elsewhere  revoked: {gone.reason}"


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
