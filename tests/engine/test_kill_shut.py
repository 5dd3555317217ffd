"""A kill where another program of the same address uses up what this one may use in a minute.

The venue allows 2,400 and answers; our own ceiling is 1,200: of the kill lane pass 5 in 10 s.
"""

import pytest
from kill_stage import BTC, ETH, Venue, a_bid, killed
from virtual_time import VirtualTime

from botcore_tui.exchange.binance.allowance import Cost, Lane
from botcore_tui.exchange.binance.limiter import Gate


class Gated(Venue):
    def __init__(self, time: VirtualTime) -> None:
        super().__init__()
        self.gate = Gate("venue", 1_200, time)
        self.passed = 0

    async def _pass(self, name: str, argument: str = "") -> None:
        listing = name.startswith("open_") and not argument
        weight = 40 if listing else 5 if name == "positions" else 1
        async with self.gate.turn(Lane.KILL, Cost(weight=weight)) as turn:
            self.passed += 1
            turn.answered({"x-mbx-used-weight-1m": str(1_300 + self.passed)})
            await super()._pass(name, argument)


@pytest.mark.parametrize("count", [2, 3, 4, 8])
def test_kill_is_confirmed_within_its_patience(time: VirtualTime, count: int) -> None:
    venue = Gated(time)
    names = [BTC, ETH, *(f"C{number}USDT" for number in range(6))]
    venue.listed = set(names)
    venue.orders = [a_bid(f"e{number}", names[number]) for number in range(count)]

    async def learn() -> None:
        async with venue.gate.turn(Lane.QUERY, Cost()) as turn:
            turn.answered({"x-mbx-used-weight-1m": "1300"})

    time.run(learn)
    report, _ = killed(time, venue)
    assert venue.orders == []
    assert report.is_confirmed
