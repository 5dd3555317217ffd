"""What a cockpit may know of the engine: one picture to pull, a few wishes to send.

Every method may be called from any thread, returns at once and never raises.
"""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from botcore_tui.model.command import Scope
from botcore_tui.model.event import DeskCommand, TradingState
from botcore_tui.model.snapshot import HaltInfo, LogLine, Snapshot, View
from botcore_tui.model.trading import AccountView


class Play(Struct, frozen=True):
    """Go on playing the tape."""


class Pause(Struct, frozen=True):
    """Stop the tape where it is."""


class Step(Struct, frozen=True):
    """Play so many frames, then pause."""

    frames: int = 1


class Seek(Struct, frozen=True):
    """Go to a place of the tape, seconds from its start; back means: from the start again."""

    seconds: float


class SetSpeed(Struct, frozen=True):
    """Multiple of real time; None as fast as it goes."""

    speed: float | None


PlayerCommand = Play | Pause | Step | Seek | SetSpeed


class Status(Struct, frozen=True, kw_only=True, tag=True):
    """How trading stands."""

    environment: str
    state: TradingState
    halt: HaltInfo | None
    account: AccountView | None
    """None where there is no account."""


class EnginePort(Protocol):
    """The engine as the cockpit sees it."""

    def look(self, view: View) -> Snapshot | None:
        """Say that somebody looks and at what; the newest picture, or None before the first.

        Pictures are made only while this is called at least once a second.
        """

    def halt(self, actor: str, reason: str, *, flattens: bool = False) -> None:
        """Latch HALTED; in force when this returns, whatever the engine's loop is doing.

        With ``flattens`` every position is closed at market as well.
        """

    def resume(
        self, actor: str, reason: str, *, command_id: str = "", scopes: tuple[Scope, ...] = ()
    ) -> None:
        """Ask for one step back: HALTED to REDUCING, REDUCING to ACTIVE.

        With a ``command_id`` it is answered as other commands are.
        """

    def send(self, command: DeskCommand) -> None:
        """Ask for an order, for what becomes of one, or for a limit to be loosened.

        The answer is in ``AccountView.answers`` as soon as it is decided; it says whether the
        command was taken on, not how it ended.
        """

    def play(self, command: PlayerCommand) -> None:
        """Steer the tape; without effect on a live feed."""

    def log_since(self, sequence: int) -> Sequence[LogLine]:
        """Log lines with a greater sequence number that are still in the ring, oldest first."""


class EngineSettings(Struct, frozen=True):
    """What the engine needs to know of the configuration."""

    environment: str
    label: str = ""
    """SYNTHETIC, TAPE or REPLAY where the market is not the venue's live one."""
    trading_enabled: bool = False
    inbox_capacity: int = 8_192
    switch_interval_ms: float = 0.2
    pins_cores: bool = True
    uses_uvloop: bool = True
    ends_with_feed: bool = False
    """Stop when the feed has no more: replays without a screen."""
