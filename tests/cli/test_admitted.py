"""What the cockpit asks for is admitted first; a halt never waits for that."""

from typing import Final

import pytest
from fake_engine import FakeEngine
from msgspec.structs import replace

from botcore_tui.cli.admitted import AdmittedPort
from botcore_tui.clock import ManualClock
from botcore_tui.engine.port import Pause
from botcore_tui.errors import ConfigError
from botcore_tui.model.command import ClosePosition, Command, Resume, Scope
from botcore_tui.model.event import Answer
from botcore_tui.model.snapshot import View

_CLOSE: Final = ClosePosition(command_id="ui-1", actor="ann", symbol="BTCUSDT", time_ms=1)
_SCOPES: Final = (Scope.TRADE, Scope.RESUME)


class Told(FakeEngine):
    """Keeps answers."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[Answer] = []

    def tell(self, answer: Answer) -> None:
        self.answers.append(answer)


class Authority:
    """Admits under another name, or refuses."""

    def __init__(self, refusal: str = "") -> None:
        self.refusal = refusal
        self.asked: list[tuple[Command, str | None, str]] = []

    def admit(self, command: Command, credential: str | None, peer: str) -> Command | str:
        self.asked.append((command, credential, peer))
        if self.refusal:
            return self.refusal
        if isinstance(command, Resume | ClosePosition):
            return replace(command, actor=f"op#1 {command.actor}", scopes=_SCOPES)
        return command


def a_port(engine: Told, authority: Authority) -> AdmittedPort:
    return AdmittedPort(engine, authority, lambda: "token", "ann@host", ManualClock())


@pytest.mark.requirement("R17")
def test_command_goes_on_in_the_name_and_with_the_scopes_of_its_operator() -> None:
    engine, authority = Told(), Authority()
    port = a_port(engine, authority)
    port.send(_CLOSE)
    port.resume("ann", "checked", command_id="ui-2")
    assert engine.sent == [replace(_CLOSE, actor="op#1 ann", scopes=_SCOPES)]
    assert engine.resumes == [("op#1 ann", "checked")]
    assert engine.resumed_with == [("ui-2", _SCOPES)]
    assert [(token, peer) for _, token, peer in authority.asked] == [("token", "ann@host")] * 2


@pytest.mark.requirement("R17")
@pytest.mark.requirement("P03")
def test_refused_command_does_not_reach_the_engine_and_is_answered() -> None:
    engine = Told()
    port = a_port(engine, Authority("the token of ann lacks trade"))
    port.send(_CLOSE)
    port.resume("ann", "checked", command_id="ui-2")
    assert engine.sent == []
    assert engine.resumes == []
    assert [answer.command_id for answer in engine.answers] == ["ui-1", "ui-2"]
    assert {(each.is_accepted, each.code) for each in engine.answers} == {(False, "P03")}


def test_token_that_cannot_be_read_refuses_and_says_why() -> None:
    def unreadable() -> str:
        raise ConfigError(["BOTCORE_OPERATOR_TOKEN_FILE: cannot be read"])

    engine = Told()
    AdmittedPort(engine, Authority(), unreadable, "ann", ManualClock()).send(_CLOSE)
    assert engine.answers[0].text == "BOTCORE_OPERATOR_TOKEN_FILE: cannot be read"


@pytest.mark.requirement("K12")
def test_halt_is_never_asked_about() -> None:
    engine, authority = Told(), Authority("nobody may")
    a_port(engine, authority).halt("ann", "F12", flattens=True)
    assert engine.halts == [("ann", "F12")]
    assert engine.flattens == [True]
    assert authority.asked == []


def test_looking_and_the_tape_are_everybodys() -> None:
    engine = Told()
    port = a_port(engine, Authority("nobody may"))
    assert port.look(View()) is None
    port.play(Pause())
    assert engine.commands == [Pause()]
    assert port.log_since(0) == []
