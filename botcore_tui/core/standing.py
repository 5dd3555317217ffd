"""Whether trading is active, reducing or halted: one value, and who changed it.

And what is read from a halt: whether it ends with a leave, and which breakers have tripped by it.
"""

import re
from typing import Final

import msgspec

from botcore_tui.model.command import Halt, NotedTrip, Resume
from botcore_tui.model.event import Append, Effect, Record, StateChanged, TradingState
from botcore_tui.model.ledger import AuditRow
from botcore_tui.model.severity import Severity
from botcore_tui.model.snapshot import HaltInfo

BREAKER: Final = "breaker"
"""Actor of what breakers do: halts, and demotions that no person asked for."""
LEAVING: Final = "leave"
"""Actor of halts that belong to a leave: such a halt is over when the leave went well."""
HALTED_TO_LEAVE: Final = "state.leaving"
"""Code of the row of such a halt; that of any other is ``state.halted``."""
_SIGNALS: Final = frozenset({"SIGTERM", "SIGINT"})
_CODE: Final = re.compile(r"(A\d\d(?:-\d+h)?) (.*)", re.DOTALL)
"""Of the breaker, before its words, in the reason of a halt."""
_ONE_STEP_BACK: Final = {
    TradingState.HALTED: TradingState.REDUCING,
    TradingState.REDUCING: TradingState.ACTIVE,
}


def is_of_leaving(halt: HaltInfo) -> bool:
    """Whether a halt only belongs to a leave, and was nobody's wish beyond it."""
    return halt.actor == LEAVING or (halt.actor == "signal" and halt.reason in _SIGNALS)


def code_of(reason: str) -> tuple[str, str]:
    """Which breaker a halt is by, and its words; empty if its reason begins with no code."""
    found = _CODE.match(reason)
    return ("", "") if found is None else (found[1], found[2])


def trips_of(halt: HaltInfo) -> tuple[NotedTrip, ...]:
    """What has tripped by a halt and beside it."""
    if halt.actor != BREAKER or not code_of(halt.reason)[0]:
        return halt.trips
    return (NotedTrip(halt.reason, halt.time_ms, halt.account), *halt.trips)


def joined(first: HaltInfo, second: HaltInfo) -> HaltInfo:
    """One halt of two: the first one's words, but for a leave's, and the trips of both.

    Of each breaker of an account the newest trip stays, so there are never many.
    """
    is_superseded = is_of_leaving(first) and not is_of_leaving(second)
    words = second if is_superseded else first
    own = trips_of(msgspec.structs.replace(words, trips=()))
    trips: dict[tuple[str, str], NotedTrip] = {}
    for each in (*trips_of(first), *trips_of(second)):
        if not any(_is_same(each, known) for known in (*own, *trips.values())):
            trips[each.account, code_of(each.reason)[0]] = each
    return msgspec.structs.replace(words, trips=tuple(trips.values()))


def _is_same(one: NotedTrip, other: NotedTrip) -> bool:
    if one.account != other.account and one.account and other.account:
        return False
    codes = {code_of(each.reason)[0] for each in (one, other)}
    return len(codes) == 1 and one.time_ms == other.time_ms


class Standing:
    """The trading state; everybody who decides reads it here.

    Args:
        state: To begin with.
        halt: Why it is HALTED, where that is known from an earlier run.
    """

    def __init__(
        self, state: TradingState = TradingState.ACTIVE, halt: HaltInfo | None = None
    ) -> None:
        self.state = state
        self.halt = halt
        self.reason = ""
        """Who or what brought it into this state in this session, and why."""

    @property
    def is_halted(self) -> bool:
        """Whether trading is latched."""
        return self.state is TradingState.HALTED

    def on_halt(self, halt: Halt) -> list[Effect]:
        """Latch; a second halt keeps the first one's reason, if it had one."""
        found = HaltInfo(halt.actor, halt.reason, halt.time_ms, halt.account, halt.trips)
        if self.is_halted:
            # Real money begins HALTED before its halt file is read, which says by whom.
            self.halt = self.halt or found
            return []
        self.halt = found
        return self._enter(TradingState.HALTED, halt.actor, halt.reason, halt.time_ms)

    def on_trip(self, halt: Halt) -> list[Effect]:
        """Latch for a breaker; the halt file has it too where somebody else halted before.

        The ledger may be out of reach, and the trip must not be forgotten with this program.
        """
        if not self.is_halted:
            return self.on_halt(halt)
        state, effects = self.state, self.on_halt(halt)
        told = StateChanged(
            state, state, halt.actor, halt.reason, halt.time_ms, account=halt.account
        )
        return [*effects, told]

    def on_resume(self, resume: Resume) -> list[Effect]:
        """One step back towards trading."""
        state = _ONE_STEP_BACK.get(self.state)
        if state is None:
            text = f"resume by {resume.actor} changes nothing: trading is {self.state}"
            return [Record(Severity.INFO, "state.unchanged", text, resume.time_ms)]
        self.halt = None
        return self._enter(state, resume.actor, resume.reason, resume.time_ms)

    def reduce(self, actor: str, reason: str, time_ms: int) -> list[Effect]:
        """Only reducing orders from here on; what is halted stays halted."""
        if self.state is not TradingState.ACTIVE:
            return []
        return self._enter(TradingState.REDUCING, actor, reason, time_ms)

    def _enter(self, state: TradingState, actor: str, reason: str, time_ms: int) -> list[Effect]:
        previous, self.state = self.state, state
        self.reason = f"{actor}: {reason}"
        severity = Severity.CRITICAL if state is TradingState.HALTED else Severity.WARNING
        text = f"{previous} -> {state} by {actor}: {reason}"
        account = "" if self.halt is None else self.halt.account
        is_leave = state is TradingState.HALTED and self.halt and is_of_leaving(self.halt)
        code = HALTED_TO_LEAVE if is_leave else f"state.{state.lower()}"
        return [
            StateChanged(state, previous, actor, reason, time_ms, account=account),
            Record(severity, code, text, time_ms),
            Append(AuditRow(code=code, severity=severity, text=text, time_ms=time_ms)),
        ]
