"""A halt ends in a state that the venue has confirmed, or says that it has not."""

from decimal import Decimal

import pytest
from desk_stage import DOWN, HALT, RESUME, UP, Stage, buy, canceled, codes, requests
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import NOW_MS, an_algo_report, an_order_report
from recollection_builders import a_recollection, an_open_order

from botcore_tui.model.account import ReconcileFailed
from botcore_tui.model.command import Halt
from botcore_tui.model.event import (
    Append,
    CancelAll,
    Effect,
    Reconcile,
    Record,
    StateChanged,
    TradingState,
)
from botcore_tui.model.ledger import AuditRow
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderReport, Purpose, Source
from botcore_tui.model.risk import KillStage, KillView
from botcore_tui.model.trading import Cover

ENTRY, STOP, EXIT = Purpose.ENTRY, Purpose.STOP, Purpose.EXIT
FLATTEN = replace(HALT, flattens=True)


def kill(stage: Stage) -> KillView:
    risk = stage.view().risk
    assert risk is not None
    return risk.kill


def swept(effects: list[Effect]) -> list[str]:
    return [one.symbol for one in effects if isinstance(one, CancelAll)]


def asked(effects: list[Effect]) -> int:
    return sum(isinstance(one, Reconcile) and one.reason == "halt" for one in effects)


def rest(stage: Stage, count: int, *, first: int = 0) -> None:
    """That many entries of ours rest."""
    for number in range(first, first + count):
        stage.tell(buy("0.1", price=f"98.{number}"))
        stage.wait(1_000)


def other_order(name: str = "web-1", *, reduce_only: bool = False) -> OrderReport:
    return an_order_report(
        client_order_id=name, order_id=77, source=Source.STREAM, reduce_only=reduce_only
    )


# --- what is done -------------------------------------------------------------------------------


@pytest.mark.requirement("K1")
@pytest.mark.requirement("K2")
@pytest.mark.requirement("K4")
def test_halt_latches_cancels_and_tells_what_the_venue_confirms() -> None:
    stage = Stage().begin()
    stage.tell(buy("0.5"))
    rest(stage, 2)
    effects = stage.tell(HALT)
    assert isinstance(effects[0], StateChanged)
    assert len(canceled(effects)) == 2
    assert kill(stage).stage is KillStage.CANCELLING
    told = stage.wait(500)
    assert asked(told) == 1
    view = kill(stage)
    assert (view.stage, view.cancelled, view.to_cancel) == (KillStage.CONFIRMED, 2, 2)
    assert (view.open_entries, view.positions) == (0, 1)
    assert view.confirmed_ms > view.began_ms
    assert view.text == (
        "HALT confirmed at 22:13:22Z: 2 of 2 entries cancelled, 0 open, 1 position kept, its stop"
        " verified"
    )
    (alarm,) = (one for one in told if isinstance(one, Record) and one.code == "halt.confirmed")
    assert alarm.text == view.text
    rows = [one.row for one in told if isinstance(one, Append)]
    assert any(isinstance(row, AuditRow) and row.code == "halt.confirmed" for row in rows)
    assert stage.position().cover is Cover.VERIFIED
    assert asked(stage.wait(60_000)) == 0


@pytest.mark.requirement("K2")
def test_many_entries_go_with_one_request_and_the_stop_stays() -> None:
    stage = Stage().begin()
    stage.tell(buy("0.5"))
    rest(stage, 6)
    effects = stage.tell(HALT)
    assert (swept(effects), canceled(effects)) == ([SYMBOL], [])
    assert len(stage.live(STOP)) == 1
    stage.wait(500)
    assert kill(stage).text.startswith("HALT confirmed at 22:13:26Z: 6 of 6 entries cancelled, 0")


@pytest.mark.requirement("K2")
@pytest.mark.requirement("F10")
def test_entries_of_others_go_too_and_what_protects_is_left() -> None:
    stage = Stage().begin()
    stage.is_performing = False
    stage.tell(
        other_order(),
        other_order("web-2", reduce_only=True),
        an_algo_report(client_order_id="web-3", source=Source.STREAM, close_position=True),
        an_algo_report(
            client_order_id="web-4", source=Source.STREAM, close_position=False, quantity="1"
        ),
        an_algo_report(
            client_order_id="", algo_id=5, source=Source.STREAM, close_position=False, quantity="1"
        ),
    )
    effects = stage.tell(HALT)
    assert (swept(effects), canceled(effects)) == ([SYMBOL], ["web-4"])
    assert kill(stage).to_cancel == 3
    assert swept(stage.wait(1_750)) == []
    assert kill(stage).stage is KillStage.CANCELLING
    assert swept(stage.wait(250)) == [SYMBOL]


@pytest.mark.requirement("K2")
def test_stop_of_others_is_left_as_long_as_it_is_all_that_a_position_has() -> None:
    stage = Stage().begin()
    stage.is_performing = False
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "1"))
    assert stage.position().cover is Cover.PLACING
    stop = an_algo_report(
        client_order_id="web-1",
        side=Side.SELL,
        source=Source.STREAM,
        close_position=False,
        quantity="1",
    )
    stage.tell(stop)
    assert canceled(stage.tell(HALT)) == []
    bigger = replace(stop, client_order_id="web-2", algo_id=9, quantity=Decimal(2))
    stage.tell(bigger)
    assert canceled(stage.wait(250)) == ["web-2"]


