"""Who may do what: with real money nothing but a halt goes without a token of the right scope."""

import os
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec import structs
from operator_builders import (
    HOUR,
    NOW,
    NOW_MS,
    a_key,
    a_token,
    claims,
    header,
    revoke,
    signed,
    trust,
)

from botcore_tui.config import Environment
from botcore_tui.config.masking import keep_secret
from botcore_tui.model.command import (
    CancelOrder,
    ClosePosition,
    Command,
    EnableStrategy,
    Halt,
    MoveStop,
    PlaceOrder,
    Relax,
    ResetBreaker,
    Resume,
    Scope,
    SignOff,
)
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderType
from botcore_tui.operators.authority import LOCAL_SCOPES, Authority, needed_scope, reduces
from botcore_tui.operators.keys import fingerprint_of

if TYPE_CHECKING:
    from botcore_tui.engine.control import Authority as Door

ADA = f"ada#{fingerprint_of(a_key().public_key())}"
WHO = "root@10.0.0.5"
PEER = "uid 0, pid 7"
NAMED = f"{ADA} {WHO} ({PEER})"
ALL = tuple(Scope)
LOCAL = [item for item in Environment if item is not Environment.PRODUCTION]


def an_entry(actor: str = WHO, *, reduce_only: bool = False, reason: str = "") -> PlaceOrder:
    return PlaceOrder(
        command_id="c",
        actor=actor,
        symbol="BTCUSDT",
        side=Side.BUY,
        type=OrderType.MARKET,
        quantity=Decimal(1),
        reduce_only=reduce_only,
        reason=reason,
        time_ms=1,
        scopes=ALL,
    )


ENTRY = an_entry()
LOOSENING: list[Command] = [
    Resume(WHO, "better", 1, "c", ALL),
    ResetBreaker(command_id="c", actor=WHO, code="A01", reason="better", time_ms=1, scopes=ALL),
    Relax(
        command_id="c",
        actor=WHO,
        limit="risk.max_leverage",
        value=Decimal(2),
        minutes=5,
        time_ms=1,
        scopes=ALL,
    ),
    EnableStrategy(command_id="c", actor=WHO, strategy="ema_cross", time_ms=1, scopes=ALL),
]
REDUCING: list[Command] = [
    ClosePosition(command_id="c", actor=WHO, symbol="BTCUSDT", time_ms=1, scopes=ALL),
    CancelOrder(command_id="c", actor=WHO, client_order_id="o", time_ms=1, scopes=ALL),
    MoveStop(
        command_id="c",
        actor=WHO,
        symbol="BTCUSDT",
        stop_price=Decimal(1),
        time_ms=1,
        scopes=ALL,
    ),
    an_entry(reduce_only=True),
]
HALTS: list[Command] = [Halt(WHO, "enough", 1), Halt(WHO, "enough", 1, flattens=True)]
ADDING: list[Command] = [ENTRY, *LOOSENING]
ANSWERED: list[Command] = [*ADDING, *REDUCING]

BAD = {
    "garbage": "garbage",
    "expired": a_token(exp=NOW - 1),
    "revoked": a_token(jti="revoked-token"),
    "unsigned": "e30.e30.e30",
}
OF_A_STRANGER = signed(header(a_key("other")), claims(), a_key("other"))
VIEWER, DEALER = a_token(Scope.VIEW), a_token(Scope.TRADE, Scope.RESUME)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    trust(tmp_path / "operators", a_key())
    revoke(tmp_path / "operators", "revoked-token")
    return tmp_path / "operators"


def an_authority(environment: Environment, directory: Path) -> Authority:
    return Authority(environment, directory, lambda: NOW_MS)


def admitted(authority: "Door", command: Command, token: str | None) -> Command:
    found = authority.admit(command, token, PEER)
    assert not isinstance(found, str), found
    assert type(found) is type(command)
    return found


def refused(authority: "Door", command: Command, token: str | None) -> str:
    found = authority.admit(command, token, PEER)
    assert isinstance(found, str)
    assert "\n" not in found
    assert "botcore operator issue --scope" in found
    assert not token or len(token) < 8 or token not in found
    return found


def scopes_of(command: Command) -> tuple[Scope, ...]:
    assert not isinstance(command, Halt)
    return command.scopes


# --- where no real money is -----------------------------------------------------------------


@pytest.mark.requirement("R17")
@pytest.mark.parametrize("environment", LOCAL)
@pytest.mark.parametrize("token", [None, "", "  "])
def test_without_real_money_the_systems_user_may_do_all_but_production(
    environment: Environment, token: str | None, directory: Path
) -> None:
    authority = an_authority(environment, directory)
    for command in ANSWERED:
        found = admitted(authority, command, token)
        assert found.actor == f"{WHO} ({PEER})"
        assert scopes_of(found) == LOCAL_SCOPES == (*list(Scope)[:4],)


