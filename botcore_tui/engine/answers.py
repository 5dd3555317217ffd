"""Answers to commands: the newest for whoever looks, and each at once for whoever waits."""

from collections import deque
from collections.abc import Callable
from typing import Final

from botcore_tui.model.event import Answer

_KEPT: Final = 16

Listener = Callable[[Answer], None]


class Answers:
    """The last sixteen, and who listens; used in the engine's loop only."""

    def __init__(self) -> None:
        self._newest: deque[Answer] = deque(maxlen=_KEPT)
        self._listeners: list[Listener] = []

    @property
    def newest(self) -> tuple[Answer, ...]:
        """Newest last."""
        return tuple(self._newest)

    def add(self, answer: Answer) -> None:
        """Keep it, and tell everybody who listens."""
        self._newest.append(answer)
        for listener in tuple(self._listeners):
            listener(answer)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell ``listener`` every answer from now on, until what is returned is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)
