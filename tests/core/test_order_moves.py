"""An order moves along legal transitions only, and gets what it then needs."""

from decimal import Decimal

import pytest
from order_builders import (
    NOW_MS,
    STOP_ID,
    a_cancel_failed,
    a_fill,
    a_query_failed,
    a_stop_request,
    a_submit_failed,
    an_algo_report,
    an_order_report,
    not_found,
)
from order_stage import Stage, appended, audits, cancels, queries, states

from botcore_tui.core.orders import Step
from botcore_tui.model.event import Record
from botcore_tui.model.ledger import OrderRow
from botcore_tui.model.order import (
    AlgoStatus,
    OrderNotFound,
    OrderReport,
    OrderState,
    Outcome,
    QueryFailed,
    Source,
    VenueStatus,
)


def ended(outcome: Outcome) -> Stage:
    stage = Stage()
    stage.process(a_submit_failed(outcome=outcome, code=-1, reason="no"))
    assert stage.order.is_presumed
    return stage


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.REJECTED])
def test_order_that_the_venue_shows_after_all_comes_back_loudly(outcome: Outcome) -> None:
    stage = ended(outcome)
    step = stage.process(an_order_report())
    assert states(step.effects) == [OrderState.OPEN]
    assert audits(step.effects) == ["order.resurrected"]
    assert len(queries(step.effects)) == 1
    assert stage.register.open() == [stage.order]
    assert stage.register.recent(5) == []
    assert stage.order.reason == ""
    assert len(cancels(stage.cancel())) == 1
    assert stage.register.counts.is_balanced


def test_order_that_comes_back_by_a_question_is_not_asked_for_again() -> None:
    step = ended(Outcome.FAILED).process(an_order_report(source=Source.QUERY))
    assert audits(step.effects) == ["order.resurrected"]
    assert queries(step.effects) == []


def test_order_whose_cancel_was_asked_for_is_cancelled_when_it_comes_back() -> None:
    stage = Stage()
    stage.cancel()
    stage.process(a_submit_failed(outcome=Outcome.FAILED))
    step = stage.process(an_order_report())
    assert len(cancels(step.effects)) == 1


def test_concluded_end_that_the_venue_confirms_is_final() -> None:
    stage = ended(Outcome.REJECTED)
    step = stage.process(an_order_report(status=VenueStatus.REJECTED))
    assert states(step.effects) == []
    assert not stage.order.is_presumed
    assert states(stage.process(an_order_report()).effects) == []


def test_concluded_end_that_was_another_end_is_told_in_silence() -> None:
    stage = ended(Outcome.FAILED)
    step = stage.process(an_order_report(status=VenueStatus.CANCELED))
    assert states(step.effects) == [OrderState.CANCELED]
    assert audits(step.effects) == []


def test_fill_of_an_order_taken_for_not_placed_brings_it_back() -> None:
    stage = ended(Outcome.FAILED)
    step = stage.process(a_fill(quantity="0.4"))
    assert states(step.effects) == [OrderState.PARTLY_FILLED]
    assert audits(step.effects) == ["order.resurrected"]
    assert len(queries(step.effects)) == 1


@pytest.mark.requirement("A08")
def test_unknown_order_is_told_loudly_after_five_tries_once() -> None:
    stage = Stage()
    effects = stage.process(a_submit_failed()).effects
    for _ in range(4):
        effects += stage.process(a_query_failed()).effects
        effects += stage.tick(5_000).effects
    assert audits(effects) == []
    effects = stage.process(not_found()).effects + stage.tick(250).effects
    assert audits(effects) == ["order.unknown"]
    records = [effect for effect in effects if isinstance(effect, Record)]
    assert "5 times" in records[0].text


def test_state_that_stays_unclear_is_told_by_another_name() -> None:
    stage = Stage()
    effects = stage.process(an_order_report(filled_quantity="0.5")).effects
    for _ in range(6):
        effects += stage.process(a_query_failed()).effects
        effects += stage.tick(30_000).effects
    assert audits(effects) == ["order.unclear"]


@pytest.mark.parametrize(
    ("source", "first"),
    [(Source.STREAM, 1), (Source.QUERY, 1), (Source.REPLY, 0), (Source.LIST, 0)],
)
def test_missing_fills_are_asked_for_unless_the_stream_may_be_about_to_tell(
    source: Source, first: int
) -> None:
    stage = Stage()
    told = an_order_report(source=source, status=VenueStatus.FILLED, filled_quantity="1")
    assert len(queries(stage.process(told).effects)) == first
    assert len(queries(stage.tick(250).effects)) == 1 - first
    assert stage.register.misses_fills("BTCUSDT")


@pytest.mark.requirement("F14")
def test_ledger_learns_of_an_end_only_with_all_its_fills() -> None:
    stage = Stage()
    part = an_order_report(status=VenueStatus.CANCELED, filled_quantity="0.4")
    assert states(stage.process(part).effects) == []
    assert stage.state is OrderState.CANCELED
    step = stage.process(a_fill(quantity="0.4"))
    (row,) = [row for row in appended(step.effects) if isinstance(row, OrderRow)]
    assert (row.state, row.previous) == (OrderState.CANCELED, OrderState.IN_FLIGHT)
    assert (row.source, row.filled_quantity) == (Source.STREAM, Decimal("0.4"))