@pytest.mark.requirement("R17")
def test_a_token_names_the_actor_and_narrows_what_may_be_done(directory: Path) -> None:
    authority = an_authority(Environment.TESTNET, directory)
    found = admitted(authority, ENTRY, a_token(Scope.TRADE))
    assert (found.actor, scopes_of(found)) == (NAMED, (Scope.TRADE,))
    text = refused(authority, LOOSENING[0], a_token(Scope.TRADE))
    assert text == (
        f"Resume: the token of {ADA} lacks resume: issue one with botcore operator issue --scope"
        " resume, or send none to act as the system's user"
    )


@pytest.mark.requirement("R17")
@pytest.mark.parametrize("bad", BAD)
def test_a_bad_token_is_refused_where_none_would_do(bad: str, directory: Path) -> None:
    authority = an_authority(Environment.DEMO, directory)
    for command in ADDING:
        assert "the token is refused" in refused(authority, command, BAD[bad])


@pytest.mark.requirement("R17")
@pytest.mark.parametrize("token", [*BAD.values(), a_token(Scope.VIEW)], ids=[*BAD, "view"])
@pytest.mark.parametrize("command", REDUCING, ids=lambda item: type(item).__name__)
def test_no_token_holds_up_what_lowers_risk_without_real_money(
    token: str, command: Command, directory: Path
) -> None:
    found = admitted(an_authority(Environment.TESTNET, directory), command, token)
    assert Scope.PRODUCTION not in scopes_of(found)


# --- with real money ------------------------------------------------------------------------


@pytest.mark.requirement("R17")
@pytest.mark.requirement("R18")
@pytest.mark.requirement("P03")
@pytest.mark.parametrize("command", ANSWERED, ids=lambda item: type(item).__name__)
def test_with_real_money_nothing_goes_without_a_good_token(
    command: Command, directory: Path
) -> None:
    authority = an_authority(Environment.PRODUCTION, directory)
    assert "needs a token in production" in refused(authority, command, None)
    for token in BAD.values():
        assert "the token is refused" in refused(authority, command, token)


@pytest.mark.requirement("R17")
@pytest.mark.requirement("P03")
@pytest.mark.parametrize("command", ANSWERED, ids=lambda item: type(item).__name__)
def test_with_real_money_exactly_the_needed_scopes_let_a_command_through(
    command: Command, directory: Path
) -> None:
    authority = an_authority(Environment.PRODUCTION, directory)
    needed = {needed_scope(command)} | (set() if reduces(command) else {Scope.PRODUCTION})
    given = tuple(scope for scope in Scope if scope in needed)
    found = admitted(authority, command, a_token(*given))
    assert (found.actor, scopes_of(found)) == (NAMED, given)
    for missing in needed:
        rest = [scope for scope in Scope if scope is not missing]
        assert f"lacks {missing}" in refused(authority, command, a_token(*rest))


@pytest.mark.requirement("R17")
def test_a_refused_close_says_that_a_halt_needs_no_token(directory: Path) -> None:
    text = refused(an_authority(Environment.PRODUCTION, directory), REDUCING[0], None)
    assert text == (
        "ClosePosition needs a token in production: issue one with botcore operator issue --scope"
        " trade, or use botcore halt --flatten, which needs none"
    )


@pytest.mark.requirement("R17")
@pytest.mark.requirement("K1")
@pytest.mark.parametrize("environment", list(Environment))
@pytest.mark.parametrize("command", HALTS, ids=["hold", "flatten"])
def test_a_halt_is_never_refused(
    environment: Environment, command: Command, directory: Path
) -> None:
    authority = an_authority(environment, directory)
    for token in (None, "", *BAD.values(), "x" * 100_000):
        assert admitted(authority, command, token).actor == f"{WHO} ({PEER})"
    assert admitted(authority, command, a_token(Scope.VIEW)).actor == NAMED
    for missing in (directory / "missing", directory / "revoked.jsonl" / "below"):
        assert admitted(an_authority(environment, missing), command, a_token()).reason == "enough"


