"""A ledger in which a week has passed, for the checks; a test adds what it is about."""

from collections.abc import Iterable
from pathlib import Path

from builders import NOW_MS

from botcore_tui.clock import ManualClock
from botcore_tui.ledger.store import default_url
from botcore_tui.ledger.writer import LedgerWriter, WriterOptions
from botcore_tui.model.ledger import LedgerRow

DAY_MS = 86_400_000
TODAY_MS = NOW_MS - NOW_MS % DAY_MS
ACCOUNT = "testnet:3f9c0a12"


def recorded(
    state: Path,
    *rows: LedgerRow,
    environment: str = "testnet",
    account: str = ACCOUNT,
    at_ms: int = NOW_MS - 9 * DAY_MS,
) -> None:
    """Write rows in a session of that time."""
    writer = LedgerWriter.open(
        default_url(state, environment),
        account,
        environment,
        options=WriterOptions(
            synchronous="NORMAL", version="1.2", config_hash="c0", clock=ManualClock(at_ms)
        ),
    )
    try:
        each: Iterable[LedgerRow] = rows
        for row in each:
            writer.append(row)
    finally:
        writer.close()