def test_fill_that_follows_its_reply_saves_the_question() -> None:
    stage = Stage()
    told = an_order_report(source=Source.REPLY, status=VenueStatus.FILLED, filled_quantity="1")
    stage.process(told)
    stage.process(a_fill(), after_ms=100)
    assert queries(stage.tick(1_000).effects) == []
    assert not stage.register.misses_fills("BTCUSDT")
    assert not stage.register.misses_exits("BTCUSDT")


def test_cancel_waits_until_the_venue_has_the_order() -> None:
    stage = Stage(is_sent=False)
    assert stage.cancel() == []
    assert stage.order.is_cancel_requested
    stage.process()
    step = stage.process(an_order_report(source=Source.REPLY))
    assert len(cancels(step.effects)) == 1


def test_cancel_of_an_unknown_order_is_sent_at_once() -> None:
    stage = Stage()
    stage.process(a_submit_failed())
    assert len(cancels(stage.cancel())) == 1


def test_cancel_is_asked_for_once_and_not_of_ended_or_unknown_names() -> None:
    stage = Stage()
    stage.process(an_order_report())
    assert len(cancels(stage.cancel())) == 1
    assert stage.cancel() == []
    stage.process(an_order_report(status=VenueStatus.CANCELED))
    stage.order.is_cancel_requested = False
    assert stage.cancel() == []
    assert stage.register.cancel("bc-none", NOW_MS) == []


def test_cancel_without_a_word_is_repeated_with_growing_pauses() -> None:
    stage = Stage()
    stage.process(an_order_report())
    stage.cancel()
    times = []
    asked = 0
    for _ in range(110):
        effects = stage.tick(1_000).effects
        if cancels(effects):
            times.append((stage.time_ms - NOW_MS) // 1_000)
            assert len(queries(effects)) == 1
        asked += len(queries(effects))
        stage.process(a_query_failed())
    assert times == [2, 6, 14, 30, 60, 90]
    assert asked >= len(times)
    stage.process(an_order_report(status=VenueStatus.CANCELED))
    assert stage.tick(60_000).effects == []


def test_cancel_follows_a_conditional_order_into_the_book() -> None:
    stage = Stage(a_stop_request())
    stage.process(an_algo_report())
    assert [one.is_algo for one in cancels(stage.cancel())] == [True]
    step = stage.process(an_algo_report(status=AlgoStatus.TRIGGERED, order_id=31))
    assert [one.is_algo for one in cancels(step.effects)] == [False]
    step = stage.process(a_cancel_failed(STOP_ID))
    assert [one.order_id for one in queries(step.effects)] == [31]


@pytest.mark.requirement("A08")
def test_alarm_of_an_unknown_order_says_why_the_venue_does_not_tell() -> None:
    """Such as a contract whose state is invalid: who reads it can look there himself."""
    stage = Stage()
    effects = stage.process(a_submit_failed()).effects
    for _ in range(6):
        effects += stage.process(a_query_failed()).effects
        effects += stage.tick(5_000).effects
    records = [effect for effect in effects if isinstance(effect, Record)]
    assert records[0].text.endswith("whether the venue has it (timed out)")


def asked_on(stage: Stage, answer: OrderNotFound | OrderReport | QueryFailed, minutes: int) -> Step:
    """Each question gets that answer."""
    told = Step()
    for _ in range(2 * minutes):
        for step in (stage.tick(30_000), stage.process(answer)):
            told.effects += step.effects
    return told


@pytest.mark.parametrize("is_found", [False, True])
def test_executions_that_the_venue_never_tells_are_waited_for_no_longer(*, is_found: bool) -> None:
    """Of a contract that was delivered: as exposure they would bar every entry, for ever."""
    stage = Stage()
    ended = an_order_report(
        source=Source.QUERY, status=VenueStatus.EXPIRED, filled_quantity="0.4", time_ms=NOW_MS
    )
    stage.process(ended)
    answer = ended if is_found else not_found()
    assert "order.untold" not in audits(asked_on(stage, answer, 4).effects)
    assert stage.register.misses_fills("BTCUSDT")

    told = asked_on(stage, answer, 2)

    assert audits(told.effects).count("order.untold") == 1
    (row,) = [row for row in appended(told.effects) if isinstance(row, OrderRow)]
    assert (row.state, row.filled_quantity) == (OrderState.EXPIRED, Decimal("0.4"))
    assert not stage.register.misses_fills("BTCUSDT")
    assert list(stage.register.unseen()) == []
    assert queries(asked_on(stage, a_query_failed(), 5).effects) == []
    late = stage.process(a_fill(quantity="0.4"))
    assert [new.order for new in late.fills] == [stage.order]
    assert stage.order.fills_quantity == Decimal("0.4")


def test_executions_are_waited_for_as_long_as_there_are_no_answers_or_it_may_have_more() -> None:
    stage = Stage()
    stage.process(an_order_report(status=VenueStatus.EXPIRED, filled_quantity="0.4"))
    asked_on(stage, a_query_failed(), 30)
    assert stage.register.misses_fills("BTCUSDT")
    asked_on(stage, not_found(), 10)
    assert not stage.register.misses_fills("BTCUSDT")
    stage.process(an_order_report(status=VenueStatus.EXPIRED, filled_quantity="0.6"))
    assert stage.register.misses_fills("BTCUSDT")


def test_order_that_has_not_ended_is_asked_for_on_and_on() -> None:
    stage = Stage()
    stage.process(an_order_report(filled_quantity="0.4"))
    assert queries(asked_on(stage, not_found(), 30).effects)
    assert stage.register.misses_fills("BTCUSDT")
