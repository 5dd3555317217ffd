"""A second order of a name of ours is told of, counted, cancelled, and found by a halt."""

from collections.abc import Sequence

import pytest
from desk_stage import HALT, Stage, audits, buy, canceled, codes
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import STOP_ID, a_stop_request, an_algo_report, an_order_report
from order_stage import Stage as Register
from order_stage import audits as written
from order_stage import cancels, queries

from botcore_tui.model.event import Cancel, CancelAll, Effect
from botcore_tui.model.market import Side
from botcore_tui.model.order import (
    AlgoStatus,
    OrderReport,
    OrderState,
    Purpose,
    Source,
    VenueStatus,
)
from botcore_tui.model.risk import KillStage, KillView

LIST, STREAM = Source.LIST, Source.STREAM


def kill(stage: Stage) -> KillView:
    risk = stage.view().risk
    assert risk is not None
    return risk.kill


def swept(effects: Sequence[Effect]) -> int:
    return sum(isinstance(effect, CancelAll) for effect in effects)


def with_copy() -> tuple[Stage, OrderReport]:
    """A desk whose entry was filled; the venue has a second of its name."""
    stage = Stage().begin()
    stage.tell(buy("1", price="99"))
    (entry,) = stage.sent(Purpose.ENTRY)
    name = entry.client_order_id
    stage.tell(*stage.venue.fill(name))
    copy = an_order_report(
        client_order_id=name, order_id=999, price="99", time_ms=stage.time_ms, source=STREAM
    )
    return stage, copy


@pytest.mark.requirement("F02b")
def test_copy_that_rests_counts_and_is_cancelled_until_it_is_gone() -> None:
    stage, copy = with_copy()
    effects = stage.tell(copy)
    name = copy.client_order_id
    assert (canceled(effects), audits(effects)) == ([name], ["order.duplicate"])
    assert "order.foreign" not in codes(effects)
    assert stage.desk.state.working().worst(SYMBOL, Side.BUY) == 1
    stage.wait(1_000)
    effects = stage.tell(replace(copy, source=LIST))
    assert (canceled(effects), audits(effects)) == ([name], [])
    effects = stage.tell(replace(copy, status=VenueStatus.CANCELED))
    assert canceled(effects) == []
    assert stage.desk.state.working().worst(SYMBOL, Side.BUY) == 0
    assert stage.held() == 1


@pytest.mark.requirement("F02b")
@pytest.mark.requirement("K2")
def test_halt_is_not_over_before_the_copy_is_gone() -> None:
    stage, copy = with_copy()
    stage.tell(copy)
    picture = stage.venue.picture

    def listing(reason: str = "periodic", *, symbols: tuple[str, ...] = (SYMBOL,)) -> object:
        told = picture(reason, symbols=symbols)
        return replace(told, orders=(*(told.orders or ()), replace(copy, source=LIST)))

    stage.venue.picture = listing  # type: ignore[method-assign, assignment]  # a copy more
    assert swept(stage.tell(HALT)) == 1
    assert swept(stage.wait(5_000)) > 0
    assert (kill(stage).stage, kill(stage).open_entries) == (KillStage.CANCELLING, 1)
    stage.venue.picture = picture  # type: ignore[method-assign]  # as it was
    stage.tell(replace(copy, status=VenueStatus.CANCELED))
    stage.wait(5_000)
    assert (kill(stage).stage, kill(stage).open_entries) == (KillStage.CONFIRMED, 0)


def test_copy_of_an_order_that_lives_is_not_cancelled_by_a_name_that_is_both_theirs() -> None:
    stage = Register()
    stage.process(an_order_report())
    step = stage.process(an_order_report(order_id=99))
    assert canceled(step.effects) == []
    assert stage.state is OrderState.OPEN


def test_answer_that_tells_of_the_copy_is_an_answer() -> None:
    stage = Register()
    step = stage.process(an_order_report(status=VenueStatus.CANCELED, filled_quantity="0.5"))
    assert len(queries(step.effects)) == 1
    stage.process(an_order_report(order_id=99, source=Source.QUERY, status=VenueStatus.CANCELED))
    assert len(queries(stage.tick(2_000).effects)) == 1


@pytest.mark.requirement("F02b")
def test_copy_of_a_stop_is_cancelled_where_stops_are() -> None:
    stage = Register(a_stop_request())
    first, copy = an_algo_report(), an_algo_report(algo_id=22)
    stage.process(first, replace(first, status=AlgoStatus.CANCELED))
    step = stage.process(copy)
    # It would close the next position, at the price where the stop of the one before was.
    cancel = Cancel(client_order_id=STOP_ID, symbol=SYMBOL, is_algo=True)
    assert cancels(step.effects) == [cancel]
    assert written(step.effects) == ["order.duplicate"]
    assert list(stage.register.foreign.values()) == [copy]
    assert (stage.state, stage.order.algo_id) == (OrderState.CANCELED, first.algo_id)
    step = stage.process(replace(copy, status=AlgoStatus.CANCELED))
    assert cancels(step.effects) == []
    assert not stage.register.foreign


def test_copy_of_a_stop_that_stands_takes_nothing_from_it() -> None:
    stage = Register(a_stop_request())
    stage.process(an_algo_report())
    step = stage.process(an_algo_report(algo_id=22))
    assert cancels(step.effects) == []
    assert (stage.state, stage.order.algo_id) == (OrderState.OPEN, 21)


def test_copy_that_executes_in_many_parts_does_not_use_up_the_requests_of_a_halt() -> None:
    stage = Register()
    stage.process(an_order_report(), an_order_report(status=VenueStatus.CANCELED))
    asked = [
        cancels(
            stage.process(
                an_order_report(
                    order_id=99,
                    status=VenueStatus.PARTIALLY_FILLED,
                    filled_quantity=f"0.0{part}",
                ),
                after_ms=after_ms,
            ).effects
        )
        for part, after_ms in enumerate((0, 1, 1, 1, 1_000), 1)
    ]
    assert [len(each) for each in asked] == [1, 0, 0, 0, 1]
