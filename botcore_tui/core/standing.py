"""Whether trading is active, reducing or halted: one value, and who changed it."""

from typing import Final

from botcore_tui.model.command import Halt, Resume
from botcore_tui.model.event import Append, Effect, Record, StateChanged, TradingState
from botcore_tui.model.ledger import AuditRow
from botcore_tui.model.severity import Severity
from botcore_tui.model.snapshot import HaltInfo

LEAVING: Final = "leave"
"""Actor of halts that belong to a leave: such a halt is over when the leave went well."""
HALTED_TO_LEAVE: Final = "state.leaving"
"""Code of the row of such a halt; that of any other is ``state.halted``."""
_SIGNALS: Final = frozenset({"SIGTERM", "SIGINT"})
_ONE_STEP_BACK: Final = {
    TradingState.HALTED: TradingState.REDUCING,
    TradingState.REDUCING: TradingState.ACTIVE,
}


def is_of_leaving(halt: HaltInfo) -> bool:
    """Whether a halt only belongs to a leave, and was nobody's wish beyond it."""
    return halt.actor == LEAVING or (halt.actor == "signal" and halt.reason in _SIGNALS)


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
        found = HaltInfo(halt.actor, halt.reason, halt.time_ms, halt.account)
        if self.is_halted:
            # Real money begins HALTED before its halt file is read, which says by whom.
            self.halt = self.halt or found
            return []
        self.halt = found
        return self._enter(TradingState.HALTED, halt.actor, halt.reason, halt.time_ms)

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
        is_leave = state is TradingState.HALTED and self.halt and is_of_leaving(self.halt)
        code = HALTED_TO_LEAVE if is_leave else f"state.{state.lower()}"
        return [
            StateChanged(state, previous, actor, reason, time_ms),
            Record(severity, code, text, time_ms),
            Append(AuditRow(code=code, severity=severity, text=text, time_ms=time_ms)),
        ]
