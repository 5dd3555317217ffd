"""The venue is asked about an order again and again, one question at a time."""

import pytest

from botcore_tui.core.inquiry import Inquiry, Need


def asked_at(inquiry: Inquiry, need: Need, until_ms: int) -> list[int]:
    """When it asks if every question is answered at once and in vain."""
    times = []
    for time_ms in range(0, until_ms, 100):
        inquiry.turn_to(need, time_ms)
        if inquiry.is_due(time_ms):
            inquiry.asked(time_ms)
            inquiry.answered()
            times.append(time_ms)
    return times


@pytest.mark.requirement("A08")
def test_unknown_order_is_asked_for_at_once_and_for_ever() -> None:
    times = asked_at(Inquiry(), Need.EXISTENCE, 30_000)
    assert times == [0, 500, 1_500, 3_500, 7_500, 12_500, 17_500, 22_500, 27_500]


def test_missing_fills_are_asked_for_with_growing_pauses() -> None:
    times = asked_at(Inquiry(), Need.FILLS, 125_000)
    assert times == [0, 1_000, 3_000, 7_000, 15_000, 31_000, 61_000, 91_000, 121_000]


def test_what_the_stream_tells_usually_is_waited_for_first() -> None:
    assert asked_at(Inquiry(), Need.SIGHT, 4_500) == [1_000, 2_000, 4_000]


def test_grace_puts_the_first_question_off() -> None:
    inquiry = Inquiry()
    inquiry.turn_to(Need.FILLS, 0, grace_ms=250)
    assert not inquiry.is_due(249)
    assert inquiry.is_due(250)


def test_nothing_is_asked_without_a_need() -> None:
    inquiry = Inquiry()
    assert not inquiry.is_due(10_000)
    inquiry.turn_to(Need.FILLS, 0)
    inquiry.turn_to(None, 0)
    assert not inquiry.is_due(10_000)


def test_one_question_is_open_at_a_time_until_it_is_lost() -> None:
    inquiry = Inquiry()
    inquiry.turn_to(Need.EXISTENCE, 0)
    inquiry.asked(0)
    assert not inquiry.is_due(14_999)
    assert inquiry.is_due(15_000)


def test_open_question_outlasts_a_change_of_need() -> None:
    inquiry = Inquiry()
    inquiry.turn_to(Need.EXISTENCE, 0)
    inquiry.asked(0)
    inquiry.turn_to(Need.FILLS, 100)
    assert not inquiry.is_due(200)
    inquiry.answered()
    assert inquiry.is_due(200)


def test_hastened_question_is_due_at_once() -> None:
    inquiry = Inquiry()
    inquiry.turn_to(Need.SIGHT, 0)
    inquiry.hasten(10)
    assert inquiry.is_due(10)
    inquiry.hasten(500)
    assert inquiry.is_due(10)


def test_alarm_is_told_once_after_five_questions_in_vain() -> None:
    inquiry = Inquiry()
    inquiry.turn_to(Need.EXISTENCE, 0)
    for count in range(5):
        assert not inquiry.take_alarm()
        inquiry.asked(count)
        assert not inquiry.take_alarm()
        inquiry.answered()
    assert inquiry.take_alarm()
    assert not inquiry.take_alarm()
    inquiry.turn_to(Need.FILLS, 0)
    assert not inquiry.take_alarm()


def test_asking_is_in_vain_once_it_was_answered_time_and_again() -> None:
    inquiry = Inquiry()
    inquiry.turn_to(Need.FILLS, 0)
    found: list[bool] = []
    for trouble in ("", "", "", "", "timed out", "", "", "", "", ""):
        inquiry.asked(0)
        found.append(inquiry.is_in_vain)  # it is asked, and nobody knows yet
        inquiry.answered(trouble)
        found.append(inquiry.is_in_vain)
    assert found == [False] * 19 + [True]
    inquiry.turn_to(Need.STATE, 0)
    assert not inquiry.is_in_vain
