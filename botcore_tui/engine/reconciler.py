"""One reconciliation at a time: what is asked for meanwhile is merged into the next one."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Final

from msgspec.structs import replace

from botcore_tui.clock import Clock
from botcore_tui.core.halting import HALT
from botcore_tui.engine.reconcile import account_picture, account_sighting
from botcore_tui.errors import FetchError, why_unanswered
from botcore_tui.exchange.base import VenueAccount
from botcore_tui.model.account import (
    AccountPicture,
    AccountUpdate,
    Income,
    ReconcileFailed,
)
from botcore_tui.model.event import Event, Reconcile
from botcore_tui.model.ledger import Recollection

logger = logging.getLogger(__name__)

_SETTINGS_NS: Final = 600_000_000_000
"""Leverages and modes change by a person's hand only, and the stream tells of most: asked for this
seldom, and after every gap in it."""
_INCOME_NS: Final = 3_600_000_000_000
_INCOME_AGAIN_NS: Final = 60_000_000_000
_INCOME_SECONDS: Final = 5.0
"""Positions without a stop wait for the picture, and are worth more than yesterday's funding."""
_SIGHTING_SECONDS: Final = 3.0
"""A picture that takes longer leaves positions without a stop: what is held is told alone."""
_SIGHTING_NS: Final = 10_000_000_000
"""Between two of them: what holds up the picture may be that too much was asked already."""
_LAST_SECONDS: Final = 8.0
"""So long one goes on where the picture failed: where all answers are slow it has just begun."""
_WHOLE_NS: Final = 30_000_000_000
"""Likewise of those of the whole account, which cost the venue's weight of eighty."""
_INCOME_MS: Final = 3 * 86_400_000
_LEAST_SPAN_MS: Final = 3_600_000
_OVERLAP_MS: Final = 600_000
"""The venue's history may be so late."""
_NEEDING_INCOME: Final = frozenset({"start", "reconnect", "wallet"})
"""After a gap, and where nobody knows why the wallet changed."""
_FRESH: Final = frozenset({"start", "reconnect"})
OVERTAKEN: Final = "overtaken"
"""Reason of a picture that was to be of after the stream came back, which it has done again."""
_RANKS: Final = ("start", "reconnect", HALT, "wallet", "command", "mismatch")
"""Of two reasons the one further to the left is kept; any other is the least."""


