"""Money, days and limits where news come late, early or from others."""

from decimal import Decimal

import pytest
from desk_stage import DOWN, LIMITS, RULES, UP, Stage, a_mark_price, buy
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import (
    NOW_MS,
    a_balance,
    a_fill,
    a_picture,
    a_symbol_account,
    an_account_update,
    an_income,
    an_order_report,
    an_order_sent,
)
from risk_builders import (
    DAY_MS,
    MIDNIGHT_MS,
    a_memory,
    a_reset,
    an_anchor,
    an_equity_row,
    rows_of,
)

from botcore_tui.core.breaker import DAY_START_UNKNOWN, BreakerLimits
from botcore_tui.core.phase import starting_rules
from botcore_tui.core.portfolio import Portfolio
from botcore_tui.model.account import IncomeKind
from botcore_tui.model.event import RulesUpdate, Tick, TradingState
from botcore_tui.model.ledger import TripRow
from botcore_tui.model.market import Side
from botcore_tui.model.order import Source, VenueStatus


def assert_nothing_is_lost_of(wallet: str, stage: Stage) -> None:
    """All losses are counted from the wallet as it is."""
    assert trips(stage) == []
    view = stage.view().risk
    assert view is not None
    assert [gauge.base for gauge in view.gauges] == [Decimal(wallet)] * 4
    assert [gauge.used_amount for gauge in view.gauges] == [0, 0, 0, 0]
    assert stage.trader.state is TradingState.ACTIVE


def test_what_midnight_brings_before_the_first_tick_belongs_to_the_new_day() -> None:
    portfolio = Portfolio()
    portfolio.on_time(MIDNIGHT_MS - 100, {})
    portfolio.fill(a_fill(trade_id=1, fee="1", realized_pnl="7", time_ms=MIDNIGHT_MS - 200))
    update = an_account_update(
        reason="FUNDING_FEE", symbol=SYMBOL, change="-0.5", time_ms=MIDNIGHT_MS + 5
    )
    portfolio.update(update)
    portfolio.fill(a_fill(trade_id=2, fee="0.25", realized_pnl="3", time_ms=MIDNIGHT_MS + 6))
    portfolio.on_time(MIDNIGHT_MS + 150, {})
    assert portfolio.funding_today == Decimal("-0.5")
    assert portfolio.fees_today == Decimal("0.25")
    assert portfolio.realized_today == 3


def test_what_was_told_of_a_day_that_nobody_saw_is_in_no_other() -> None:
    portfolio = Portfolio()
    portfolio.on_time(MIDNIGHT_MS - 100, {})
    portfolio.fill(a_fill(trade_id=2, fee="1", realized_pnl="3", time_ms=MIDNIGHT_MS + 6))
    portfolio.on_time(MIDNIGHT_MS + DAY_MS, {})
    assert portfolio.realized_today == portfolio.fees_today == 0


def trips(stage: Stage) -> list[str]:
    return [row.code for row in rows_of(stage.effects) if isinstance(row, TripRow)]


@pytest.mark.parametrize("amount", ["600", "3000", "-1000"])
def test_deposit_while_the_program_was_down_that_the_history_tells_late_is_no_loss(
    amount: str,
) -> None:
    stage = Stage()
    stage.is_performing = False
    was = "10000"
    memory = a_memory(high_water=an_anchor("high_water", was, time_ms=NOW_MS - DAY_MS))
    stage.tell(memory)

    stage.tell(RulesUpdate(RULES, NOW_MS), a_mark_price("100"), UP)
    wallet = str(Decimal(was) + Decimal(amount))
    balance = a_balance(wallet=wallet, time_ms=NOW_MS - 60_000)
    stage.tell(a_picture(reason="start", balance=balance, asked_ms=NOW_MS, income=None))
    stage.wait(60_000)
    late = an_income(amount, kind=IncomeKind.TRANSFER, transaction_id=7, time_ms=NOW_MS - 60_000)
    stage.tell(
        a_picture(reason="periodic", balance=balance, asked_ms=stage.time_ms, income=(late,))
    )
    stage.wait(250)
    assert_nothing_is_lost_of(wallet, stage)


