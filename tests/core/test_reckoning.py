"""When the venue is asked for the account, and what is made of its answer."""

from decimal import Decimal

import pytest
from desk_stage import (
    DOWN,
    LIMITS,
    RULES,
    UP,
    Stage,
    a_mark_price,
    audits,
    buy,
    codes,
    reconciles,
    requests,
)
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import (
    NOW_MS,
    ZERO,
    a_balance,
    a_picture,
    a_position_report,
    a_symbol_account,
    an_account_update,
    an_income,
)
from recollection_builders import a_recollection

from botcore_tui.model.account import AccountPicture, AccountUpdate, LeverageChange, ReconcileFailed
from botcore_tui.model.event import Effect, RulesUpdate, TradingState
from botcore_tui.model.market import Side
from botcore_tui.model.order import Purpose

ETH = "ETHUSDT"
FAILED = ReconcileFailed("periodic", "HTTP 503", NOW_MS)


def asked(effects: list[Effect]) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.reason, one.symbols) for one in reconciles(effects)]


BALANCE = a_balance(wallet="10000")
"""As much as the stage's venue has: another would be a loss."""


def told(quantity: str, *, symbol: str = SYMBOL, reason: str = "periodic") -> AccountPicture:
    """A picture with this position, of which no trade is known."""
    return a_picture(
        reason=reason,
        symbols=[a_symbol_account(symbol=symbol, quantity=quantity, entry_price="100")],
        balance=BALANCE,
    )


def silent(stage: Stage | None = None) -> Stage:
    """Reconciled; from here on nobody answers but the test."""
    stage = (stage or Stage()).begin()
    stage.is_performing = False
    return stage


# --- asking --------------------------------------------------------------------------------------


def test_whole_account_is_asked_for_at_the_start_and_after_each_reconnect() -> None:
    stage = Stage()
    stage.is_performing = False
    stage.tell(a_recollection())
    assert asked(stage.wait(4_000)) == []
    assert asked(stage.tell(UP)) == [("start", ())]
    stage.tell(told("0", reason="start"))
    assert asked(stage.tell(DOWN)) == []
    assert asked(stage.wait(4_000)) == []
    assert asked(stage.tell(UP)) == [("reconnect", ())]


@pytest.mark.requirement("F05")
def test_account_is_looked_at_while_no_stream_tells_of_it() -> None:
    stage = silent()
    stage.tell(DOWN)
    assert asked(stage.wait(5_000)) == [("blind", (SYMBOL,))]
    stage.tell(told("2"))
    assert not stage.view().is_reconciled
    assert asked(stage.wait(4_750)) == []
    assert asked(stage.wait(250)) == [("blind", (SYMBOL,))]
    (stop,) = requests(stage.tell(told("2")), Purpose.STOP)
    assert stop.side is Side.SELL
    for _ in range(9):
        stage.wait(5_000)
        stage.tell(told("2"))
    assert asked(stage.wait(5_000)) == [("blind", ())]


@pytest.mark.requirement("F05")
def test_account_of_a_session_whose_stream_does_not_come_is_looked_at_all_the_same() -> None:
    stage = Stage()
    stage.is_performing = False
    stage.tell(a_recollection())
    assert asked(stage.wait(5_250)) == [("blind", ())]
    stage.tell(told("2"))
    assert not stage.view().is_reconciled
    assert asked(stage.tell(UP)) == [("start", ())]


@pytest.mark.requirement("A09")
def test_followed_symbols_are_asked_for_every_ten_seconds_and_all_every_minute() -> None:
    stage = Stage().begin()
    effects = stage.wait(60_000)
    assert asked(effects) == [("periodic", (SYMBOL,))] * 5 + [("periodic", ())]


def test_answer_that_does_not_come_is_asked_for_again() -> None:
    stage = silent()
    stage.wait(10_000)
    effects = stage.wait(30_000)
    assert asked(effects) == []
    assert asked(stage.wait(250)) == [("overdue", ())]


