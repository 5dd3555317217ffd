"""What people want of the desk besides orders: to halt, to resume, to loosen by name."""

from typing import Final, assert_never

import msgspec

from botcore_tui.core.account_state import AccountState
from botcore_tui.core.gate_terms import Denial
from botcore_tui.core.halting import BOUND_MS, Halting
from botcore_tui.core.permission import scope_denial
from botcore_tui.core.verdict import answered
from botcore_tui.model.command import (
    EnableStrategy,
    Halt,
    Relax,
    ResetBreaker,
    Resume,
    RiskCommand,
    SignOff,
)
from botcore_tui.model.event import Append, Effect, TradingState
from botcore_tui.model.ledger import CommandRow

_K7: Final = "K7"
_UNSIGNED: Final = "SIGN_OFF"
_SIGNED: Final = frozenset({"daily", "weekly", "monthly", "trade"})


class DeskCommands:
    """Of one session.

    Args:
        state: Of the account.
        halting: Carries halts out.
    """

    def __init__(self, state: AccountState, halting: Halting) -> None:
        self._state = state
        self._halting = halting

    # --- halting and resuming -------------------------------------------------------------------

    def on_halt(self, halt: Halt, *, is_news: bool) -> list[Effect]:
        """Trading was halted: entries are cancelled, protective orders stay; all is verified."""
        row = CommandRow(
            command_id="",
            command="Halt",
            actor=halt.actor,
            arguments=msgspec.json.encode({"flattens": halt.flattens}).decode(),
            reason=halt.reason,
            is_accepted=True,
            code="",
            text="" if is_news else "already halted",
            time_ms=halt.time_ms,
        )
        if not self._state.account:
            return [Append(row)]
        begun = self._halting.begin(halt.actor, halt.reason, flattens=halt.flattens)
        return [Append(row), *begun]

    def on_resume(self, resume: Resume) -> list[Effect]:
        """One step back towards trading, or why not."""
        state = self._state
        denial = self._resume_denial(resume)
        if denial is not None:
            return answered(self._state, resume, denial)
        if self._halting.is_over:
            self._halting.end()
        effects = state.standing.on_resume(resume)
        text = f"trading is {state.standing.state}"
        if not self._halting.is_over:
            text += f"; the halt is NOT CONFIRMED and goes on: {self._halting.unfinished()}"
        return [*effects, *answered(self._state, resume, Denial("", text))]

    def _resume_denial(self, resume: Resume) -> Denial | None:
        state = self._state
        if not (resume.actor.strip() and resume.reason.strip()):
            return Denial(_K7, "trading is resumed by name only", remedy="give actor and reason")
        denial = scope_denial(resume, is_real_money=state.settings.is_real_money)
        if denial is not None:
            return denial
        if state.binding_trouble:
            remedy = "end this session and confirm what it connects to"
            return Denial("P02", state.binding_trouble, remedy=remedy)
        latched = state.breakers.latched
        if latched:
            codes = ", ".join(sorted(latched))
            remedy = f"botcore reset-breaker {min(latched)} --reason TEXT"
            text = f"breaker {codes} is" if len(latched) == 1 else f"breakers {codes} are"
            return Denial(_K7, f"{text} latched", remedy=remedy)
        denial = self._halt_denial()
        if denial is not None:
            return denial
        if state.standing.state is not TradingState.REDUCING:
            # Only reducing orders pass after that step: nothing else needs to be known for it.
            return None
        trouble = state.trouble() or state.breakers.entry_denial() or state.tenure.trouble()
        return Denial(_K7, f"preflight is not passed: {trouble}") if trouble else None

    def _halt_denial(self) -> Denial | None:
        """A halt ends confirmed; one that cannot be goes on, and lets reducing orders out."""
        if self._halting.is_over:
            return None
        text = f"the halt is under way: {self._halting.unfinished()}"
        if self._state.standing.state is not TradingState.HALTED:
            return Denial(_K7, text, remedy="wait until it is confirmed")
        if self._halting.is_in_trouble:
            return None
        return Denial(_K7, text, remedy=f"wait until it is confirmed, {BOUND_MS // 1000} s at most")

    # --- loosening ------------------------------------------------------------------------------

    def on_risk(self, command: RiskCommand) -> list[Effect]:
        """Reset a breaker, relax a limit, enable a strategy; or why not."""
        state = self._state
        denial = scope_denial(command, is_real_money=state.settings.is_real_money)
        if denial is not None:
            return answered(self._state, command, denial)
        match command:
            case ResetBreaker():
                effects, denial = state.breakers.reset(command)
                done = f"breaker {command.code} is reset; trading stays {state.standing.state}"
            case Relax():
                effects, denial = state.overrides.relax(command, state.time_ms)
                lasts = f"is relaxed for {command.minutes} min"
                done = f"{command.limit} {lasts if command.minutes else 'is not relaxed any more'}"
            case EnableStrategy():
                effects, denial = state.conduct.enable(command, state.time_ms)
                done = f"strategy {command.strategy} may trade again"
            case _:
                assert_never(command)
        return [*effects, *answered(self._state, command, denial or Denial("", done))]

    # --- signing --------------------------------------------------------------------------------

    def on_sign_off(self, command: SignOff) -> list[Effect]:
        """Take a signature into the record, which says who, when, why and what was seen; or not."""
        denial = scope_denial(command, is_real_money=self._state.settings.is_real_money)
        denial = denial or sign_off_denial(command)
        return answered(self._state, command, denial or Denial("", sign_off_text(command)))


def sign_off_denial(command: SignOff) -> Denial | None:
    """Why this is no signature; None if it is one."""
    if command.what not in _SIGNED:
        known = ", ".join(sorted(_SIGNED))
        return Denial(_UNSIGNED, f"{command.what!r} cannot be signed", remedy=f"one of {known}")
    if not (command.actor.strip() and command.reason.strip()):
        return Denial(_UNSIGNED, "signed by name only", remedy="give actor and reason")
    if (command.what == "trade") != bool(command.subject):
        return Denial(_UNSIGNED, "a trade is signed by its number", remedy="botcore checks trades")
    return None


def sign_off_text(command: SignOff) -> str:
    """What was signed, in a line."""
    what = f"trade {command.subject}" if command.subject else f"{command.what} checks"
    return f"{what} signed: {command.summary}" if command.summary else f"{what} signed"