@pytest.mark.requirement("K2")
@pytest.mark.requirement("F10")
@pytest.mark.parametrize("word", ["STOP_MARKET", "TAKE_PROFIT_MARKET"])
def test_order_of_others_that_could_open_a_position_beside_our_stop_goes(word: str) -> None:
    stage = Stage().begin()
    stage.venue.positions[SYMBOL] = Decimal(1)
    stage.wait(60_000)
    assert stage.position().cover is Cover.VERIFIED
    stage.is_performing = False
    stage.tell(
        an_algo_report(
            client_order_id="web-1",
            side=Side.SELL,
            word=word,
            source=Source.STREAM,
            close_position=False,
            quantity="1",
        )
    )
    assert canceled(stage.tell(HALT)) == ["web-1"]


@pytest.mark.requirement("K3")
@pytest.mark.requirement("K10")
def test_flatten_closes_everything_and_the_stop_goes_last() -> None:
    stage = Stage().begin()
    stage.tell(buy("0.5"))
    stage.venue.is_filling = False
    effects = stage.tell(FLATTEN)
    (exit_order,) = requests(effects, EXIT)
    assert (exit_order.reduce_only, exit_order.quantity) == (True, Decimal("0.5"))
    stage.wait(3_000)
    assert kill(stage).stage is KillStage.FLATTENING
    assert len(stage.live(STOP)) == 1
    stage.tell(*stage.venue.fill(exit_order.client_order_id))
    stage.wait(5_500)
    assert kill(stage).text.endswith("0 of 0 entries cancelled, 0 open, flat")
    assert stage.is_flat()
    stage.wait(3_000)
    assert stage.live(STOP) == []


@pytest.mark.requirement("K3")
def test_flatten_closes_what_others_opened() -> None:
    stage = Stage().begin()
    stage.tell(stage.venue.trade_by_hand(Side.SELL, "2"))
    stage.wait(1_000)
    stage.tell(FLATTEN)
    stage.wait(3_000)
    assert stage.is_flat()
    assert kill(stage).stage is KillStage.CONFIRMED


@pytest.mark.requirement("K11")
@pytest.mark.requirement("F18")
def test_repeated_halt_sends_nothing_twice_and_flatten_upgrades_it() -> None:
    stage = Stage().begin()
    stage.tell(buy("0.5"))
    rest(stage, 1)
    stage.is_performing = False
    assert len(canceled(stage.tell(HALT))) == 1
    assert canceled(stage.tell(HALT, HALT)) == []
    assert len(requests(stage.tell(FLATTEN), EXIT)) == 1
    assert requests(stage.tell(FLATTEN, HALT), EXIT) == []
    assert kill(stage).to_cancel == 1


@pytest.mark.requirement("K4")
def test_entry_that_is_executed_meanwhile_is_not_told_as_cancelled() -> None:
    stage = Stage().begin()
    rest(stage, 1)
    (order,) = stage.live(ENTRY)
    stage.is_performing = False
    stage.tell(HALT)
    stage.is_performing = True
    stage.tell(*stage.venue.fill(order.client_order_id))
    stage.wait(1_000)
    assert "0 of 1 entries cancelled, 1 executed, 0 open, 1 position kept" in kill(stage).text


@pytest.mark.requirement("K11")
def test_halt_after_a_confirmed_one_is_confirmed_anew() -> None:
    stage = Stage().begin()
    stage.tell(HALT)
    stage.wait(1_000)
    first = kill(stage)
    stage.tell(HALT)
    stage.wait(1_000)
    assert kill(stage).stage is first.stage is KillStage.CONFIRMED
    assert kill(stage).confirmed_ms > first.confirmed_ms


# --- when it does not go well -------------------------------------------------------------------


@pytest.mark.requirement("K4")
def test_entry_that_is_still_there_is_cancelled_again_before_anything_is_confirmed() -> None:
    stage = Stage().begin()
    rest(stage, 1)
    stage.is_performing = False
    (name,) = canceled(stage.tell(HALT))
    stage.tell(replace(stage.venue.picture("halt"), time_ms=stage.time_ms))
    assert kill(stage).stage is not KillStage.CONFIRMED
    effects = stage.wait(2_500)
    assert canceled(effects) == [name]
    assert asked(effects) == 1
    stage.is_performing = True
    stage.wait(5_000)
    assert kill(stage).stage is KillStage.CONFIRMED


@pytest.mark.requirement("K4")
def test_listing_shows_an_order_that_nobody_told_of() -> None:
    stage = Stage().begin()
    stage.tell(HALT)
    stage.is_performing = False
    stage.wait(250)
    picture = stage.venue.picture("halt")
    stage.tell(replace(picture, orders=(other_order(),)))
    assert kill(stage).stage is not KillStage.CONFIRMED
    assert kill(stage).open_entries == 1


