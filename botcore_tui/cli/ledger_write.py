"""One row for a ledger that nobody else writes, by a command that ends after it."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from botcore_tui import __version__
from botcore_tui.cli.ledger_place import ledger_url
from botcore_tui.clock import Clock
from botcore_tui.config import Config, Environment
from botcore_tui.ledger.writer import LedgerWriter, WriterOptions
from botcore_tui.model.ledger import LedgerRow

_FLUSH_SECONDS: Final = 10.0


def write_row(  # noqa: PLR0913 - which ledger it is takes four
    config: Config,
    state_dir: Path,
    environment: Environment,
    account: str,
    row: LedgerRow,
    clock: Clock,
    *,
    problems: Callable[[], tuple[str, ...]] = tuple,
) -> tuple[str, ...]:
    """Write it as the only one who may; why it was not written, a line each.

    Args:
        config: Checked.
        state_dir: Ledgers are there where no other is configured.
        environment: Whose ledger.
        account: Whose chain.
        row: See there.
        clock: See there.
        problems: Asked once nobody else can write any more; what it says keeps the row out.

    Raises:
        UnavailableError: Another program writes for that account, or the ledger cannot be written.
    """
    writer = LedgerWriter.open(
        ledger_url(config, state_dir, environment),
        account,
        str(environment),
        options=WriterOptions(
            version=__version__,
            synchronous=config.ledger.synchronous,
            backup_keep=config.ledger.backup_keep,
            spill_dir=state_dir,
            clock=clock,
        ),
    )
    try:
        if found := problems():
            return found
        writer.append(row)
        if not writer.flush(_FLUSH_SECONDS):
            return ("the ledger did not take it in time; look whether it is there",)
    finally:
        writer.close()
    return ()