@pytest.mark.requirement("F15")
@pytest.mark.requirement("P10")
def test_account_that_is_not_told_for_half_a_minute_is_not_known_well_enough_for_new_risk() -> None:
    stage = silent()
    stage.wait(20_000)
    stage.tell(FAILED)
    assert stage.view().is_reconciled
    stage.wait(10_000)
    stage.tell(FAILED)
    assert not stage.view().is_reconciled
    stage.tell(told("0"))
    assert stage.view().is_reconciled
    stage.wait(10_000)
    assert stage.view().is_reconciled
    stage.wait(30_250)  # nobody answers at all
    assert not stage.view().is_reconciled


def test_picture_after_a_reconnect_that_does_not_come_is_asked_for_as_such() -> None:
    stage = silent()
    stage.tell(DOWN, UP)
    assert asked(stage.wait(30_250)) == [("reconnect", ())]


def test_failed_question_is_asked_again_soon_and_what_was_known_stays() -> None:
    stage = silent()
    stage.wait(10_000)
    effects = stage.tell(FAILED)
    assert codes(effects) == ["reconcile.failed"]
    assert asked(stage.wait(1_750)) == []
    assert asked(stage.wait(250)) == [("periodic", (SYMBOL,))]
    assert stage.view().is_reconciled


def test_failed_start_is_tried_again_soon() -> None:
    stage = silent()
    stage.tell(DOWN, UP, FAILED)
    assert asked(stage.wait(1_750)) == []
    assert asked(stage.wait(250)) == [("again", ())]


@pytest.mark.requirement("F05")
def test_picture_that_was_asked_for_before_the_stream_came_back_reconciles_nothing() -> None:
    stage = silent()
    stage.tell(DOWN, UP, told("0", reason="periodic"))
    assert not stage.view().is_reconciled
    assert asked(stage.wait(1_000)) == []
    stage.tell(told("0", reason="reconnect"))
    assert stage.view().is_reconciled


# --- doubts --------------------------------------------------------------------------------------


def an_update(quantity: str) -> AccountUpdate:
    return an_account_update(positions=[a_position_report(quantity=quantity)])


@pytest.mark.requirement("A10")
def test_position_of_the_stream_that_fills_do_not_explain_in_time_is_asked_about() -> None:
    stage = silent()
    stage.tell(an_update("1"))
    assert asked(stage.wait(1_750)) == []
    stage.tell(an_update("2"))
    assert asked(stage.wait(250)) == [("mismatch", (SYMBOL,))]
    stage.tell(told("0"))
    assert asked(stage.wait(2_000)) == []


def test_position_that_fills_explain_is_not_asked_about() -> None:
    stage = silent()
    stage.tell(an_update("1"), stage.venue.trade_by_hand(Side.BUY, "1"))
    assert asked(stage.wait(5_000)) == []


def test_doubt_ends_when_the_stream_says_what_we_have() -> None:
    stage = silent()
    stage.tell(an_update("1"), an_update("0"))
    assert asked(stage.wait(5_000)) == []


# --- reading -------------------------------------------------------------------------------------


def test_first_picture_is_adopted_without_a_word_about_the_state() -> None:
    stage = Stage()
    stage.venue.positions[SYMBOL] = Decimal(2)
    stage.begin()
    assert (stage.held(), stage.trader.state) == (Decimal(2), TradingState.ACTIVE)
    assert stage.position().tag == "adopted"
    assert "reconcile.done" in stage.codes()


@pytest.mark.requirement("A10")
def test_difference_is_adopted_when_seen_twice_and_lowers_the_state() -> None:
    stage = silent()
    stage.tell(told("3"))
    assert (stage.held(), stage.view().is_reconciled) == (ZERO, False)
    before = stage.trader.state
    assert asked(stage.wait(250)) == [("again", ())]
    effects = stage.tell(told("3"))
    assert (stage.held(), stage.view().is_reconciled) == (Decimal(3), True)
    assert (before, stage.trader.state) == (TradingState.ACTIVE, TradingState.REDUCING)
    assert "position.adopted" in audits(effects)
    assert requests(effects, Purpose.STOP)


