"""The venue's own dead-man: it cancels resting entries when it does not hear from us (A16)."""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from botcore_tui.model.account import DeadManFailed, DeadManSet
from botcore_tui.model.event import ArmDeadMan, Effect, Record
from botcore_tui.model.risk import DeadManView
from botcore_tui.model.severity import Severity

MOST_MISSED: Final = 2
_AGAIN_MS: Final = 5_000


class DeadManSettings(Struct, frozen=True, kw_only=True):
    """How long the venue waits, and how often it is told to."""

    countdown_ms: int = 120_000
    refresh_ms: int = 30_000


class _Man:
    """Of one symbol."""

    def __init__(self) -> None:
        self.is_wanted = True
        self.until_ms = 0
        self.asked_ms = 0
        self.due_ms = 0
        self.is_answered = True
        self.missed = 0
        self.reason = ""


class DeadMen:
    """Of each symbol in which an entry of ours rests, or is about to.

    It is stopped when none does any more; what was not confirmed is asked for again.

    Args:
        settings: See there.
    """

    def __init__(self, settings: DeadManSettings) -> None:
        self._settings = settings
        self._men: dict[str, _Man] = {}

    def arm(self, symbol: str, time_ms: int) -> list[Effect]:
        """An entry is about to rest there: unless one counts down, begin."""
        man = self._men.setdefault(symbol, _Man())
        is_running = man.is_wanted and man.asked_ms and time_ms < man.due_ms
        man.is_wanted = True
        return [] if is_running else [self._ask(symbol, man, time_ms)]

    def on_tick(self, resting: Iterable[str], time_ms: int) -> list[Effect]:
        """Refresh what is due, stop what is no longer needed.

        Args:
            resting: Symbols in which an entry of ours rests or may rest.
            time_ms: Now.
        """
        wanted = set(resting)
        effects: list[Effect] = []
        for symbol in sorted(wanted.union(self._men)):
            man = self._men.setdefault(symbol, _Man())
            is_turned = man.is_wanted is not (symbol in wanted)
            man.is_wanted = symbol in wanted
            is_over = not man.until_ms or time_ms > man.until_ms
            if not man.is_wanted and is_over and man.is_answered:
                del self._men[symbol]
            elif is_turned or time_ms >= man.due_ms or time_ms < man.asked_ms:
                if not man.is_answered and man.is_wanted and not is_turned:
                    effects += self._miss(symbol, man, "no answer", time_ms)
                effects.append(self._ask(symbol, man, time_ms))
        return effects

    def on_set(self, event: DeadManSet) -> list[Effect]:
        """The venue confirmed."""
        man = self._men.get(event.symbol)
        if man is None:
            return []
        man.is_answered, man.missed, man.reason = True, 0, ""
        man.until_ms = event.asked_ms + event.countdown_ms if event.countdown_ms else 0
        if man.is_wanted is not bool(event.countdown_ms):
            man.due_ms = event.time_ms  # of two under way the venue may have taken this one last
        return []

    def on_failed(self, event: DeadManFailed, time_ms: int) -> list[Effect]:
        """The venue did not confirm."""
        man = self._men.get(event.symbol)
        if man is None:
            return []
        man.is_answered = True
        man.due_ms = min(man.due_ms, time_ms + _AGAIN_MS)
        return self._miss(event.symbol, man, event.reason, time_ms)

    def dead(self) -> tuple[str, int, str] | None:
        """A symbol whose dead-man was missed too often, how often, and why."""
        for symbol, man in self._men.items():
            if man.is_wanted and man.missed >= MOST_MISSED:
                return symbol, man.missed, man.reason
        return None

    def views(self) -> tuple[DeadManView, ...]:
        """For the screen."""
        return tuple(
            DeadManView(symbol=symbol, until_ms=man.until_ms, missed=man.missed, reason=man.reason)
            for symbol, man in sorted(self._men.items())
            if man.is_wanted or man.until_ms
        )

    def _ask(self, symbol: str, man: _Man, time_ms: int) -> Effect:
        countdown_ms = self._settings.countdown_ms if man.is_wanted else 0
        man.asked_ms, man.is_answered = time_ms, False
        man.due_ms = time_ms + self._settings.refresh_ms
        return ArmDeadMan(symbol=symbol, countdown_ms=countdown_ms)

    def _miss(self, symbol: str, man: _Man, reason: str, time_ms: int) -> list[Effect]:
        man.missed += 1
        man.reason = reason
        text = f"dead-man of {symbol} not confirmed ({man.missed}): {reason}"
        return [Record(Severity.ERROR, "deadman.missed", text, time_ms)]
