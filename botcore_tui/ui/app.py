"""The cockpit: what a person sees, and what a key does.

No action waits for anything: one that takes a second delays every later key by that second.
"""

import contextlib
from collections.abc import Callable
from functools import partial
from typing import ClassVar

from msgspec import structs
from textual import on
from textual.binding import BindingType
from textual.command import Provider
from textual.driver import Driver
from textual.message import Message

from botcore_tui.clock import Clock
from botcore_tui.engine.port import EnginePort
from botcore_tui.model.event import Severity, TradingState
from botcore_tui.model.order import Purpose
from botcore_tui.model.snapshot import ReplayProgress
from botcore_tui.model.trading import AccountView
from botcore_tui.ui.actions import ACTIONS, app_bindings
from botcore_tui.ui.palette import CockpitCommands
from botcore_tui.ui.panes.cells import printable
from botcore_tui.ui.reading import ReadingApp
from botcore_tui.ui.screens.environment import EnvironmentDialog
from botcore_tui.ui.screens.help import HelpScreen, cockpit_groups, pane_group
from botcore_tui.ui.screens.production import ProductionDialog
from botcore_tui.ui.screens.quit import QuitChoice, QuitDialog
from botcore_tui.ui.settings import CockpitSettings
from botcore_tui.ui.supervisor import Leave, LeaveReason
from botcore_tui.ui.tape import TapeKeys

_TAPE_ACTIONS = {action.method for action in ACTIONS if action.needs_tape}


class HaltAsked(Message):
    """The driver saw the halt key; the engine knows already."""


class TerminalLost(Message):
    """The driver found the terminal gone."""


