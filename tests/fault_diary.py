"""What an engine did with everything but the market, and waiting for what its desk says."""

import threading
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

from botcore_tui.core.desk import TradingDesk
from botcore_tui.core.trader import Trader
from botcore_tui.model.event import Answer, Append, Effect, Event, Record, Tick
from botcore_tui.model.ledger import AuditRow, OrderRow
from botcore_tui.model.market import MarketEvent, MarkPrice
from botcore_tui.model.order import OrderState

T = TypeVar("T")
SECONDS: Final = 30.0
"""Never waited for in a passing test."""


class _Claim(Generic[T]):
    """Looked at by the engine's thread after each event until it is true."""

    def __init__(self, says: Callable[[TradingDesk], T]) -> None:
        self._says = says
        self.settled = threading.Event()
        self.answer: T | None = None
        self.error: Exception | None = None

    def look(self, desk: TradingDesk) -> None:
        try:
            self.answer = self._says(desk)
        except Exception as error:  # noqa: BLE001 - belongs to the test, not to the engine
            self.error = error
        if self.answer or self.error:
            self.settled.set()


class Diary:
    """What the engine did with everything but the market."""

    def __init__(self) -> None:
        self.pages: list[tuple[Event, tuple[Effect, ...]]] = []
        self.market: list[Record] = []
        self._claims: list[_Claim[object]] = []

    def observe(self, event: Event, effects: Sequence[Effect], trader: Trader) -> None:
        """Write it down; in the engine's thread."""
        is_market = isinstance(event, MarketEvent) and not isinstance(event, MarkPrice)
        if is_market and not effects:
            return
        if effects or not isinstance(event, MarkPrice | Tick):
            self.pages.append((event, tuple(effects)))
        desk = trader.desk
        assert desk is not None
        for claim in tuple(self._claims):
            if not claim.settled.is_set():
                claim.look(desk)

    def until(self, says: Callable[[TradingDesk], T], seconds: float = SECONDS) -> T:
        """The first true answer of the desk, from the next event on."""
        claim = _Claim(says)
        self._claims.append(claim)  # type: ignore[arg-type]  # its answer is only carried
        try:
            told = claim.settled.wait(seconds)
        finally:
            self._claims.remove(claim)  # type: ignore[arg-type]  # as above
        if claim.error is not None:
            raise claim.error
        assert told, f"never true; the last of it all:\n{self.newest()}"
        assert claim.answer is not None
        return claim.answer

    def newest(self, number: int = 40) -> str:
        """What happened last, for people."""
        told = [
            f"{type(event).__name__}: {effect}"
            for event, effects in self.pages[-number:]
            for effect in effects
            if isinstance(effect, Record | Append | Answer)
        ]
        return "\n".join(told[-number:])

    def events(self, kind: type[T]) -> list[T]:
        """Events of a kind, in order."""
        return [event for event, _ in tuple(self.pages) if isinstance(event, kind)]

    def rows(self, kind: type[T]) -> list[T]:
        """Rows of a kind that went to the ledger, in order."""
        return [
            effect.row
            for _, effects in tuple(self.pages)
            for effect in effects
            if isinstance(effect, Append) and isinstance(effect.row, kind)
        ]

    def codes(self) -> set[str]:
        """Codes of all that was told."""
        effects = [effect for _, effects in tuple(self.pages) for effect in effects]
        told = {effect.code for effect in effects if isinstance(effect, Record)}
        return told | {row.code for row in self.rows(AuditRow)}

    def states(self, client_order_id: str) -> list[OrderState]:
        """States that an order went through, each once in a row."""
        rows = self.rows(OrderRow)
        states = [row.state for row in rows if row.client_order_id == client_order_id]
        return [state for at, state in enumerate(states) if not at or states[at - 1] is not state]

    def turned(self, client_order_id: str, state: OrderState) -> tuple[Event, OrderRow]:
        """What first brought an order into a state, and the row of it."""
        for event, effects in tuple(self.pages):
            for effect in effects:
                row = effect.row if isinstance(effect, Append) else None
                is_it = isinstance(row, OrderRow) and row.client_order_id == client_order_id
                if is_it and isinstance(row, OrderRow) and row.state is state:
                    return event, row
        raise AssertionError(f"{client_order_id} was never {state}")
