"""A program with resting orders and an armed dead man, to be killed: ``dead_man_program.py SIM``.

It says ``armed`` when its orders rest, its position has a stop and its countdown is confirmed.
"""

import asyncio
import sys

import msgspec
from account_trader import BTC, a_market, trading
from sim_process import Sim

from botcore_tui.clock import SystemClock
from botcore_tui.engine.executor import Executor
from botcore_tui.model.account import DeadManSet
from botcore_tui.model.event import ArmDeadMan, Event
from botcore_tui.model.ledger import LedgerRow


class NoLedger:
    """Nothing is recorded here."""

    def append(self, row: LedgerRow, *more: LedgerRow) -> None:
        """Forget it."""

    async def durable(self, client_order_id: str, seconds: float) -> bool:
        """There is nothing to wait for."""
        return True


async def main(sim: Sim, countdown_ms: int) -> None:
    """Stand there until killed."""
    async with trading(sim) as trader, asyncio.TaskGroup() as group:
        await trader.place(a_market())
        await trader.place(trader.a_stop())
        for _ in range(3):
            await trader.place(trader.a_bid())

        def told(event: Event) -> None:
            if isinstance(event, DeadManSet):
                sys.stdout.write("armed\n")
                sys.stdout.flush()

        executor = Executor(
            trader.account, NoLedger(), told, lambda _: "", SystemClock(), on_death=_died
        )
        executor.start(group)
        executor.arm(ArmDeadMan(symbol=BTC, countdown_ms=countdown_ms))
        await asyncio.Event().wait()


def _died(name: str, error: Exception) -> None:
    raise AssertionError(name) from error


if __name__ == "__main__":
    asyncio.run(main(msgspec.json.decode(sys.argv[1], type=Sim), int(sys.argv[2])))
