"""What the venue says of an account before it is traded: questions, and a canary."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal
from typing import Final

from msgspec import Struct

from botcore_tui.cli.addresses import Address
from botcore_tui.cli.doctor_terms import Finding, Grade, good
from botcore_tui.cli.preflight_canary import canary
from botcore_tui.cli.preflight_streams import Witness, streams
from botcore_tui.cli.trading import opened_venue
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config
from botcore_tui.errors import BotcoreError
from botcore_tui.exchange.base import VenueAccount
from botcore_tui.exchange.binance.clock_watch import health_of
from botcore_tui.exchange.binance.key_rights import ask_rights, doubtful_rights, refused_rights
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.binance.signed_rest import SignedRest
from botcore_tui.model.account import ClockHealth
from botcore_tui.model.instrument import ContractRules

_SECONDS: Final = 20.0
"""Longest that one question may take."""


class Wanted(Struct, frozen=True, kw_only=True):
    """What is planned for the account."""

    margin_type: str
    leverage: int | None
    """Contracts are lowered to it; None: left alone."""
    clock_offset_ms: int | None
    """None: nobody asks."""
    clock_doubt_ms: int
    no_canary: str
    """Why none is placed; empty: it is."""


async def preflight(address: Address, config: Config, wanted: Wanted) -> list[Finding]:
    """Ask everything, in order; what cannot be asked is a finding, too.

    Args:
        address: Of the account.
        config: Checked.
        wanted: See there.
    """
    limiter = Limiter(config.limits.weight_per_minute, SystemClock())
    found = [
        *await _tried("clock", lambda: _clock(address, limiter, wanted)),
        *await _tried("key", lambda: _rights(address, limiter)),
    ]
    async with AsyncExitStack() as stack:
        venue = await stack.enter_async_context(opened_venue(address, config, limiter))
        account = await _tried("account", lambda: _account(venue))
        found += account
        if _fails(account):
            return [*found, _skipped("nothing else can be asked with this key")]
        found += await _tried("position mode", lambda: _mode(venue))
        found += await _tried("asset mode", lambda: _assets(venue))
        found += await _tried("leverage", lambda: _leverages(venue, address.symbols, wanted))
        rules: list[ContractRules] = []
        found += await _tried("filters", lambda: _filters(venue, address.symbols, rules))
        seen = await streams(address.hosts, address.symbols, config, limiter)
        found += seen.findings
        mark = seen.marks.get(rules[0].symbol) if rules else None
        if wanted.no_canary or _fails(found) or mark is None:
            return [*found, _skipped(wanted.no_canary or "put right first what fails above")]
        async with _following(venue) as witness:
            found += await canary(venue, mark, rules[0], witness)
    return found


async def key_findings(address: Address, config: Config, wanted: Wanted) -> list[Finding]:
    """Ask only what a key is worth: the clock, its rights, and whether the account opens with it.

    Args:
        address: Of the account.
        config: Checked.
        wanted: Of it the clock's limits.
    """
    limiter = Limiter(config.limits.weight_per_minute, SystemClock())
    found = [
        *await _tried("clock", lambda: _clock(address, limiter, wanted)),
        *await _tried("key", lambda: _rights(address, limiter)),
    ]
    async with opened_venue(address, config, limiter) as venue:
        return [*found, *await _tried("account", lambda: _account(venue))]


def _fails(found: Sequence[Finding]) -> bool:
    return any(finding.grade is Grade.BAD for finding in found)


def _skipped(reason: str) -> Finding:
    text = f"no order was placed, nor the account's stream opened: {reason}"
    return Finding(Grade.NOTE, "canary", text, "nothing to do where that is meant")


async def _tried(name: str, ask: Callable[[], Awaitable[list[Finding]]]) -> list[Finding]:
    try:
        async with asyncio.timeout(_SECONDS):
            return await ask()
    except BotcoreError as error:
        remedy = "see that the venue can be reached from here, and that the key is its own"
        return [Finding(Grade.BAD, name, str(error), remedy)]
    except TimeoutError:
        text = f"no answer within {_SECONDS:g} s"
        return [Finding(Grade.BAD, name, text, "see that the venue can be reached from here")]


@asynccontextmanager
async def _following(venue: VenueAccount) -> AsyncIterator[Witness]:
    """The account's own stream, as long as it is looked at."""
    witness = Witness()
    task = asyncio.create_task(venue.run(witness))
    try:
        yield witness
    finally:
        task.cancel()
        await asyncio.wait([task])


# --- questions ----------------------------------------------------------------------------------


