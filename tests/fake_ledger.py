"""A ledger whose disk obeys a test."""

import asyncio

from waiting import Changing

from botcore_tui.model.ledger import IntentRow, LedgerRow


class FakeLedger(Changing):
    """Implements ``IntentLog``.

    Attributes:
        rows: As appended, in order.
        asked: Client ids whose intents were waited for, each with the longest wait.
        is_writable: Otherwise nothing becomes durable.
        failure: Raised by ``durable`` if set.
    """

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[LedgerRow] = []
        self.asked: list[tuple[str, float]] = []
        self.is_writable = True
        self.failure: Exception | None = None
        self._gate: asyncio.Event | None = None

    def hold(self) -> None:
        """Let nothing become durable until ``release``."""
        self._gate = asyncio.Event()

    def release(self) -> None:
        """Write what waits."""
        assert self._gate is not None
        self._gate.set()
        self._gate = None

    def intents(self) -> list[str]:
        """Client ids of the intents, in order."""
        return [row.request.client_order_id for row in self.rows if isinstance(row, IntentRow)]

    def append(self, row: LedgerRow, *more: LedgerRow) -> None:
        self.rows += [row, *more]
        self.changed()

    async def durable(self, client_order_id: str, seconds: float) -> bool:
        self.asked.append((client_order_id, seconds))
        self.changed()
        if self._gate is not None:
            await self._gate.wait()
        if self.failure is not None:
            raise self.failure
        return self.is_writable
