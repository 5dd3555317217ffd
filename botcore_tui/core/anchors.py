"""What losses are measured from: the day's first equity, the highest ever, the last hour's.

Money that comes or goes is no profit and no loss. Everything here is kept less the transfers that
are in it: a transfer moves what was before it and what comes after it alike. One that is learned
late moves what was seen since the wallet changed by it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

from msgspec import Struct

from botcore_tui.core.money import ZERO
from botcore_tui.core.rolling import Buckets, Window
from botcore_tui.model.account import is_transfer
from botcore_tui.model.instrument import SETTLEMENT_ASSET
from botcore_tui.model.ledger import AnchorRow, EquityRow, Recollection, TransferRow
from botcore_tui.model.risk import MOVED

DAY, HIGH_WATER, HOUR, ROLLING_DAY = "day", "high_water", "rolling-1h", "rolling-24h"
KINDS: Final = (DAY, HIGH_WATER, HOUR, ROLLING_DAY)
DAY_MS: Final = 86_400_000
_HOUR_MS: Final = 3_600_000
_MARGIN: Final = Decimal("1.0001")
"""The recorded high-water mark is rounded up by this: it need not be written with every new high,
and a restart never lowers it."""
_KEPT_CUTS: Final = 50
CLOCKS_MS: Final = 1_000
"""By so much the venue's clock, which dates transfers, may be ahead of ours."""
_LEARNED_MS: Final = 10_000
"""After the row that a transfer moved, by our clock, the venue may date it."""
NEAR: Final = 3
"""Equities that are looked through for a transfer: the wallet may be told late."""


class _Cut(Struct):
    """The wallet changed, and nobody knew why."""

    time_ms: int
    amount: Decimal
    high: Decimal | None
    """High-water mark before."""


