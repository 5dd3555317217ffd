"""Everything of the account in one place: what an event leads to, in which order."""

from decimal import Decimal

import msgspec
import pytest
from desk_stage import (
    DOWN,
    HALT,
    RESUME,
    RULES,
    SICK,
    UP,
    WELL,
    Script,
    Stage,
    a_mark_price,
    a_minute,
    audits,
    buy,
    canceled,
    codes,
    requests,
)
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import (
    NOW_MS,
    a_cancel_failed,
    a_fill,
    a_picture,
    a_query_failed,
    a_request,
    a_submit_failed,
    a_symbol_account,
    an_account_update,
    an_order_report,
    an_order_sent,
    not_found,
)
from recollection_builders import (
    a_position_row,
    a_recollection,
    an_intent,
    an_open_order,
    an_open_position,
)

from botcore_tui.model.account import LeverageChange, ReconcileFailed
from botcore_tui.model.event import (
    Append,
    Effect,
    Event,
    OpenMarket,
    Record,
    RulesUpdate,
    Severity,
    Tick,
)
from botcore_tui.model.ledger import CommandRow, EquityRow, KnownTrade
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderState, Outcome, Purpose
from botcore_tui.model.trading import Cover

ENTRY, STOP, EXIT = Purpose.ENTRY, Purpose.STOP, Purpose.EXIT
ETH = "ETHUSDT"
RESUMED = ("Resume", "trading is REDUCING")


def opened(effects: list[Effect]) -> int:
    return sum(isinstance(one, OpenMarket) for one in effects)


# --- sessions ------------------------------------------------------------------------------------


def test_desk_is_silent_before_a_session_begins() -> None:
    stage = Stage(strategy=Script("1"))
    assert [*stage.tell(Tick(NOW_MS), a_mark_price("100"), a_minute(0)), *stage.wait(1_000)] == []
    stage.tell(buy())
    assert stage.answer().code == "P05"


@pytest.mark.requirement("F14")
def test_session_begins_with_what_the_ledger_knows() -> None:
    entry = an_intent(a_request(client_order_id="bc-r0-1-e"), stop_price="95", target_price="120")
    stage = Stage()
    effects = stage.tell(
        a_recollection(
            orders=[an_open_order(entry, order_id=9, filled_quantity="0.4")],
            positions=[an_open_position(a_position_row(quantity="0.4"))],
            trades=[KnownTrade(SYMBOL, 5)],
        )
    )
    assert effects[-1] == Record(
        Severity.INFO,
        "account.open",
        "account demo:test, run r1: 1 orders and 1 positions remembered",
        NOW_MS,
    )
    stage.tell(a_fill(5, order_id=7, client_order_id="web-1"))
    assert stage.held() == Decimal("0.4")
    guard = stage.desk.state.protection.guard(SYMBOL)
    assert [guard.stop_price, guard.target_price] == [95, 120]
    assert requests(effects) == []


@pytest.mark.requirement("F14")
def test_stop_of_a_remembered_position_is_verified_before_the_market_opens() -> None:
    stage = Stage()
    stage.venue.positions[SYMBOL] = Decimal(1)
    plan = an_intent(a_request(client_order_id="bc-r0-1-e"), stop_price="95")
    position = replace(an_open_position(), plan=plan)
    stage.tell(a_recollection(positions=[position]), RulesUpdate(RULES, NOW_MS))
    stage.venue.rule = lambda request: "sink" if request.purpose is STOP else "ok"
    effects = stage.tell(a_mark_price("100"), UP)
    assert (opened(effects), len(requests(effects, STOP))) == (0, 1)
    stage.venue.rule = None
    effects = stage.wait(5_250)
    assert stage.position().cover is Cover.VERIFIED
    assert opened(effects) == 1
    assert opened(stage.wait(60_000)) == 0