def test_answer_to_an_earlier_question_or_of_a_part_confirms_nothing() -> None:
    stage = Stage().begin()
    stage.tell(HALT)
    stage.is_performing = False
    picture = stage.venue.picture("halt")
    stage.tell(picture)
    stage.wait(250)
    stage.tell(
        replace(picture, reason="periodic"),
        replace(picture, listed=(SYMBOL,)),
        replace(picture, orders=None),
        replace(picture, algo_orders=None),
    )
    assert kill(stage).stage is KillStage.VERIFYING
    stage.tell(picture)
    assert kill(stage).stage is KillStage.CONFIRMED


@pytest.mark.requirement("F18")
@pytest.mark.requirement("K4")
def test_halt_without_an_answer_says_so_and_goes_on_until_there_is_one() -> None:
    stage = Stage().begin()
    stage.is_performing = False
    stage.tell(DOWN, HALT)
    stage.wait(250)
    stage.tell(ReconcileFailed("halt", "no route", NOW_MS))
    told = stage.wait(14_500)
    assert 3 <= asked(told) <= 7
    assert kill(stage).stage is not KillStage.TROUBLE
    assert "halt.not_confirmed" in codes(stage.wait(250))
    view = kill(stage)
    assert view.stage is KillStage.TROUBLE
    assert view.text == (
        "NOT CONFIRMED after 15 s: the venue has not answered for the account; going on"
    )
    assert codes(stage.wait(5_000)).count("halt.not_confirmed") == 0
    stage.is_performing = True
    stage.tell(UP)
    stage.wait(6_000)
    assert kill(stage).stage is KillStage.CONFIRMED


@pytest.mark.requirement("K4")
def test_halt_that_a_machine_takes_up_after_it_slept_has_all_its_time() -> None:
    stage = Stage().begin()
    stage.is_performing = False
    stage.tell(DOWN, HALT)
    stage.time_ms += 80_000
    told = stage.wait(250)
    assert asked(told) == 1
    assert "halt.not_confirmed" not in codes(told)
    assert kill(stage).stage is KillStage.VERIFYING
    assert kill(stage).began_ms == stage.time_ms - 250
    assert "halt.not_confirmed" not in codes(stage.wait(14_500))
    assert "halt.not_confirmed" in codes(stage.wait(250))


def test_halt_says_what_is_missing() -> None:
    stage = Stage().begin()
    rest(stage, 2)
    stage.is_performing = False
    stage.tell(HALT)
    stage.wait(15_250)
    assert "2 of 2 entries are not known to be gone" in kill(stage).text
    flat = Stage().begin()
    flat.tell(buy("0.5"))
    flat.venue.is_filling = False
    flat.tell(FLATTEN)
    flat.wait(15_250)
    assert "1 positions are not flat" in kill(flat).text


def test_stop_that_is_not_verified_is_told() -> None:
    stage = Stage(symbols=(SYMBOL, "ETHUSDT")).begin()
    stage.venue.rule = lambda request: "sink" if request.purpose is STOP else "ok"
    stage.tell(buy("0.5"), HALT)
    stage.wait(750)
    assert kill(stage).text.endswith("1 position kept, its stop NOT verified")
    stage.venue.trade_by_hand(Side.BUY, "1", symbol="ETHUSDT")
    stage.wait(500)
    stage.tell(HALT)
    assert len(stage.desk.state.portfolio.holdings()) == 1


def test_several_positions_are_counted() -> None:
    stage = Stage(symbols=(SYMBOL, "ETHUSDT")).begin()
    stage.tell(buy("0.5"), buy("0.5", symbol="ETHUSDT"), HALT)
    stage.wait(500)
    assert kill(stage).text.endswith("2 positions kept, their stops verified")
    both = Stage(symbols=(SYMBOL, "ETHUSDT")).begin()
    both.tell(buy("0.5"))
    both.venue.rule = lambda request: "sink" if request.purpose is STOP else "ok"
    both.tell(buy("0.5", symbol="ETHUSDT"), HALT)
    both.wait(500)
    assert kill(both).text.endswith("2 positions kept, stop of ETHUSDT NOT verified")


# --- beginnings and ends ------------------------------------------------------------------------


@pytest.mark.requirement("F14")
@pytest.mark.requirement("F18")
def test_session_that_begins_halted_cancels_what_rests_and_proves_it() -> None:
    stage = Stage()
    stage.trader.standing.on_halt(HALT)
    order = an_open_order(order_id=9)
    effects = stage.tell(a_recollection(orders=[order]))
    assert canceled(effects) == [order.intent.request.client_order_id]
    stage.begin()
    stage.wait(10_000)
    assert kill(stage).stage is KillStage.CONFIRMED


def test_halt_before_a_session_is_recorded_only() -> None:
    stage = Stage()
    stage.tell(Halt("F12", "early", NOW_MS))
    assert stage.view().risk is None
    assert stage.trader.state is TradingState.HALTED


def test_resume_ends_the_halt() -> None:
    stage = Stage().begin()
    stage.tell(HALT)
    stage.wait(1_000)
    stage.tell(RESUME)
    assert kill(stage).stage is KillStage.NONE
