"""An order that was executed in a contract that was delivered before anybody could ask for it."""

import pytest
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import (
    NOW_MS,
    a_fill,
    a_picture,
    a_submit_failed,
    a_symbol_account,
    an_income,
    not_found,
)
from order_stage import Stage, audits

from botcore_tui.model.account import AccountPicture, Income, IncomeKind
from botcore_tui.model.order import OrderState

REFUSED_MS = NOW_MS + 5_000


def paid(trade_id: int = 31, *, symbol: str = SYMBOL, time_ms: int = NOW_MS + 100) -> Income:
    """The fee of an execution."""
    row = an_income(transaction_id=7, kind=IncomeKind.COMMISSION, symbol=symbol, time_ms=time_ms)
    return replace(row, trade_id=trade_id)


def a_picture_with(
    *income: Income, untold: str = "HTTP 400: Invalid symbol. (-1121)"
) -> AccountPicture:
    account = replace(a_symbol_account(), untold=untold)
    return a_picture(symbols=(account,), income=income)


def concluded(picture: AccountPicture, *, trades: tuple[int, ...] = ()) -> tuple[Stage, list[str]]:
    """An order without an answer, and a contract that the venue does not know any more."""
    stage = Stage()
    stage.process(a_submit_failed())
    stage.process(*(a_fill(each, client_order_id="web_1", order_id=99) for each in trades))
    stage.register.reconcile(picture, stage.time_ms)
    asked = (not_found(asked_ms=REFUSED_MS + seconds * 1_000) for seconds in (2, 5, 8))
    return stage, audits(stage.process(*asked).effects)


@pytest.mark.requirement("F02")
def test_order_is_not_called_unplaced_where_its_contract_was_executed_in() -> None:
    stage, told = concluded(a_picture_with(paid(), paid(30, time_ms=NOW_MS)))
    assert told == ["order.untraced"]
    assert stage.state is OrderState.EXPIRED
    assert stage.order.is_presumed
    assert "executions in its contract" in stage.order.reason


@pytest.mark.requirement("F02")
@pytest.mark.parametrize(
    "picture",
    [
        a_picture(),
        a_picture_with(),
        a_picture_with(paid(), untold=""),
        a_picture_with(paid(0)),
        a_picture_with(paid(symbol="OTHER")),
        a_picture_with(paid(time_ms=NOW_MS - 60_001)),
    ],
    ids=["no history", "empty", "trades are told", "no trade", "another contract", "of before"],
)
def test_order_is_not_placed_where_nothing_speaks_against_it(picture: AccountPicture) -> None:
    stage, told = concluded(picture)
    assert (stage.state, told) == (OrderState.NOT_PLACED, [])


@pytest.mark.requirement("F02")
def test_execution_that_was_told_as_one_of_others_says_nothing_of_ours() -> None:
    stage, _ = concluded(a_picture_with(paid(31)), trades=(31,))
    assert stage.state is OrderState.NOT_PLACED
