"""The part of the cockpit that shows the checks, takes signatures, and reminds of the review."""

import logging
from functools import partial
from typing import Final

from textual import on
from textual.worker import Worker, WorkerState

from botcore_tui.core.checks import seen_of, signed_summary
from botcore_tui.model.check import Checklist, JournalTrade
from botcore_tui.model.command import SignOff
from botcore_tui.model.event import Severity
from botcore_tui.model.risk import RiskView
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.cells import printable
from botcore_tui.ui.panes.risk_reading import risk_of
from botcore_tui.ui.safety import SafetyApp
from botcore_tui.ui.screens.checks import ChecksScreen, NoteAsked, SignAsked
from botcore_tui.ui.screens.sign import note_dialog, sign_dialog

logger = logging.getLogger(__name__)

_SECOND_NS: Final = 1_000_000_000
_FIRST_NS: Final = 20 * _SECOND_NS
"""By then the account is open."""
_REMIND_NS: Final = 1_800 * _SECOND_NS
_READ_AGAIN_SECONDS: Final = 1.0
"""Until then the ledger has a signature that the engine has taken."""


class ReviewApp(SafetyApp):
    """Nothing here changes what is traded."""

    _remind_ns: int
    _reminding: Worker[str] | None

    def on_mount(self) -> None:
        """Remind of nothing yet."""
        # Textual calls what the base classes do by itself.
        self._remind_ns = self.clock_ns() + _FIRST_NS
        self._reminding = None

    def frame(self) -> None:
        """Also look now and then whether the daily review is due."""
        super().frame()
        desk, now_ns = self.settings.checks, self.clock_ns()
        if desk is not None and now_ns >= self._remind_ns:
            self._remind_ns = now_ns + _REMIND_NS
            self._reminding = self.run_worker(
                desk.reminder, thread=True, exit_on_error=False, group="reminder", exclusive=True
            )

    @on(Worker.StateChanged)
    def _remind(self, event: Worker.StateChanged) -> None:
        worker = self._reminding
        if worker is None or event.worker is not worker:
            return
        if event.state is WorkerState.ERROR:
            logger.warning("whether the daily review is due cannot be read: %s", worker.error)
        elif event.state is WorkerState.SUCCESS and worker.result:
            self.alert(f"{worker.result} (C)", Severity.WARNING)

    # --- checks --------------------------------------------------------------------------------

    def action_checks(self) -> None:
        """Show the checks."""
        self.push_report(ChecksScreen(self.settings.checks, self._risk, clock_ns=self.clock_ns))

    def _risk(self) -> RiskView | None:
        return None if self.latest is None else risk_of(self.latest)

    @on(SignAsked)
    def _ask_sign(self, event: SignAsked) -> None:
        dialog = sign_dialog(event.listed, arm_seconds=self.settings.arm_seconds)
        self.push_screen(dialog, partial(self._sign, event.listed))

    @on(NoteAsked)
    def _ask_note(self, event: NoteAsked) -> None:
        dialog = note_dialog(event.trade, arm_seconds=self.settings.arm_seconds)
        self.push_screen(dialog, partial(self._note, event.trade))

    def _sign(self, listed: Checklist, reason: str | None) -> None:
        if reason:
            self._send(
                what=str(listed.period),
                reason=reason,
                seen=seen_of(listed),
                summary=signed_summary(listed),
                text=f"sign the {listed.period} checks",
            )

    def _note(self, trade: JournalTrade, note: str | None) -> None:
        if note:
            self._send(
                what="trade",
                reason=note,
                subject=str(trade.number),
                summary=f"{trade.symbol} {fmt.signed(trade.net)} USDT",
                text=f"review of trade {trade.number} {printable(trade.symbol)}",
            )

    def _send(
        self,
        *,
        what: str,
        reason: str,
        summary: str,
        text: str,
        subject: str = "",
        seen: str = "",
    ) -> None:
        command = SignOff(
            command_id=self.settings.command_ids(),
            actor=self.settings.actor,
            what=what,
            subject=subject,
            seen=seen,
            summary=summary,
            reason=reason,
            time_ms=self.clock.now_ms(),
        )
        self.ask(command, text)
        self.set_timer(_READ_AGAIN_SECONDS, self._read_again)

    def _read_again(self) -> None:
        if isinstance(self.screen, ChecksScreen):
            self.screen.action_reload()