def test_market_opens_at_once_without_a_position_and_late_with_one_that_gets_no_stop() -> None:
    assert opened(Stage().begin().effects) == 1
    stage = Stage()
    stage.venue.positions[SYMBOL] = Decimal(1)
    stage.venue.rule = lambda _: "sink"
    stage.begin()
    assert opened(stage.effects) == 0
    for _ in range(23):
        stage.wait(250)
        stage.tell(stage.venue.picture())
    assert opened(stage.effects) == 0
    stage.wait(250)
    assert opened(stage.effects) == 1


def test_new_session_forgets_the_last_one() -> None:
    stage = Stage().begin()
    stage.tell(buy())
    stage.tell(a_recollection(account="testnet:2", run_id="r2", time_ms=0))
    view = stage.view()
    assert (view.account, view.positions, view.orders, view.is_stream_up) == (
        "testnet:2",
        (),
        (),
        False,
    )
    assert stage.desk.state.time_ms == NOW_MS


# --- what comes back -----------------------------------------------------------------------------


def test_entry_that_fails_is_told_with_its_code() -> None:
    stage = Stage().begin()
    stage.venue.answers.append("refuse -2019")
    effects = stage.tell(buy())
    text = "order bc-r1-1-e (entry) rejected: told to be rejected (-2019)"
    assert Record(Severity.WARNING, "order.rejected", text, NOW_MS) in effects
    assert stage.view().rejected == 1
    stage.wait(1_000)
    stage.venue.answers.append("fail")
    effects = stage.tell(buy())
    assert "order.not_placed" in codes(effects)
    assert stage.view().rejected == 1


@pytest.mark.requirement("F10")
def test_fill_of_others_moves_the_position_and_is_told_as_foreign() -> None:
    stage = Stage().begin()
    effects = stage.tell(stage.venue.trade_by_hand(Side.BUY, "1"))
    text = f"BUY 1 {SYMBOL} at 100 filled (foreign)"
    assert Record(Severity.INFO, "order.filled", text, NOW_MS) in effects
    assert stage.view().fills[-1].purpose is None
    assert requests(effects, STOP)


def test_events_about_unknown_orders_change_nothing() -> None:
    stage = Stage().begin()
    name = "bc-r9-1-e"
    events: list[Event] = [
        an_order_sent(name),
        a_submit_failed(name, outcome=Outcome.REJECTED),
        a_cancel_failed(name),
        not_found(name),
        a_query_failed(name),
        an_account_update(),
    ]
    assert stage.tell(*events) == []


@pytest.mark.requirement("F05")
def test_silent_stream_denies_new_risk_until_a_picture_after_it_is_back() -> None:
    stage = Stage().begin()
    effects = stage.tell(DOWN)
    assert codes(effects) == ["stream.down"]
    stage.tell(buy())
    assert stage.answer().code == "P10"
    stage.tell(UP, buy())
    assert stage.answer().code == "P10"
    stage.tell(buy())
    assert stage.answer().is_accepted


@pytest.mark.requirement("F13")
def test_ledger_that_can_not_be_written_is_told_once_and_denies_new_risk_only() -> None:
    stage = Stage().begin()
    stage.tell(buy("0.5"))
    assert codes(stage.tell(SICK, SICK)) == ["ledger.not_writable"]
    stage.tell(buy("0.2"))
    assert stage.answer().code == "P10"
    stage.tell(buy("0.5", side=Side.SELL, reduce_only=True))
    assert stage.is_flat()
    assert codes(stage.tell(WELL, WELL)) == ["ledger.writable"]


@pytest.mark.requirement("P13")
def test_changed_leverage_is_told() -> None:
    stage = Stage().begin()
    assert stage.tell(LeverageChange(SYMBOL, 5), LeverageChange(SYMBOL, 5)) == []
    effects = stage.tell(LeverageChange(SYMBOL, 20))
    assert (codes(effects), audits(effects)) == (["account.leverage"], ["account.leverage"])


def test_failed_reconciliation_reaches_the_log() -> None:
    stage = Stage().begin()
    assert codes(stage.tell(ReconcileFailed("periodic", "503", NOW_MS))) == ["reconcile.failed"]