def test_difference_that_is_gone_in_the_second_picture_changes_nothing() -> None:
    stage = silent()
    stage.tell(told("3"), told("0"))
    assert (stage.held(), stage.view().is_reconciled) == (ZERO, True)
    stage.tell(told("3"))
    assert stage.trader.state is TradingState.ACTIVE


@pytest.mark.requirement("F10")
def test_difference_of_a_symbol_that_nobody_holds_any_more_is_forgotten() -> None:
    stage = silent()
    stage.tell(told("3", symbol=ETH))
    assert not stage.view().is_reconciled
    stage.tell(told("0"))
    assert stage.view().is_reconciled


@pytest.mark.requirement("F09")
def test_position_that_the_venue_does_not_mention_any_more_is_gone_when_seen_twice() -> None:
    stage = Stage().begin()
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "1", symbol=ETH))
    stage.is_performing = False
    stage.tell(told("0"))
    assert stage.held(ETH) == 1
    stage.tell(told("0"))
    assert (stage.held(ETH), stage.trader.state) == (ZERO, TradingState.REDUCING)


@pytest.mark.requirement("A06")
@pytest.mark.requirement("F09")
def test_position_that_is_opened_while_the_first_picture_is_made_is_not_taken_for_gone() -> None:
    """In a contract that nobody follows: the picture does not mention it, the stream does."""
    stage = Stage()
    stage.tell(a_recollection(), a_mark_price("100", symbol=ETH))
    stage.tell(RulesUpdate(replace(RULES, symbol=ETH), NOW_MS))
    stage.is_performing = False
    stage.tell(UP)
    picture = stage.venue.picture("start")
    stage.wait(250)
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "1", symbol=ETH))
    stops = requests(stage.tell(picture), Purpose.STOP)
    assert (stage.held(ETH), len(stops)) == (Decimal(1), 1)


@pytest.mark.requirement("F03")
def test_trade_that_is_newer_than_the_picture_is_no_difference() -> None:
    stage = silent()
    picture = told("0")
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "1"), picture)
    assert (stage.held(), stage.view().is_reconciled) == (Decimal(1), True)


@pytest.mark.requirement("F05")
def test_trades_of_a_picture_are_booked_before_positions_are_compared() -> None:
    stage = Stage().begin()
    stage.is_performing = False
    stage.tell(DOWN)
    stage.venue.trade_by_hand(Side.BUY, "2")
    effects = stage.tell(UP, stage.venue.picture("reconnect"))
    assert (stage.held(), stage.trader.state) == (Decimal(2), TradingState.ACTIVE)
    assert "position.adopted" not in audits(effects)


def test_picture_brings_the_wallet_leverages_and_the_mode() -> None:
    stage = silent()
    effects = stage.tell(
        a_picture(
            balance=a_balance(wallet="777"),
            leverages=[LeverageChange(SYMBOL, 7)],
            is_one_way=False,
        )
    )
    assert stage.desk.state.leverages == {SYMBOL: 7}
    assert stage.desk.state.portfolio.wallet == 777
    assert "account.hedge_mode" in audits(effects)
    assert audits(stage.tell(a_picture(is_one_way=False, balance=BALANCE))) == []


@pytest.mark.requirement("P13")
def test_leverage_that_is_changed_while_a_picture_is_made_is_not_the_one_before() -> None:
    stage = silent()
    begun = a_picture(balance=BALANCE, leverages=[LeverageChange(SYMBOL, 20)])
    stage.wait(2_000)
    stage.tell(LeverageChange(SYMBOL, 3))
    stage.tell(replace(begun, time_ms=begun.asked_ms + 3_000))
    assert stage.desk.state.leverages == {SYMBOL: 3}
    # After a gap in the stream nothing that it told before is newer than a listing.
    stage.tell(DOWN, UP, a_picture(leverages=[LeverageChange(SYMBOL, 8)], balance=BALANCE))
    assert stage.desk.state.leverages == {SYMBOL: 8}


