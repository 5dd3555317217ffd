"""The door for other programs of the same user."""

import asyncio
import os
import socket
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from control_stage import ACCOUNT, PLACE, Stage, an_answer
from waiting import settle

from botcore_tui.engine import control as control_module
from botcore_tui.engine.control import (
    Question,
    Refusal,
    ask,
    bound,
    reply_of,
)
from botcore_tui.engine.port import Status
from botcore_tui.errors import UnavailableError
from botcore_tui.model.command import Halt, Resume
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
    uvloop = pytest.importorskip("uvloop")
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


def test_seventeenth_connection_is_refused(stage: Stage) -> None:
    async def script() -> None:
        open_ones = [await asyncio.open_unix_connection(str(stage.path)) for _ in range(16)]
        await settle()
        reader, writer = await asyncio.open_unix_connection(str(stage.path))
        refusal = reply_of(await reader.readline())
        assert isinstance(refusal, Refusal)
        assert refusal.code == "busy"
        for _, one in [*open_ones, (reader, writer)]:
            one.close()
            await one.wait_closed()

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


def test_socket_in_use_and_other_files_are_left_alone(stage: Stage) -> None:
    with bound(stage.path):
        with pytest.raises(UnavailableError, match="another engine serves"):
            bound(stage.path)
        assert stage.path.exists()
    stage.path.unlink()
    stage.path.write_text("precious")
    with pytest.raises(UnavailableError, match="is no socket"):
        bound(stage.path)
    assert stage.path.read_text() == "precious"


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


def test_path_too_long_for_the_system_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control_module, "_OPEN_FILES", tmp_path / "none")
    path = tmp_path / ("long" * 40) / "demo.sock"

    with pytest.raises(UnavailableError, match="use a shorter --state-dir"):
        bound(path)
    with pytest.raises(UnavailableError, match="use a shorter --state-dir"):
        ask(path, Question("status"), 1.0)


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