class Anchors:
    """Of one account, through one session and what the ledger knows of those before.

    Attributes:
        day: UTC day that the day's anchor belongs to; days since 1970.
        is_day_unknown: The day began without us, and there was trading: its start is not guessed.
    """

    def __init__(self) -> None:
        self.day = 0
        self.is_day_unknown = False
        self._now_ms = 0
        self._moved = ZERO
        """Transfers of this session."""
        self._day_start: Decimal | None = None
        self._day_ms = 0
        self._high: Decimal | None = None
        self._recorded_high: Decimal | None = None
        self._high_from_ms = 0
        self._buckets = Buckets()
        self._windows = {HOUR: Window(_HOUR_MS), ROLLING_DAY: Window(DAY_MS)}
        self._cuts: list[_Cut] = []
        self._begin_ms: int | None = None
        """The session's first equity: a transfer of before it is in all that was seen since."""
        self._rows: tuple[EquityRow, ...] = ()
        self._transfers: list[TransferRow] = []
        self._highs: tuple[AnchorRow, ...] = ()
        """Of earlier sessions: a transfer that they did not learn of may be in what they saw."""
        self._late: list[tuple[int, TransferRow]] = []
        """Such transfers, and since when they were in it."""

    def restore(self, recollection: Recollection) -> None:
        """Begin with what the ledger knows."""
        memory, now_ms = recollection.risk, recollection.time_ms
        self._now_ms = now_ms
        self.day = now_ms // DAY_MS
        first = recollection.day_start_equity
        if memory.day is not None:
            self._day_start = memory.day.equity
            self._day_ms = memory.day_from_ms or memory.day.time_ms
        elif first is not None and not memory.was_active_today:
            # Sums of today are since that equity.
            self._day_start = first + recollection.transfers_today
        self.is_day_unknown = self._day_start is None and memory.was_active_today
        if memory.high_water is not None:
            self._high = self._recorded_high = memory.high_water.equity
            self._highs = memory.highs or (memory.high_water,)
            oldest = self._highs[0]
            self._high_from_ms = oldest.time_ms if oldest.actor else 0
        for row in memory.rolling:
            window = self._windows.get(row.kind)
            if window is not None:
                window.from_ms = row.time_ms
        self._rows = memory.equity
        self._transfers = [each for each in recollection.transfers if _is_counted(each)]
        for time_ms, value in _adjusted(self._rows, self._transfers):
            self._buckets.cut()
            bucket = self._buckets.see(value, time_ms)
            for window in self._windows.values():
                window.see(bucket)
        self._buckets.cut()

    # --- what happens ---------------------------------------------------------------------------

    def observe(self, equity: Decimal, time_ms: int) -> list[AnchorRow]:
        """Take a valid equity; the rows that are to be written.

        A clock that goes backwards changes nothing.
        """
        now = self._now_ms = max(self._now_ms, time_ms)
        value = equity - self._moved
        if self._begin_ms is None:
            self._begin_ms = now
        rows: list[AnchorRow] = []
        day = now // DAY_MS
        if day > self.day:
            self.day, self._day_start, self.is_day_unknown = day, None, False
        if self._day_start is None and not self.is_day_unknown and equity > 0:
            self._day_start, self._day_ms = value, now
            rows.append(_row(DAY, equity, "first equity of the UTC day", now))
        if self._high is None or value > self._high:
            self._high = value
        bucket = self._buckets.see(value, now)
        for window in self._windows.values():
            window.see(bucket)
        return rows + self._record_high("a new high, rounded up by 0.01 %")

    def pass_time(self, time_ms: int) -> None:
        """A day may have begun while equity is unknown: the old one's start is no longer its."""
        self._now_ms = max(self._now_ms, time_ms)
        if self._now_ms // DAY_MS > self.day:
            self.day, self._day_start = self._now_ms // DAY_MS, None
            self.is_day_unknown = False

    def trade(self, time_ms: int) -> None:
        """Something was executed before anybody saw equity here: of today, its start is unknown."""
        if self._day_start is None and time_ms // DAY_MS == self.day:
            self.is_day_unknown = True

    def cut(self, amount: Decimal, time_ms: int) -> None:
        """The wallet changed for no known reason: from here on it may be by a late transfer.

        Args:
            amount: By so much.
            time_ms: When that was seen.
        """
        self._buckets.cut()
        oldest_ms = time_ms - DAY_MS
        kept = [one for one in self._cuts if one.time_ms >= oldest_ms]
        self._cuts = [*kept[1 - _KEPT_CUTS :], _Cut(time_ms, amount, self._high)]

    def transfer(
        self, amount: Decimal, tolerance: Decimal, *, older_ms: int | None = None
    ) -> list[AnchorRow]:
        """Money came or went; the rows that are to be written.

        Args:
            amount: Signed.
            tolerance: By so much a change of the wallet may differ from it.
            older_ms: When it was made, where the session's first wallet has it already.
        """
        cut = self._cut_of(amount, tolerance)
        if cut is None and older_ms is not None:
            cut = self._earlier(amount, older_ms)
        self._moved += amount
        self._buckets.cut()
        if cut is not None:
            self._move_since(cut, amount)
        reason = MOVED
        day_start = self.base(DAY)
        rows = [] if day_start is None else [_row(DAY, day_start, reason, self._now_ms)]
        return rows + self._record_high(reason, is_moved=True)

    def _earlier(self, amount: Decimal, time_ms: int) -> _Cut:
        """Since when it is in what was seen, by this session or those before, unknown to them."""
        late = TransferRow(asset=SETTLEMENT_ASSET, amount=amount, reason=MOVED, time_ms=time_ms)
        index = _places(self._rows, (*self._transfers, *(one for _, one in self._late), late))[-1]
        # Days and peaks are seen between two recorded equities: after the last without it.
        since_ms = max(time_ms, self._rows[index - 1].time_ms + 1) if index else time_ms
        if index < len(self._rows):
            since_ms = min(since_ms, self._rows[index].time_ms)
        if self._begin_ms is not None:
            since_ms = min(since_ms, self._begin_ms)
        self._late.append((since_ms, late))
        return _Cut(since_ms, ZERO, self._earlier_high(since_ms))

    def _earlier_high(self, before_ms: int) -> Decimal | None:
        """The highest that earlier sessions saw, less what was in it unknown to them."""
        from_ms = max(self._high_from_ms, min(since_ms for since_ms, _ in self._late))
        found = [one.high for one in self._buckets if from_ms <= one.from_ms < before_ms]
        found += [self._less_late(row) for row in self._highs[-1:]]
        for since_ms, _ in self._late:
            for row in [one for one in self._highs if one.time_ms < since_ms][-1:]:
                later = (one for one in self._transfers if one.time_ms > row.time_ms + _LEARNED_MS)
                found.append(self._less_late(row) + sum((one.amount for one in later), ZERO))
        return max(found, default=None)

    def _less_late(self, row: AnchorRow) -> Decimal:
        # A transfer that moved it since then says nothing of when it was seen.
        until = (one for one in self._highs if one.time_ms <= row.time_ms)
        seen_ms = max((one.time_ms for one in until if one.actor or one.reason != MOVED), default=0)
        return row.equity - sum((one.amount for ms, one in self._late if ms <= seen_ms), ZERO)

    def _cut_of(self, amount: Decimal, tolerance: Decimal) -> _Cut | None:
        for cut in reversed(self._cuts):
            if abs(cut.amount - amount) <= tolerance:
                self._cuts.remove(cut)
                return cut
        for cut in reversed(self._cuts):
            if cut.amount * amount > 0 and abs(cut.amount) > abs(amount):
                cut.amount -= amount
                return cut
        return None

    def _move_since(self, since: _Cut, amount: Decimal) -> None:
        """What was seen since then has the transfer in it already."""
        if self._day_start is not None and self._day_ms >= since.time_ms:
            self._day_start -= amount
        for bucket in self._buckets:
            if bucket.from_ms >= since.time_ms:
                bucket.high -= amount
        for window in self._windows.values():
            window.rebuild(self._buckets)
        for cut in self._cuts:
            if cut.time_ms > since.time_ms:
                cut.high = self._highest(since, cut.time_ms)
        self._high = self._highest(since, self._now_ms + 1)

    def _highest(self, since: _Cut, before_ms: int) -> Decimal | None:
        """High-water mark as it was before a moment, after what was seen has moved."""
        from_ms = max(since.time_ms, self._high_from_ms)
        highs = [one.high for one in self._buckets if from_ms <= one.from_ms < before_ms]
        return max(highs, default=since.high) if since.high is None else max([since.high, *highs])

    # --- by name --------------------------------------------------------------------------------

    def rebase(self, kind: str, equity: Decimal, actor: str, reason: str) -> AnchorRow:
        """Losses of that kind count anew from now.

        Args:
            kind: One of ``KINDS``.
            equity: Now.
            actor: Who wants it.
            reason: Why.
        """
        now, value = self._now_ms, equity - self._moved
        self._buckets.cut()
        if kind == DAY:
            self._day_start, self._day_ms, self.is_day_unknown = value, now, False
        elif kind == HIGH_WATER:
            self._high, self._recorded_high, self._high_from_ms = value, equity, now
            self._highs = ()
            for cut in self._cuts:
                cut.high = None
        else:
            window = self._windows[kind]
            window.from_ms = now
            window.rebuild(())
            window.see(self._buckets.see(value, now))
        return AnchorRow(kind=kind, equity=equity, actor=actor, reason=reason, time_ms=now)

    # --- what it knows --------------------------------------------------------------------------

    def base(self, kind: str) -> Decimal | None:
        """What losses of that kind are measured from, transfers since included; None: unknown."""
        value: Decimal | None
        if kind == DAY:
            value = self._day_start
        elif kind == HIGH_WATER:
            value = self._high
        else:
            value = self._windows[kind].high(self._now_ms)
        return None if value is None else value + self._moved

    def _record_high(self, reason: str, *, is_moved: bool = False) -> list[AnchorRow]:
        high = self.base(HIGH_WATER)
        if high is None:
            return []
        if not is_moved and self._recorded_high is not None and high <= self._recorded_high:
            return []
        recorded = high if is_moved or self._recorded_high is None else high * _MARGIN
        self._recorded_high = recorded
        return [_row(HIGH_WATER, recorded, reason, self._now_ms)]


