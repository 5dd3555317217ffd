"""Payments are booked once, whichever of stream and history tells of them, and when."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from order_builders import NOW_MS, a_balance, a_fill, an_account_update, an_income
from order_stage import appended
from recollection_builders import a_position_row, a_recollection, an_open_position

from botcore_tui.core.portfolio import Portfolio
from botcore_tui.model.account import AccountUpdate, Income, IncomeKind
from botcore_tui.model.event import Effect, Record
from botcore_tui.model.ledger import FundingRow, PositionRow, TransferRow
from botcore_tui.model.order import Source

BTC, ETH = "BTCUSDT", "ETHUSDT"
DAY_MS = 86_400_000
MINUTE_MS = 60_000


def a_portfolio(
    funding: Sequence[FundingRow] = (), transfers: Sequence[TransferRow] = (), *, held: bool = True
) -> Portfolio:
    portfolio = Portfolio()
    positions = [an_open_position(a_position_row(), opened_ms=NOW_MS - DAY_MS)] if held else ()
    portfolio.restore(a_recollection(positions=positions, funding=funding, transfers=transfers))
    return portfolio


def a_funding(amount: str = "-0.5", *, symbol: str = BTC, time_ms: int = NOW_MS) -> AccountUpdate:
    return an_account_update(reason="FUNDING_FEE", change=amount, symbol=symbol, time_ms=time_ms)


def a_deposit(amount: str = "50", *, time_ms: int = NOW_MS, asset: str = "USDT") -> AccountUpdate:
    balances = (a_balance(asset=asset),)
    return an_account_update(reason="DEPOSIT", change=amount, balances=balances, time_ms=time_ms)


def a_transfer(
    amount: str = "50", *, transaction_id: int = 1, word: str = "", time_ms: int = NOW_MS
) -> Income:
    return an_income(
        amount,
        transaction_id=transaction_id,
        kind=IncomeKind.OTHER if word else IncomeKind.TRANSFER,
        word=word,
        symbol="",
        time_ms=time_ms,
    )


def a_row(
    *, source: Source = Source.STREAM, transaction_id: int = 0, asset: str = "USDT"
) -> FundingRow:
    return FundingRow(
        symbol=BTC,
        asset=asset,
        amount=Decimal("-0.5"),
        transaction_id=transaction_id,
        source=source,
        time_ms=NOW_MS,
    )


def booked(effects: Sequence[Effect]) -> list[tuple[str, Decimal]]:
    """Symbol, or reason of a transfer, and amount."""
    return [
        (row.symbol if isinstance(row, FundingRow) else row.reason, row.amount)
        for row in appended(effects)
        if isinstance(row, FundingRow | TransferRow)
    ]


# --- what the history tells alone ----------------------------------------------------------------


@pytest.mark.requirement("F05")
def test_funding_that_no_stream_told_is_booked_from_the_history_once() -> None:
    portfolio = a_portfolio()
    income = an_income(transaction_id=7, time_ms=NOW_MS - MINUTE_MS)
    effects = portfolio.heal([income], NOW_MS)
    funding, position = appended(effects)
    assert funding == FundingRow(
        symbol=BTC,
        asset="USDT",
        amount=Decimal("-0.5"),
        transaction_id=7,
        source=Source.LIST,
        time_ms=NOW_MS - MINUTE_MS,
    )
    assert isinstance(position, PositionRow)
    assert (position.funding, position.time_ms) == (Decimal("-0.5"), NOW_MS)
    assert [each.code for each in effects if isinstance(each, Record)] == ["income.healed"]
    assert portfolio.funding_today == portfolio.funding_run == Decimal("-0.5")
    assert portfolio.heal([income], NOW_MS) == []


def test_two_kinds_of_funding_may_have_one_number() -> None:
    usual = an_income("-0.5", transaction_id=7)
    special = an_income("-0.2", transaction_id=7, word="SPECIAL_FUNDING_FEE")
    portfolio = a_portfolio()
    effects = portfolio.heal((usual, special), NOW_MS)
    assert booked(effects) == [(BTC, Decimal("-0.5")), (BTC, Decimal("-0.2"))]
    rows = [row for row in appended(effects) if isinstance(row, FundingRow)]
    assert booked(a_portfolio(funding=rows).heal((usual, special), NOW_MS)) == []


def test_funding_of_an_earlier_day_is_in_the_sum_of_the_run_only() -> None:
    portfolio = a_portfolio()
    portfolio.heal([an_income(transaction_id=7, time_ms=NOW_MS - DAY_MS)], NOW_MS)
    assert (portfolio.funding_today, portfolio.funding_run) == (Decimal(0), Decimal("-0.5"))


def test_funding_from_before_a_position_is_not_the_positions() -> None:
    portfolio = a_portfolio(held=False)
    portfolio.fill(a_fill(symbol=BTC, time_ms=NOW_MS))
    rows = [
        an_income(transaction_id=7, time_ms=NOW_MS - 1),
        an_income(transaction_id=8, symbol=ETH),
    ]
    assert len(appended(portfolio.heal(rows, NOW_MS))) == 2
    assert [holding.funding for holding in portfolio.holdings()] == [0]
    assert portfolio.funding_run == -1


@pytest.mark.requirement("F15")
def test_transfer_that_no_stream_told_is_booked_from_the_history_once() -> None:
    portfolio = a_portfolio(held=False)
    portfolio.update(an_account_update(balances=(a_balance(wallet="100"),)))
    portfolio.on_time(NOW_MS, {})
    income = a_transfer(word="INTERNAL_TRANSFER", time_ms=NOW_MS + 1)
    assert appended(portfolio.heal([income], NOW_MS + 2)) == [
        TransferRow(
            asset="USDT", amount=Decimal(50), reason="INTERNAL_TRANSFER", time_ms=NOW_MS + 1
        )
    ]
    assert portfolio.booked_transfers == [(Decimal(50), NOW_MS + 1)]
    assert portfolio.heal([income], NOW_MS + 3) == []


@pytest.mark.parametrize(
    "row",
    [
        an_income(transaction_id=1, kind=IncomeKind.REALIZED_PNL),
        an_income(transaction_id=1, kind=IncomeKind.COMMISSION),
        an_income(transaction_id=1, asset="BNB"),
        an_income("0", transaction_id=1),
    ],
)
def test_other_rows_of_the_history_are_not_touched(row: Income) -> None:
    assert a_portfolio().heal([row], NOW_MS) == []


def test_liquidation_and_rebates_of_the_history_are_booked_once_and_trades_never() -> None:
    portfolio = a_portfolio()
    kinds = (IncomeKind.OTHER, IncomeKind.REALIZED_PNL, IncomeKind.COMMISSION)
    rows = [an_income("-50", transaction_id=9, kind=kind, word="INSURANCE_CLEAR") for kind in kinds]
    stream = AccountUpdate(
        reason="INSURANCE_CLEAR",
        balances=(),
        positions=(),
        change=Decimal(-50),
        time_ms=NOW_MS + 1,
    )
    assert appended(portfolio.heal([*rows, *rows], NOW_MS + 2)) == [
        TransferRow(asset="USDT", amount=Decimal(-50), reason="INSURANCE_CLEAR", time_ms=NOW_MS)
    ]
    assert appended(portfolio.update(stream)) == []


def test_number_of_a_transaction_is_that_of_its_kind_only() -> None:
    portfolio = a_portfolio(held=False)
    portfolio.on_time(NOW_MS, {})
    rows = [
        a_transfer(word="TRANSFER", time_ms=NOW_MS + 1),
        a_transfer("3", word="API_REBATE", time_ms=NOW_MS + 2),
    ]
    assert rows[0].transaction_id == rows[1].transaction_id
    found = appended(portfolio.heal(rows, NOW_MS + 3))
    assert [row.reason for row in found if isinstance(row, TransferRow)] == [
        "TRANSFER",
        "API_REBATE",
    ]
    assert portfolio.heal(rows, NOW_MS + 4) == []


def test_row_without_a_transaction_is_known_by_its_time_and_amount() -> None:
    portfolio = a_portfolio()
    row = an_income(transaction_id=0)
    assert booked(portfolio.heal([row, row], NOW_MS)) == [(BTC, Decimal("-0.5"))]


# --- what both tell ------------------------------------------------------------------------------


@pytest.mark.parametrize("symbol", [BTC, ""])
@pytest.mark.parametrize("apart_ms", [-5 * MINUTE_MS, 0, 5 * MINUTE_MS])
def test_funding_that_the_stream_told_accounts_for_one_row_near_it(
    symbol: str, apart_ms: int
) -> None:
    portfolio = a_portfolio()
    portfolio.update(a_funding(symbol=symbol))
    rows = [an_income(transaction_id=number, time_ms=NOW_MS + apart_ms) for number in (1, 2)]
    assert portfolio.heal(rows[:1], NOW_MS) == []
    assert booked(portfolio.heal(rows, NOW_MS)) == [(BTC, Decimal("-0.5"))]


@pytest.mark.parametrize(
    "row",
    [
        an_income(transaction_id=1, symbol=ETH),
        an_income("-0.6", transaction_id=1),
        an_income(transaction_id=1, time_ms=NOW_MS + 5 * MINUTE_MS + 1),
        an_income(transaction_id=1, kind=IncomeKind.TRANSFER),
    ],
)
def test_row_of_another_payment_is_not_accounted_for(row: Income) -> None:
    portfolio = a_portfolio()
    portfolio.update(a_funding())
    assert len(booked(portfolio.heal([row], NOW_MS))) == 1


def test_what_the_stream_tells_after_the_history_is_booked_already() -> None:
    portfolio = a_portfolio()
    portfolio.heal([an_income(transaction_id=1), a_transfer()], NOW_MS)
    assert portfolio.update(a_funding()) == []
    assert portfolio.update(a_deposit()) == []
    assert portfolio.funding_run == Decimal("-0.5")
    assert len(booked(portfolio.update(a_deposit(time_ms=NOW_MS + 1)))) == 1


def test_stream_of_another_asset_is_booked_as_ever() -> None:
    portfolio = a_portfolio()
    portfolio.heal([a_transfer()], NOW_MS)
    assert len(booked(portfolio.update(a_deposit(asset="BNB")))) == 1


def test_row_that_took_the_wrong_partner_gives_it_up() -> None:
    portfolio = a_portfolio()
    portfolio.update(a_funding(symbol=""))  # it was paid for ETH
    assert portfolio.heal([an_income(transaction_id=1)], NOW_MS) == []
    assert len(booked(portfolio.update(a_funding()))) == 1
    assert portfolio.heal([an_income(transaction_id=2, symbol=ETH)], NOW_MS) == []
    assert portfolio.funding_run == -1


def test_of_two_rows_the_one_told_at_its_very_time_is_accounted_for() -> None:
    portfolio = a_portfolio()
    portfolio.update(a_deposit(time_ms=NOW_MS + MINUTE_MS))
    rows = [a_transfer(transaction_id=n, time_ms=NOW_MS + n * MINUTE_MS) for n in (0, 1)]
    (row,) = appended(portfolio.heal(rows, NOW_MS))
    assert isinstance(row, TransferRow)
    assert row.time_ms == NOW_MS


# --- what earlier sessions booked ----------------------------------------------------------------


@pytest.mark.requirement("F14")
@pytest.mark.parametrize(
    "row",
    [
        a_row(),
        a_row(source=Source.LIST, transaction_id=7),
        a_row(source=Source.LIST),
    ],
)
def test_funding_of_earlier_sessions_is_not_booked_again(row: FundingRow) -> None:
    portfolio = a_portfolio([row])
    assert portfolio.heal([an_income(transaction_id=7)], NOW_MS) == []
    assert len(booked(portfolio.heal([an_income(transaction_id=8)], NOW_MS))) == 1


@pytest.mark.requirement("F14")
def test_transfer_of_an_earlier_session_is_not_booked_again_by_either() -> None:
    row = TransferRow(asset="USDT", amount=Decimal(50), reason="TRANSFER", time_ms=NOW_MS)
    portfolio = a_portfolio(transfers=[row])
    assert portfolio.heal([a_transfer()], NOW_MS) == []
    assert portfolio.update(a_deposit()) == []


@pytest.mark.requirement("F14")
def test_stream_that_repeats_what_an_earlier_session_booked_is_not_heeded() -> None:
    row = TransferRow(asset="USDT", amount=Decimal(50), reason="DEPOSIT", time_ms=NOW_MS)
    portfolio = a_portfolio([a_row()], [row])
    for _ in range(2):
        assert portfolio.update(a_funding()) == []
        assert portfolio.update(a_deposit()) == []
    assert portfolio.heal([an_income(transaction_id=7), a_transfer()], NOW_MS) == []


def test_rows_of_other_assets_account_for_nothing() -> None:
    row = TransferRow(asset="BNB", amount=Decimal(50), reason="TRANSFER", time_ms=NOW_MS)
    portfolio = a_portfolio([a_row(asset="BNB", transaction_id=7)], [row])
    rows = [an_income(transaction_id=7), a_transfer()]
    assert len(booked(portfolio.heal(rows, NOW_MS))) == 2


def test_payments_of_long_ago_are_forgotten() -> None:
    portfolio = a_portfolio([a_row()])
    portfolio.update(a_deposit())
    portfolio.heal([a_transfer(), a_transfer(transaction_id=2)], NOW_MS + 4 * DAY_MS)
    assert portfolio._payments._groups
    portfolio.heal([], NOW_MS + 4 * DAY_MS + 1)
    payments = portfolio._payments
    assert (payments._groups, payments._partners, payments._seen) == ({}, {}, {})


# --- whatever happens ----------------------------------------------------------------------------


class Paid(Struct, frozen=True):
    """A payment, and what becomes of what the stream says of it."""

    is_funding: bool
    symbol: str
    amount: str
    time_ms: int
    is_symbol_told: bool
    is_lost: bool

    def told(self) -> AccountUpdate:
        if not self.is_funding:
            return a_deposit(self.amount, time_ms=self.time_ms)
        symbol = self.symbol if self.is_symbol_told else ""
        return a_funding(self.amount, symbol=symbol, time_ms=self.time_ms)

    def listed(self, number: int) -> Income:
        # The history's time and the stream's are a little apart.
        time_ms = self.time_ms + number % 3 * MINUTE_MS
        if not self.is_funding:
            return a_transfer(self.amount, transaction_id=number, time_ms=time_ms)
        return an_income(self.amount, transaction_id=number, symbol=self.symbol, time_ms=time_ms)


payments = st.lists(
    st.builds(
        Paid,
        is_funding=st.booleans(),
        symbol=st.sampled_from([BTC, ETH]),
        amount=st.sampled_from(["-1", "2"]),
        time_ms=st.integers(0, 12).map(lambda minute: NOW_MS + minute * MINUTE_MS),
        is_symbol_told=st.booleans(),
        is_lost=st.booleans(),
    ),
    max_size=7,
    unique_by=lambda paid: (
        paid.is_funding,
        paid.symbol if paid.is_funding and paid.is_symbol_told else "",
        paid.amount,
        paid.time_ms,
    ),
)


@pytest.mark.requirement("F05")
@given(payments, st.data())
def test_any_order_of_stream_and_history_books_each_payment_once(
    paid: list[Paid], data: st.DataObject
) -> None:
    portfolio = a_portfolio(held=False)
    rows = [each.listed(number) for number, each in enumerate(paid, start=1)]
    events = [each.told() for each in paid if not each.is_lost]
    repeated = data.draw(st.lists(st.sampled_from(events), max_size=3)) if events else []
    looks = data.draw(st.lists(st.lists(st.sampled_from(rows)), max_size=4)) if rows else []
    steps: list[AccountUpdate | list[Income]] = [*events, *repeated, *looks, rows]
    effects: list[Effect] = []
    for step in data.draw(st.permutations(steps)):
        if isinstance(step, list):
            effects += portfolio.heal(step, NOW_MS)
        else:
            effects += portfolio.update(step)
    counted = Counter(
        (isinstance(row, FundingRow), row.amount)
        for row in appended(effects)
        if isinstance(row, FundingRow | TransferRow)
    )
    assert counted == Counter((each.is_funding, Decimal(each.amount)) for each in paid)
    assert portfolio.funding_run == sum(
        (Decimal(each.amount) for each in paid if each.is_funding), Decimal(0)
    )
