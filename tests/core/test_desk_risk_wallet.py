"""A wallet that changes: a loss, a transfer, or something odd."""

from decimal import Decimal

import pytest
from desk_stage import (
    LIMITS,
    TICK_MS,
    Stage,
    a_mark_price,
    buy,
    codes,
)
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import (
    NOW_MS,
    a_balance,
    a_picture,
    a_position_report,
    an_account_update,
    an_income,
)
from risk_builders import rows_of

from botcore_tui.core.breaker import BreakerLimits
from botcore_tui.model.account import Income, IncomeKind
from botcore_tui.model.event import (
    Effect,
    Reconcile,
    Tick,
    TradingState,
)
from botcore_tui.model.ledger import AnchorRow, TripRow
from botcore_tui.model.order import Fill, Purpose
from botcore_tui.model.risk import RiskView

ACTIVE, REDUCING, HALTED = TradingState.ACTIVE, TradingState.REDUCING, TradingState.HALTED
WIDE = replace(LIMITS, risk_pct=Decimal(100), max_leverage=Decimal(50))
SLOW = BreakerLimits(hour_loss_pct=Decimal(50), rolling_day_loss_pct=Decimal(50))


def risk(stage: Stage) -> RiskView:
    view = stage.view().risk
    assert view is not None
    return view


def trips(effects: list[Effect]) -> list[str]:
    return [row.code for row in rows_of(effects) if isinstance(row, TripRow)]


def heavy(quantity: str = "200", *, symbols: tuple[str, ...] = (SYMBOL,)) -> Stage:
    """Long from 100 with 10,000 USDT; its stop is far away."""
    stage = Stage(limits=WIDE, breakers=SLOW, symbols=symbols).begin()
    stage.wait(250)
    stage.tell(buy(quantity, stop="98"))
    stage.wait(250)
    assert stage.held() == Decimal(quantity)
    return stage


# --- the wallet ---------------------------------------------------------------------------------


def strange(stage: Stage, wallet: str, *, income: tuple[Income, ...] | None = None) -> list[Effect]:
    """A listing shows another wallet."""
    balance = a_balance(wallet=wallet, time_ms=stage.time_ms)
    return stage.tell(a_picture(balance=balance, asked_ms=stage.time_ms, income=income))


def quiet() -> Stage:
    stage = Stage().begin()
    stage.wait(250)
    stage.is_performing = False
    return stage


@pytest.mark.requirement("F15")
def test_wallet_that_changed_for_no_reason_is_asked_about_and_counts_with_the_second_look() -> None:
    stage = quiet()
    effects = strange(stage, "5000")
    assert [one.reason for one in effects if isinstance(one, Reconcile)] == ["wallet"]
    assert "wallet.unexplained" in codes(effects)
    assert trips(effects) == []
    stage.tell(buy())
    assert "nobody said why" in stage.answer().text
    stage.wait(250)
    effects = strange(stage, "5000", income=())
    assert "wallet.accepted" in codes(effects)
    assert trips(effects) == ["A01", "A02", "A03-1h", "A03-24h"]


@pytest.mark.requirement("F15")
def test_wallet_that_nobody_explains_counts_after_ten_seconds() -> None:
    stage = quiet()
    strange(stage, "5000")
    assert trips(stage.wait(9_750)) == []
    assert "A01" in trips(stage.wait(250))


@pytest.mark.requirement("F15")
def test_withdrawal_that_the_history_tells_is_no_loss() -> None:
    stage = quiet()
    strange(stage, "5000")
    stage.wait(1_000)
    income = an_income("-5000", kind=IncomeKind.TRANSFER, transaction_id=7, time_ms=stage.time_ms)
    effects = strange(stage, "5000", income=(income,))
    assert trips(effects) == []
    anchors = [row for row in rows_of(effects) if isinstance(row, AnchorRow)]
    assert [row.kind for row in anchors] == ["day", "high_water"]
    assert [row.equity for row in anchors] == [5000, 5000]
    stage.wait(20_000)
    assert stage.trader.state is ACTIVE
    assert risk(stage).gauges[0].used_amount == 0


@pytest.mark.requirement("F15")
@pytest.mark.parametrize("amount", ["5000", "-5000"])
def test_transfer_that_the_stream_tells_moves_no_gauge(amount: str) -> None:
    stage = heavy()
    stage.tell(a_mark_price("99"))
    before = risk(stage).gauges[0]
    wallet = str(10_000 + Decimal(amount))
    stage.venue.wallet = Decimal(wallet)
    effects = stage.tell(
        an_account_update(
            reason="DEPOSIT",
            balances=(a_balance(wallet=wallet, time_ms=NOW_MS + 400),),
            change=amount,
            time_ms=NOW_MS + 400,
        )
    )
    assert trips(effects) == []
    after = risk(stage).gauges[0]
    assert after.used_amount == before.used_amount == 200
    assert after.base == 10_000 + Decimal(amount)


