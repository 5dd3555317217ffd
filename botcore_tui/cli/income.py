"""Asks a venue for its books of an account, to compare a ledger with."""

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from botcore_tui.cli.addresses import Address, demo_address, looking_address
from botcore_tui.cli.ledger_place import ledger_url
from botcore_tui.cli.places import trace_path
from botcore_tui.cli.trading import opened_venue
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Environment
from botcore_tui.errors import UnavailableError
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.lingering import read_trace
from botcore_tui.ledger.reader import LedgerReader
from botcore_tui.model.account import Income

_WITH_ACCOUNT = frozenset({Environment.DEMO, Environment.TESTNET, Environment.PRODUCTION})


def income_in(state_dir: Path) -> Callable[[Config, str, int, int], Sequence[Income]]:
    """What asks the venue: configuration, account as the ledger names it, first, last moment.

    Args:
        state_dir: Where a demo exchange that runs has left its trace, and ledgers are.
    """

    def ask(config: Config, account: str, start_ms: int, end_ms: int) -> Sequence[Income]:
        address = _address(config, account, state_dir)
        # What was before the ledger began, such as the money to begin with, is not in it.
        began_ms = _began_ms(ledger_url(config, state_dir, address.environment), account)
        return asyncio.run(_ask(address, config, max(start_ms, began_ms), end_ms))

    return ask


def _address(config: Config, account: str, state_dir: Path) -> Address:
    environment = config.environment
    if environment not in _WITH_ACCOUNT:
        raise UnavailableError(f"{environment} has no account to attest against")
    if environment is Environment.DEMO:
        trace = read_trace(trace_path(state_dir))
        if trace is None:
            raise UnavailableError(
                "no demo exchange runs: its books ended with it; attest while it trades"
            )
        address = demo_address(trace.ready)
    else:
        address = looking_address(config, environment, os.environ)
    if address.account != account:
        raise UnavailableError(
            f"the ledger is about {account or 'no account'}, but the one that can be asked is"
            f" {address.account}; name it with --account"
        )
    return address


async def _ask(address: Address, config: Config, start_ms: int, end_ms: int) -> list[Income]:
    limiter = Limiter(config.limits.weight_per_minute, SystemClock())
    async with opened_venue(address, config, limiter) as venue:
        return await venue.income(start_ms, end_ms)


def _began_ms(url: str, account: str) -> int:
    with LedgerReader(url, account) as reader:
        first = next(reader.everything("runs"), None)
    return 0 if first is None else int(first["started_ms"] or 0)
