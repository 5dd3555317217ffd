"""More connections than are served: only a halt is still heard."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from control_stage import PLACE, Stage
from waiting import settle

from botcore_tui.engine import control as control_module
from botcore_tui.engine.control import Question, Refusal, reply_of
from botcore_tui.model.command import Halt
from botcore_tui.model.event import Answer


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path / "state" / "demo.sock")


def serve(stage: Stage, script: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        async with stage.serving():
            await script()

    asyncio.run(main())


@pytest.mark.parametrize(
    "line", [b"", b"{\n", b"x" * 70_000, msgspec.json.encode(Question("status")) + b"\n"]
)
def test_seventeenth_connection_is_refused(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, line: bytes
) -> None:
    monkeypatch.setattr(control_module, "_BUSY_SECONDS", 0.01 if not line else 30)

    async def script() -> None:
        open_ones = [await asyncio.open_unix_connection(str(stage.path)) for _ in range(16)]
        await settle()
        reader, writer = await asyncio.open_unix_connection(str(stage.path))
        writer.write(line)
        refusal = reply_of(await reader.readline())
        assert isinstance(refusal, Refusal)
        assert refusal.code == "busy"
        for _, one in [*open_ones, (reader, writer)]:
            one.close()
            await one.wait_closed()

    serve(stage, script)


@pytest.mark.requirement("K6")
@pytest.mark.requirement("K1")
def test_halt_is_never_refused_however_many_connections_are_silent(stage: Stage) -> None:
    async def script() -> None:
        open_ones = [await asyncio.open_unix_connection(str(stage.path)) for _ in range(16)]
        await settle()
        halted = await stage.ask(Halt("anna", "enough", 1, flattens=True))
        assert isinstance(halted, Answer)
        assert halted.text == "trading is HALTED"
        refusal = await stage.ask(PLACE)
        assert isinstance(refusal, Refusal)
        for _, one in open_ones:
            one.close()
            await one.wait_closed()

    serve(stage, script)

    assert stage.desk.wishes == [("halt", "anna", "enough", "flattens")]
