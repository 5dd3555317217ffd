"""The account at the venue for a program that only stops: found without an engine or a ledger."""

import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from botcore_tui.cli.account_claim import trading_process
from botcore_tui.cli.addresses import Address, demo_address, killing_address
from botcore_tui.cli.binding import Confirmations
from botcore_tui.cli.claim import holder
from botcore_tui.cli.places import Places, lock_path, trace_path
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Environment
from botcore_tui.exchange.binance.account import AccountSettings, BinanceAccount
from botcore_tui.exchange.binance.allowance import Quotas
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.lingering import read_trace

TIMEOUT_SECONDS: Final = 3.0
"""Longest wait for one reply: a kill asks again rather than waits."""
_NO_CEILING: Final = 1_000_000
"""More than anybody can ask for in a minute."""


def account_to_kill(config: Config, where: Places, environment: Environment) -> Address | None:
    """The account of this environment; None of a demo whose exchange is gone, and all with it.

    Args:
        config: Checked.
        where: Of this installation.
        environment: With an account.

    Raises:
        ConfigError: There is no key.
        UnavailableError: Money is real, and this account was never traded from here.
    """
    if environment is not Environment.DEMO:
        last = Confirmations(where.state_dir).last() if environment.is_real_money else None
        return killing_address(config, environment, os.environ, last)
    trace = read_trace(trace_path(where.state_dir))
    if trace is None or not _lives(trace.ready.pid):
        return None
    return demo_address(trace.ready)


def unreached(address: Address, where: Places, environment: Environment) -> tuple[str, ...]:
    """That an engine trades the account, where none answers in this state directory.

    Args:
        address: Of the account.
        where: Of this installation.
        environment: Of the account.
    """
    process = trading_process(address.account, address.hosts.rest)
    if not process:
        return ()
    if process == holder(lock_path(where.state_dir, environment)):
        # It has the account before it can answer, and until its ledger is closed.
        text = (
            f"process {process} trades this account with its state here, and does not answer: it"
            " starts or ends just now, else it MAY TRADE ON; ask again"
        )
        return (text,)
    text = (
        f"process {process} on this machine trades this account and is not reached here, its state"
        " is in another directory or in one that is gone: it MAY TRADE ON, name its --state-dir"
        " or end it"
    )
    return (text,)


@asynccontextmanager
async def venue_to_kill(address: Address) -> AsyncIterator[BinanceAccount]:
    """A client with the kill switch's reserve and a limiter of its own, closed in the end.

    No count holds it back, ours or the venue's: that of the venue contains all that the engine used
    up. Only an actual refusal does (K9).
    """
    assert address.hosts.ws_private is not None  # there is an account
    clock = SystemClock()
    limiter = Limiter(_NO_CEILING, clock)
    limiter.gate(address.hosts.rest).learn(
        Quotas(weight_1m=_NO_CEILING, orders_10s=_NO_CEILING, orders_1m=_NO_CEILING)
    )
    venue = BinanceAccount(
        AccountSettings(
            rest=address.hosts.rest,
            ws_private=address.hosts.ws_private,
            symbols=address.symbols,
            timeout_seconds=TIMEOUT_SECONDS,
            is_for_kill=True,
        ),
        address.credentials,
        clock=clock,
        rng=random.Random(),  # noqa: S311 - jitter
        limiter=limiter,
        permit=address.permit,
    )
    try:
        yield venue
    finally:
        await venue.close()


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's by now
        return True
    return pid > 0