@pytest.mark.requirement("F15")
@pytest.mark.parametrize("amount", ["600", "-1000"])
@pytest.mark.parametrize("has_balance", [True, False])
def test_deposit_while_the_program_was_down_that_only_the_second_session_learns_of_is_no_loss(
    amount: str, *, has_balance: bool
) -> None:
    """The first session of the day began with it in the wallet, and got no income history.

    The second may get that before it gets the balance.
    """
    stage = Stage()
    stage.is_performing = False
    first_ms = NOW_MS - 2 * 3_600_000
    wallet = str(10_000 + Decimal(amount))
    highs = [an_anchor("high_water", "10000", time_ms=NOW_MS - DAY_MS)]
    if not amount.startswith("-"):
        highs.append(an_anchor("high_water", wallet, time_ms=first_ms))
    memory = a_memory(
        day=an_anchor("day", wallet, time_ms=first_ms),
        day_from_ms=first_ms,
        high_water=highs[-1],
        highs=tuple(highs),
        equity=(
            an_equity_row("10000", NOW_MS - DAY_MS + 1_000),
            an_equity_row(wallet, first_ms + 250),
            an_equity_row(wallet, first_ms + 60_250),
        ),
    )
    stage.tell(memory)
    stage.tell(RulesUpdate(RULES, NOW_MS), a_mark_price("100"), UP)
    balance = a_balance(wallet=wallet, time_ms=first_ms - 60_000)
    late = an_income(amount, kind=IncomeKind.TRANSFER, transaction_id=7, time_ms=first_ms - 60_000)
    picture = a_picture(reason="start", balance=balance, asked_ms=NOW_MS, income=(late,))
    if not has_balance:
        stage.tell(replace(picture, balance=None))
        stage.wait(5_000)
        picture = replace(picture, reason="again", asked_ms=stage.time_ms, income=None)
    stage.tell(picture)
    stage.wait(250)
    assert_nothing_is_lost_of(wallet, stage)


def test_day_with_executions_before_its_first_equity_is_not_guessed() -> None:
    """An entry of a crashed run filled after midnight, its stop too; the program starts at ten."""

    stage = Stage()
    stage.is_performing = False
    memory = a_memory(high_water=an_anchor("high_water", "10000", time_ms=NOW_MS - DAY_MS))
    stage.tell(replace(memory, since_ms=NOW_MS - 3 * DAY_MS))
    stage.tell(RulesUpdate(RULES, NOW_MS), a_mark_price("100"), UP)
    fills = [
        a_fill(trade_id=1, order_id=71, quantity="10", time_ms=NOW_MS - 60_000, source=Source.LIST),
        a_fill(
            trade_id=2,
            order_id=72,
            side=Side.SELL,
            quantity="10",
            realized_pnl="-450",
            time_ms=NOW_MS - 30_000,
            source=Source.LIST,
        ),
    ]
    account = a_symbol_account(last_trade_id=2, fills=fills)
    balance = a_balance(wallet="9550", time_ms=NOW_MS - 30_000)
    stage.tell(
        a_picture(reason="start", symbols=[account], balance=balance, asked_ms=NOW_MS, income=())
    )
    stage.wait(250)
    assert stage.desk.state.portfolio.realized_today == -450
    assert stage.desk.state.breakers.day_left is None or stage.desk.state.breakers.day_left <= 50
    assert DAY_START_UNKNOWN in stage.trader.standing.reason


