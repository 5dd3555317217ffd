"""What became of a command: a row of the ledger, a line of the log, and an answer to who waits."""

import msgspec

from botcore_tui.core.account_state import AccountState
from botcore_tui.core.gate_terms import Denial
from botcore_tui.model.command import DeskCommand, Resume
from botcore_tui.model.event import Answer, Append, Effect, Record
from botcore_tui.model.ledger import CommandRow
from botcore_tui.model.severity import Severity


def answered(
    state: AccountState,
    command: DeskCommand | Resume,
    verdict: Denial,
    client_order_id: str = "",
) -> list[Effect]:
    """All three, with the same words; no answer where none is wanted.

    Args:
        state: Remembers the answer.
        command: Of somebody.
        verdict: Without a code it is taken on.
        client_order_id: Of the order that carries it out.
    """
    time_ms, is_accepted = state.time_ms, not verdict.code
    name = type(command).__name__
    row = CommandRow(
        command_id=command.command_id,
        command=name,
        actor=command.actor,
        arguments=msgspec.json.encode(command).decode(),
        reason=command.reason,
        is_accepted=is_accepted,
        code=verdict.code,
        text=verdict.text,
        time_ms=time_ms,
    )
    severity = Severity.INFO if is_accepted else Severity.WARNING
    verb = "accepted" if is_accepted else f"denied {verdict.code}"
    said = f"{command.actor}: {name} {verb}: {verdict.text}"
    code = "command.accepted" if is_accepted else "command.denied"
    effects: list[Effect] = [Append(row), Record(severity, code, said, time_ms)]
    if not command.command_id:
        return effects
    answer = Answer(
        command_id=command.command_id,
        is_accepted=is_accepted,
        code=verdict.code,
        text=verdict.text,
        limit=verdict.limit,
        observed=verdict.observed,
        remedy=verdict.remedy,
        client_order_id=client_order_id,
        time_ms=time_ms,
    )
    state.note_answer(answer)
    return [*effects, answer]
