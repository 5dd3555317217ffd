"""Has pictures drawn while somebody looks, and only then."""

from collections.abc import Callable
from typing import Final

from botcore_tui.clock import Clock
from botcore_tui.engine.publisher import Publisher, Surroundings
from botcore_tui.model.snapshot import Snapshot, View
from botcore_tui.model.trading import AccountView

_ATTENTION_NS: Final = 1_000_000_000


class Pictures:
    """The newest picture, for any thread; drawn in the engine's.

    Args:
        publisher: Draws.
        surroundings: Says what a picture shows besides the trader's state.
        clock: Tells how long ago somebody looked.

    Attributes:
        looked_ns: When somebody last looked, monotonic; 0 if never.
    """

    def __init__(
        self, publisher: Publisher, surroundings: Callable[[], Surroundings], clock: Clock
    ) -> None:
        self.looked_ns = 0
        self._publisher = publisher
        self._surroundings = surroundings
        self._clock = clock
        self._view = View()
        self._newest: Snapshot | None = None

    def look(self, view: View) -> Snapshot | None:
        """Say what is wanted; the newest picture, or None before the first."""
        self._view = view
        self.looked_ns = self._clock.monotonic_ns()
        return self._newest

    def refresh(self) -> None:
        """Draw if somebody looked within the last second."""
        now_ns = self._clock.monotonic_ns()
        if self.looked_ns and now_ns - self.looked_ns < _ATTENTION_NS:
            self._newest = self._draw()

    def redraw(self) -> None:
        """Draw at once, if anything was ever drawn."""
        if self._newest is not None:
            self._newest = self._draw()

    def account(self) -> AccountView | None:
        """The account as it is now; None where there is none."""
        return self._publisher.account(self._surroundings())

    def _draw(self) -> Snapshot:
        return self._publisher.build(self._view, self._surroundings())
