"""Puts together what trades: the desk's settings, the strategy, a session with an account."""

import asyncio
import hashlib
import random
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import Struct

from botcore_tui import __version__
from botcore_tui.cli.account_claim import AccountClaim
from botcore_tui.cli.addresses import Address
from botcore_tui.cli.desk_settings import planned_leverage
from botcore_tui.cli.ledger_place import ledger_url
from botcore_tui.cli.live import feed_at
from botcore_tui.clock import SystemClock
from botcore_tui.config import EMA_CROSS, Config
from botcore_tui.core.strategy import Strategy
from botcore_tui.engine.executor import OrderTimings
from botcore_tui.engine.session import Overseer, SessionSettings, TradingSession
from botcore_tui.errors import UnavailableError
from botcore_tui.exchange.base import VenueAccount
from botcore_tui.exchange.binance.account import AccountSettings, BinanceAccount
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.binance.receiver import Receiver
from botcore_tui.exchange.binance.user_stream import UserStreamSettings
from botcore_tui.ledger.recall import recall
from botcore_tui.ledger.writer import LedgerWriter, WriterOptions
from botcore_tui.model.account import LedgerHealth
from botcore_tui.strategies.registry import make_strategy


class OpenAccount(Struct, frozen=True, eq=False):
    """An account that is being traded."""

    address: Address
    venue: VenueAccount
    ledger: LedgerWriter
    session: TradingSession
    loop: asyncio.AbstractEventLoop
    """In which the venue can be asked."""
    started_ms: int
    """When its session began, by the venue's clock as far as that was known."""


class Counter:
    """Where accounts are opened, one after the other; knows the one that is open.

    Args:
        config: Checked.
        state_dir: For ledgers.
        limiter: Of this process.
        overseer: Of every session.

    Attributes:
        account: The one that is traded; None while there is none.
        latest: The one that was opened last, though its session may have ended; None before.
        timings: Of all orders in every session.
    """

    def __init__(
        self, config: Config, state_dir: Path, limiter: Limiter, overseer: Overseer
    ) -> None:
        self.account: OpenAccount | None = None
        self.latest: OpenAccount | None = None
        self.timings = OrderTimings()
        self._config = config
        self._state_dir = state_dir
        self._limiter = limiter
        self._overseer = overseer
        self._prepared: _Prepared | None = None

    def prepare(self, address: Address) -> None:
        """Open the ledger for the first session already, so that trouble is told at once.

        Raises:
            UnavailableError: The ledger cannot be written, or another program trades there.
        """
        self._prepared = self._ledger(address)

    def close(self) -> None:
        """Close the ledger that no session took."""
        if self._prepared is not None:
            self._prepared.close()
            self._prepared = None

    @asynccontextmanager
    async def session(self, address: Address, receiver: Receiver) -> AsyncIterator[TradingSession]:
        """A session with an account; its ledger is open, and closed at the end.

        Raises:
            UnavailableError: The ledger cannot be written, or another program trades there.
        """
        opened, self._prepared = self._prepared, None
        if opened is None:
            opened = await _awaited(lambda: self._ledger(address))
        ledger, health = opened.ledger, opened.health
        try:
            async with opened_venue(address, self._config, self._limiter) as venue:
                session = await self._opened(address, venue, ledger, receiver)
                health.session = session
                if not ledger.health.is_writable:
                    session.tell_health(ledger.health)
                yield session
        finally:
            self.account = None
            await asyncio.to_thread(opened.close)

    async def _opened(
        self, address: Address, venue: BinanceAccount, ledger: LedgerWriter, receiver: Receiver
    ) -> TradingSession:
        clock = SystemClock()
        started_ms = venue.now_ms()
        recollection = await asyncio.to_thread(
            recall, ledger.url, address.account, started_ms, run_id=ledger.run_id
        )
        session = TradingSession(
            venue,
            feed_at(address.hosts, address.symbols, self._config, self._limiter, receiver),
            ledger,
            recollection,
            clock,
            settings=SessionSettings(
                address.symbols,
                address.binding,
                planned_leverage(self._config, address.environment, recollection.risk),
            ),
            overseer=self._overseer,
            timings=self.timings,
        )
        loop = asyncio.get_running_loop()
        self.account = OpenAccount(address, venue, ledger, session, loop, started_ms)
        self.latest = self.account
        return session

    def _ledger(self, address: Address) -> "_Prepared":
        claim = AccountClaim.take(address.account, address.hosts.rest)
        try:
            health = _Health()
            return _Prepared(self._written(address, health), health, claim)
        except BaseException:  # also when interrupted: nobody else would release it
            claim.release()
            raise

    def _written(self, address: Address, health: "_Health") -> LedgerWriter:
        keys = self._config.ledger
        return LedgerWriter.open(
            ledger_url(self._config, self._state_dir, address.environment),
            address.account,
            str(address.environment),
            on_health=health.tell,
            options=WriterOptions(
                version=__version__,
                config_hash=config_hash(self._config),
                synchronous=keys.synchronous,
                backup_keep=keys.backup_keep,
                spill_dir=self._state_dir,
            ),
        )


