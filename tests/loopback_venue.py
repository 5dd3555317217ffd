"""The embedded exchange as the venue of a program under test."""

from collections.abc import Iterator
from contextlib import contextmanager

from real_program import DEADLINE_SECONDS
from sim_process import Sim, running_sim
from websockets.sync.client import connect


class LoopbackVenue:
    """An exchange on this machine that another environment than demo is pointed at."""

    def __init__(self, sim: Sim) -> None:
        self._sim = sim

    def variables(self) -> dict[str, str]:
        """What points the program here."""
        return {
            "BOTCORE__HOSTS__REST": self._sim.rest,
            "BOTCORE__HOSTS__WS_PUBLIC": self._sim.ws_public,
            "BOTCORE__HOSTS__WS_MARKET": self._sim.ws_market,
        }

    def wait_for_depths(self, count: int) -> None:
        """Return when so many more depth updates were sent."""
        with connect(f"{self._sim.ws_public}/ws/btcusdt@depth@100ms", proxy=None) as socket:
            for _ in range(count):
                socket.recv(DEADLINE_SECONDS)


@contextmanager
def loopback_venue() -> Iterator[LoopbackVenue]:
    """Serve for the time of a test."""
    with running_sim("--symbols", "BTCUSDT", "--seed", "7") as sim:
        yield LoopbackVenue(sim)