@pytest.mark.requirement("A01")
def test_day_whose_first_equity_came_after_an_execution_is_not_guessed_in_a_session() -> None:
    """Nothing is heard of the venue over midnight, and a stop is executed meanwhile."""
    wide = replace(LIMITS, risk_pct=Decimal(100), max_leverage=Decimal(50))
    slow = BreakerLimits(hour_loss_pct=Decimal(50), rolling_day_loss_pct=Decimal(50))
    stage = Stage(limits=wide, breakers=slow)
    stage.time_ms = stage.venue.time_ms = MIDNIGHT_MS - 20_000
    stage.tell(a_memory(time_ms=stage.time_ms), RulesUpdate(RULES, NOW_MS), a_mark_price("100"), UP)
    stage.wait(500)
    stage.tell(buy("200", stop="98"))
    stage.wait(1_000)
    stage.is_performing = False
    stage.tell(DOWN)
    while stage.time_ms < MIDNIGHT_MS + 15_000:
        stage.time_ms += 250
        stage.tell(Tick(stage.time_ms))
    stage.venue.time_ms, stage.venue.mark = stage.time_ms, Decimal(98)
    stage.venue.trigger(stage.stop().client_order_id)
    stage.venue.trades[-1] = replace(stage.venue.trades[-1], realized_pnl=Decimal(-400))
    stage.venue.wallet -= 400
    stage.is_performing = True
    stage.tell(UP)
    stage.wait(5_000)
    books, breakers = stage.desk.state.portfolio, stage.desk.state.breakers
    assert books.realized_today == -400
    assert breakers.day_profit is None, "not told as nothing lost"
    assert breakers.entry_denial() == DAY_START_UNKNOWN
    assert stage.trader.state is TradingState.REDUCING
    stage.tell(a_reset(rebases=True))
    stage.wait(250)
    assert breakers.day_profit == 0


@pytest.mark.parametrize("amount", ["600", "-1000"])
def test_capital_of_a_phase_has_a_transfer_that_is_told_late_once(amount: str) -> None:

    stage = Stage(phase=starting_rules(is_real_money=False))
    stage.is_performing = False
    stage.tell(a_memory())
    stage.tell(RulesUpdate(RULES, NOW_MS), a_mark_price("100"), UP)
    balance = a_balance(wallet="4000", time_ms=NOW_MS - 60_000)
    stage.tell(a_picture(reason="start", balance=balance, asked_ms=NOW_MS, income=None))
    stage.wait(60_000)
    assert stage.desk.state.tenure.capital == 4_000
    late = an_income(amount, kind=IncomeKind.TRANSFER, transaction_id=7, time_ms=NOW_MS - 60_000)
    stage.tell(a_picture(balance=balance, asked_ms=stage.time_ms, income=(late,)))
    assert stage.desk.state.tenure.capital == 4_000


def test_orders_of_others_count_in_the_worst_case() -> None:
    """P11, P12: all that is open on the account, whoever placed it."""

    stage = Stage(limits=replace(LIMITS, risk_pct=Decimal(100), max_leverage=Decimal(3))).begin()
    stage.wait(250)
    equity = stage.desk.state.equity()
    assert equity == 10_000
    resting = an_order_report(
        client_order_id="web_1", order_id=900, side=Side.BUY, quantity="290", price="99"
    )
    stage.tell(resting)
    assert stage.desk.state.gross_notional() == 29_000
    stage.tell(buy("20", stop="95"))
    assert (stage.answer().is_accepted, stage.answer().code) == (False, "P11")
    reducing = replace(resting, reduce_only=True)
    stage.tell(reducing)
    stage.tell(buy("20", stop="95"))
    assert stage.answer().is_accepted


@pytest.mark.parametrize("filled", ["250", "100"])
def test_execution_that_the_reply_tells_before_its_fill_counts_in_the_worst_case(
    filled: str,
) -> None:
    """P12 by two contracts: the first order's reply is here, its execution is not yet."""

    stage = Stage(
        limits=replace(LIMITS, risk_pct=Decimal(100), max_leverage=Decimal(3)),
        symbols=(SYMBOL, "ETHUSDT"),
    ).begin()
    stage.wait(250)
    stage.is_performing = False
    stage.tell(buy("250", stop="99"))
    request = stage.sent()[-1]
    status = VenueStatus.FILLED if filled == "250" else VenueStatus.PARTIALLY_FILLED
    stage.tell(
        an_order_sent(request.client_order_id),
        an_order_report(
            source=Source.REPLY,
            client_order_id=request.client_order_id,
            word="MARKET",
            status=status,
            quantity="250",
            filled_quantity=filled,
            price="0",
        ),
    )
    assert stage.held() == 0
    assert stage.desk.state.gross_notional() == 25_000
    stage.tell(buy("250", stop="99", symbol="ETHUSDT"))
    assert (stage.answer().is_accepted, stage.answer().code) == (False, "P12")