async def _clock(address: Address, limiter: Limiter, wanted: Wanted) -> list[Finding]:
    clock = SystemClock()
    rest = SignedRest(
        address.hosts.rest,
        address.credentials,
        gate=limiter.gate(address.hosts.rest),
        clock=clock,
        rng=random.Random(),  # noqa: S311 - jitter
        permit=address.permit,
    )
    try:
        await rest.venue_clock.measure()
        health = health_of(rest.venue_clock, clock)
    finally:
        await rest.close()
    assert health is not None  # it was measured
    return [good("hosts", f"{address.hosts.rest} answers"), clock_finding(health, wanted)]


def clock_finding(health: ClockHealth, wanted: Wanted) -> Finding:
    """Whether the clock is near enough to the venue's (P23)."""
    text = (
        f"the venue's is {health.offset_ms:+z.0f} ms off, give or take {health.uncertainty_ms:.0f}"
    )
    if wanted.clock_offset_ms is None:
        return good("clock", f"{text}; no limit, the market is simulated")
    is_near = abs(health.offset_ms) <= wanted.clock_offset_ms
    is_sure = health.uncertainty_ms <= wanted.clock_doubt_ms
    if is_near and is_sure:
        return good("clock", text)
    limit = f"{wanted.clock_offset_ms} ms, give or take {wanted.clock_doubt_ms}, are allowed"
    remedy = "set this machine's clock by NTP" if not is_near else "use a faster line to the venue"
    return Finding(Grade.BAD, "clock", f"{text}; {limit}", remedy)


async def _rights(address: Address, limiter: Limiter) -> list[Finding]:
    permit = address.permit
    rights = None
    if permit is not None:
        clock, rng = SystemClock(), random.Random()  # noqa: S311 - jitter
        rights = await ask_rights(
            permit, address.credentials, clock=clock, rng=rng, limiter=limiter
        )
    if rights is None:
        return [good("key", f"{address.account}; the venue does not tell what it may do")]
    if refusal := refused_rights(rights):
        return [Finding(Grade.BAD, "key", refusal, "use another key")]
    doubts = doubtful_rights(rights)
    remedy = "change it at the venue, where the key was made"
    return [Finding(Grade.WARN, "key", doubt, remedy) for doubt in doubts] or [
        good("key", f"{address.account} may trade, no more, and only from listed addresses")
    ]


async def _account(venue: VenueAccount) -> list[Finding]:
    balance = await venue.balance()
    positions = await venue.positions()
    orders = await venue.open_orders("")
    text = f"{balance.wallet:.2f} {balance.asset}, {len(positions)} positions, {len(orders)} orders"
    if balance.wallet <= Decimal(0):
        remedy = "move money to the futures wallet"
        return [Finding(Grade.WARN, "account", text, remedy)]
    return [good("account", text)]


async def _mode(venue: VenueAccount) -> list[Finding]:
    if await venue.is_one_way():
        return [good("position mode", "one-way")]
    remedy = "set one-way mode at the venue, while the account is flat"
    return [Finding(Grade.BAD, "position mode", "hedge mode: entries are denied (P13)", remedy)]


async def _assets(venue: VenueAccount) -> list[Finding]:
    if await venue.is_single_asset():
        return [good("asset mode", "single-asset")]
    remedy = "set single-asset mode at the venue, while the account is flat"
    return [Finding(Grade.BAD, "asset mode", "multi-assets mode: entries are denied", remedy)]


async def _leverages(venue: VenueAccount, symbols: Sequence[str], wanted: Wanted) -> list[Finding]:
    found: list[Finding] = []
    for each in await venue.leverages():
        if each.symbol not in symbols:
            continue
        text = f"{each.symbol} {each.leverage}x {each.margin_type}"
        if each.margin_type != wanted.margin_type:
            remedy = "change it at the venue while the contract is flat, or risk.margin_type"
            text += f", planned is {wanted.margin_type}: entries are denied (P13)"
            found.append(Finding(Grade.BAD, "leverage", text, remedy))
        elif wanted.leverage is not None and each.leverage > wanted.leverage:
            text += f", planned is at most {wanted.leverage}x"
            found.append(Finding(Grade.NOTE, "leverage", text, "a session lowers it by itself"))
        else:
            found.append(good("leverage", text))
    return found


async def _filters(
    venue: VenueAccount, symbols: tuple[str, ...], rules: list[ContractRules]
) -> list[Finding]:
    """Judge them, and leave them in ``rules``."""
    rules += await venue.rules(symbols)
    listed = {each.symbol: each for each in rules}
    found: list[Finding] = []
    for symbol in symbols:
        each = listed.get(symbol)
        if each is None or each.status != "TRADING":
            status = "not listed" if each is None else each.status
            remedy = "take it out of `symbols`"
            found.append(Finding(Grade.BAD, "filters", f"{symbol} is {status}", remedy))
            continue
        text = f"{symbol} read just now: tick {each.tick:f}, step {each.step:f}"
        found.append(good("filters", f"{text}, from {each.min_notional:f} USDT on"))
    return found
