"""Rows about limits, and what the ledger makes of them when a session begins."""

from collections.abc import Sequence
from decimal import Decimal

from msgspec.structs import replace
from order_builders import NOW_MS
from recollection_builders import a_recollection

from botcore_tui.core.breaker import Reading
from botcore_tui.model.account import Binding
from botcore_tui.model.command import ResetBreaker
from botcore_tui.model.event import Append, Effect
from botcore_tui.model.ledger import (
    AnchorRow,
    EquityRow,
    LedgerRow,
    Recollection,
    ResetRow,
    RiskMemory,
    TransferRow,
    TripRow,
)
from botcore_tui.model.risk import MOVED

DAY_MS = 86_400_000
MIDNIGHT_MS = (NOW_MS // DAY_MS + 1) * DAY_MS
BINDING = Binding(
    environment="testnet",
    rest="https://a",
    ws_private="wss://a",
    fingerprint="0123abcd",
    account_id="SgsR",
    phase="testnet",
)


def a_reading(equity: str | Decimal) -> Reading:
    """Equity that is sure."""
    return Reading(Decimal(equity), Decimal(equity))


def an_anchor(kind: str, equity: str, *, time_ms: int = NOW_MS, actor: str = "") -> AnchorRow:
    """As the ledger has it."""
    return AnchorRow(
        kind=kind, equity=Decimal(equity), actor=actor, reason="of a test", time_ms=time_ms
    )


def a_trip(code: str = "A01", *, time_ms: int = NOW_MS) -> TripRow:
    """A breaker tripped at 5 %."""
    return TripRow(
        code=code,
        observed=Decimal(5),
        limit=Decimal(5),
        amount=Decimal(50),
        limit_amount=Decimal(50),
        action="hold",
        text="too much was lost",
        time_ms=time_ms,
    )


def an_equity_row(equity: str, time_ms: int) -> EquityRow:
    """All of it in the wallet."""
    return EquityRow(wallet=Decimal(equity), unrealized=Decimal(0), time_ms=time_ms)


def a_transfer_row(amount: str, time_ms: int) -> TransferRow:
    """USDT."""
    return TransferRow(asset="USDT", amount=Decimal(amount), reason="DEPOSIT", time_ms=time_ms)


def a_memory(
    *,
    transfers_today: str = "0",
    transfers: Sequence[TransferRow] = (),
    day_start_equity: str | None = None,
    time_ms: int = NOW_MS,
    **risk: object,
) -> Recollection:
    """What the ledger knows; any field of the risk memory can be given."""
    recollection = a_recollection(
        transfers=transfers, day_start_equity=day_start_equity, time_ms=time_ms
    )
    memory = replace(RiskMemory(), **risk)
    return replace(recollection, risk=memory, transfers_today=Decimal(transfers_today))


def a_reset(
    code: str = "A01",
    *,
    rebases: bool = False,
    actor: str = "ann",
    reason: str = "looked at",
) -> ResetBreaker:
    """By Ann."""
    return ResetBreaker(
        command_id="c9", actor=actor, code=code, rebases=rebases, reason=reason, time_ms=NOW_MS
    )


def rows_of(effects: Sequence[Effect]) -> list[LedgerRow]:
    """Of what was done, in its order."""
    return [effect.row for effect in effects if isinstance(effect, Append)]


def _backwards(rows: Sequence[AnchorRow]) -> range:
    return range(len(rows) - 1, -1, -1)


class RiskLedger:
    """Keeps rows about limits, and tells of them as the ledger does."""

    def __init__(self) -> None:
        self.rows: list[LedgerRow] = []

    def keep(self, effects: Sequence[Effect]) -> None:
        """Write them."""
        self.rows += rows_of(effects)

    def recall(self, time_ms: int, *, was_active: bool = False) -> Recollection:
        """What a session that begins now is told."""
        day = time_ms // DAY_MS
        anchors = [row for row in self.rows if isinstance(row, AnchorRow)]
        days = [row for row in anchors if row.kind == "day" and row.time_ms // DAY_MS == day]
        firsts = [row for row in days if row.actor or row.reason != MOVED]
        highs = [row for row in anchors if row.kind == "high_water"]
        rolling = {row.kind: row for row in anchors if row.kind.startswith("rolling")}
        latched: dict[str, TripRow] = {}
        trips = []
        since: int | None = None
        transfers = []
        for index, row in enumerate(self.rows):
            if isinstance(row, TripRow):
                latched[row.code] = row
                trips.append(row)
            elif isinstance(row, ResetRow):
                latched.pop(row.code, None)
            elif days and row is days[-1]:
                since = index
            elif isinstance(row, TransferRow):
                transfers.append((index, row))
        today = [row.amount for index, row in transfers if since is not None and index > since]
        return a_memory(
            time_ms=time_ms,
            transfers_today=str(sum(today, Decimal(0))),
            transfers=[row for _, row in transfers if row.time_ms > time_ms - 3 * DAY_MS],
            day=days[-1] if days else None,
            day_from_ms=firsts[-1].time_ms if firsts else 0,
            was_active_today=was_active and not days,
            high_water=highs[-1] if highs else None,
            highs=tuple(highs[next((at for at in _backwards(highs) if highs[at].actor), 0) :]),
            rolling=tuple(rolling.values()),
            equity=tuple(
                row
                for row in self.rows
                if isinstance(row, EquityRow) and row.time_ms > time_ms - DAY_MS
            ),
            latched=tuple(latched.values()),
            trips=tuple(reversed(trips))[:20],
        )
