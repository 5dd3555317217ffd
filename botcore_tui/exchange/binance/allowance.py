"""How much may be asked of a venue, and by whom: pure accounting, fed with the venue's time.

Source: Binance USD-M futures, "General Info" limits: weight per address and order counts per
account in fixed windows; 429 at a broken limit, 418 for who goes on, each with Retry-After.
"""

from enum import IntEnum
from typing import Final

from msgspec import Struct

from botcore_tui.exchange.binance.windows import Taken, Window

KILL_MINIMUM: Final = 5
"""Requests of the kill lane that pass in any ten seconds, whatever is used up or refused."""
KILL_MINIMUM_BANNED: Final = 1
"""The same during a ban, which every request may prolong."""

_MINUTE_MS: Final = 60_000
_TEN_SECONDS_MS: Final = 10_000
_TOO_MANY_ORDERS: Final = -1015


class Lane(IntEnum):
    """What a request is for; the smaller number goes first."""

    KILL = 0
    """The kill switch, and every cancel."""
    REDUCING = 1
    """Orders that lower a position, protective stops, and what became of a single order."""
    ACCOUNT = 2
    """Questions about the account: without their answers no position is known to be protected."""
    ENTRY = 3
    QUERY = 4
    """Whatever else is asked, such as market data."""


_SHARE_PCT: Final = {
    Lane.KILL: 100,
    Lane.REDUCING: 80,
    Lane.ACCOUNT: 70,
    Lane.ENTRY: 70,
    Lane.QUERY: 60,
}
"""How far each lane may fill a window: the rest is the reserve of the lanes above (P18)."""
_SLOWED: Final = (Lane.ENTRY, Lane.QUERY)
"""Lanes that are held to half of their share for a while after a 429 (A13)."""


class Quotas(Struct, frozen=True):
    """What the venue allows; its usual limits until it has told them."""

    weight_1m: int = 2_400
    orders_10s: int = 300
    orders_1m: int = 1_200


class Cost(Struct, frozen=True):
    """What one request uses up."""

    weight: int = 1
    orders_10s: int = 0
    orders_1m: int = 0

    def competes(self, other: "Cost") -> bool:
        """Whether both draw from the same window."""
        return (
            (self.weight > 0 and other.weight > 0)
            or (self.orders_10s > 0 and other.orders_10s > 0)
            or (self.orders_1m > 0 and other.orders_1m > 0)
        )


class Told(Struct, frozen=True):
    """The venue's own counts, as a reply told them."""

    weight: int | None = None
    orders_10s: int | None = None
    orders_1m: int | None = None


class Grant(Struct, frozen=True):
    """A request that was let through."""

    cost: Cost
    taken: tuple[Taken, Taken, Taken]
    """From the windows of weight, of orders in ten seconds, and of orders in a minute."""


