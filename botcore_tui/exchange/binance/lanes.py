"""Those who wait for their turn at a venue, and who of them is next; pure."""

from itertools import chain, takewhile

from msgspec import Struct

from botcore_tui.exchange.binance.allowance import Allowance, Cost, Grant, Lane
from botcore_tui.model.snapshot import LaneUse


class Ticket(Struct, frozen=True, eq=False):
    """One request that waits."""

    lane: Lane
    cost: Cost


class Lanes:
    """Lets requests through in order: first come first served, and the higher lane first.

    Nobody takes anything of what one waits for who came before, or is in a higher lane. Who draws
    from other windows than those does not wait for them: a stop costs no weight, and a question
    before it may wait for the rest of the minute.

    Args:
        allowance: Says what is left.
    """

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._waiting: dict[Lane, list[Ticket]] = {lane: [] for lane in Lane}
        self._passed = dict.fromkeys(Lane, 0)

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def join(self, lane: Lane, cost: Cost) -> Ticket:
        """Line up."""
        ticket = Ticket(lane, cost)
        self._waiting[lane].append(ticket)
        return ticket

    def leave(self, ticket: Ticket) -> None:
        """Give up waiting."""
        self._waiting[ticket.lane].remove(ticket)

    def take(self, ticket: Ticket, now_ms: int) -> Grant | None:
        """Let this request through, if it is its turn and there is room; it waits on if not."""
        if self._is_behind(ticket, now_ms):
            return None
        grant = self._allowance.take(ticket.lane, ticket.cost, now_ms)
        self._passed[ticket.lane] += grant is not None
        return grant

    def use(self) -> tuple[LaneUse, ...]:
        """How many wait and have passed in each lane, for the screen; the first lane first."""
        return tuple(
            LaneUse(lane.name.lower(), len(waiting), self._passed[lane])
            for lane, waiting in self._waiting.items()
        )

    def _is_behind(self, ticket: Ticket, now_ms: int) -> bool:
        # Then all wait for the same, whatever they cost: the few that the kill lane may still send.
        is_shut = self._allowance.shut_ms(now_ms) > 0
        higher = chain.from_iterable(self._waiting[lane] for lane in Lane if lane < ticket.lane)
        earlier = takewhile(lambda other: other is not ticket, self._waiting[ticket.lane])
        others = chain(higher, earlier)
        return any(is_shut or other.cost.competes(ticket.cost) for other in others)
