"""The key to the user's stream: one at a time, valid for an hour after it was last asked for."""

import string
from collections.abc import Callable
from typing import Final

from botcore_tui.exchange.sim.agenda import Agenda
from botcore_tui.exchange.sim.dice import Dice
from botcore_tui.exchange.sim.refusals import RefusalError

VALIDITY_MS: Final = 60 * 60_000
_LETTERS: Final = string.ascii_letters + string.digits
_LENGTH: Final = 64


class ListenKeys:
    """Gives out, extends and ends the key.

    Args:
        agenda: Expires it.
        dice: Makes new ones.
        expired: Told the key that was not extended in time.

    Attributes:
        current: The valid key; empty if there is none.
    """

    def __init__(self, agenda: Agenda, dice: Dice, expired: Callable[[str], None]) -> None:
        self._agenda = agenda
        self._dice = dice
        self._expired = expired
        self._ends_ms = 0
        self.current = ""

    def obtain(self) -> str:
        """The valid key, extended, or a new one."""
        self._ends_ms = self._agenda.now_ms + VALIDITY_MS
        if not self.current:
            randrange = self._dice.randrange
            self.current = "".join(_LETTERS[randrange(len(_LETTERS))] for _ in range(_LENGTH))
            self._await_end(self.current)
        return self.current

    def extend(self) -> str:
        """The key, valid for another hour.

        Raises:
            RefusalError: There is none.
        """
        if not self.current:
            raise RefusalError(-1125)
        return self.obtain()

    def end(self) -> None:
        """Make the key invalid for everyone who listens with it; none is no error."""
        self.current = ""

    def expire(self) -> None:
        """Let the key run out now, as if nobody had extended it; without one nothing happens."""
        key, self.current = self.current, ""
        if key:
            self._expired(key)

    def _await_end(self, key: str) -> None:
        def check() -> None:
            if self.current == key:
                if self._agenda.now_ms >= self._ends_ms:
                    self.expire()
                else:
                    self._await_end(key)

        self._agenda.at(self._ends_ms, check)
