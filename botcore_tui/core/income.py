"""Which payments are booked: what the stream told of money, paired with the income history.

The stream tells no transaction, and loses, repeats and delays what it tells; the history tells all
of it, later. Each side tells of a payment at most once, so as many payments are booked as remain
when the most possible of one side are paired with one of the other.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct, field

from botcore_tui.model.account import AccountUpdate, Income, IncomeKind
from botcore_tui.model.ledger import FundingRow, TransferRow
from botcore_tui.model.order import Source

FUNDING: Final = "FUNDING_FEE"
_OF_TRADES: Final = frozenset({IncomeKind.REALIZED_PNL, IncomeKind.COMMISSION})
"""What executions tell of."""
_NEAR_MS: Final = 300_000
"""So far apart may be when both sides say that it happened."""
_KEPT_MS: Final = 4 * 86_400_000
"""Longer than the history is ever asked for."""

_Key = tuple[object, ...]


class _Payment(Struct, eq=False):
    """One payment, as one side tells it; no two are the same, whatever is in them."""

    symbol: str
    """Empty where not told, and of a transfer."""
    time_ms: int


class _Group(Struct):
    """All payments of one kind and amount."""

    told: list[_Payment] = field(default_factory=list)
    listed: list[_Payment] = field(default_factory=list)


class Payments:
    """The payments of one account in one settlement asset, of the last days.

    Args:
        asset: Payments in any other are not looked at.
    """

    def __init__(self, asset: str) -> None:
        self._asset = asset
        self._groups: dict[_Key, _Group] = {}
        self._partners: dict[_Payment, _Payment] = {}
        self._seen: dict[_Key, int] = {}
        """Rows of the history that were looked at, and their times."""

    def restore(self, funding: Iterable[FundingRow], transfers: Iterable[TransferRow]) -> None:
        """Begin with what the ledger has."""
        for row in funding:
            if row.asset != self._asset:
                continue
            group = self._group(is_funding=True, amount=row.amount)
            if row.transaction_id:
                key = (True, row.symbol, row.transaction_id, row.amount)
                self._seen[key] = row.time_ms
            else:
                group.told.append(_Payment(row.symbol, row.time_ms))
            if row.source is not Source.STREAM:
                group.listed.append(_Payment(row.symbol, row.time_ms))
        for transfer in transfers:
            if transfer.asset != self._asset:
                continue
            group = self._group(is_funding=False, amount=transfer.amount)
            # Who told of it is not recorded: either side may be about to tell the same.
            group.told.append(_Payment("", transfer.time_ms))
            group.listed.append(_Payment("", transfer.time_ms))

    def is_new(self, update: AccountUpdate) -> bool:
        """Take what the stream tells, not a repetition; whether it is still to be booked."""
        is_funding = update.reason == FUNDING
        group = self._group(is_funding=is_funding, amount=update.change)
        payment = _Payment(update.symbol if is_funding else "", update.time_ms)
        group.told.append(payment)
        return not self._is_paired(payment, group.listed, set())

    def missing(self, income: Iterable[Income], time_ms: int) -> list[Income]:
        """Take rows of the history; those that are still to be booked, oldest first.

        Args:
            income: Rows of any kind, also those taken before.
            time_ms: Now.
        """
        fresh = list(self._fresh(income))
        # What was told at just that time is paired first: the books of a day then agree by row.
        fresh.sort(key=self._distance)
        missing: list[Income] = []
        for row in fresh:
            group = self._group_of(row)
            payment = _payment_of(row)
            group.listed.append(payment)
            if not self._is_paired(payment, group.told, set()):
                missing.append(row)
        self._forget(time_ms - _KEPT_MS)
        return sorted(missing, key=lambda row: row.time_ms)

    def _fresh(self, income: Iterable[Income]) -> Iterator[Income]:
        for row in income:
            if row.asset != self._asset or not row.amount or row.kind in _OF_TRADES:
                continue
            key = _key(row)
            if key not in self._seen:
                self._seen[key] = row.time_ms
                yield row

    def _distance(self, row: Income) -> int:
        payment = _payment_of(row)
        told = self._group_of(row).told
        return min(
            (abs(each.time_ms - row.time_ms) for each in told if _may_be_same(payment, each)),
            default=_NEAR_MS,
        )

    def _is_paired(self, payment: _Payment, others: list[_Payment], tried: set[_Payment]) -> bool:
        """Find it a partner, for which others may have to change theirs."""
        near = [other for other in others if _may_be_same(payment, other)]
        near.sort(key=lambda other: _remoteness(payment, other))
        for other in near:
            if other in tried:
                continue
            tried.add(other)
            rival = self._partners.get(other)
            if rival is None or self._is_paired(rival, others, tried):
                self._partners[other] = payment
                self._partners[payment] = other
                return True
        return False

    def _group(self, *, is_funding: bool, amount: object) -> _Group:
        return self._groups.setdefault((is_funding, amount), _Group())

    def _group_of(self, row: Income) -> _Group:
        return self._group(is_funding=_is_funding(row), amount=row.amount)

    def _forget(self, before_ms: int) -> None:
        self._seen = {key: ms for key, ms in self._seen.items() if ms >= before_ms}
        for group in self._groups.values():
            for side in (group.told, group.listed):
                side[:] = [payment for payment in side if payment.time_ms >= before_ms]
        self._groups = {
            key: group for key, group in self._groups.items() if group.told or group.listed
        }
        self._partners = {
            one: other for one, other in self._partners.items() if one.time_ms >= before_ms
        }


def _is_funding(row: Income) -> bool:
    return row.kind is IncomeKind.FUNDING_FEE


def _payment_of(row: Income) -> _Payment:
    return _Payment(row.symbol if _is_funding(row) else "", row.time_ms)


def _key(row: Income) -> _Key:
    if row.transaction_id and not _is_funding(row):
        return row.word, row.symbol, row.transaction_id  # unique among those of its kind only
    if row.transaction_id:
        # The usual funding and the special one are two kinds there, and one here: the amount, which
        # the ledger has too, tells them apart.
        return True, row.symbol, row.transaction_id, row.amount
    return _is_funding(row), row.symbol, row.time_ms, row.amount


def _may_be_same(one: _Payment, other: _Payment) -> bool:
    is_same_symbol = one.symbol == other.symbol or not one.symbol or not other.symbol
    return is_same_symbol and abs(one.time_ms - other.time_ms) <= _NEAR_MS


def _remoteness(one: _Payment, other: _Payment) -> tuple[bool, int]:
    return one.symbol != other.symbol, abs(one.time_ms - other.time_ms)