class Reconciler:
    """Answers each request with a picture of the account, or with why there is none.

    Args:
        account: Whom to ask.
        clock: Tells when settings are due again.
        deliver: Takes the outcomes.
        followed: Symbols that belong to every picture.
        held: Others, in which there is or was a position: their trades are asked for until a
            picture shows them flat.
        known_trades: Of a symbol the trade up to which the ledger has all; 0: that is not known.
        oldest_trades: See ``account_picture``.
        since_ms: When the account's first session began: what was paid before is not ours to book.
        payments_ms: From when on there may be payments that nobody saw; 0: three days ago.
    """

    def __init__(  # noqa: PLR0913 - keyword only, each of its own kind
        self,
        account: VenueAccount,
        clock: Clock,
        deliver: Callable[[Event], None],
        *,
        followed: tuple[str, ...],
        known_trades: Mapping[str, int],
        since_ms: int,
        held: Iterable[str] = (),
        payments_ms: int = 0,
        oldest_trades: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self._account = account
        self._clock = clock
        self._deliver = deliver
        self._followed = followed
        self._held = dict.fromkeys(held)
        self._known = dict(known_trades)
        self._oldest = oldest_trades
        self._is_one_way = self._is_single_asset = True
        self._settings_ns: int | None = None
        self._since_ms = since_ms
        self._payments_ms = payments_ms
        self._income_ms = since_ms
        """Up to here the income history was told."""
        self._read: list[Income] = []
        self._read_ms = 0
        """What was read of it since, and up to when; told when it is all there."""
        self._span_ms = 0
        """How much is asked for at once; 0: all of it."""
        self._income_due_ns = 0
        self._is_income_wanted = True
        self._is_overtaken = False
        """Whether the user stream was cut or came back since the present picture began."""
        self._sighting_due_ns = 0
        self._whole_due_ns = 0
        self._wanted: Reconcile | None = None
        self._is_running = False
        self._asked = asyncio.Event()

    def ask(self, request: Reconcile) -> None:
        """Make a picture as soon as none is being made; merged with what already waits."""
        if request.reason in _NEEDING_INCOME:
            # Kept until it is asked: what follows a failed picture has another reason.
            self._is_income_wanted = True
        self._wanted = request if self._wanted is None else merged(self._wanted, request)
        if self._is_running:
            self._asked.set()
        else:
            self._fail("no session with the venue")

    def hold(self, symbol: str) -> None:
        """There was an execution, or a position, in it, followed or not."""
        self._held[symbol] = None

    def interrupt(self) -> None:
        """The user stream is down, or up: a picture that has begun is not one from after that."""
        self._is_overtaken = True

    def start(self) -> None:
        """Take requests on from here on."""
        self._is_running = True

    def stop(self) -> None:
        """Take nothing on any more; what waits is answered as failed."""
        self._is_running = False
        self._fail("the session ended before there was an answer")

    async def run(self) -> None:
        """Answer requests until cancelled; a defect is told as a failure before it is raised."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            request, self._wanted = self._wanted, None
            if request is not None:
                await self._answer(request)

    async def _answer(self, request: Reconcile) -> None:
        error = "internal: it broke off"
        failed = asyncio.Event()
        sightings = asyncio.create_task(self._sightings(request.reason, failed))
        try:
            picture = await self._picture(request)
        except FetchError as failure:
            error = str(failure)
            logger.warning("reconciliation (%s) failed: %s", request.reason, error)
            # One that is refused at once, again and again, never takes long.
            failed.set()
            await asyncio.wait([sightings], timeout=_LAST_SECONDS)
        except asyncio.CancelledError:
            error = "the session ended before there was an answer"
            raise
        else:
            error = ""
            sightings.cancel()
            self._deliver(picture)
        finally:
            sightings.cancel()
            await asyncio.wait([sightings])
            if error:
                self._deliver(ReconcileFailed(request.reason, error, self._clock.now_ms()))
            if not sightings.cancelled():
                sightings.result()  # raises what was a defect of it

    async def _sightings(self, reason: str, failed: asyncio.Event) -> None:
        """Tell what is held, time and again; the last time when the picture failed."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_SIGHTING_SECONDS):
                    await failed.wait()
            await self._sight(reason)
            if failed.is_set():
                return

    async def _sight(self, reason: str) -> None:
        """Tell what is held, where the picture is not there: a stop needs no more."""
        now_ns = self._clock.monotonic_ns()
        if now_ns < self._sighting_due_ns:
            return
        self._sighting_due_ns = now_ns + _SIGHTING_NS
        # A halt is confirmed by what is open anywhere, and must not wait for trades either.
        is_whole = reason == HALT and now_ns >= self._whole_due_ns
        if is_whole:
            self._whole_due_ns = now_ns + _WHOLE_NS
        try:
            seen = await account_sighting(self._account, reason=reason, is_whole=is_whole)
        except FetchError as failure:
            logger.info("what is held is not told either: %s", failure)
            return
        if seen is not None:
            self._deliver(seen)

    async def _picture(self, request: Reconcile) -> AccountPicture:
        now_ns = self._clock.monotonic_ns()
        if request.reason in _FRESH:
            # Until it is told: what follows a failed picture has another reason.
            self._settings_ns = None
        with_settings = self._settings_ns is None or now_ns - self._settings_ns >= _SETTINGS_NS
        self._is_overtaken = False
        # One that is gone by now is mentioned by no position: only who asks learns of its trades.
        held, self._held = self._held, {}
        income_ms = self._income_ms
        try:
            picture = await self._taken(request, held, with_settings=with_settings)
            if with_settings and not picture.lacks_settings:
                self._settings_ns = now_ns
                self._is_one_way = picture.is_one_way
                self._is_single_asset = picture.is_single_asset
            income = await self._income()
            if strange := self._untold(picture, income or ()):
                try:
                    whole = await self._taken(request, (*held, *strange), with_settings=False)
                except FetchError as failure:
                    # A stop may wait for what is there already.
                    logger.warning("trades in %s are not known: %s", ", ".join(strange), failure)
                    self._income_ms, income = income_ms, None
                    self._is_income_wanted = False
                    self._income_due_ns = now_ns + _INCOME_AGAIN_NS
                else:
                    picture = replace(
                        whole, leverages=picture.leverages, lacks_settings=picture.lacks_settings
                    )
        except BaseException:  # also cut off: it is delivered to nobody, and must be told again
            self._held = held | self._held
            self._income_ms, self._is_income_wanted = income_ms, True
            raise
        for told in picture.symbols:
            if told.position.quantity:
                self.hold(told.position.symbol)
        # Only pictures move it: a trade of the stream proves nothing of those before it.
        self._known.update(
            (account.position.symbol, account.last_trade_id)
            for account in picture.symbols
            if account.last_trade_id
        )
        reason = OVERTAKEN if self._is_overtaken and request.reason in _FRESH else picture.reason
        return replace(
            picture,
            reason=reason,
            is_one_way=self._is_one_way,
            is_single_asset=self._is_single_asset,
            income=income,
        )

    async def _taken(
        self, request: Reconcile, others: Iterable[str], *, with_settings: bool
    ) -> AccountPicture:
        return await account_picture(
            self._account,
            reason=request.reason,
            followed=tuple(dict.fromkeys((*self._followed, *others))),
            listed=request.symbols,
            known_trades=self._known,
            with_settings=with_settings,
            oldest_trades=self._oldest,
        )

    def _untold(self, picture: AccountPicture, income: Iterable[Income]) -> tuple[str, ...]:
        """Symbols with trades in the income history that the picture does not have."""
        told = {account.position.symbol for account in picture.symbols}
        symbols = (
            row.symbol
            for row in income
            if row.symbol not in told and row.trade_id > self._known.get(row.symbol, 0)
        )
        return tuple(dict.fromkeys(symbols))

    async def _income(self) -> tuple[Income, ...] | None:
        """What moved money since it was last asked for; None if that is not due, or failed."""
        now_ns, now_ms = self._clock.monotonic_ns(), self._account.now_ms()
        if not self._is_income_wanted and now_ns < self._income_due_ns:
            return None
        self._is_income_wanted = False
        first_ms = self._payments_ms or now_ms - _INCOME_MS
        oldest_ms = max(first_ms, self._since_ms, self._income_ms - _OVERLAP_MS)
        self._income_due_ns = now_ns + _INCOME_AGAIN_NS
        try:
            async with asyncio.timeout(_INCOME_SECONDS):
                # A beginning by our own clock may still lie ahead of the venue's.
                await self._read_income(min(oldest_ms, now_ms), now_ms)
        except (FetchError, TimeoutError) as failure:
            why = why_unanswered(failure, _INCOME_SECONDS)
            logger.warning("income not known, asked for again in a minute: %s", why)
            return None
        self._income_due_ns = now_ns + _INCOME_NS
        self._income_ms = now_ms
        income, self._read, self._read_ms = self._read, [], 0
        return tuple(sorted(income, key=lambda row: row.time_ms))

    async def _read_income(self, first_ms: int, last_ms: int) -> None:
        """Read on where the last try ended; of what was too much for one, less at once."""
        if self._read_ms:
            first_ms = max(first_ms, self._read_ms - _OVERLAP_MS)
        while True:
            left_ms = last_ms - first_ms
            end_ms = first_ms + min(left_ms, self._span_ms or left_ms)
            try:
                self._read += await self._account.income(first_ms, end_ms)
            except asyncio.CancelledError:
                if end_ms - first_ms > _LEAST_SPAN_MS:
                    self._span_ms = max(_LEAST_SPAN_MS, (end_ms - first_ms) // 4)
                raise
            self._read_ms = end_ms
            if end_ms >= last_ms:
                return
            first_ms = end_ms + 1

    def _fail(self, error: str) -> None:
        request, self._wanted = self._wanted, None
        if request is not None:
            self._deliver(ReconcileFailed(request.reason, error, self._clock.now_ms()))


def merged(first: Reconcile, second: Reconcile) -> Reconcile:
    """One request that answers both: the weightier reason, all symbols of both."""
    reason = min(first.reason, second.reason, key=_rank)
    symbols: tuple[str, ...] = ()
    if first.symbols and second.symbols:
        symbols = tuple(dict.fromkeys((*first.symbols, *second.symbols)))
    return Reconcile(reason=reason, symbols=symbols)


def _rank(reason: str) -> int:
    return _RANKS.index(reason) if reason in _RANKS else len(_RANKS)


def remembered(recollection: Recollection) -> tuple[str, ...]:
    """Symbols in which there was a position, or may have come to be one since."""
    held = (position.row.symbol for position in recollection.positions if position.row.quantity)
    ordered = (order.intent.request.symbol for order in recollection.orders)
    return tuple(dict.fromkeys((*held, *ordered)))


def held_in(event: AccountPicture | AccountUpdate) -> tuple[str, ...]:
    """Symbols in which there is a position."""
    if isinstance(event, AccountPicture):
        positions = tuple(account.position for account in event.symbols)
    else:
        positions = event.positions
    return tuple(position.symbol for position in positions if position.quantity)
