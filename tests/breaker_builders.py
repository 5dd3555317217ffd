"""Breakers with a state to move."""

from order_builders import NOW_MS
from risk_builders import a_memory, a_reading, a_reset, rows_of

from botcore_tui.core.breaker import BreakerLimits, Breakers
from botcore_tui.core.standing import Standing
from botcore_tui.model.event import Effect, TradingState
from botcore_tui.model.ledger import TripRow
from botcore_tui.model.snapshot import HaltInfo


class Case:
    """Breakers with a state to move, at a thousand USDT."""

    def __init__(
        self,
        *,
        limits: BreakerLimits | None = None,
        first: str | None = "1000",
        halt: HaltInfo | None = None,
        **memory: object,
    ) -> None:
        recollection = a_memory(**memory)  # type: ignore[arg-type]  # any field can be given
        self.standing = Standing() if halt is None else Standing(TradingState.HALTED, halt)
        self.breakers = Breakers(limits or BreakerLimits(), self.standing, recollection)
        self.effects = self.breakers.restore(recollection)
        self.now = NOW_MS
        if first is not None:
            self.see(first)

    @property
    def state(self) -> TradingState:
        return self.standing.state

    def see(self, equity: str | None, *, wait_ms: int = 0) -> list[Effect]:
        """Equity, or that it is unknown."""
        self.now += wait_ms
        reading = None if equity is None else a_reading(equity)
        return self.breakers.evaluate(reading, self.now)

    def reset(
        self,
        code: str = "A01",
        *,
        rebases: bool = False,
        actor: str = "ann",
        reason: str = "looked at",
    ) -> str:
        """Reset by name; why not."""
        command = a_reset(code, rebases=rebases, actor=actor, reason=reason)
        effects, denial = self.breakers.reset(command)
        self.effects = effects
        return "" if denial is None else denial.text


def trips(effects: list[Effect]) -> list[str]:
    return [row.code for row in rows_of(effects) if isinstance(row, TripRow)]
