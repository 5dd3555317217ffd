"""What became of a command is written, logged and answered with the same words."""

import json

import pytest
from desk_stage import RESUME, Stage
from msgspec.structs import replace
from risk_builders import rows_of

from botcore_tui.core.gate_terms import Denial
from botcore_tui.core.verdict import answered
from botcore_tui.model.event import Answer, Append, Record
from botcore_tui.model.ledger import CommandRow
from botcore_tui.model.severity import Severity

ASKED = replace(RESUME, command_id="r1")
DENIED = Denial("K7", "breaker A01 is latched", "none may be", "one is", "reset it")


@pytest.mark.parametrize(
    ("verdict", "severity", "code", "verb"),
    [
        (DENIED, Severity.WARNING, "command.denied", "denied K7"),
        (Denial("", "trading is ACTIVE"), Severity.INFO, "command.accepted", "accepted"),
    ],
)
def test_row_line_and_answer_say_the_same(
    verdict: Denial, severity: Severity, code: str, verb: str
) -> None:
    state = Stage().begin().desk.state
    effects = answered(state, ASKED, verdict, "bc-1-1-e")
    _, line, answer = effects
    (row,) = rows_of(effects)
    assert isinstance(row, CommandRow)
    assert isinstance(answer, Answer)
    assert row.text == answer.text == verdict.text
    assert (row.code, row.is_accepted) == (answer.code, answer.is_accepted)
    assert answer.is_accepted is (not verdict.code)
    assert json.loads(row.arguments)["command_id"] == row.command_id == answer.command_id == "r1"
    said = f"{ASKED.actor}: Resume {verb}: {verdict.text}"
    assert line == Record(severity, code, said, state.time_ms)
    assert (answer.limit, answer.observed) == (verdict.limit, verdict.observed)
    assert (answer.remedy, answer.client_order_id) == (verdict.remedy, "bc-1-1-e")
    assert state.answers[-1] is answer


def test_nobody_is_answered_who_does_not_wait() -> None:
    state = Stage().begin().desk.state
    row, line = answered(state, replace(RESUME, command_id=""), DENIED)
    assert isinstance(row, Append)
    assert isinstance(line, Record)
    assert state.answers == []