@pytest.mark.requirement("P13")
def test_margin_type_that_is_changed_while_a_picture_is_made_is_not_the_one_before() -> None:
    """By the older word, which the next listing corrects ten minutes later, an entry would pass."""
    stage = silent(Stage(limits=replace(LIMITS, margin_type="ISOLATED")))
    before = [LeverageChange(SYMBOL, 5, "ISOLATED")]
    begun = a_picture(balance=BALANCE, leverages=before)
    stage.wait(2_000)
    crossed = replace(a_position_report(), margin_type="CROSSED")
    stage.tell(an_account_update(reason="MARGIN_TYPE_CHANGE", positions=[crossed]))
    stage.tell(replace(begun, time_ms=begun.asked_ms + 3_000), buy())
    assert stage.desk.state.margin_types == {SYMBOL: "CROSSED"}
    assert (stage.answer().is_accepted, stage.answer().code) == (False, "P13")
    # After a gap in the stream nothing that it told before is newer than a listing.
    stage.tell(DOWN, UP, a_picture(leverages=before, balance=BALANCE))
    assert stage.desk.state.margin_types == {SYMBOL: "ISOLATED"}


@pytest.mark.requirement("P13")
def test_hedge_mode_denies_new_risk_until_it_is_gone() -> None:
    stage = silent()
    stage.tell(a_picture(is_one_way=False, balance=BALANCE), buy())
    assert stage.answer().code == "P10"
    stage.tell(a_picture(balance=BALANCE), buy())
    assert stage.answer().is_accepted


def test_multi_assets_mode_denies_new_risk_until_it_is_gone() -> None:
    """Equity is of one asset: of what margin is there it says nothing."""
    stage = silent()
    stage.tell(a_picture(is_single_asset=False, balance=BALANCE), buy())
    assert stage.answer().code == "P10"
    assert "multi-assets mode" in stage.desk.state.trouble()
    stage.tell(a_picture(balance=BALANCE), buy())
    assert stage.answer().is_accepted


def test_what_was_found_is_told_in_one_line() -> None:
    stage = Stage()
    stage.venue.positions[SYMBOL] = Decimal(2)
    stage.begin()
    text = next(one for one in stage.effects if getattr(one, "code", "") == "reconcile.done")
    assert "(start): 1 positions, 0 orders, 0 conditional orders, wallet 10000 USDT" in str(text)


@pytest.mark.requirement("A06")
@pytest.mark.requirement("F15")
def test_picture_without_a_balance_shows_positions_and_reconciles_nothing() -> None:
    stage = silent()
    stage.tell(told("1"), replace(told("1"), balance=None))
    assert stage.held() == 1
    assert stage.desk.state.portfolio.wallet == 10_000
    assert "not reconciled" in stage.desk.state.trouble()
    assert asked(stage.wait(5_250)) != []
    stage.tell(told("1"))
    assert stage.desk.state.is_reconciled


# --- money ---------------------------------------------------------------------------------------


@pytest.mark.requirement("F05")
def test_funding_that_a_picture_tells_belongs_to_the_position_that_it_tells() -> None:
    stage = Stage()
    stage.is_performing = False
    stage.tell(a_recollection())
    stage.tell(UP)
    account = a_symbol_account(quantity="2", entry_price="100")
    picture = a_picture(
        reason="start", symbols=[account], income=[an_income("-0.5", transaction_id=7)]
    )
    assert "income.healed" in codes(stage.tell(picture))
    assert "income.healed" not in codes(stage.tell(picture))
    (position,) = stage.view().positions
    assert position.funding == Decimal("-0.5")
