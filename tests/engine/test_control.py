"""The door for other programs of the same user."""

import asyncio
import os
import pwd
import socket
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from control_stage import ACCOUNT, PLACE, Stage, an_answer
from msgspec.structs import replace
from waiting import settle

from botcore_tui.engine import control as control_module
from botcore_tui.engine.control import (
    Question,
    Refusal,
    ask,
)
from botcore_tui.engine.port import Status
from botcore_tui.engine.unix_socket import bound
from botcore_tui.errors import UnavailableError
from botcore_tui.model.command import Command, Halt, Resume, Scope
from botcore_tui.model.event import Answer


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path / "state" / "demo.sock")


def play(stage: Stage, script: Callable[[], Awaitable[None]], *, on_uvloop: bool = False) -> None:
    async def main() -> None:
        async with stage.serving():
            await script()

    if not on_uvloop:
        asyncio.run(main())
        return
    uvloop = pytest.importorskip("uvloop")  # not made for every platform
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


# --- commands and questions --------------------------------------------------------------------


@pytest.mark.parametrize("on_uvloop", [False, True])
def test_order_command_is_sent_and_its_answer_comes_back(stage: Stage, *, on_uvloop: bool) -> None:
    async def script() -> None:
        assert await stage.ask(PLACE) == an_answer("c1")

    play(stage, script, on_uvloop=on_uvloop)

    assert stage.desk.wishes == [PLACE]
    stage.desk.answers.add(an_answer("c1"))  # nobody listens any more


@pytest.mark.requirement("F18")
def test_halt_and_resume_tell_the_state_that_followed(stage: Stage) -> None:
    async def script() -> None:
        halted = await stage.ask(Halt("anna", "enough", 1))
        resumed = await stage.ask(Resume("anna", "again", 2))
        assert isinstance(halted, Answer)
        assert isinstance(resumed, Answer)
        assert (halted.text, resumed.text) == ("trading is HALTED", "trading is REDUCING")

    play(stage, script)

    assert stage.desk.wishes == [("halt", "anna", "enough"), ("resume", "anna", "again")]


@pytest.mark.requirement("K3")
def test_halt_that_flattens_is_passed_on_as_such(stage: Stage) -> None:
    async def script() -> None:
        await stage.ask(Halt("anna", "enough", 1, flattens=True))

    play(stage, script)

    assert stage.desk.wishes == [("halt", "anna", "enough", "flattens")]


@pytest.mark.requirement("K7")
def test_resume_that_is_refused_tells_why(stage: Stage) -> None:
    stage.desk.resume_refusal = "breaker A01 is latched: botcore reset-breaker A01"

    async def script() -> None:
        for identity in ("", "r7"):
            answer = await stage.ask(Resume("anna", "again", 2, identity))
            assert isinstance(answer, Answer)
            assert (answer.is_accepted, answer.text) == (False, stage.desk.resume_refusal)

    play(stage, script)


# --- who may -----------------------------------------------------------------------------------


@pytest.mark.requirement("P03")
def test_authority_gives_name_and_scopes_and_sees_the_token(stage: Stage) -> None:
    stage.admit(lambda command: replace(command, actor="olga", scopes=(Scope.TRADE,)))

    async def script() -> None:
        assert await stage.ask(PLACE, token="abc") == an_answer("c1")

    play(stage, script)

    assert stage.desk.wishes == [replace(PLACE, actor="olga", scopes=(Scope.TRADE,))]
    ((command, token, peer),) = stage.asked
    assert (command, token) == (PLACE, "abc")
    assert peer == pwd.getpwuid(os.getuid()).pw_name


@pytest.mark.requirement("P03")
def test_command_that_is_not_admitted_changes_nothing(stage: Stage) -> None:
    stage.admit(lambda _: "the token has expired")

    async def script() -> None:
        for request in (PLACE, Resume("anna", "again", 2)):
            refusal = await stage.ask(request, token="old")
            assert isinstance(refusal, Refusal)
            assert (refusal.code, refusal.error) == ("not-admitted", "the token has expired")

    play(stage, script)

    assert stage.desk.wishes == []