class _Prepared:
    """A ledger that is open, and the claim on its account."""

    def __init__(self, ledger: LedgerWriter, health: "_Health", claim: AccountClaim) -> None:
        self.ledger = ledger
        self.health = health
        self._claim = claim

    def close(self) -> None:
        """Close the ledger, then let others claim the account."""
        try:
            self.ledger.close()
        finally:
            self._claim.release()


async def _awaited(opens: Callable[[], _Prepared]) -> _Prepared:
    """What a thread opens; closed again by that thread where nobody waits for it any more."""
    changing, is_left = threading.Lock(), False
    opened: _Prepared | None = None

    def work() -> _Prepared:
        nonlocal opened
        prepared = opens()
        with changing:
            if not is_left:
                opened = prepared
                return prepared
        prepared.close()
        raise UnavailableError("the session was left before its ledger was open")

    try:
        return await asyncio.to_thread(work)
    except asyncio.CancelledError:
        with changing:
            is_left, unused = True, opened
        if unused is not None:
            unused.close()
        raise


class _Health:
    """Passes the ledger's health on to the session that is made after it."""

    def __init__(self) -> None:
        self.session: TradingSession | None = None

    def tell(self, health: LedgerHealth) -> None:
        """Pass it on; from any thread."""
        if self.session is not None:
            self.session.tell_health(health)


@asynccontextmanager
async def opened_venue(
    address: Address, config: Config, limiter: Limiter
) -> AsyncIterator[BinanceAccount]:
    """A client of the account, closed in the end."""
    assert address.hosts.ws_private is not None  # there is an account
    streams = config.streams
    venue = BinanceAccount(
        AccountSettings(
            rest=address.hosts.rest,
            ws_private=address.hosts.ws_private,
            symbols=address.symbols,
            user_stream=UserStreamSettings(
                connect_seconds=streams.connect_seconds,
                backoff_base_seconds=streams.backoff_base_seconds,
                backoff_cap_seconds=streams.backoff_cap_seconds,
                backoff_jitter_pct=streams.backoff_jitter_pct,
                stable_seconds=streams.stable_seconds,
                alarm_failures=streams.alarm_failures,
                rollover_hours=streams.rollover_hours,
            ),
        ),
        address.credentials,
        clock=SystemClock(),
        rng=random.Random(),  # noqa: S311 - jitter
        limiter=limiter,
        permit=address.permit,
    )
    try:
        yield venue
    finally:
        await venue.close()


def config_hash(config: Config) -> str:
    """Tells configurations apart; 12 hexadecimal digits."""
    return hashlib.sha256(config.model_dump_json().encode()).hexdigest()[:12]


def strategy_of(config: Config) -> Strategy | None:
    """What trades unattended; None if only a person does.

    Raises:
        ConfigError: It cannot be had, and why.
    """
    keys = config.strategy
    if not keys.name:
        return None
    options = keys.ema_cross.model_dump() if keys.name == EMA_CROSS else {}
    return make_strategy(keys.name, options)
