"""Both sides' books: what does not agree is named by row."""

from decimal import Decimal
from random import Random

import pytest
from builders import NOW_MS
from hypothesis import given
from hypothesis import strategies as some
from ledger_rows import a_fill, a_payment

from botcore_tui.ledger.attest import Attestation, attest
from botcore_tui.model.account import MOST_INCOME_ROWS, Income, IncomeKind
from botcore_tui.model.ledger import FundingRow, TransferRow
from botcore_tui.model.order import Fill

_REALIZED, _COMMISSION = IncomeKind.REALIZED_PNL, IncomeKind.COMMISSION
_FUNDING, _TRANSFER = IncomeKind.FUNDING_FEE, IncomeKind.TRANSFER


def _income(
    kind: IncomeKind,
    amount: str,
    *,
    trade_id: int = 0,
    transaction_id: int = 0,
    time_ms: int = NOW_MS,
    asset: str = "USDT",
) -> Income:
    return Income(
        kind=kind,
        word=kind.value,
        symbol="BTCUSDT",
        asset=asset,
        amount=Decimal(amount),
        transaction_id=transaction_id,
        trade_id=trade_id,
        time_ms=time_ms,
    )


def _fill(trade_id: int, realized: str = "0", fee: str = "0.3", fee_asset: str = "USDT") -> Fill:
    return a_fill(trade_id, realized=realized, fee=fee, fee_asset=fee_asset).fill


def _attested(
    income: list[Income],
    *,
    fills: list[Fill] | None = None,
    funding: list[FundingRow] | None = None,
    transfers: list[TransferRow] | None = None,
) -> Attestation:
    return attest(fills or [], funding or [], transfers or [], income)


def _transfer(amount: str, time_ms: int = NOW_MS) -> TransferRow:
    return TransferRow(asset="USDT", amount=Decimal(amount), reason="DEPOSIT", time_ms=time_ms)


@pytest.mark.requirement("A12")
def test_books_that_agree_have_no_difference() -> None:
    found = _attested(
        [
            _income(_TRANSFER, "5000", transaction_id=1, time_ms=NOW_MS + 20),
            _income(_COMMISSION, "-0.3", trade_id=1, transaction_id=2),
            _income(_COMMISSION, "-0.001", trade_id=2, transaction_id=3, asset="BNB"),
            _income(_REALIZED, "12.5", trade_id=2, transaction_id=4),
            _income(_FUNDING, "-0.12", transaction_id=5, time_ms=NOW_MS + 900),
            _income(_FUNDING, "0.00", transaction_id=9),
        ],
        fills=[_fill(1), _fill(2, "12.5", "0.001", "BNB")],
        funding=[a_payment()],
        transfers=[_transfer("5000")],
    )
    assert found.differences == ()
    assert found.total == Decimal(0)
    books = {(day.kind, day.asset): (day.ledger, day.venue) for day in found.days}
    assert books == {
        (_TRANSFER, "USDT"): (Decimal(5000), Decimal(5000)),
        (_COMMISSION, "USDT"): (Decimal("-0.3"), Decimal("-0.3")),
        (_COMMISSION, "BNB"): (Decimal("-0.001"), Decimal("-0.001")),
        (_REALIZED, "USDT"): (Decimal("12.5"), Decimal("12.5")),
        (_FUNDING, "USDT"): (Decimal("-0.12"), Decimal("-0.12")),
    }


@pytest.mark.requirement("A12")
def test_what_is_missing_on_a_side_or_differs_is_named() -> None:
    found = _attested(
        [_income(_COMMISSION, "-0.3", trade_id=1), _income(_COMMISSION, "-0.4", trade_id=2)],
        fills=[_fill(2), _fill(3)],
    )
    rows = [(row.trade_id, row.what, row.amount) for row in found.differences]
    assert rows == [
        (1, "missing here", Decimal("0.3")),
        (2, "different amount", Decimal("0.1")),
        (3, "missing there", Decimal("0.3")),
    ]
    assert found.total == Decimal("0.7"), "none is set off against another"


def test_funding_finds_its_number_before_its_time() -> None:
    found = _attested(
        [_income(_FUNDING, "-1", transaction_id=7), _income(_FUNDING, "-2", transaction_id=8)],
        funding=[
            a_payment("-2", transaction_id=8, time_ms=NOW_MS),
            a_payment("-1", transaction_id=7, time_ms=NOW_MS + 3_600_000),
        ],
    )
    assert found.differences == ()