def _broken(_command: Command) -> Command:
    raise RuntimeError("no key")


@pytest.mark.requirement("K1")
@pytest.mark.parametrize("authority", [lambda _: "the token has expired", _broken])
def test_halt_passes_whatever_the_authority_says(
    stage: Stage, authority: Callable[[Command], Command | str]
) -> None:
    stage.admit(authority)

    async def script() -> None:
        assert isinstance(await stage.ask(Halt("anna", "enough", 1)), Answer)

    play(stage, script)

    assert stage.desk.wishes == [("halt", "anna", "enough")]


@pytest.mark.requirement("P03")
def test_broken_authority_admits_nobody(stage: Stage) -> None:
    stage.admit(_broken)

    async def script() -> None:
        refusal = await stage.ask(PLACE)
        assert isinstance(refusal, Refusal)
        assert refusal.code == "not-admitted"

    play(stage, script)

    assert stage.desk.wishes == []


@pytest.mark.requirement("P03")
def test_scopes_that_a_sender_gives_himself_do_not_count(stage: Stage) -> None:
    async def script() -> None:
        await stage.ask(replace(PLACE, scopes=(Scope.PRODUCTION,)))

    play(stage, script)

    assert stage.desk.wishes == [PLACE]


@pytest.mark.parametrize("token", [b"5", b"[]", b"{}", b"[" * 10_000, b'{"a":' * 10_000])
def test_token_that_is_no_text_is_a_bad_request(stage: Stage, token: bytes) -> None:
    async def script() -> None:
        line = msgspec.json.encode(PLACE)[:-1] + b',"token":' + token + b"}\n"
        (refusal,) = await stage.raw(line)
        assert isinstance(refusal, Refusal)
        assert refusal.code == "bad-request"

    play(stage, script)


def test_what_a_terminal_or_a_log_would_obey_is_spelled_out(stage: Stage) -> None:
    async def script() -> None:
        await stage.ask(replace(PLACE, reason="calm\n2026 HALT confirmed\x1b[2J"))
        await stage.ask(Halt("ann\x00", "why\nnot", 0))

    play(stage, script)

    spelled = replace(PLACE, reason="calm\\n2026 HALT confirmed\\x1b[2J")
    assert stage.desk.wishes == [spelled, ("halt", "ann\\x00", "why\\nnot")]


def test_questions_are_told_the_account_or_the_status(stage: Stage) -> None:
    async def script() -> None:
        assert await stage.ask(Question("status")) == stage.desk.status()
        assert await stage.ask(Question("orders")) == ACCOUNT
        assert await stage.ask(Question("positions")) == ACCOUNT
        stage.desk.account = None
        refusal = await stage.ask(Question("orders"))
        assert isinstance(refusal, Refusal)
        assert refusal.code == "no-account"
        assert isinstance(await stage.ask(Question("status")), Status)

    play(stage, script)


def test_silent_engine_is_told_as_such(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_module, "_ANSWER_SECONDS", 0.01)
    stage.desk.is_silent = True

    async def script() -> None:
        for request in (PLACE, Halt("anna", "enough", 1)):
            refusal = await stage.ask(request)
            assert isinstance(refusal, Refusal)
            assert refusal.code == "no-answer"

    play(stage, script)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"no json",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b'{"command":"Explode"}',
        b'{"command":"PlaceOrder","command_id":"c1"}',
        b'{"query":"secrets"}',
        b'{"query":5}',
        b'{"query":"\xff"}',
        b'{"command":"Halt","actor":"m\xfcller","reason":"r","time_ms":0}',
        msgspec.json.encode(PLACE).replace(b'"0.010"', b'"many"'),
    ],
)
def test_bad_request_gets_one_error_and_changes_nothing(stage: Stage, line: bytes) -> None:
    async def script() -> None:
        bad, good = await stage.raw(line + b"\n", b'{"query":"status"}\n')
        assert isinstance(bad, Refusal)
        assert bad.code == "bad-request"
        assert isinstance(good, Status)

    play(stage, script)

    assert stage.desk.wishes == []


