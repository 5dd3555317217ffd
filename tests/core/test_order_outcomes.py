"""Where a request or a question brought no report, only evidence decides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from order_builders import (
    ENTRY_ID,
    NOW_MS,
    STOP_ID,
    a_cancel_failed,
    a_picture,
    a_query_failed,
    a_stop_request,
    a_submit_failed,
    an_algo_report,
    an_order_report,
    an_order_sent,
    not_found,
)
from order_stage import Stage, audits, queries, states

from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderState, Outcome, Source, VenueStatus

REFUSED_MS = NOW_MS + 5_000
"""Copies are refused from here on."""
COUNTS_MS = REFUSED_MS + 1_000
"""Empty answers count if asked for after this."""


def an_unknown() -> Stage:
    stage = Stage()
    stage.process(a_submit_failed())
    assert stage.state is OrderState.UNKNOWN
    return stage


def test_order_that_is_about_to_leave_is_in_flight() -> None:
    stage = Stage(is_sent=False)
    assert stage.state is OrderState.PLANNED
    step = stage.process(an_order_sent())
    assert states(step.effects) == [OrderState.IN_FLIGHT]
    assert stage.order.expires_ms == REFUSED_MS
    assert states(stage.process(an_order_sent()).effects) == []


def test_outcome_of_an_order_that_is_not_known_says_nothing() -> None:
    stage = Stage()
    for event in (a_submit_failed("bc-x-1-e"), a_cancel_failed("web_1"), not_found("")):
        assert stage.process(event).effects == []


@pytest.mark.requirement("F01")
def test_lost_reply_makes_an_order_unknown_and_asks_at_once() -> None:
    stage = Stage()
    step = stage.process(a_submit_failed())
    assert states(step.effects) == [OrderState.UNKNOWN]
    assert [query.client_order_id for query in queries(step.effects)] == [ENTRY_ID]
    assert stage.register.exposure("BTCUSDT", Side.BUY) == 1


@pytest.mark.parametrize(
    ("outcome", "state"),
    [(Outcome.REJECTED, OrderState.REJECTED), (Outcome.FAILED, OrderState.NOT_PLACED)],
)
def test_certain_failure_ends_an_order(outcome: Outcome, state: OrderState) -> None:
    stage = Stage()
    step = stage.process(a_submit_failed(outcome=outcome, code=-2019, reason="no margin"))
    assert states(step.effects) == [state]
    assert queries(step.effects) == []
    assert (stage.order.code, stage.order.reason) == (-2019, "no margin")
    assert stage.register.exposure("BTCUSDT", Side.BUY) == 0


def test_duplicate_id_means_that_the_venue_has_it() -> None:
    stage = Stage()
    step = stage.process(a_submit_failed(outcome=Outcome.REJECTED, code=-4116))
    assert states(step.effects) == [OrderState.UNKNOWN]
    assert len(queries(step.effects)) == 1


def test_lost_reply_after_the_stream_told_changes_nothing() -> None:
    stage = Stage()
    stage.process(an_order_report())
    step = stage.process(a_submit_failed())
    assert step.effects == []
    assert stage.state is OrderState.OPEN


def test_refusal_of_an_order_that_the_venue_has_shown_is_asked_about() -> None:
    stage = Stage()
    stage.process(an_order_report())
    step = stage.process(a_submit_failed(outcome=Outcome.REJECTED, code=-1))
    assert stage.state is OrderState.OPEN
    assert len(queries(step.effects)) == 1


@pytest.mark.requirement("F02")
def test_order_is_not_placed_after_three_empty_answers_that_count() -> None:
    stage = an_unknown()
    first, second, third = COUNTS_MS + 1, COUNTS_MS + 2, COUNTS_MS + 2_002
    assert states(stage.process(not_found(asked_ms=first)).effects) == []
    assert states(stage.process(not_found(asked_ms=second)).effects) == []
    step = stage.process(not_found(asked_ms=third))
    assert states(step.effects) == [OrderState.NOT_PLACED]
    assert stage.order.reason == (
        f"3 empty queries, last at {third}, copies refused since {REFUSED_MS}"
    )
    assert stage.register.counts.not_placed == 1


@pytest.mark.requirement("F02")
@given(st.lists(st.integers(-8_000, 6_000), max_size=8))
def test_order_is_not_placed_only_by_the_rule(offsets: list[int]) -> None:
    stage = an_unknown()
    counting: list[int] = []
    is_proven = False
    for offset in offsets:
        stage.process(not_found(asked_ms=COUNTS_MS + offset))
        if offset > 0 and (not counting or offset > counting[-1]):
            counting.append(offset)
            is_proven |= len(counting) >= 3 and counting[-1] - counting[-2] >= 2_000
        assert (stage.state is OrderState.NOT_PLACED) == is_proven


@pytest.mark.requirement("F02")
@pytest.mark.parametrize(
    "asked",
    [
        [COUNTS_MS - 2, COUNTS_MS - 1, COUNTS_MS, COUNTS_MS],
        [COUNTS_MS + 1, COUNTS_MS + 1, COUNTS_MS + 1, COUNTS_MS + 1],
        [COUNTS_MS + 1, COUNTS_MS + 2_500],
        [COUNTS_MS + 1, COUNTS_MS + 1_000, COUNTS_MS + 2_999],
    ],
    ids=["too early", "the same answer", "too few", "too close"],
)
def test_too_little_evidence_leaves_an_order_unknown(asked: list[int]) -> None:
    stage = an_unknown()
    stage.process(*(not_found(asked_ms=asked_ms) for asked_ms in asked))
    assert stage.state is OrderState.UNKNOWN


def test_failed_question_is_no_evidence_and_is_asked_again() -> None:
    stage = an_unknown()
    assert stage.process(a_query_failed()).effects == []
    assert len(queries(stage.tick(500).effects)) == 1


@pytest.mark.requirement("F04")
def test_cancel_of_an_order_that_is_gone_asks_what_became_of_it() -> None:
    stage = Stage()
    stage.process(an_order_report())
    stage.cancel()
    step = stage.process(a_cancel_failed())
    assert len(queries(step.effects)) == 1
    assert states(step.effects) == []
    assert stage.order.code == -2011
    last = an_order_report(source=Source.QUERY, status=VenueStatus.CANCELED)
    stage.process(last)
    assert stage.state is OrderState.CANCELED


def test_cancel_that_failed_for_certain_is_only_repeated() -> None:
    stage = Stage()
    stage.process(an_order_report())
    stage.cancel()
    assert stage.process(a_cancel_failed(outcome=Outcome.FAILED, code=-1008)).effects == []


def test_waiting_order_that_is_gone_without_a_word_is_given_up_by_evidence() -> None:
    stage = Stage(a_stop_request())
    stage.process(an_algo_report())
    stage.time_ms += 1_000
    asked_ms = stage.time_ms
    stage.register.reconcile(a_picture(asked_ms=asked_ms), stage.time_ms)
    assert stage.order.is_absent
    times = (asked_ms, asked_ms + 1_000, asked_ms + 3_000)
    step = stage.process(*(not_found(STOP_ID, asked_ms=each) for each in times))
    assert states(step.effects, STOP_ID) == [OrderState.EXPIRED]
    assert audits(step.effects) == ["order.vanished"]
    assert "no longer listed" in stage.order.reason


def test_empty_answers_about_an_order_that_was_listed_are_no_evidence() -> None:
    stage = Stage()
    stage.process(an_order_report())
    stage.process(*(not_found(asked_ms=COUNTS_MS + 3_000 * each) for each in range(1, 9)))
    assert stage.state is OrderState.OPEN