class CockpitApp(ReadingApp):
    """The live cockpit with its keys; ``run`` gives back how a person left."""

    BINDINGS: ClassVar[list[BindingType]] = [*app_bindings()]
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {CockpitCommands}

    def __init__(
        self,
        engine: EnginePort,
        settings: CockpitSettings,
        *,
        clock: Clock | None = None,
        driver_class: type[Driver] | None = None,
    ) -> None:
        super().__init__(engine, settings, clock=clock, driver_class=driver_class)
        self._tape_keys = TapeKeys(engine, self.clock_ns)

    # --- what the driver's threads call --------------------------------------------------------

    def halt_from_key(self, key: str) -> None:
        """Halt, then let the screen know; from any thread, without waiting for it."""
        self.engine.halt(self.settings.actor, f"key {key}")
        with contextlib.suppress(RuntimeError):  # the loop is closed: there is no screen any more
            self.post_message(HaltAsked())

    def tty_lost(self) -> None:
        """Leave, as there is nobody to see the screen; from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: it left already
            self.post_message(TerminalLost())

    @on(HaltAsked)
    def _halt_asked(self) -> None:
        self.show_halt()

    @on(TerminalLost)
    def _leave_lost_terminal(self) -> None:
        self.exit(Leave(LeaveReason.TTY_LOST, detail="terminal closed"))

    # --- trading -------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's signature
        """Whether an action makes sense at this moment; if not, its key is free for others."""
        if f"action_{action}" in _TAPE_ACTIONS:
            return self._tape() is not None
        return action != "unzoom" or self.is_zoomed

    def action_environment(self) -> None:
        """Offer the other environments."""
        current = self.latest.environment if self.latest else ""
        dialog = EnvironmentDialog(
            self.settings.environments,
            current,
            self._obstacle(),
            arm_seconds=self.settings.arm_seconds,
        )
        self.push_screen(dialog, self._switch)

    async def action_quit(self) -> None:
        """Ask how to leave."""
        if not any(isinstance(screen, QuitDialog) for screen in self.screen_stack):
            self.push_screen(QuitDialog(self.settings.fate), self._quit)

    def _obstacle(self) -> str:
        if self.latest is None:
            return "the engine has not shown itself yet"
        if self.latest.state is not TradingState.HALTED or self.is_halting:
            return f"the engine is {self.latest.state}; press F12 to halt it first"
        return _not_flat(self.latest.account)

    def _switch(self, name: str | None) -> None:
        if not name:
            return
        if obstacle := self._obstacle():
            self.alert(f"environment not changed: {obstacle}", Severity.WARNING)
            return
        if not self._is_real_money(name):
            self.exit(Leave(LeaveReason.SWITCH, environment=name))
            return
        dialog = ProductionDialog(self.settings.road, arm_seconds=self.settings.arm_seconds)
        self.push_screen(dialog, partial(self._switch_to_real_money, name))

    def _switch_to_real_money(self, name: str, typed: str | None) -> None:
        if not typed:
            return
        if obstacle := self._obstacle():
            self.alert(f"environment not changed: {obstacle}", Severity.WARNING)
            return
        self.exit(Leave(LeaveReason.SWITCH, environment=name, typed=typed))

    def _quit(self, choice: QuitChoice | None) -> None:
        if choice is QuitChoice.HALT_AND_LEAVE:
            self.engine.halt(self.settings.actor, "halt and quit")
        if choice in (QuitChoice.LEAVE, QuitChoice.HALT_AND_LEAVE):
            self.exit(Leave(LeaveReason.QUIT, detail=str(choice)))

    # --- panes ---------------------------------------------------------------------------------

    def action_pane(self, name: str) -> None:
        """Choose a pane."""
        self.desk.choose(name)

    def action_focus_next(self) -> None:
        """Move on to the next visible pane, or to the next part of a dialog."""
        super().action_focus_next()
        self.desk.follow_focus()

    def action_focus_previous(self) -> None:
        """Go back to the visible pane before, or to the part of a dialog before."""
        super().action_focus_previous()
        self.desk.follow_focus()

    def action_zoom(self) -> None:
        """The chosen pane alone, or all of them again."""
        self.is_zoomed = not self.is_zoomed
        self.main.set_class(not self.is_zoomed, "-open")
        self.desk.choose(self.desk.chosen)

    def action_unzoom(self) -> None:
        """All panes again."""
        self.action_zoom()

    def action_next_symbol(self) -> None:
        """Show the next subscribed symbol."""
        symbols = self.latest.symbols if self.latest else ()
        if self.latest is None or len(symbols) < 2:
            self.alert("there is no other symbol to show")
            return
        present = self.view.symbol or self.latest.symbol
        position = symbols.index(present) if present in symbols else -1
        # A grouping counts ticks, and the next symbol's tick is another one.
        symbol = symbols[(position + 1) % len(symbols)]
        self.view = structs.replace(self.view, symbol=symbol, grouping=1)

    def action_pause_display(self) -> None:
        """Hold the panes still, or let them go on."""
        self.is_paused = not self.is_paused
        self.status.display_paused = self.is_paused
        if not self.is_paused and self.latest is not None:
            self.desk.show(self.latest, at_once=True)

    # --- tape ----------------------------------------------------------------------------------

    def action_pause_tape(self) -> None:
        """Pause the tape, or play on."""
        if tape := self._tape():
            self._tape_keys.pause(tape)

    def action_step_tape(self) -> None:
        """Play one frame."""
        self._tape_keys.step()

    def action_slower(self) -> None:
        """Play the tape slower."""
        if tape := self._tape():
            self._tape_keys.change_speed(tape, faster=False)

    def action_faster(self) -> None:
        """Play the tape faster."""
        if tape := self._tape():
            self._tape_keys.change_speed(tape, faster=True)

    def action_seek(self, seconds: int) -> None:
        """Go on or back by some seconds of tape."""
        if tape := self._tape():
            self._tape_keys.seek(tape, seconds)

    def _tape(self) -> ReplayProgress | None:
        return self.latest.replay if self.latest else None

    # --- cockpit -------------------------------------------------------------------------------

    def action_help(self) -> None:
        """Show all keys, and those of the chosen pane."""
        groups = cockpit_groups(has_tape=self._tape() is not None)
        pane = self.desk.panes[self.desk.chosen]
        own = [
            active.binding for active in self.main.active_bindings.values() if active.node is pane
        ]
        self.push_screen(HelpScreen([*groups, pane_group(f"Pane: {pane.pane_title}", own)]))

    def action_next_theme(self) -> None:
        """Change to the next theme that comes from a file."""
        names = self.shelf.names
        position = names.index(self.theme) if self.theme in names else -1
        if names:
            self.theme = names[(position + 1) % len(names)]
            self.alert(f"theme {self.theme}")

    def action_copy(self) -> None:
        """Say what to press instead; a selection is copied by the screen, before this is asked."""
        self.alert("nothing is selected; F12 halts, ^q quits")


def _not_flat(account: AccountView | None) -> str:
    """Why the account cannot be left to itself; empty if it is flat, or there is none."""
    if account is None:
        return ""
    if account.positions:
        symbols = ", ".join(printable(position.symbol) for position in account.positions)
        return f"positions are open: {symbols}; flatten them first"
    entries = (order for order in account.orders if order.purpose is Purpose.ENTRY)
    if not all(order.state.is_terminal for order in entries):
        return "entries are open; wait until they are cancelled"
    if account.unknown_orders:
        return f"{account.unknown_orders} orders are UNKNOWN; wait for evidence"
    return ""
