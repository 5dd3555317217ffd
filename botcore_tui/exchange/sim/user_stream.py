"""The way of a user's event to those who listen, and what may go wrong on it."""

from collections.abc import Callable
from typing import Final

from botcore_tui.exchange.sim.agenda import Agenda
from botcore_tui.exchange.sim.dice import Dice
from botcore_tui.exchange.sim.faults import Faults
from botcore_tui.exchange.sim.listen_keys import ListenKeys
from botcore_tui.exchange.sim.streams import Hub

_ORDER_EVENT: Final = "ORDER_TRADE_UPDATE"
_OVERTAKEN_MS: Final = 1_000
"""An event that nothing overtakes comes so much later."""


class UserStream:
    """Sends events to those who listen with the valid key.

    Args:
        hub: Knows who they are.
        agenda: Holds what comes late.
        dice: Makes keys.
        faults: Failures that are to happen here.

    Attributes:
        keys: The listen key.
    """

    def __init__(self, hub: Hub, agenda: Agenda, dice: Dice, faults: Faults) -> None:
        self._hub = hub
        self._agenda = agenda
        self._faults = faults
        self._held: Callable[[], None] | None = None
        self._overtakers = ""
        self.keys = ListenKeys(agenda, dice, self._tell_expired)

    @property
    def is_wanted(self) -> bool:
        """Whether anybody listens; asked before an event is written."""
        return bool(self.keys.current) and self._hub.wanted(self.keys.current)

    def send(self, event: str, text: str) -> None:
        """Send an event.

        Args:
            event: Its name.
            text: JSON.
        """
        take = self._faults.take
        if event == _ORDER_EVENT and take("user-lost"):
            return
        if take("user-silent", endpoint=event):
            return
        key = self.keys.current

        def go() -> None:
            # After its end a key is silent, also for what was on its way.
            if self.keys.current == key:
                self._hub.publish_user(key, event, text)

        if fault := take("user-late", endpoint=event):
            self._agenda.at(self._agenda.now_ms + fault.amount("delay_ms"), go)
            return
        if self._held is None and (fault := take("user-reorder", endpoint=event)):
            self._overtakers = fault.endpoint
            self._hold(go)
            return
        go()
        if take("user-duplicate", endpoint=event):
            go()
        if self._held is not None and self._overtakers in {"", event}:
            self._held()

    def _hold(self, go: Callable[[], None]) -> None:
        def release() -> None:
            if self._held is release:
                self._held = None
                go()

        self._held = release
        self._agenda.at(self._agenda.now_ms + _OVERTAKEN_MS, release)

    def _tell_expired(self, key: str) -> None:
        text = f'{{"e":"listenKeyExpired","E":{self._agenda.now_ms},"listenKey":"{key}"}}'
        self._hub.publish_user(key, "listenKeyExpired", text)
