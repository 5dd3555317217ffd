"""The part of the cockpit that halts, flattens, resumes and resets, and says what limits trading.

Less risk is one key away, or one question where it is expensive; more risk needs a typed reason,
and is not even offered while the engine would refuse it.
"""

from functools import partial

from textual import on

from botcore_tui.model.command import ResetBreaker, Resume
from botcore_tui.model.event import Severity, TradingState
from botcore_tui.model.snapshot import HaltInfo
from botcore_tui.ui.actions import key_name
from botcore_tui.ui.panes.account import HOW_TO_TRADE, MARKET_ONLY
from botcore_tui.ui.panes.cells import printable
from botcore_tui.ui.panes.risk_reading import breaker_name, risk_of
from botcore_tui.ui.screens.breakers import ResetAsked, breaker_screen
from botcore_tui.ui.screens.confirm import TypedDialog
from botcore_tui.ui.screens.evidence import EvidenceScreen
from botcore_tui.ui.screens.flatten import FlattenDialog
from botcore_tui.ui.screens.reset import ResetDialog
from botcore_tui.ui.screens.resume import resume_dialog
from botcore_tui.ui.screens.sign import SignDialog
from botcore_tui.ui.screens.ticket import OrderTicket
from botcore_tui.ui.screens.why import why_screen
from botcore_tui.ui.trading import TradingApp


class SafetyApp(TradingApp):
    """Halts without a question; asks before anything else."""

    # --- halt ----------------------------------------------------------------------------------

    def action_halt(self, key: str = "") -> None:
        """Halt, and show that it was asked for."""
        reason = f"key {key_name(key)}" if key else "command palette or footer"
        self.engine.halt(self.settings.actor, reason)
        self.show_halt()

    def action_flatten(self) -> None:
        """Ask before every position is closed."""
        snapshot = self.latest
        if snapshot is None:
            self.alert("nothing to flatten: no picture yet; F12 halts", Severity.WARNING)
        elif snapshot.account is None and not snapshot.trading_enabled:
            self.alert(f"nothing to flatten here; {MARKET_ONLY}: {HOW_TO_TRADE}", Severity.WARNING)
        else:
            dialog = FlattenDialog(snapshot, arm_seconds=self.settings.arm_seconds)
            self.push_screen(dialog, self._flatten)

    def _flatten(self, word: str | None) -> None:
        if word:
            self.engine.halt(self.settings.actor, "flatten, typed in the cockpit", flattens=True)
            self.show_halt()
            self.alert("requested: halt and close every position", Severity.WARNING)

    def show_halt(self) -> None:
        """Show that a halt was asked for, and take away what asks for more risk."""
        self.show_halting()
        # A question about going on is out of date; whatever lies on top of it goes with it.
        while any(_asks_for_more(screen) for screen in self.screen_stack):
            self.pop_screen()

    # --- resume --------------------------------------------------------------------------------

    def action_resume(self) -> None:
        """Ask before one step back towards trading."""
        snapshot = self.latest
        if snapshot is None:
            self.alert("nothing to resume: the engine has not shown itself yet", Severity.WARNING)
        elif self.is_halting:
            self.alert("the halt is not confirmed yet: resume after that", Severity.WARNING)
        elif dialog := resume_dialog(snapshot, arm_seconds=self.settings.arm_seconds):
            self.push_screen(dialog, partial(self._resume, snapshot.state, snapshot.halt))
        else:
            self.alert(f"nothing to resume: the engine is {snapshot.state}")

    def _resume(self, state: TradingState, halt: HaltInfo | None, reason: str | None) -> None:
        if not reason:
            return
        latest = self.latest
        if latest is None or self.is_halting or latest.state is not state or latest.halt != halt:
            self.alert("the state changed while you typed: nothing was resumed", Severity.WARNING)
            return
        command = Resume(
            self.settings.actor, reason, self.clock.now_ms(), self.settings.command_ids()
        )
        # Where there is no account nobody answers.
        self.ask(command, f"resume from {state}", is_answered=latest.account is not None)

    # --- limits --------------------------------------------------------------------------------

    def action_why(self) -> None:
        """Show why nothing is traded."""
        self.push_report(why_screen(self.clock_ns))

    def action_breakers(self) -> None:
        """Show the breakers."""
        self.push_report(breaker_screen(self.clock_ns))

    def action_evidence(self) -> None:
        """Show the phase, and what the next one needs."""
        self.push_report(EvidenceScreen(self.settings.evidence, clock_ns=self.clock_ns))

    @on(ResetAsked)
    def _ask_reset(self) -> None:
        snapshot = self.latest
        risk = risk_of(snapshot) if snapshot is not None else None
        if snapshot is None or risk is None or not risk.latched:
            self.alert("nothing to reset: no breaker is latched")
            return
        dialog = ResetDialog(snapshot, arm_seconds=self.settings.arm_seconds)
        self.push_screen(dialog, partial(self._reset, dialog))

    def _reset(self, dialog: ResetDialog, reason: str | None) -> None:
        if not reason:
            return
        risk = risk_of(self.latest) if self.latest is not None else None
        if risk is None or dialog.code not in risk.latched:
            self.refuse(f"{printable(dialog.code)} is not latched any more")
            return
        command = ResetBreaker(
            command_id=self.settings.command_ids(),
            actor=self.settings.actor,
            code=dialog.code,
            rebases=dialog.rebases,
            reason=reason,
            time_ms=self.clock.now_ms(),
        )
        anew = ", losses count anew" if dialog.rebases else ""
        self.ask(command, f"reset {breaker_name(risk, dialog.code)}{anew}")


def _asks_for_more(screen: object) -> bool:
    is_question = isinstance(screen, (TypedDialog, OrderTicket))
    # Closing positions lowers risk, and a signature changes none.
    return is_question and not isinstance(screen, (FlattenDialog, SignDialog))
