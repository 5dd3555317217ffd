"""What became of entries that are gone: cancelled, or executed before that; the venue tells."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from botcore_tui.errors import FetchError
from botcore_tui.exchange.base import VenueAccount
from botcore_tui.model.event import Query
from botcore_tui.model.order import AlgoReport, AlgoStatus, OrderReport, VenueStatus

_AT_ONCE: Final = 16
"""Questions under way at the same time."""
_OPEN: Final = frozenset({VenueStatus.NEW, VenueStatus.PARTIALLY_FILLED})
_TRIGGERED: Final = frozenset({AlgoStatus.TRIGGERING, AlgoStatus.TRIGGERED, AlgoStatus.FINISHED})

Entry = OrderReport | AlgoReport
_Key = tuple[str, bool, str]


class Ends:
    """All entries that a kill has met, and how they ended.

    Args:
        account: At the venue.
        note: Told of every question that was not answered.
    """

    def __init__(self, account: VenueAccount, note: Callable[[str], None]) -> None:
        self._account = account
        self._note = note
        self._seen: dict[_Key, Entry] = {}
        self._is_executed: dict[_Key, bool] = {}
        self._slots = asyncio.Semaphore(_AT_ONCE)

    def __len__(self) -> int:
        return len(self._seen)

    def see(self, entries: Iterable[Entry]) -> None:
        """They are open."""
        self._seen.update((_key(entry), entry) for entry in entries)

    def on_reply(self, entry: Entry, reply: OrderReport | None) -> None:
        """A request to cancel one was answered; that of a conditional one says nothing."""
        if reply is not None and reply.status not in _OPEN:
            self._is_executed[_key(entry)] = reply.status is VenueStatus.FILLED

    async def learn(self, still_open: Iterable[Entry], seconds: float) -> None:
        """Ask for those that are gone, and of which no reply has told how they ended.

        Args:
            still_open: By the last listing.
            seconds: How long.
        """
        present = set(map(_key, still_open))
        unclear = [
            entry
            for key, entry in self._seen.items()
            if key not in present and key not in self._is_executed
        ]
        try:
            async with asyncio.timeout(seconds):
                await asyncio.gather(*map(self._ask, unclear))
        except TimeoutError:
            self._note(f"no answer within {seconds:g} s for entries that are gone")

    def counts(self, still_open: Iterable[Entry]) -> tuple[int, int, int]:
        """Of those that are gone: not executed in full, executed, and not told.

        Args:
            still_open: By the last listing.
        """
        gone = self._seen.keys() - set(map(_key, still_open))
        told = [self._is_executed[key] for key in gone if key in self._is_executed]
        return len(told) - sum(told), sum(told), len(gone) - len(told)

    async def _ask(self, entry: Entry) -> None:
        try:
            async with self._slots:
                is_executed = await self._was_executed(entry)
        except FetchError as error:
            self._note(f"{entry.symbol}: what became of {entry.client_order_id}: {error}")
            return
        if is_executed is not None:
            self._is_executed[_key(entry)] = is_executed

    async def _was_executed(self, entry: Entry) -> bool | None:
        """Whether it was, in full; None if that cannot be told."""
        report = await self._account.order(
            Query(
                client_order_id=entry.client_order_id,
                symbol=entry.symbol,
                is_algo=isinstance(entry, AlgoReport),
                order_id=entry.order_id,
            )
        )
        if report is None:
            # It was listed: the venue forgets only what ended without any execution.
            return False
        if isinstance(report, AlgoReport):
            if report.status not in _TRIGGERED:
                return None if report.status is AlgoStatus.NEW else False
            report = await self._became(report)
        if not isinstance(report, OrderReport) or report.status in _OPEN:
            return None
        return report.status is VenueStatus.FILLED

    async def _became(self, algo: AlgoReport) -> Entry | None:
        """The order of the book that a conditional one turned into."""
        if not algo.order_id:
            return None
        return await self._account.order(
            Query(client_order_id="", symbol=algo.symbol, is_algo=False, order_id=algo.order_id)
        )


def _key(entry: Entry) -> _Key:
    number = entry.algo_id if isinstance(entry, AlgoReport) else entry.order_id
    return entry.symbol, isinstance(entry, AlgoReport), entry.client_order_id or str(number)