def funding(stage: Stage, wallet: str, amount: str, *, time_ms: int) -> list[Effect]:
    """The stream tells what a position paid or got."""
    return stage.tell(
        an_account_update(
            reason="FUNDING_FEE",
            symbol=SYMBOL,
            balances=(a_balance(wallet=wallet, time_ms=time_ms),),
            change=amount,
            time_ms=time_ms,
        )
    )


@pytest.mark.requirement("F15")
@pytest.mark.requirement("F05")
@pytest.mark.parametrize("amount", ["-5000", "5000"])
def test_transfer_whose_message_was_lost_is_no_loss_when_the_next_one_tells_the_wallet(
    amount: str,
) -> None:
    """The stream is away while money is withdrawn; back, funding comes before any listing."""
    stage = quiet()
    stage.wait(1_000)
    moved_ms, wallet = stage.time_ms - 500, str(Decimal(9999) + Decimal(amount))
    effects = funding(stage, wallet, "-1", time_ms=stage.time_ms)
    assert trips(effects) == []
    assert [one.reason for one in effects if isinstance(one, Reconcile)] == ["wallet"]
    stage.tell(buy())
    assert "nobody said why" in stage.answer().text
    stage.wait(1_000)
    income = an_income(amount, kind=IncomeKind.TRANSFER, transaction_id=7, time_ms=moved_ms)
    effects = strange(stage, wallet, income=(income,)) + stage.wait(20_000)
    assert trips(effects) == []
    assert "wallet.accepted" not in codes(effects)
    assert [gauge.used_amount for gauge in risk(stage).gauges] == [1, 1, 1, 1]
    assert stage.trader.state is ACTIVE


def test_funding_that_a_listing_showed_before_the_stream_told_of_it_has_a_reason() -> None:
    stage = quiet()
    stage.wait(1_000)
    paid_ms = stage.time_ms
    effects = strange(stage, "9980")
    stage.wait(250)
    effects += funding(stage, "9980", "-20", time_ms=paid_ms)
    stage.tell(buy(stop="99"))
    assert "nobody said why" not in stage.answer().text
    effects += stage.wait(1_000) + strange(stage, "9980", income=()) + stage.wait(20_000)
    assert "wallet.accepted" not in codes(effects)
    assert stage.desk.state.portfolio.funding_today == -20
    assert risk(stage).gauges[0].used_amount == 20


@pytest.mark.requirement("A05")
@pytest.mark.requirement("F15")
@pytest.mark.parametrize("wallet", ["NaN", "-5"])
def test_absurd_wallet_is_unknown_equity(wallet: str) -> None:
    stage = quiet()
    strange(stage, wallet)
    stage.tell(buy())
    assert not stage.answer().is_accepted
    stage.wait(10_000)
    assert stage.trader.state is REDUCING
    assert "A05" in trips(stage.wait(20_000))


@pytest.mark.requirement("F15")
@pytest.mark.parametrize("wallet", ["NaN", "-5000"])
def test_absurd_wallet_that_is_right_again_in_time_trips_nothing(wallet: str) -> None:
    stage = quiet()
    strange(stage, wallet, income=())
    stage.wait(500)
    strange(stage, wallet, income=())
    stage.wait(9_000)
    assert trips(strange(stage, "10000") + stage.wait(30_000)) == []
    assert stage.trader.state is ACTIVE


@pytest.mark.requirement("A05")
def test_position_without_a_fresh_mark_is_unknown_equity() -> None:
    stage = heavy("1")
    for _ in range(64):
        stage.time_ms += TICK_MS
        stage.is_performing = False
        stage.tell(Tick(stage.time_ms))
    assert stage.trader.state is REDUCING
    assert risk(stage).equity_age_ms == 16_000, "as old as the mark in it"


@pytest.mark.requirement("A01")
@pytest.mark.requirement("F03")
def test_update_that_comes_late_does_not_count_the_loss_twice_and_halt() -> None:
    stage = heavy()
    opened_ms = stage.time_ms
    stage.wait(1_000)
    stage.move("98.5")
    stage.is_performing = False
    (stop,) = stage.live(Purpose.STOP)
    told = stage.venue.trigger(stop.client_order_id)
    loss = Decimal(-300)
    stage.tell(*(replace(one, realized_pnl=loss) if isinstance(one, Fill) else one for one in told))
    assert stage.desk.state.equity() == 9_700
    late = an_account_update(
        balances=(a_balance(wallet="10000", time_ms=opened_ms),),
        positions=(a_position_report(quantity="200", entry_price="100", time_ms=opened_ms),),
        time_ms=opened_ms,
    )
    effects = stage.tell(late)
    assert stage.desk.state.equity() == 9_700
    assert trips(effects) == []
    assert stage.desk.state.standing.state is not HALTED