def _row(kind: str, equity: Decimal, reason: str, time_ms: int) -> AnchorRow:
    return AnchorRow(kind=kind, equity=equity, reason=reason, time_ms=time_ms)


def _is_counted(transfer: TransferRow) -> bool:
    """Whether it is capital in the wallet: other assets have their own, costs are a loss."""
    return transfer.asset == SETTLEMENT_ASSET and is_transfer(transfer.reason)


def _adjusted(
    rows: Sequence[EquityRow], transfers: Sequence[TransferRow]
) -> list[tuple[int, Decimal]]:
    """Recorded equities as they would be with all transfers in them that came later."""
    came = [ZERO] * (len(rows) + 1)
    for index, transfer in zip(_places(rows, transfers), transfers, strict=True):
        came[index] += transfer.amount
    # What came with a row is in it and in all after it.
    later = sum(came, ZERO)
    values: list[tuple[int, Decimal]] = []
    for row, amount in zip(rows, came, strict=False):
        later -= amount
        values.append((row.time_ms, row.equity + later))
    return values


def _places(rows: Sequence[EquityRow], transfers: Sequence[TransferRow]) -> list[int]:
    """Of each transfer the first recorded equity that has it in it; behind the last: none has."""
    jumps = [ZERO, *(two.wallet - one.wallet for one, two in pairwise(rows))]
    times = [row.time_ms for row in rows]
    # Those that the next recorded wallet shows come first, or another of the same amount whose own
    # trace trading has covered would take theirs.
    hidden = [not _is_in_the_next(times, jumps, each) for each in transfers]
    # What others changed at their own times is no trace of this one.
    places = [bisect_right(times, each.time_ms) for each in transfers]
    for place, each in zip(places, transfers, strict=True):
        _take(jumps, place, each.amount)
    order = sorted(range(len(transfers)), key=lambda one: (hidden[one], transfers[one].time_ms))
    for number in order:
        transfer = transfers[number]
        _take(jumps, places[number], -transfer.amount)
        places[number] = _first_with(times, jumps, transfer)
        _take(jumps, places[number], transfer.amount)
    return places


def _take(jumps: list[Decimal], place: int, amount: Decimal) -> None:
    if place < len(jumps):
        jumps[place] -= amount


def _is_in_the_next(times: list[int], jumps: list[Decimal], transfer: TransferRow) -> bool:
    index = bisect_right(times, transfer.time_ms)
    if not 0 < index < len(times):
        return False
    return abs(jumps[index] - transfer.amount) <= abs(transfer.amount) / 100


def _first_with(times: list[int], jumps: list[Decimal], transfer: TransferRow) -> int:
    """The first recorded equity that has the transfer in it.

    The wallet may have been told some time later, and clocks differ: of those near in time the one
    before which the wallet changed like it, else the first one after it.
    """
    amount = transfer.amount
    near = range(max(1, bisect_left(times, transfer.time_ms - CLOCKS_MS)), len(times))[:NEAR]
    found = min(near, key=lambda index: abs(jumps[index] - amount), default=None)
    if found is None or abs(jumps[found] - amount) > abs(amount) / 2:
        return bisect_right(times, transfer.time_ms)
    return found