@pytest.mark.requirement("K6")
def test_a_halt_asks_no_disk(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = an_authority(Environment.PRODUCTION, directory)
    without_keys = an_authority(Environment.DEMO, directory / "missing")

    def hanging(*_: object, **__: object) -> None:
        raise AssertionError("the disk was asked")

    for name in ("stat", "open", "read_bytes", "exists", "glob"):
        monkeypatch.setattr(Path, name, hanging)
    monkeypatch.setattr(os, "stat", hanging)
    found = admitted(authority, HALTS[1], a_token(Scope.VIEW))
    others = [
        admitted(authority, HALTS[1], token).actor
        for token in (a_token(jti="revoked-token"), OF_A_STRANGER)
    ]
    nameless = admitted(without_keys, HALTS[1], a_token())
    monkeypatch.undo()
    assert found.actor == NAMED
    assert {*others, nameless.actor} == {f"{WHO} ({PEER})"}


def test_a_halt_needs_no_more_than_its_scope() -> None:
    assert needed_scope(HALTS[0]) is Scope.HALT
    assert reduces(HALTS[0])


# --- whatever the sender writes -------------------------------------------------------------


@pytest.mark.requirement("R17")
@pytest.mark.parametrize("environment", list(Environment))
@pytest.mark.parametrize("command", ANSWERED, ids=lambda item: type(item).__name__)
def test_scopes_are_never_those_that_the_sender_wrote(
    environment: Environment, command: Command, directory: Path
) -> None:
    authority = an_authority(environment, directory)
    assert not isinstance(command, Halt)
    without = structs.replace(command, scopes=())
    for token in (None, VIEWER, DEALER):
        assert authority.admit(command, token, PEER) == authority.admit(without, token, PEER)


@pytest.mark.requirement("R17")
def test_nobody_passes_for_an_operator_or_for_the_program_itself(directory: Path) -> None:
    authority = an_authority(Environment.DEMO, directory)
    found = admitted(authority, an_entry(ADA), None)
    assert found.actor == f"{ADA.replace('#', '_')} ({PEER})"
    assert admitted(authority, Halt("leave", "x", 1), None).actor == f"leave ({PEER})"


@pytest.mark.parametrize(
    ("said", "peer", "expected"),
    [
        ("ada", "", "ada"),
        ("", "", ""),
        ("", PEER, PEER),
        (f"ada, {PEER}", PEER, f"ada, {PEER}"),
        ("a\x1b[2Jb\n", "", "a\\x1b[2Jb\\n"),
        ("a" * 1000, "", "a" * 120),
    ],
)
def test_an_actor_is_one_short_line_with_what_the_door_knows(
    said: str, peer: str, expected: str, directory: Path
) -> None:
    found = an_authority(Environment.DEMO, directory).admit(an_entry(said), None, peer)
    assert isinstance(found, PlaceOrder)
    assert found.actor == expected


def test_an_operator_without_a_user_is_named_alone(directory: Path) -> None:
    found = an_authority(Environment.DEMO, directory).admit(an_entry(""), a_token(), "")
    assert isinstance(found, PlaceOrder)
    assert found.actor == ADA


@pytest.mark.requirement("R16")
def test_a_token_in_a_reason_or_a_name_goes_on_no_record(directory: Path) -> None:
    authority, token = an_authority(Environment.DEMO, directory), a_token()
    said = f"with {token} x"
    for command, sent in ((an_entry(token, reason=said), token), (Halt(token, said, 1), "x" * 9)):
        found = admitted(authority, command, sent)
        assert found.reason == "with ******** x"
        assert token.split(".")[2] not in found.actor


@pytest.mark.requirement("R16")
def test_what_the_program_knows_for_a_secret_goes_on_no_record(directory: Path) -> None:
    keep_secret({"hunter2-hunter2"})
    authority = an_authority(Environment.DEMO, directory)
    found = admitted(authority, Halt("hunter2-hunter2", "is hunter2-hunter2", 1), None)
    assert (found.actor, found.reason) == (f"******** ({PEER})", "is ********")


@pytest.mark.requirement("R17")
def test_a_revocation_counts_from_the_next_command_on(directory: Path) -> None:
    authority = an_authority(Environment.PRODUCTION, directory)
    admitted(authority, ENTRY, a_token())
    revoke(directory, "0123456789abcdef")
    assert "it is revoked (0123456789abcdef)" in refused(authority, ENTRY, a_token())


def test_a_place_without_keys_is_no_trouble_until_a_token_comes(tmp_path: Path) -> None:
    authority = an_authority(Environment.DEMO, tmp_path / "missing")
    admitted(authority, ENTRY, None)
    assert "is not there" in refused(authority, ENTRY, a_token())


def test_a_place_that_cannot_be_looked_into_refuses_tokens_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(_path: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "exists", denied)
    authority = an_authority(Environment.DEMO, tmp_path)
    admitted(authority, ENTRY, None)
    assert "the token is refused" in refused(authority, ENTRY, a_token(exp=NOW + 30 * HOUR))


def test_a_signature_raises_nothing_and_is_still_no_way_to_lower_risk() -> None:
    signing = SignOff(command_id="c", actor=WHO, what="daily", time_ms=1, scopes=ALL)
    assert not reduces(signing)
    assert needed_scope(signing) is Scope.TRADE
