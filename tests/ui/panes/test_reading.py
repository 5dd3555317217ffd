"""What may be believed once the age of a picture is counted."""

import pytest
from builders import NOW_NS, SECOND, a_book_view, a_snapshot
from msgspec.structs import replace

from botcore_tui.model.market import BookState
from botcore_tui.ui.panes import reading


def test_running_engine_with_a_live_book_is_live() -> None:
    condition = reading.book_condition(a_snapshot(), NOW_NS)
    assert (condition.word, condition.is_live, condition.is_hidden) == ("live", True, False)


def test_live_book_of_a_silent_engine_is_not_live() -> None:
    condition = reading.book_condition(a_snapshot(), NOW_NS + 3 * SECOND)
    assert (condition.word, condition.is_live, condition.is_hidden) == (
        "engine silent",
        False,
        False,
    )
    assert condition.reason == "no sign of life for 3.1s"


@pytest.mark.parametrize("state", [BookState.SYNCING, BookState.CROSSED])
def test_book_that_was_never_right_is_hidden(state: BookState) -> None:
    snapshot = a_snapshot(book=a_book_view(state, reason="gap of 3"))
    condition = reading.book_condition(snapshot, NOW_NS + 9 * SECOND)
    assert (condition.word, condition.reason, condition.is_hidden) == (state, "gap of 3", True)


@pytest.mark.requirement("F06")
def test_stale_book_says_how_old_it_is_and_why() -> None:
    book = a_book_view(BookState.STALE, reason="no delta", changed_ns=NOW_NS - 4 * SECOND)
    condition = reading.book_condition(a_snapshot(book=book), NOW_NS)
    assert (condition.reason, condition.is_live) == ("last change 4.0s ago · no delta", False)


@pytest.mark.requirement("F07")
def test_book_whose_updates_come_late_is_as_old_as_they_are() -> None:
    view = a_book_view(BookState.STALE, reason="updates come 20.0 s late")
    book = replace(view, late_ms=20_000)
    condition = reading.book_condition(a_snapshot(book=book), NOW_NS)
    assert condition.reason == "last change 20.0s ago · updates come 20.0 s late"
    assert (condition.words, condition.is_live) == ("stale 20s", False)
    never = reading.book_condition(a_snapshot(book=replace(book, changed_ns=0)), NOW_NS)
    assert never.words == "stale"


@pytest.mark.requirement("F07")
def test_prices_that_come_late_are_stale_and_as_old_as_they_are() -> None:
    late = a_snapshot(late_ms=8_000, last_data_ns=NOW_NS)
    assert reading.is_data_stale(late, NOW_NS)
    assert reading.data_age_ns(late, NOW_NS + SECOND) == 9 * SECOND
    assert reading.price_lateness(late, NOW_NS + SECOND) == "9s old"
    assert reading.mark_lateness(late, NOW_NS).endswith("s old")
    usual = a_snapshot(late_ms=3_000, last_data_ns=NOW_NS)
    assert not reading.is_data_stale(usual, NOW_NS)
    assert reading.data_age_ns(usual, NOW_NS) == 0
    assert (reading.price_lateness(usual, NOW_NS), reading.mark_lateness(usual, NOW_NS)) == ("", "")
    assert reading.price_lateness(a_snapshot(late_ms=8_000, last_data_ns=0), NOW_NS) == ""


def test_ages_grow_while_the_picture_stays_the_same() -> None:
    snapshot = a_snapshot(heartbeat_ns=NOW_NS, last_data_ns=NOW_NS)
    assert not reading.is_engine_silent(snapshot, NOW_NS + 2 * SECOND)
    assert reading.is_engine_silent(snapshot, NOW_NS + 2 * SECOND + 1)
    assert not reading.is_data_stale(snapshot, NOW_NS + 3 * SECOND)
    assert reading.is_data_stale(snapshot, NOW_NS + 3 * SECOND + 1)


def test_engine_that_never_turned_and_data_that_never_came_are_not_fresh() -> None:
    snapshot = a_snapshot(heartbeat_ns=0, last_data_ns=0)
    assert reading.engine_age_ns(snapshot, NOW_NS) is None
    assert reading.data_age_ns(snapshot, NOW_NS) is None
    assert reading.is_engine_silent(snapshot, NOW_NS)
    assert reading.is_data_stale(snapshot, NOW_NS)


def test_stamp_from_a_thread_ahead_of_ours_has_no_negative_age() -> None:
    assert reading.data_age_ns(a_snapshot(last_data_ns=NOW_NS + 5), NOW_NS) == 0


def test_spread_and_mid_need_both_sides() -> None:
    book = a_book_view()
    assert reading.spread(book) == pytest.approx(0.1)
    assert reading.mid(book) == pytest.approx(61659.65)
    assert reading.spread_bps(book) == pytest.approx(0.1 / 61659.65 * 10_000)
    one_sided = a_book_view(asks=())
    assert (reading.spread(one_sided), reading.mid(one_sided)) == (None, None)
    assert reading.spread_bps(one_sided) is None