class Allowance:
    """What is left of a venue's limits, and until when the venue refuses.

    Args:
        weight_per_minute: Our own ceiling; the venue's holds where it is lower.

    Attributes:
        refused_status: HTTP status of the last refusal; 0 if there was none.
        quotas: What the venue allows.
    """

    def __init__(self, weight_per_minute: int) -> None:
        self.refused_status = 0
        self._own_ceiling = weight_per_minute
        self.quotas = Quotas()
        self._weight = Window(_MINUTE_MS)
        self._orders_10s = Window(_TEN_SECONDS_MS)
        self._orders_1m = Window(_MINUTE_MS)
        self._kills = Window(_TEN_SECONDS_MS)
        self._shut_until_ms = 0
        self._banned_until_ms = 0
        self._orders_shut_until_ms = 0
        self._slow_until_ms = 0

    @property
    def ceiling(self) -> int:
        """Weight that may be used in a minute."""
        return min(self._own_ceiling, self.quotas.weight_1m)

    def used(self, now_ms: int) -> int:
        """Weight used in this minute."""
        return self._weight.used(now_ms)

    def orders_10s(self, now_ms: int) -> int:
        """Orders counted in this interval of ten seconds."""
        return self._orders_10s.used(now_ms)

    def orders_1m(self, now_ms: int) -> int:
        """Orders counted in this minute."""
        return self._orders_1m.used(now_ms)

    def shut_ms(self, now_ms: int) -> int:
        """How long the venue still refuses everything; 0 if it does not."""
        return max(0, self._shut_until_ms - now_ms)

    def is_banned(self, now_ms: int) -> bool:
        """Whether the venue refuses everything because earlier refusals were not heeded."""
        return now_ms < self._banned_until_ms

    def is_slowed(self, now_ms: int) -> bool:
        """Whether entries and queries are held to half of their share."""
        return now_ms < self._slow_until_ms

    def learn(self, quotas: Quotas) -> None:
        """Take over the limits that the venue told."""
        self.quotas = quotas

    def set_clock(self, now_ms: int, step_ms: int) -> None:
        """Go on at another time of the venue, ``step_ms`` later than was thought."""
        self._shut_until_ms += step_ms
        self._banned_until_ms += step_ms
        self._orders_shut_until_ms += step_ms
        self._slow_until_ms += step_ms
        for window in (self._weight, self._orders_10s, self._orders_1m, self._kills):
            window.relabel(now_ms)

    def slept(self, now_ms: int, slept_ms: int) -> None:
        """So much more of every refusal has passed than ``now_ms`` tells."""
        self._shut_until_ms = max(now_ms, self._shut_until_ms - slept_ms)
        self._banned_until_ms = max(now_ms, self._banned_until_ms - slept_ms)
        self._orders_shut_until_ms = max(now_ms, self._orders_shut_until_ms - slept_ms)
        self._slow_until_ms = max(now_ms, self._slow_until_ms - slept_ms)

    def most(self, lane: Lane) -> int:
        """Weight of the heaviest request that can ever pass in this lane."""
        return self.ceiling * _SHARE_PCT[lane] // 100

    def has_room(self, lane: Lane, cost: Cost, now_ms: int) -> bool:
        """Whether a request would be let through now, were it next in line."""
        if lane is Lane.KILL and self._is_in_minimum(now_ms):
            return True
        if self.shut_ms(now_ms):
            return False
        is_ordering = bool(cost.orders_10s or cost.orders_1m)
        if is_ordering and now_ms < self._orders_shut_until_ms:
            return False
        quotas, share = self.quotas, self._share_pct(lane, now_ms)
        return (
            _fits(self._weight, cost.weight, self.ceiling * share, now_ms)
            and _fits(self._orders_10s, cost.orders_10s, quotas.orders_10s * share, now_ms)
            and _fits(self._orders_1m, cost.orders_1m, quotas.orders_1m * share, now_ms)
        )

    def take(self, lane: Lane, cost: Cost, now_ms: int) -> Grant | None:
        """Let a request through and count it; None if it has to wait."""
        if not self.has_room(lane, cost, now_ms):
            return None
        if lane is Lane.KILL:
            self._kills.settle(1, self._kills.take(1, now_ms), None, now_ms)
        taken = (
            self._weight.take(cost.weight, now_ms),
            self._orders_10s.take(cost.orders_10s, now_ms),
            self._orders_1m.take(cost.orders_1m, now_ms),
        )
        return Grant(cost, taken)

    def settle(self, grant: Grant, told: Told, now_ms: int) -> None:
        """Count the end of a request that was let through, and what its reply told."""
        cost, (weight, orders_10s, orders_1m) = grant.cost, grant.taken
        self._weight.settle(cost.weight, weight, told.weight, now_ms)
        self._orders_10s.settle(cost.orders_10s, orders_10s, told.orders_10s, now_ms)
        self._orders_1m.settle(cost.orders_1m, orders_1m, told.orders_1m, now_ms)

    def give_back(self, grant: Grant, now_ms: int) -> None:
        """Forget a request that was let through and did not leave after all."""
        cost = grant.cost
        self._weight.give_back(cost.weight, now_ms)
        self._orders_10s.give_back(cost.orders_10s, now_ms)
        self._orders_1m.give_back(cost.orders_1m, now_ms)

    def refused(self, status: int, code: int, wait_ms: int, now_ms: int) -> None:
        """Take in that the venue refused a request for a broken limit, or asked for a pause.

        Args:
            status: HTTP status: 429, 418, or another with Retry-After.
            code: Binance's number; 0 if it gave none.
            wait_ms: How long it forbids another request; 0 if it does not say.
            now_ms: The venue's time.
        """
        self.refused_status = status
        if status == 429 and code == _TOO_MANY_ORDERS:
            until_ms = now_ms + wait_ms if wait_ms else self._orders_10s.ends_ms(now_ms)
            self._orders_shut_until_ms = max(self._orders_shut_until_ms, until_ms)
            return
        until_ms = now_ms + wait_ms if wait_ms else self._weight.ends_ms(now_ms)
        self._shut_until_ms = max(self._shut_until_ms, until_ms)
        if status == 418:
            self._banned_until_ms = self._shut_until_ms
        if status == 429:
            self._slow_until_ms = max(self._slow_until_ms, until_ms + _MINUTE_MS)

    def due_ms(self, lane: Lane, cost: Cost, now_ms: int) -> int:
        """When a request that has to wait is worth another look, by the passing of time alone."""
        due_ms = self._due_ms(cost, now_ms)
        return min(due_ms, self._kills.ends_ms(now_ms)) if lane is Lane.KILL else due_ms

    def _due_ms(self, cost: Cost, now_ms: int) -> int:
        if shut_ms := self.shut_ms(now_ms):
            return now_ms + shut_ms
        if cost.orders_10s or cost.orders_1m:
            ends_ms, opens_ms = self._orders_10s.ends_ms(now_ms), self._orders_shut_until_ms
            return min(ends_ms, opens_ms) if now_ms < opens_ms else ends_ms
        minute_ms = self._weight.ends_ms(now_ms)
        return min(minute_ms, self._slow_until_ms) if self.is_slowed(now_ms) else minute_ms

    def _is_in_minimum(self, now_ms: int) -> bool:
        minimum = KILL_MINIMUM_BANNED if self.is_banned(now_ms) else KILL_MINIMUM
        return self._kills.used(now_ms) < minimum

    def _share_pct(self, lane: Lane, now_ms: int) -> int:
        is_halved = lane in _SLOWED and self.is_slowed(now_ms)
        return _SHARE_PCT[lane] // 2 if is_halved else _SHARE_PCT[lane]


def _fits(window: Window, amount: int, limit_pct: int, now_ms: int) -> bool:
    # A request that uses nothing of a window is not held up by it.
    return not amount or (window.used(now_ms) + amount) * 100 <= limit_pct