def test_equity_is_recorded_as_time_passes() -> None:
    stage = Stage().begin()
    rows = [one.row for one in stage.wait(250) if isinstance(one, Append)]
    assert rows == [EquityRow(wallet=Decimal(10_000), unrealized=Decimal(0), time_ms=NOW_MS + 250)]


def test_position_of_a_symbol_that_is_not_followed_is_protected_too() -> None:
    stage = Stage().begin()
    eth = a_symbol_account(symbol=ETH, quantity="2", entry_price="50")
    stage.is_performing = False
    both = [a_symbol_account(), eth]
    stage.tell(a_picture(symbols=both))
    effects = stage.tell(RulesUpdate(replace(RULES, symbol=ETH), NOW_MS), a_picture(symbols=both))
    (stop,) = requests(effects, STOP)
    assert (stop.symbol, stop.trigger_price) == (ETH, Decimal("48.3"))


# --- halt ----------------------------------------------------------------------------------------


@pytest.mark.requirement("K10")
@pytest.mark.requirement("F18")
def test_halt_cancels_entries_and_leaves_what_protects() -> None:
    stage = Stage().begin()
    stage.tell(buy("0.5", target="120"), buy("0.5", price="98"))
    effects = stage.tell(HALT)
    (entry,) = (one for one in stage.sent(ENTRY) if one.price)
    assert canceled(effects) == [entry.client_order_id]
    assert {one.purpose for one in stage.venue.open_orders()} == {STOP, Purpose.TARGET}
    stage.tell(buy("0.1"))
    assert stage.answer().code == "P01"
    stage.tell(buy("0.5", side=Side.SELL, reduce_only=True))
    assert stage.is_flat()


@pytest.mark.requirement("K11")
def test_each_press_is_recorded_and_only_the_first_is_news() -> None:
    stage = Stage().begin()
    effects = stage.tell(HALT, HALT)
    effects += stage.wait(1_000)
    effects += stage.tell(RESUME)
    rows = [one.row for one in effects if isinstance(one, Append)]
    commands = [(one.command, one.text) for one in rows if isinstance(one, CommandRow)]
    assert commands == [("Halt", ""), ("Halt", "already halted"), RESUMED]


@pytest.mark.requirement("F18")
def test_entry_whose_answer_is_missing_is_cancelled_as_soon_as_it_is_known() -> None:
    stage = Stage().begin()
    stage.is_performing = False
    stage.tell(buy(price="98"))
    stage.venue.place(stage.sent()[0])
    stage.tell(an_order_sent("bc-r1-1-e"))
    assert canceled(stage.tell(HALT)) == []
    assert canceled(stage.tell(an_order_report(client_order_id="bc-r1-1-e"))) == ["bc-r1-1-e"]


# --- determinism ---------------------------------------------------------------------------------


def a_day_at_the_desk() -> list[Effect]:
    script = Script("1")
    stage = Stage(strategy=script).begin()
    stage.tell(a_minute(0))
    stage.wait(250)
    stage.venue.answers.extend(["ok", "refuse -2021", "lose"])
    script.target = "-1"
    stage.tell(a_minute(1))
    stage.wait(3_000)
    stage.tell(DOWN, HALT, SICK, RESUME, RESUME, WELL, UP, buy(price="99"))
    stage.tell(stage.venue.trade_by_hand(Side.SELL, "3", symbol=ETH))
    stage.wait(70_000)
    return stage.effects


def test_same_events_give_the_same_effects_to_the_byte() -> None:
    first = msgspec.json.encode(a_day_at_the_desk())
    assert msgspec.json.encode(a_day_at_the_desk()) == first
    assert msgspec.json.decode(first, type=list[Effect]) == a_day_at_the_desk()


def test_orders_of_a_lost_ledger_are_taken_over() -> None:
    stage = Stage().begin()
    effects = stage.tell(an_order_report(client_order_id="bc-r0-1-e"))
    assert "order.adopted" in audits(effects)
    assert stage.desk.state.register.open()[0].state is OrderState.OPEN