def test_endless_line_ends_the_connection(stage: Stage) -> None:
    async def script() -> None:
        (refusal,) = await stage.raw(b"x" * 200_000)
        assert isinstance(refusal, Refusal)
        assert refusal.code == "too-long"
        assert isinstance(await stage.ask(Question("status")), Status)

    play(stage, script)


def test_silent_client_is_let_go(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_module, "_IDLE_SECONDS", 0.01)

    async def script() -> None:
        reader, writer = await asyncio.open_unix_connection(str(stage.path))
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()

    play(stage, script)


def test_client_that_is_connected_at_the_end_holds_nothing_up(stage: Stage) -> None:
    async def main() -> None:
        async with stage.serving():
            reader, writer = await asyncio.open_unix_connection(str(stage.path))
            await settle()
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()

    asyncio.run(main())


def test_other_user_is_refused(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: -5)

    async def script() -> None:
        refusal = await stage.ask(PLACE)
        assert isinstance(refusal, Refusal)
        assert refusal.code == "stranger"

    play(stage, script)

    assert stage.desk.wishes == []


def test_system_that_names_no_peer_trusts_the_modes(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(socket, "SO_PEERCRED", raising=False)

    async def script() -> None:
        assert isinstance(await stage.ask(Question("status")), Status)

    play(stage, script)


# --- the socket --------------------------------------------------------------------------------


def test_only_this_user_can_connect(stage: Stage) -> None:
    async def script() -> None:
        mode = stage.path.stat().st_mode
        assert stat.S_ISSOCK(mode)
        assert mode & 0o777 == 0o600

    play(stage, script)


def test_socket_left_behind_is_replaced(stage: Stage) -> None:
    bound(stage.path).close()
    assert stage.path.exists()

    async def script() -> None:
        assert isinstance(await stage.ask(Question("status")), Status)

    play(stage, script)


def test_engine_goes_on_without_a_socket(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.path.parent.write_text("no directory")

    asyncio.run(stage.server.run())

    assert "no commands from other programs" in caplog.text


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="Linux names open files by path")
def test_path_longer_than_an_address_can_be_served(tmp_path: Path) -> None:
    stage = Stage(tmp_path / ("long" * 40) / "demo.sock")

    async def script() -> None:
        assert isinstance(await stage.ask(Question("status")), Status)

    play(stage, script)


# --- the other side ----------------------------------------------------------------------------


def test_nobody_there_is_told_with_the_way_out(stage: Stage) -> None:
    with pytest.raises(UnavailableError, match="start one with botcore run"):
        ask(stage.path, Question("status"), 1.0)
    bound(stage.path).close()
    with pytest.raises(UnavailableError, match="start one with botcore run"):
        ask(stage.path, Question("status"), 1.0)


def test_reply_that_does_not_come_is_told(stage: Stage) -> None:
    with bound(stage.path), pytest.raises(UnavailableError, match=r"within 0\.01 s"):
        ask(stage.path, Question("status"), 0.01)


def test_command_without_a_reply_may_still_be_carried_out(stage: Stage) -> None:
    with bound(stage.path), pytest.raises(UnavailableError, match="may still be carried out"):
        ask(stage.path, Resume("ann", "looked", 0), 0.01)


def test_connection_that_ends_before_the_reply_is_told(stage: Stage) -> None:
    async def main() -> None:
        async def half(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b'{"half')
            writer.close()

        listener = bound(stage.path)
        server = await asyncio.start_unix_server(half, sock=listener)
        with pytest.raises(UnavailableError, match="no reply from"):
            await asyncio.to_thread(ask, stage.path, Question("status"), 30.0)
        server.close()
        await server.wait_closed()

    asyncio.run(main())
