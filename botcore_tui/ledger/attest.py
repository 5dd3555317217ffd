"""Compares what the ledger says was earned and paid with the venue's own books (A12).

Each amount is looked for on the other side: by its trade, by its transaction, and where neither is
told by asset and time. What is left over on either side, or differs, is a difference.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Final

from msgspec import Struct

from botcore_tui.ledger.pnl import day_of
from botcore_tui.model.account import MOST_INCOME_ROWS, Income, IncomeKind
from botcore_tui.model.instrument import SETTLEMENT_ASSET
from botcore_tui.model.ledger import FundingRow, TransferRow
from botcore_tui.model.order import Fill

_NEAR_MS: Final = 60_000
"""The venue books funding and transfers within so long of telling them ..."""
NEAR_EQUAL_MS: Final = 300_000
"""... and where the amounts are the same, within so long: then they were booked as one here."""
_ZERO: Final = Decimal(0)


class Difference(Struct, frozen=True, kw_only=True):
    """One amount on which both sides do not agree."""

    day: str
    kind: IncomeKind
    symbol: str
    asset: str
    trade_id: int
    transaction_id: int
    time_ms: int
    ledger: Decimal | None
    """None: missing here."""
    venue: Decimal | None
    """None: missing there."""

    @property
    def what(self) -> str:
        """In words."""
        if self.ledger is None:
            return "missing here"
        return "missing there" if self.venue is None else "different amount"

    @property
    def amount(self) -> Decimal:
        """By how much, above zero."""
        return abs((self.ledger or _ZERO) - (self.venue or _ZERO))


class DayBooks(Struct, frozen=True, kw_only=True):
    """Both sides' sums of one UTC day, kind and asset; signs as the account's."""

    day: str
    kind: IncomeKind
    asset: str
    ledger: Decimal
    venue: Decimal


class Attestation(Struct, frozen=True):
    """What the comparison brought."""

    days: tuple[DayBooks, ...]
    differences: tuple[Difference, ...]
    unsure: tuple[tuple[int, str], ...] = ()
    """Moments and kinds of which the venue told as many rows as it ever tells: there may be more,
    and what is summed up is not the whole of it."""

    @property
    def total(self) -> Decimal:
        """All differences, none of them against another; the target is zero."""
        return sum((difference.amount for difference in self.differences), _ZERO)


class _Amount(Struct, frozen=True, kw_only=True):
    kind: IncomeKind
    symbol: str
    asset: str
    amount: Decimal
    trade_id: int = 0
    transaction_id: int = 0
    time_ms: int


def attest(
    fills: Iterable[Fill],
    funding: Iterable[FundingRow],
    transfers: Iterable[TransferRow],
    income: Iterable[Income],
    *,
    asset: str = SETTLEMENT_ASSET,
    since_ms: int = 0,
) -> Attestation:
    """Compare both sides over the same span of time.

    Args:
        fills: From the ledger, of that span.
        funding: Likewise.
        transfers: Likewise.
        income: The venue's.
        asset: That in which profit is realized.
        since_ms: Leaves out what was before. Both sides date funding and transfers apart, and
            funding comes at midnight: they must be from ``NEAR_EQUAL_MS`` before on.
    """
    ours = [*_of_fills(fills, asset), *_of_funding(funding), *_of_transfers(transfers)]
    income = list(income)
    theirs = list(_of_income(income))
    days: dict[tuple[str, IncomeKind, str], list[Decimal]] = {}
    differences: list[Difference] = []
    for here, there in _pairs(ours, theirs):
        known = there or here
        assert known is not None
        if known.time_ms < since_ms:
            continue
        # The day is the venue's where it tells one: ours may be a moment off at midnight.
        sums = days.setdefault((day_of(known.time_ms), known.kind, known.asset), [_ZERO, _ZERO])
        sums[0] += here.amount if here else _ZERO
        sums[1] += there.amount if there else _ZERO
        if here is None or there is None or here.amount != there.amount:
            differences.append(_difference(known, here, there))
    books = [
        DayBooks(day=day, kind=kind, asset=asset, ledger=sums[0], venue=sums[1])
        for (day, kind, asset), sums in sorted(days.items())
    ]
    differences.sort(key=lambda item: (item.time_ms, item.kind, item.trade_id))
    return Attestation(tuple(books), tuple(differences), _unsure(income))


def _unsure(income: Iterable[Income]) -> tuple[tuple[int, str], ...]:
    rows = Counter((row.time_ms, row.word) for row in income)
    return tuple(sorted(one for one, count in rows.items() if count >= MOST_INCOME_ROWS))


def _of_fills(fills: Iterable[Fill], asset: str) -> Iterator[_Amount]:
    for fill in fills:
        # The venue books neither a profit nor a fee of nothing.
        if fill.realized_pnl:
            yield _of_fill(fill, IncomeKind.REALIZED_PNL, asset, fill.realized_pnl)
        if fill.fee:
            yield _of_fill(fill, IncomeKind.COMMISSION, fill.fee_asset, -fill.fee)


def _of_fill(fill: Fill, kind: IncomeKind, asset: str, amount: Decimal) -> _Amount:
    return _Amount(
        kind=kind,
        symbol=fill.symbol,
        asset=asset,
        amount=amount,
        trade_id=fill.trade_id,
        time_ms=fill.time_ms,
    )


def _of_funding(funding: Iterable[FundingRow]) -> Iterator[_Amount]:
    for row in funding:
        yield _Amount(
            kind=IncomeKind.FUNDING_FEE,
            symbol=row.symbol,
            asset=row.asset,
            amount=row.amount,
            transaction_id=row.transaction_id,
            time_ms=row.time_ms,
        )


def _of_transfers(transfers: Iterable[TransferRow]) -> Iterator[_Amount]:
    for row in transfers:
        yield _Amount(
            kind=IncomeKind.TRANSFER,
            symbol="",
            asset=row.asset,
            amount=row.amount,
            time_ms=row.time_ms,
        )


def _of_income(income: Iterable[Income]) -> Iterator[_Amount]:
    for row in income:
        if not row.amount:
            continue
        # What is neither trading nor funding reaches us as a change of the balance only.
        is_other = row.kind in (IncomeKind.TRANSFER, IncomeKind.OTHER)
        yield _Amount(
            kind=IncomeKind.TRANSFER if is_other else row.kind,
            symbol="" if is_other else row.symbol,
            asset=row.asset,
            amount=row.amount,
            trade_id=row.trade_id,
            transaction_id=row.transaction_id,
            time_ms=row.time_ms,
        )


def _pairs(
    ours: list[_Amount], theirs: list[_Amount]
) -> Iterator[tuple[_Amount | None, _Amount | None]]:
    left_here, left_there = ours, theirs
    for rule in (_by_trade, _by_transaction):
        pairs, left_here, left_there = _joined(left_here, left_there, rule)
        yield from pairs
    pairs, left_here, left_there = _nearest(left_here, left_there)
    yield from pairs
    yield from ((here, None) for here in left_here)
    yield from ((None, there) for there in left_there)


_Key = tuple[object, ...] | None
_Pairs = list[tuple[_Amount | None, _Amount | None]]


def _by_trade(amount: _Amount) -> _Key:
    if not amount.trade_id or amount.kind not in (IncomeKind.REALIZED_PNL, IncomeKind.COMMISSION):
        return None
    # A trade realizes in one asset, of which a fill does not tell: the venue's books do.
    asset = amount.asset if amount.kind is IncomeKind.COMMISSION else ""
    return amount.kind, amount.symbol, asset, amount.trade_id


def _by_transaction(amount: _Amount) -> _Key:
    if not amount.transaction_id:
        return None
    return amount.kind, amount.symbol, amount.asset, amount.transaction_id


def _joined(
    ours: list[_Amount], theirs: list[_Amount], key_of: Callable[[_Amount], _Key]
) -> tuple[_Pairs, list[_Amount], list[_Amount]]:
    places: dict[_Key, list[_Amount]] = {}
    left_here: list[_Amount] = []
    for here in ours:
        if (key := key_of(here)) is None:
            left_here.append(here)
        else:
            places.setdefault(key, []).append(here)
    pairs: _Pairs = []
    left_there: list[_Amount] = []
    for there in theirs:
        found = places.get(key_of(there)) if key_of(there) is not None else None
        if found:
            pairs.append((found.pop(0), there))
        else:
            left_there.append(there)
    left_here += [here for rest in places.values() for here in rest]
    return pairs, left_here, left_there


def _nearest(
    ours: list[_Amount], theirs: list[_Amount]
) -> tuple[_Pairs, list[_Amount], list[_Amount]]:
    """Pair funding and transfers of about the same time: equal amounts first, then the nearest."""
    pairs: _Pairs = []
    for is_equal in (True, False):
        left_there: list[_Amount] = []
        for there in theirs:
            near = [
                here
                for here in ours
                if (here.amount == there.amount or not is_equal) and _is_near(here, there)
            ]
            if near:
                best = min(near, key=lambda here: abs(here.time_ms - there.time_ms))
                ours = [here for here in ours if here is not best]
                pairs.append((best, there))
            else:
                left_there.append(there)
        theirs = left_there
    return pairs, ours, theirs


def _is_near(here: _Amount, there: _Amount) -> bool:
    if here.kind is not there.kind or here.kind in (IncomeKind.REALIZED_PNL, IncomeKind.COMMISSION):
        return False
    if here.transaction_id and there.transaction_id:
        return False
    # The stream does not always tell the symbol of a payment.
    is_same = here.asset == there.asset and here.symbol in ("", there.symbol)
    near_ms = NEAR_EQUAL_MS if here.amount == there.amount else _NEAR_MS
    return is_same and abs(here.time_ms - there.time_ms) <= near_ms


def _difference(known: _Amount, here: _Amount | None, there: _Amount | None) -> Difference:
    return Difference(
        day=day_of(known.time_ms),
        kind=known.kind,
        symbol=known.symbol,
        asset=known.asset,
        trade_id=known.trade_id,
        transaction_id=known.transaction_id,
        time_ms=known.time_ms,
        ledger=here.amount if here else None,
        venue=there.amount if there else None,
    )
