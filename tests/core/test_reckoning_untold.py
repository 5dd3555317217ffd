"""Contracts whose trades the venue refuses to tell: settled, off its list, or at rest."""

from decimal import Decimal

import pytest
from desk_stage import Stage, a_mark_price, audits, buy
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import a_balance, a_fill, a_picture, a_symbol_account

from botcore_tui.model.account import AccountPicture
from botcore_tui.model.event import TradingState
from botcore_tui.model.market import Side

WHY = "Invalid symbol status. (-1122)"


def untold(stage: Stage, quantity: str, known: int) -> AccountPicture:
    """What the venue says of the position, and nothing of trades after that one."""
    account = a_symbol_account(quantity=quantity, entry_price="100", last_trade_id=known)
    picture = a_picture(
        reason="periodic",
        symbols=[replace(account, untold=WHY)],
        balance=a_balance(wallet="10000"),
    )
    stage.time_ms += 1_000
    return replace(picture, asked_ms=stage.time_ms, time_ms=stage.time_ms)


def a_stage() -> tuple[Stage, int]:
    """Holds one, by trades that pictures told; the last of them."""
    stage = Stage().begin()
    stage.tell(buy("1"))
    stage.wait(11_000)
    stage.is_performing = False
    return stage, stage.desk.state.register.newest_trade(SYMBOL)


@pytest.mark.requirement("F11")
def test_settled_position_is_flat_though_no_list_has_the_trade_that_settled_it() -> None:
    stage, last = a_stage()
    fill = a_fill(
        last + 1,
        client_order_id="settlement_autoclose-77",
        order_id=77,
        side=Side.SELL,
        quantity="1",
        price="100",
        time_ms=stage.time_ms,
    )
    stage.tell(fill)
    assert stage.held() == 0
    for _ in range(3):
        stage.tell(untold(stage, "0", last))
        assert stage.held() == 0
    assert stage.view().is_reconciled


def test_position_is_not_counted_twice_while_its_newest_trade_is_not_listed() -> None:
    stage, last = a_stage()
    fill = a_fill(
        last + 1, client_order_id="web_1", order_id=78, quantity="2", time_ms=stage.time_ms
    )
    stage.tell(fill)
    for _ in range(3):
        stage.tell(untold(stage, "3", last))
        assert stage.held() == Decimal(3)


def test_position_that_nobody_told_the_end_of_is_adopted_as_gone() -> None:
    stage, last = a_stage()
    stage.tell(untold(stage, "0", last))
    assert stage.held() == 1
    stage.tell(untold(stage, "0", last))
    assert stage.held() == 0


def test_no_entry_leaves_where_trades_are_not_told_and_that_is_said_once() -> None:
    stage, last = a_stage()
    told = [*stage.tell(untold(stage, "1", last)), *stage.tell(untold(stage, "1", last))]
    assert audits(told) == ["account.untold"]
    assert WHY in stage.desk.state.trouble(SYMBOL)
    assert stage.desk.state.trouble() == ""
    stage.tell(
        replace(
            untold(stage, "1", last),
            symbols=(a_symbol_account(quantity="1", entry_price="100", last_trade_id=last),),
        )
    )
    assert stage.desk.state.trouble(SYMBOL) == ""
    assert stage.desk.state.standing.state is TradingState.ACTIVE


@pytest.mark.requirement("A05")
def test_profit_of_what_a_sighting_closed_stays_while_its_trades_are_refused() -> None:
    """Nobody told the wallet since: without it equity would fall by what was won."""
    stage = Stage().begin()
    stage.tell(buy("2"))
    stage.wait(11_000)
    stage.is_performing = False
    stage.tell(*[a_mark_price("110")] * 2)
    state = stage.desk.state
    last, before = state.register.newest_trade(SYMBOL), state.equity()
    sighting = replace(untold(stage, "1", 0), is_sighting=True, balance=None, listed=(SYMBOL,))
    told = replace(sighting.symbols[0].position, time_ms=stage.time_ms)
    stage.tell(replace(sighting, symbols=(replace(sighting.symbols[0], position=told),)))
    assert stage.held() == 1
    assert state.equity() == before
    stage.tell(replace(untold(stage, "1", last), balance=None))
    assert state.equity() == before


@pytest.mark.requirement("A05")
def test_profit_of_what_a_sighting_closed_is_not_counted_beside_a_wallet_that_has_it() -> None:
    """The venue does not say when the position changed: the wallet did before that was asked."""
    stage = Stage().begin()
    stage.tell(buy("2"))
    stage.wait(11_000)
    stage.is_performing = False
    stage.tell(*[a_mark_price("110")] * 2)
    state = stage.desk.state
    last, before = state.register.newest_trade(SYMBOL), state.equity()
    wallet = state.portfolio.worth.wallet
    assert wallet is not None
    assert before is not None
    sighting = replace(untold(stage, "1", 0), is_sighting=True, balance=None, listed=(SYMBOL,))
    silent = replace(sighting.symbols[0].position, time_ms=0)
    closed_ms = stage.time_ms - 500
    stage.tell(replace(sighting, symbols=(replace(sighting.symbols[0], position=silent),)))
    assert stage.held() == 1
    assert state.equity() == before
    paid = a_balance(wallet=str(wallet + 10), time_ms=closed_ms)
    stage.tell(replace(untold(stage, "1", last), balance=paid))
    assert state.equity() == before
    stage.tell(replace(untold(stage, "1", last), balance=paid))
    assert state.equity() == before
