"""What an endpoint is, and what its function gets to work with."""

from collections.abc import Callable
from enum import Enum
from typing import Self

from msgspec import Struct, field

from botcore_tui.exchange.sim.contracts import Contract
from botcore_tui.exchange.sim.faults import Faults
from botcore_tui.exchange.sim.limits import Limits
from botcore_tui.exchange.sim.listen_keys import ListenKeys
from botcore_tui.exchange.sim.market import SymbolMarket
from botcore_tui.exchange.sim.order_views import View
from botcore_tui.exchange.sim.parameters import Parameters
from botcore_tui.exchange.sim.position_views import Statement
from botcore_tui.exchange.sim.refusals import RefusalError
from botcore_tui.exchange.sim.venue import Venue


class Security(Enum):
    """What a request must bring."""

    NONE = "none"
    KEY = "key"
    """The API key."""
    SIGNED = "signed"
    """The API key, a timestamp and a signature."""


class Backend(Struct, kw_only=True):
    """What stands behind the request interface."""

    venue: Venue
    listen_keys: ListenKeys
    faults: Faults
    limits: Limits
    fee_burn: bool = False
    """Setting of the account; it has no BNB to pay fees with, so it changes nothing."""
    depths: dict[str, View] = field(default_factory=dict)
    """Last depth reply by symbol."""

    def clock_step_ms(self) -> int:
        """How far the venue's clock is off, where that fault is armed."""
        fault = self.faults.take("clock-step")
        return 0 if fault is None else fault.amount("ms")


class Call(Struct):
    """One request to an endpoint, allowed and counted."""

    backend: Backend
    parameters: Parameters
    now_ms: int
    """The venue's time, UTC milliseconds."""

    @property
    def venue(self) -> Venue:
        """Orders, account and markets."""
        return self.backend.venue

    def having(self, parameters: Parameters) -> Self:
        """The same call with other parameters: one order of a batch."""
        return type(self)(self.backend, parameters, self.now_ms)

    def market(self) -> SymbolMarket:
        """The market of the mandatory ``symbol``.

        Raises:
            RefusalError: -1102 or -1121, it was not sent or is not listed.
        """
        return self._listed(self.parameters.required("symbol"))

    def contract(self) -> Contract:
        """The contract of the mandatory ``symbol``; see `market`."""
        return self.market().contract

    def optional_market(self) -> SymbolMarket | None:
        """The market of the optional ``symbol``; None where it was not sent.

        Raises:
            RefusalError: -1105 or -1121, it is empty or not listed.
        """
        symbol = self.parameters.text("symbol")
        return self._listed(symbol) if symbol else None

    def markets(self) -> list[SymbolMarket]:
        """The market of the optional ``symbol``, or all."""
        market = self.optional_market()
        return list(self.venue.floor.markets.values()) if market is None else [market]

    def statement(self) -> Statement:
        """The account with the prices and orders that its margins depend on."""
        floor = self.venue.floor
        busy = frozenset(symbol for symbol in floor.markets if floor.orders.count_open(symbol))
        return Statement(floor.account, floor.marks(), floor.exposures(), busy)

    def _listed(self, symbol: str) -> SymbolMarket:
        market = self.venue.floor.markets.get(symbol)
        if market is None:
            raise RefusalError(-1121)
        return market


class Endpoint(Struct, frozen=True):
    """A method and path, what it costs, and what it does."""

    method: str
    path: str
    call: Callable[[Call], object]
    """Returns what becomes the JSON of the reply."""
    weight: int | Callable[[Parameters], int] = 1
    security: Security = Security.NONE
    orders: tuple[int, int] = (0, 0)
    """Counted against the orders of ten seconds, and of a minute."""
    is_funding: bool = False
    """Shares the limit of funding rates."""

    @property
    def name(self) -> str:
        """Such as ``POST /fapi/v1/order``."""
        return f"{self.method} {self.path}"


def by_symbol(one: int, every: int) -> Callable[[Parameters], int]:
    """Weight of an endpoint that answers for a symbol, or for all where none was sent."""
    return lambda parameters: one if parameters.has("symbol") else every