def test_funding_with_another_number_or_of_another_hour_is_another() -> None:
    found = _attested(
        [_income(_FUNDING, "-1", transaction_id=7)],
        funding=[a_payment("-1", transaction_id=8), a_payment("-1", time_ms=NOW_MS + 3_600_000)],
    )
    assert sorted(row.what for row in found.differences) == [
        "missing here",
        "missing there",
        "missing there",
    ]


def test_equal_amounts_are_paired_before_near_ones() -> None:
    found = _attested(
        [_income(_TRANSFER, "5"), _income(_TRANSFER, "6", time_ms=NOW_MS + 1_000)],
        transfers=[_transfer("6", NOW_MS), _transfer("5.5", NOW_MS + 1_000)],
    )
    (row,) = found.differences
    assert (row.ledger, row.venue, row.what) == (Decimal("5.5"), Decimal(5), "different amount")


def test_other_money_counts_as_a_transfer() -> None:
    found = _attested([_income(IncomeKind.OTHER, "-3")], transfers=[_transfer("-3", NOW_MS + 500)])
    assert found.differences == ()
    assert [day.kind for day in found.days] == [_TRANSFER]


def test_the_day_of_a_pair_is_the_venues() -> None:
    midnight = NOW_MS - NOW_MS % 86_400_000
    found = _attested(
        [_income(_TRANSFER, "5", time_ms=midnight)], transfers=[_transfer("5", midnight - 10)]
    )
    assert [day.day for day in found.days] == ["2023-11-14"]


@pytest.mark.requirement("A12")
@pytest.mark.parametrize(("here_ms", "there_ms"), [(3_000, -2_000), (-10, 0)])
def test_funding_of_the_first_midnight_has_its_other_side_in_the_day_before(
    here_ms: int, there_ms: int
) -> None:
    midnight = NOW_MS - NOW_MS % 86_400_000
    found = attest(
        [],
        [a_payment("-1", time_ms=midnight + here_ms), a_payment("-2", time_ms=midnight - 60_000)],
        [_transfer("5", midnight + here_ms)],
        [
            _income(_FUNDING, "-1", transaction_id=7, time_ms=midnight + there_ms),
            _income(_TRANSFER, "5", time_ms=midnight + there_ms),
            _income(_COMMISSION, "-0.3", trade_id=9, time_ms=midnight - 1),
        ],
        since_ms=midnight,
    )
    assert found.differences == ()
    assert all(
        (day.day == "2023-11-14", day.ledger == day.venue) == (True, True) for day in found.days
    )


@pytest.mark.requirement("A12")
@given(some.lists(some.decimals(-1_000, 1_000, places=8), max_size=20), some.randoms())
def test_the_order_in_which_either_side_tells_is_no_matter(
    amounts: list[Decimal], random: Random
) -> None:
    fills = [_fill(number, str(amount), "0") for number, amount in enumerate(amounts, start=1)]
    income = [
        _income(_REALIZED, str(amount), trade_id=number)
        for number, amount in enumerate(amounts, start=1)
        if amount
    ]
    random.shuffle(income)
    assert _attested(income, fills=fills).differences == ()
    assert len(_attested(income[1:], fills=fills).differences) == min(1, len(income))


@pytest.mark.requirement("A12")
def test_profit_in_another_asset_is_the_same_profit() -> None:
    """A person's position in BTCUSDC: its profit is realized in USDC."""
    found = _attested(
        [
            _income(_REALIZED, "-50", trade_id=3, transaction_id=1, asset="USDC"),
            _income(_COMMISSION, "-0.2", trade_id=3, transaction_id=2, asset="USDC"),
        ],
        fills=[_fill(3, "-50", "0.2", "USDC")],
    )
    assert found.differences == ()


@pytest.mark.requirement("A12")
def test_funding_that_the_history_dates_minutes_apart_is_the_same_payment() -> None:
    """Booking takes both for one payment up to five minutes apart; so must who compares."""
    assert (
        _attested(
            [_income(_FUNDING, "-1", transaction_id=7)],
            funding=[a_payment("-1", time_ms=NOW_MS + 290_000)],
        ).differences
        == ()
    )


@pytest.mark.requirement("A12")
def test_as_many_rows_of_a_kind_and_moment_as_the_venue_tells_at_most_are_no_proof() -> None:
    # Neither side has more: that they agree says nothing of what both may lack.
    numbers = range(1, MOST_INCOME_ROWS + 1)
    fills = [_fill(number) for number in numbers]
    income = [_income(_COMMISSION, "-0.3", trade_id=number) for number in numbers]
    found = _attested(income, fills=fills)
    assert found.total == 0
    assert found.unsure == ((NOW_MS, "COMMISSION"),)
    assert _attested(income[1:], fills=fills[1:]).unsure == ()
