"""Equity is always that of one moment, in whichever order its executions and updates are told."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations

import pytest
from market_builders import SYMBOL
from msgspec import Struct
from order_builders import NOW_MS, ZERO, a_balance, a_fill, a_position_report, an_account_update

from botcore_tui.core.holdings import Holding, Leg, opened
from botcore_tui.core.money import signed
from botcore_tui.core.portfolio import Portfolio
from botcore_tui.model.account import AccountUpdate
from botcore_tui.model.market import Side
from botcore_tui.model.order import Fill

WALLET = Decimal(1_000)
MARK = Decimal(97)

Trade = tuple[int, int]
"""Signed quantity and price."""


class Moment(Struct):
    """The venue's books after an execution, and the two messages that tell of it."""

    fill: Fill
    update: AccountUpdate
    equity: Decimal


def moments(trades: tuple[Trade, ...]) -> list[Moment]:
    """What the venue tells of these trades, one a millisecond."""
    wallet, holding, found = WALLET, Holding(SYMBOL, NOW_MS), []
    for number, (size, price) in enumerate(trades, 1):
        side, time_ms = Side.BUY if size > 0 else Side.SELL, NOW_MS + number
        fill = a_fill(number, side=side, price=str(price), quantity=str(abs(size)), time_ms=time_ms)
        leg = Leg(holding, fill, ZERO)
        fill = a_fill(
            number,
            side=side,
            price=str(price),
            quantity=str(abs(size)),
            fee="1",
            realized_pnl=str(leg.profit),
            time_ms=time_ms,
        )
        wallet += leg.profit - 1
        assert signed(side, fill.quantity) == size
        holding.quantity -= leg.closing
        if leg.opening:
            opened(holding, leg, fill)
        told = a_position_report(
            quantity=str(holding.quantity),
            entry_price=str(holding.entry_price if holding.quantity else ZERO),
            time_ms=time_ms,
        )
        update = an_account_update(
            balances=(a_balance(wallet=str(wallet), time_ms=time_ms),),
            positions=(told,),
            time_ms=time_ms,
        )
        found.append(Moment(fill, update, wallet + holding.unrealized(MARK)))
    return found


def orders(told: list[Moment]) -> Iterator[list[Fill | AccountUpdate]]:
    """Each way in which two lists, each in order, can come mixed."""
    for places in combinations(range(2 * len(told)), len(told)):
        fills, updates = iter(told), iter(told)
        yield [
            next(fills).fill if place in places else next(updates).update
            for place in range(2 * len(told))
        ]


@pytest.mark.requirement("A01")
@pytest.mark.requirement("F03")
@pytest.mark.parametrize(
    "trades",
    [
        pytest.param(((2, 100), (-2, 95)), id="a round trip"),
        pytest.param(((2, 100), (-1, 98), (-1, 95)), id="closed in parts"),
        pytest.param(((1, 100), (1, 90), (-1, 96), (1, 105)), id="the same quantity comes again"),
        pytest.param(((2, 100), (-2, 95), (2, 90), (-2, 92)), id="flat in between"),
        pytest.param(((2, 100), (-4, 95), (1, 99)), id="turned over"),
    ],
)
@pytest.mark.parametrize("is_repeated", [False, True], ids=["once", "with old updates again"])
def test_equity_is_that_of_one_moment(trades: tuple[Trade, ...], *, is_repeated: bool) -> None:
    told = moments(trades)
    possible = {WALLET} | {moment.equity for moment in told}
    for order in orders(told):
        portfolio = Portfolio()
        first = a_balance(wallet=str(WALLET), time_ms=NOW_MS)
        portfolio.worth.take(first, NOW_MS, is_listed=False)
        updates: list[AccountUpdate] = []
        for event in order:
            if isinstance(event, Fill):
                portfolio.fill(event)
            else:
                updates.append(event)
            for update in updates if is_repeated else updates[-1:]:
                portfolio.update(update)
            equity = portfolio.equity({SYMBOL: MARK})
            assert equity is not None
            assert min(abs(equity - one) for one in possible) < Decimal("1e-9")
        assert portfolio.equity({SYMBOL: MARK}) == pytest.approx(told[-1].equity)
        assert portfolio.quantity(SYMBOL) == sum(size for size, _ in trades)
