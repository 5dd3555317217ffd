"""Which faults are armed, and when one strikes: the one place that everybody asks."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from msgspec import Struct

from botcore_tui.exchange.sim.fault_specs import Fault, to_json


class Chance(Protocol):
    """The part of dice that faults need."""

    def random(self) -> float:
        """In [0, 1)."""


class Times(Protocol):
    """Who knows the simulated time, such as the agenda.

    Attributes:
        now_ms: UTC milliseconds.
    """

    now_ms: int


class Armed(Struct):
    """A fault that was added, and what became of it."""

    number: int
    fault: Fault
    armed_ms: int
    starts_ms: int
    ends_ms: int | None
    left: int | None
    """How often it may still strike; None: without an end."""
    taken: int = 0
    next_ms: int = 0
    """When an act is due next."""

    def concerns(self, symbol: str, endpoint: str) -> bool:
        """Whether it is about that contract and request."""
        only = self.fault
        if only.symbol and only.symbol != symbol:
            return False
        # A path without a method stands for all of them.
        return (
            not only.endpoint
            or only.endpoint == endpoint
            or only.endpoint == endpoint.partition(" ")[2]
        )

    def is_over(self, now_ms: int) -> bool:
        """Whether it can never strike again."""
        return self.left == 0 or (self.ends_ms is not None and now_ms >= self.ends_ms)


_NEVER: Final = 1 << 62
_MOST_REMEMBERED: Final = 1000
"""Faults that are over and still reported."""


class Faults:
    """The faults of one exchange.

    Args:
        dice: For probabilities below one; not thrown otherwise.
        times: Tells the simulated time.

    Attributes:
        next_act_ms: When the next act is due; far away if there is none.
    """

    def __init__(self, dice: Chance, times: Times) -> None:
        self.next_act_ms = _NEVER
        self._dice = dice
        self._times = times
        self._start_ms = times.now_ms
        self._numbers = 0
        self._armed: dict[str, list[Armed]] = {}
        self._acts: list[Armed] = []
        self._all: dict[int, Armed] = {}
        self._taken: Counter[str] = Counter()

    def add(self, fault: Fault) -> int:
        """Arm a fault; returns its number."""
        now_ms = self._times.now_ms
        starts_ms = now_ms + fault.after_ms
        if fault.at_ms is not None:
            starts_ms = self._start_ms + fault.at_ms
        self._numbers += 1
        armed = Armed(
            self._numbers,
            fault,
            armed_ms=now_ms,
            starts_ms=starts_ms,
            ends_ms=None if fault.for_ms is None else starts_ms + fault.for_ms,
            left=fault.count,
            next_ms=max(starts_ms, now_ms),
        )
        self._all[armed.number] = armed
        if fault.kind.is_act:
            self._acts.append(armed)
            self.next_act_ms = min(self.next_act_ms, armed.next_ms)
        else:
            self._armed.setdefault(fault.name, []).append(armed)
        self._forget()
        return armed.number

    def remove(self, number: int) -> bool:
        """Disarm a fault; False if there is none of that number."""
        armed = self._all.pop(number, None)
        if armed is None:
            return False
        self._disarm(armed)
        return True

    def clear(self) -> int:
        """Disarm every fault; returns how many were still to come."""
        now_ms = self._times.now_ms
        waiting = sum(not armed.is_over(now_ms) for armed in self._all.values())
        self._armed.clear()
        self._acts.clear()
        self._all.clear()
        self.next_act_ms = _NEVER
        return waiting

    @contextmanager
    def meanwhile(self, *faults: Fault) -> Iterator[None]:
        """Have faults armed while something happens: one fault that is made of others."""
        numbers = [self.add(fault) for fault in faults]
        try:
            yield
        finally:
            for number in numbers:
                self.remove(number)

    def is_armed(self, name: str) -> bool:
        """Whether a fault of that name may strike now or later."""
        return name in self._armed

    def take(self, name: str, *, symbol: str = "", endpoint: str = "") -> Fault | None:
        """The fault that strikes here and now, which counts it; None if none does.

        Args:
            name: Of the fault.
            symbol: The contract it is about, if any.
            endpoint: Request, user event, route or kind of stream it is about, if any.
        """
        if not self._armed:
            return None
        now_ms = self._times.now_ms
        for armed in self._armed.get(name, ()):
            if armed.is_over(now_ms):
                self._disarm(armed)
                return self.take(name, symbol=symbol, endpoint=endpoint)
            if now_ms >= armed.starts_ms and armed.concerns(symbol, endpoint) and self._hits(armed):
                self._count(armed)
                return armed.fault
        return None

    def due_acts(self, now_ms: int) -> list[Fault]:
        """The acts that are due by now, each as often as it is, in order of time."""
        if now_ms < self.next_act_ms:
            return []
        due = [one for armed in list(self._acts) for one in self._due(armed, now_ms)]
        self.next_act_ms = min((armed.next_ms for armed in self._acts), default=_NEVER)
        return [armed.fault for _, armed in sorted(due, key=lambda one: one[0])]

    def _due(self, armed: Armed, now_ms: int) -> list[tuple[int, Armed]]:
        due: list[tuple[int, Armed]] = []
        while armed.next_ms <= now_ms and not armed.is_over(armed.next_ms):
            if self._hits(armed):
                due.append((armed.next_ms, armed))
                self._count(armed)
            armed.next_ms += armed.fault.every_ms
        if armed.is_over(armed.next_ms):
            self._disarm(armed)
        return due

    def _hits(self, armed: Armed) -> bool:
        probability = armed.fault.probability
        return probability >= 1 or self._dice.random() < probability

    def _count(self, armed: Armed) -> None:
        armed.taken += 1
        self._taken[armed.fault.name] += 1
        if armed.left is not None:
            armed.left -= 1
            if not armed.left:
                self._disarm(armed)

    def _disarm(self, armed: Armed) -> None:
        if armed in self._acts:
            self._acts.remove(armed)
            return
        same = self._armed.get(armed.fault.name, [])
        if armed in same:
            same.remove(armed)
            if not same:
                del self._armed[armed.fault.name]

    def _forget(self) -> None:
        if len(self._all) > _MOST_REMEMBERED:
            now_ms = self._times.now_ms
            over = next((one for one in self._all.values() if one.is_over(now_ms)), None)
            if over is not None:
                del self._all[over.number]

    def report(self) -> dict[str, object]:
        """What is armed and what has struck, for people; fit for JSON."""
        now_ms = self._times.now_ms
        return {
            "faults": [self._row(armed, now_ms) for armed in self._all.values()],
            "taken": dict(sorted(self._taken.items())),
        }

    def _row(self, armed: Armed, now_ms: int) -> dict[str, object]:
        state = "waiting" if now_ms < armed.starts_ms else "armed"
        return {
            "id": armed.number,
            "state": "over" if armed.is_over(now_ms) else state,
            "armed_ms": armed.armed_ms,
            "starts_ms": armed.starts_ms,
            "ends_ms": armed.ends_ms,
            "left": armed.left,
            "taken": armed.taken,
            "fault": to_json(armed.fault),
        }
