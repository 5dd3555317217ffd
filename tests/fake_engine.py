"""An engine that a test sets by hand and that notes what it was asked for."""

import threading
from collections.abc import Sequence

from botcore_tui.engine.port import PlayerCommand
from botcore_tui.model.command import DeskCommand, Scope
from botcore_tui.model.snapshot import LogLine, Snapshot, View


class FakeEngine:
    """Shows ``snapshot`` and ``lines``; changes nothing by itself."""

    def __init__(self, snapshot: Snapshot | None = None, lines: Sequence[LogLine] = ()) -> None:
        self.snapshot = snapshot
        self.lines = list(lines)
        self.views: list[View] = []
        self.halts: list[tuple[str, str]] = []
        self.halt_threads: list[int] = []
        self.flattens: list[bool] = []
        self.resumes: list[tuple[str, str]] = []
        self.resumed_with: list[tuple[str, tuple[Scope, ...]]] = []
        self.commands: list[PlayerCommand] = []
        self.sent: list[DeskCommand] = []

    def look(self, view: View) -> Snapshot | None:
        self.views.append(view)
        return self.snapshot

    def halt(self, actor: str, reason: str, *, flattens: bool = False) -> None:
        self.halts.append((actor, reason))
        self.flattens.append(flattens)
        self.halt_threads.append(threading.get_ident())

    def resume(
        self, actor: str, reason: str, *, command_id: str = "", scopes: tuple[Scope, ...] = ()
    ) -> None:
        self.resumes.append((actor, reason))
        self.resumed_with.append((command_id, scopes))

    def play(self, command: PlayerCommand) -> None:
        self.commands.append(command)

    def send(self, command: DeskCommand) -> None:
        self.sent.append(command)

    def log_since(self, sequence: int) -> Sequence[LogLine]:
        return [line for line in self.lines if line.sequence > sequence]
