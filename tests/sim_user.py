"""The user stream of the embedded exchange, followed by ours."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

from private_server import RunningUser, running_user
from sim_process import RefusedError, Sim
from waiting import SteppedClock

from botcore_tui.errors import FetchError
from botcore_tui.exchange.binance.listen_keys import ListenKeyGoneError
from botcore_tui.exchange.binance.user_stream import UserStreamSettings
from botcore_tui.model.order import Fill


class SimKeys:
    """``ListenKeys`` over the exchange's REST; ``seen`` has every key that it gave out."""

    def __init__(self, sim: Sim) -> None:
        self.seen: list[str] = []
        self._sim = sim

    async def open(self) -> str:
        """POST."""
        try:
            answer = self._sim.ask("POST", "/fapi/v1/listenKey")
        except RefusedError as error:
            raise FetchError(str(error)) from error
        assert isinstance(answer, dict)
        self.seen.append(answer["listenKey"])
        return self.seen[-1]

    async def keep(self, key: str) -> None:
        """PUT."""
        try:
            answer = self._sim.ask("PUT", "/fapi/v1/listenKey")
        except RefusedError as error:
            kind = ListenKeyGoneError if error.code == -1125 else FetchError
            raise kind(str(error)) from error
        assert isinstance(answer, dict)
        if answer.get("listenKey", key) != key:
            raise ListenKeyGoneError("the venue extended another key")


class Account:
    """Trades on the exchange past our stream, as somebody else would."""

    def __init__(self, sim: Sim) -> None:
        self._sim = sim
        self._orders = 0

    def market(self, quantity: str, side: str = "BUY") -> str:
        """Send a market order; its client id."""
        self._orders += 1
        client_order_id = f"bc-{id(self):x}-{self._orders}-e"
        self._sim.ask_signed(
            "POST",
            "/fapi/v1/order",
            symbol="BTCUSDT",
            side=side,
            type="MARKET",
            quantity=quantity,
            newClientOrderId=client_order_id,
        )
        return client_order_id

    def stop(self, price: int) -> str:
        """Send a stop that closes the position; its client id."""
        self._orders += 1
        client_order_id = f"bc-{id(self):x}-{self._orders}-s"
        self._sim.ask_signed(
            "POST",
            "/fapi/v1/algoOrder",
            algoType="CONDITIONAL",
            symbol="BTCUSDT",
            side="SELL",
            type="STOP_MARKET",
            triggerPrice=price,
            closePosition="true",
            clientAlgoId=client_order_id,
        )
        return client_order_id

    def trades(self) -> set[int]:
        """Numbers of all trades there ever were."""
        rows = self._sim.ask_signed("GET", "/fapi/v1/userTrades", symbol="BTCUSDT", limit=1000)
        assert isinstance(rows, list)
        return {row["id"] for row in rows}

    def price(self, share: str) -> int:
        """A whole price at that share of the best bid."""
        return int(self._sim.best("BTCUSDT")[0] * Decimal(share))

    def arm(self, name: str, **keys: object) -> None:
        """Arm a fault."""
        self._sim.control("POST", "/sim/faults", json.loads(json.dumps({"name": name, **keys})))

    def disarm(self) -> None:
        """Disarm all faults."""
        self._sim.control("DELETE", "/sim/faults")


class SimUser:
    """Our stream on the exchange, and the hands that trade there."""

    def __init__(self, run: RunningUser, account: Account, keys: SimKeys) -> None:
        self.run = run
        self.account = account
        self.keys = keys
        self.clock = SteppedClock()

    def fills(self, client_order_id: str) -> list[Fill]:
        """Fills of an order, as they were delivered."""
        return [
            each
            for each in self.run.told
            if isinstance(each, Fill) and each.client_order_id == client_order_id
        ]

    async def until_filled(self, client_order_id: str, quantity: str) -> list[Fill]:
        """Return when fills of so much were delivered; they."""

        def total() -> Decimal:
            return sum((fill.quantity for fill in self.fills(client_order_id)), Decimal(0))

        await self.run.until(lambda: total() >= Decimal(quantity))
        return self.fills(client_order_id)


@asynccontextmanager
async def sim_user(sim: Sim, settings: UserStreamSettings | None = None) -> AsyncIterator[SimUser]:
    """Follow the user stream of an exchange for the length of the block."""
    keys, clock = SimKeys(sim), SteppedClock()
    async with running_user(sim.ws_private, keys, clock=clock, settings=settings) as run:
        user = SimUser(run, Account(sim), keys)
        user.clock = clock
        await run.until_story("up")
        yield user
