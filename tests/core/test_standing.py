"""One trading state, and who moved it."""

import pytest

from botcore_tui.core.standing import LEAVING, Standing, is_of_leaving, joined, trips_of
from botcore_tui.model.command import Halt, Resume
from botcore_tui.model.event import Append, Effect, Record, Severity, StateChanged, TradingState
from botcore_tui.model.ledger import AuditRow
from botcore_tui.model.snapshot import HaltInfo

ACTIVE, REDUCING, HALTED = TradingState.ACTIVE, TradingState.REDUCING, TradingState.HALTED
HALT = Halt("F12", "by hand", 7_000)
RESUME = Resume("F9", "all is well", 8_000)


def changed(state: TradingState, before: TradingState, actor: str, reason: str) -> list[Effect]:
    """What is told of a change at 7 s."""
    severity = Severity.CRITICAL if state is HALTED else Severity.WARNING
    text, code = f"{before} -> {state} by {actor}: {reason}", f"state.{state.lower()}"
    return [
        StateChanged(state, before, actor, reason, 7_000),
        Record(severity, code, text, 7_000),
        Append(AuditRow(code=code, severity=severity, text=text, time_ms=7_000)),
    ]


@pytest.mark.parametrize("before", [ACTIVE, REDUCING])
def test_halt_latches_and_says_who(before: TradingState) -> None:
    standing = Standing(before)
    assert standing.on_halt(HALT) == changed(HALTED, before, "F12", "by hand")
    assert (standing.is_halted, standing.halt) == (True, HaltInfo("F12", "by hand", 7_000))


def test_halt_that_only_belongs_to_a_leave_has_a_code_of_its_own() -> None:
    leaving = [(LEAVING, "x"), ("signal", "SIGTERM"), ("signal", "SIGINT")]
    lasting = [("signal", "SIGUSR1"), ("ada", "SIGTERM"), ("engine", "a leave: by leave: x")]
    for actor, reason in (*leaving, *lasting):
        is_leave = is_of_leaving(HaltInfo(actor, reason, 1))
        assert is_leave is ((actor, reason) in leaving)
        effects = Standing(REDUCING).on_halt(Halt(actor, reason, 1))
        codes = {one.code for one in effects if isinstance(one, Record)}
        codes |= {
            one.row.code
            for one in effects
            if isinstance(one, Append) and isinstance(one.row, AuditRow)
        }
        assert codes == {"state.leaving" if is_leave else "state.halted"}


@pytest.mark.requirement("K11")
def test_second_halt_keeps_the_reason_of_the_first() -> None:
    standing = Standing(HALTED, HaltInfo("engine", "of yesterday", 1))
    assert standing.on_halt(HALT) == []
    assert standing.halt == HaltInfo("engine", "of yesterday", 1)


@pytest.mark.requirement("F14")
def test_halt_gives_its_reason_to_a_state_that_began_halted_by_nobody() -> None:
    """As real money begins; the halt file of an earlier run comes right after."""
    standing = Standing(HALTED)
    assert standing.on_halt(HALT) == []
    assert standing.halt == HaltInfo("F12", "by hand", 7_000)
    assert standing.on_halt(Halt("ben", "me too", 8_000)) == []
    assert standing.halt == HaltInfo("F12", "by hand", 7_000)


@pytest.mark.requirement("K7")
def test_resume_is_one_step() -> None:
    standing = Standing(HALTED, HaltInfo("engine", "of yesterday", 1))
    for state in (REDUCING, ACTIVE, ACTIVE):
        standing.on_resume(RESUME)
        assert (standing.state, standing.halt) == (state, None)


@pytest.mark.requirement("A10")
@pytest.mark.parametrize("before", list(TradingState))
def test_reducing_lowers_what_is_active_and_nothing_else(before: TradingState) -> None:
    standing = Standing(before)
    effects = standing.reduce("reconciliation", "why", 7_000)
    if before is ACTIVE:
        assert effects == changed(REDUCING, ACTIVE, "reconciliation", "why")
        assert standing.state is REDUCING
    else:
        assert (effects, standing.state) == ([], before)


TRIP = Halt("breaker", "A05 equity is unknown", 9_000, account="x")


@pytest.mark.requirement("F14")
def test_breaker_that_trips_in_a_halt_of_others_is_told_to_the_halt_file() -> None:
    """The ledger may be out of reach: nothing else would have it after ``kill -9``."""
    told = StateChanged(HALTED, HALTED, "breaker", "A05 equity is unknown", 9_000, "x")
    standing = Standing(HALTED, HaltInfo("ann", "by hand", 7_000))
    assert standing.on_trip(TRIP) == [told]
    assert standing.halt == HaltInfo("ann", "by hand", 7_000)
    real_money = Standing(HALTED)
    assert real_money.on_trip(TRIP) == [told]
    assert real_money.halt == HaltInfo("breaker", "A05 equity is unknown", 9_000, "x")
    first = Standing().on_trip(TRIP)
    assert first[0] == StateChanged(HALTED, ACTIVE, "breaker", "A05 equity is unknown", 9_000, "x")


def test_two_halts_are_one_with_the_words_of_the_first_and_the_trips_of_both() -> None:
    person, leave = HaltInfo("ann", "by hand", 7), HaltInfo(LEAVING, "bye", 8)
    loss = HaltInfo("breaker", "A01 daily loss", 9, "x")
    blind = HaltInfo("breaker", "A05 blind", 9, "x")
    again = HaltInfo("breaker", "A05 blind again", 12, "x")
    odd = HaltInfo("breaker", "whatever", 9, "x")
    noted_loss, noted_blind = trips_of(loss)[0], trips_of(blind)[0]
    assert trips_of(person) == trips_of(odd) == ()
    assert joined(person, leave) == joined(person, odd) == person
    assert joined(leave, person) == person
    assert joined(leave, loss) == joined(loss, leave) == joined(loss, loss) == loss
    assert joined(person, loss) == HaltInfo("ann", "by hand", 7, trips=(noted_loss,))
    both = joined(joined(person, loss), blind)
    assert both == HaltInfo("ann", "by hand", 7, trips=(noted_loss, noted_blind))
    assert joined(both, blind) == joined(both, person) == both
    assert joined(leave, both) == both
    newer = HaltInfo("ann", "by hand", 7, trips=(noted_loss, trips_of(again)[0]))
    assert joined(both, again) == newer
    assert joined(loss, blind) == HaltInfo("breaker", "A01 daily loss", 9, "x", (noted_blind,))
    unnamed = HaltInfo("breaker", "A05 blind", 9)
    assert joined(unnamed, blind) == unnamed
    assert joined(person, unnamed) == joined(joined(person, unnamed), blind)
    other = HaltInfo("breaker", "A05 blind", 9, "y")
    assert joined(blind, other).trips == trips_of(other)
