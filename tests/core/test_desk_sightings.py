"""What is held is told while trades are not: it is protected, and nothing is counted twice."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from desk_stage import DOWN, HALT, RULES, UP, Stage, a_mark_price, buy, codes, requests
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import NOW_MS, ZERO, a_position_report
from recollection_builders import a_recollection, an_open_position

from botcore_tui.model.account import AccountPicture, ReconcileFailed, SymbolAccount
from botcore_tui.model.event import Append, RulesUpdate, TradingState
from botcore_tui.model.ledger import FillRow, PositionRow
from botcore_tui.model.market import Side
from botcore_tui.model.order import Purpose
from botcore_tui.model.trading import Cover

FAILED = ReconcileFailed("start", "userTrades: HTTP 503", NOW_MS)


def a_sighting(
    stage: Stage, *, reason: str = "again", changed_ms: int | None = None, mark: str | None = None
) -> AccountPicture:
    """Positions of the venue that are not flat, and what is open."""
    held = [
        a_position_report(
            symbol=symbol,
            quantity=str(quantity),
            entry_price="100",
            mark=mark,
            time_ms=stage.time_ms if changed_ms is None else changed_ms,
        )
        for symbol, quantity in stage.venue.positions.items()
        if quantity
    ]
    return replace(
        stage.venue.picture(reason),
        symbols=tuple(SymbolAccount(position=one, last_trade_id=0, fills=()) for one in held),
        balance=None,
        listed=tuple(one.symbol for one in held),
        is_sighting=True,
    )


def whole(stage: Stage, reason: str = "again") -> AccountPicture:
    return stage.venue.picture(reason)


def starting() -> Stage:
    """A session that has begun, of whose account the venue has not told anything."""
    stage = Stage()
    stage.is_performing = False
    stage.tell(replace(a_recollection(), since_ms=NOW_MS), RulesUpdate(RULES, NOW_MS))
    stage.tell(a_mark_price("100"), UP, FAILED)
    stage.wait(1_000)
    return stage


def cut_off() -> Stage:
    """Reconciled once, then the user stream was away: what happened meanwhile must be asked for."""
    stage = Stage().begin()
    stage.is_performing = False
    stage.wait(1_000)
    stage.tell(DOWN)
    return stage


def outdated() -> tuple[Stage, AccountPicture]:
    """Cut off with two, which were sighted, and that a second ago."""
    stage = cut_off()
    stage.venue.trade_by_hand(Side.BUY, "2")
    old = a_sighting(stage)
    stage.wait(1_000)
    return stage, old


def _entered_at(price: Decimal, picture: AccountPicture) -> AccountPicture:
    (account,) = picture.symbols
    account = replace(account, position=replace(account.position, entry_price=price))
    return replace(picture, symbols=(account,))


def booked(stage: Stage) -> list[int]:
    rows = [effect.row for effect in stage.effects if isinstance(effect, Append)]
    return [row.fill.trade_id for row in rows if isinstance(row, FillRow)]


@pytest.mark.requirement("F10")
@pytest.mark.parametrize("make", [starting, cut_off])
def test_position_of_which_no_trade_is_told_gets_its_stop(make: Callable[[], Stage]) -> None:
    stage = make()
    trade = stage.venue.trade_by_hand(Side.BUY, "2")
    stage.tell(UP)
    stage.is_performing = True
    (stop,) = requests(stage.tell(a_sighting(stage)), Purpose.STOP)
    stage.is_performing = False
    assert stop.side is Side.SELL
    assert stage.position().cover is Cover.VERIFIED
    assert stage.held() == 2
    assert booked(stage) == []
    # It answers nothing: no new risk before all is told.
    assert not stage.view().is_reconciled
    stage.tell(buy("1"))
    assert stage.answer().code == "P10"
    # The trade that led to it moves money, and the position not again.
    stage.tell(whole(stage, "reconnect"))
    assert booked(stage) == [trade.trade_id]
    assert stage.held() == 2
    assert stage.view().is_reconciled
    assert stage.trader.state is TradingState.ACTIVE


@pytest.mark.requirement("F03")
@pytest.mark.parametrize("changed_ms", [None, 0])
def test_execution_that_the_stream_tells_after_it_counts_once(changed_ms: int | None) -> None:
    stage = starting()
    trade = stage.venue.trade_by_hand(Side.BUY, "2")
    stage.tell(a_sighting(stage, changed_ms=changed_ms), trade)
    assert stage.held() == 2
    stage.wait(1_000)
    stage.tell(stage.venue.trade_by_hand(Side.SELL, "0.5"))
    assert stage.held() == Decimal("1.5")
    stage.tell(whole(stage))
    assert stage.held() == Decimal("1.5")
    assert stage.view().is_reconciled


@pytest.mark.requirement("F03")
def test_sighting_that_is_older_than_our_own_book_is_let_be() -> None:
    stage, old = outdated()
    more = stage.venue.trade_by_hand(Side.BUY, "1")
    stage.tell(UP, more, old)
    assert stage.held() == 1
    stage.tell(whole(stage, "reconnect"))
    assert stage.held() == 3


def test_position_that_is_not_sighted_is_not_gone() -> None:
    stage = Stage().begin()
    stage.tell(buy())
    stop = stage.stop().client_order_id
    stage.is_performing = False
    empty = replace(a_sighting(stage), symbols=(), orders=None)
    for _ in range(3):
        stage.wait(1_000)
        stage.tell(empty)
    assert stage.held() == 1
    assert stage.stop().client_order_id == stop
    assert stage.view().is_reconciled


def test_position_as_we_have_it_stays_reconciled() -> None:
    stage = Stage().begin()
    stage.tell(buy())
    stage.is_performing = False
    effects = stage.tell(a_sighting(stage, mark="100.5"))
    assert stage.view().is_reconciled
    assert "position.adopted" not in codes(effects)


def test_what_the_ledger_remembers_and_nobody_sights_stays_a_guess() -> None:
    stage = Stage()
    stage.is_performing = False
    stage.tell(a_recollection(positions=(an_open_position(),)), RulesUpdate(RULES, NOW_MS))
    stage.tell(a_mark_price("100"), UP, FAILED)
    stage.tell(replace(HALT, flattens=True))
    effects = stage.tell(a_sighting(stage, reason="halt")) + stage.wait(1_000)
    assert requests(effects) == []
    assert stage.held() != ZERO
    stage.venue.positions[SYMBOL] = stage.held()
    effects = stage.tell(a_sighting(stage, reason="halt")) + stage.wait(1_000)
    assert requests(effects, Purpose.EXIT)


def test_whole_picture_that_differs_from_what_was_sighted_is_believed_the_second_time() -> None:
    stage = starting()
    stage.venue.positions[SYMBOL] = Decimal(1)
    older = whole(stage)
    stage.venue.positions[SYMBOL] = Decimal(2)
    stage.tell(a_sighting(stage), older)
    assert stage.held() == 2
    assert not stage.view().is_reconciled
    stage.tell(whole(stage))
    assert stage.held() == 2
    assert stage.view().is_reconciled
    assert stage.trader.state is TradingState.ACTIVE


@pytest.mark.parametrize("since_ms", [0, NOW_MS + 500])
def test_trade_of_before_our_time_does_not_become_ours_by_the_stop(since_ms: int) -> None:
    stage = Stage()
    stage.is_performing = False
    stage.tell(replace(a_recollection(), since_ms=since_ms), RulesUpdate(RULES, NOW_MS))
    stage.tell(a_mark_price("100"))
    stage.venue.trade_by_hand(Side.BUY, "2")
    changed_ms = stage.time_ms
    stage.wait(1_000)
    stage.is_performing = True
    stage.tell(a_sighting(stage, changed_ms=changed_ms))
    assert stage.position().cover is Cover.VERIFIED
    stage.is_performing = False
    stage.wait(1_000)
    mine = stage.venue.trade_by_hand(Side.SELL, "1")
    for _ in range(2):
        stage.tell(a_sighting(stage), whole(stage))
    assert booked(stage) == [mine.trade_id]
    assert stage.held() == 1


@pytest.mark.requirement("A06")
@pytest.mark.parametrize("changed_ms", [None, 0])
def test_entry_of_ours_that_was_sighted_before_it_was_told_gets_the_stop_it_was_planned_with(
    changed_ms: int | None,
) -> None:
    stage = Stage().begin()
    stage.is_performing = False
    (entry,) = requests(stage.tell(buy(stop="92", target="110")), Purpose.ENTRY)
    told = stage.venue.place(entry)
    stage.is_performing = True
    stage.tell(a_sighting(stage, changed_ms=changed_ms))
    assert stage.stop().trigger_price == Decimal("96.5")  # nobody has said whose it is
    stage.tell(*told)
    stage.wait(1_000)
    assert stage.stop().trigger_price == 92
    assert stage.position().cover is Cover.VERIFIED
    assert stage.held() == 1
    assert stage.trader.state is TradingState.ACTIVE


@pytest.mark.requirement("A06")
def test_entry_that_is_added_to_what_was_sighted_loosens_no_stop() -> None:
    stage = starting()
    stage.venue.trade_by_hand(Side.BUY, "2")
    stage.is_performing = True
    stage.tell(a_sighting(stage))
    stage.tell(whole(stage))
    stage.wait(30_000)
    stage.tell(buy(stop="92"))
    stage.wait(1_000)
    assert stage.held() == 3
    assert stage.stop().trigger_price == Decimal("96.5")


@pytest.mark.requirement("F03")
def test_sighting_that_is_older_than_another_one_is_let_be() -> None:
    stage, old = outdated()
    stage.venue.trade_by_hand(Side.BUY, "1")
    stage.tell(UP, a_sighting(stage), old)  # from two servers of the venue
    assert stage.held() == 3
    stage.tell(whole(stage, "reconnect"))
    assert stage.held() == 3
    assert stage.trader.state is TradingState.ACTIVE


@pytest.mark.requirement("A03")
@pytest.mark.parametrize(
    ("price", "quantity", "left"), [("130", "9", "1"), ("130", "12", "-2"), ("96", "9", "1")]
)
def test_profit_or_loss_that_was_taken_is_none_that_is_lost_or_gone(
    price: str, quantity: str, left: str
) -> None:
    stage = Stage().begin()
    stage.tell(buy("10"))
    for _ in range(8):
        stage.move(price)
        stage.wait(1_000)
    before = stage.desk.state.equity()
    stage.is_performing = False
    stage.tell(DOWN)
    stage.wait(1_000)
    trade = stage.venue.trade_by_hand(Side.SELL, quantity)
    profit = min(Decimal(quantity), Decimal(10)) * (stage.venue.mark - 100)
    trade = stage.venue.trades[-1] = replace(trade, realized_pnl=profit)
    entry_price = Decimal(100 if Decimal(left) > 0 else price)
    stage.tell(_entered_at(entry_price, a_sighting(stage)))
    assert stage.held() == Decimal(left)
    assert stage.desk.state.equity() == before
    stage.wait(1_000)
    assert stage.trader.state is TradingState.ACTIVE
    # Its executions and the wallet tell the same.
    stage.venue.wallet += profit
    stage.tell(UP, _entered_at(entry_price, whole(stage, "reconnect")))
    assert booked(stage)[-1] == trade.trade_id
    assert stage.desk.state.equity() == before
    assert stage.trader.state is TradingState.ACTIVE


def test_position_that_was_added_to_brings_nothing_yet() -> None:
    stage = Stage().begin()
    stage.tell(buy())
    stage.is_performing = False
    stage.wait(1_000)
    stage.move("101")
    stage.wait(1_000)
    stage.venue.trade_by_hand(Side.BUY, "1")
    stage.tell(_entered_at(Decimal("100.5"), a_sighting(stage)))
    assert stage.held() == 2
    assert stage.desk.state.equity() == 10_001


def test_position_of_which_no_mark_is_known_is_sighted_all_the_same() -> None:
    stage = Stage()
    stage.is_performing = False
    stage.tell(a_recollection(positions=(an_open_position(),)), RulesUpdate(RULES, NOW_MS), UP)
    stage.venue.positions[SYMBOL] = stage.held() / 2
    stage.tell(a_sighting(stage))
    assert stage.held() == stage.venue.positions[SYMBOL]


@pytest.mark.requirement("A12")
def test_trade_has_the_profits_and_fees_of_what_was_sighted_before_it_was_told() -> None:
    stage = Stage().begin()
    stage.tell(buy())
    stage.is_performing = False
    stage.wait(1_000)
    for quantity, profit, sighted in (("0.6", "-3", True), ("0.4", "-2", False)):
        fill = stage.venue.trade_by_hand(Side.SELL, quantity)
        told = replace(fill, realized_pnl=Decimal(profit), fee=Decimal("0.1"))
        stage.tell(*([a_sighting(stage)] if sighted else []), told)
        stage.wait(1_000)
    rows = [one.row for one in stage.effects if isinstance(one, Append)]
    last = [row for row in rows if isinstance(row, PositionRow)][-1]
    assert (last.quantity, last.realized_pnl, last.fees) == (
        ZERO,
        Decimal(-5),
        Decimal("0.2"),
    )


@pytest.mark.requirement("A12")
def test_trade_that_was_sighted_at_its_beginning_has_its_fee_and_no_profit_of_the_one_before() -> (
    None
):
    stage = Stage().begin()
    stage.tell(buy())
    stage.is_performing = False
    stage.wait(1_000)
    fill = stage.venue.trade_by_hand(Side.SELL, "2")
    told = replace(fill, realized_pnl=Decimal(-3), fee=Decimal("0.1"))
    stage.tell(a_sighting(stage), told)
    position = stage.position()
    assert (stage.held(), position.realized, position.fees) == (
        Decimal(-1),
        ZERO,
        Decimal("0.1"),
    )
    assert stage.desk.state.portfolio.realized_run == -3


@pytest.mark.requirement("K4")
def test_halt_is_confirmed_by_a_sighting_of_the_whole_account() -> None:
    """Trades may not be told for long, and they are not what a halt is about."""
    stage = Stage().begin()
    stage.tell(buy("0.5"))
    stage.is_performing = False
    stage.tell(HALT)
    stage.wait(500)
    stage.tell(a_sighting(stage, reason="halt"))
    assert "halt.confirmed" not in codes(stage.effects), "it lists what is held alone"
    stage.tell(replace(a_sighting(stage, reason="halt"), listed=()))
    assert "halt.confirmed" in codes(stage.effects)
