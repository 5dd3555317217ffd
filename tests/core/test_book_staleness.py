"""Silence makes a live book stale: by a floor, and by what is usual for its stream."""

import pytest
from market_builders import a_book_snapshot, a_delta, a_live_book

from botcore_tui.core.book import OrderBook, Staleness
from botcore_tui.model.market import BookState

pytestmark = pytest.mark.requirement("A07")


def state_at(book: OrderBook, time_ms: int) -> BookState:
    """What the book says of itself once this time has come."""
    book.on_tick(time_ms)
    return book.state


def feed(book: OrderBook, *times_ms: int) -> None:
    """Consecutive deltas with these times of the venue."""
    for time_ms in times_ms:
        last = book.last_update_id
        assert book.on_delta(a_delta(last + 1, last + 2, last, time_ms=time_ms)) is None


def a_book_with_gaps(*gaps_ms: int, staleness: Staleness | None = None) -> OrderBook:
    """A live book whose deltas came this far apart by the venue's clock."""
    book = a_live_book(staleness=staleness)
    time_ms = 1_000
    for gap_ms in gaps_ms:
        time_ms += gap_ms
        feed(book, time_ms)
    return book


@pytest.mark.requirement("F07")
def test_frozen_book_is_stale_just_after_the_floor() -> None:
    book = a_live_book()
    book.on_tick(2_000)
    assert (book.state, book.reason) == (BookState.LIVE, "")
    book.on_tick(2_001)
    assert (book.state, book.reason) == (BookState.STALE, "no update for 1.0 s")
    book.on_tick(5_250)
    assert (book.state, book.reason) == (BookState.STALE, "no update for 4.2 s")


def test_stale_book_keeps_its_levels_and_its_place_in_the_sequence() -> None:
    book = a_live_book()
    assert state_at(book, 9_000) is BookState.STALE
    assert (book.bids.best, book.asks.best, book.last_update_id) == (100.0, 101.0, 10)


def test_floor_is_the_one_that_was_set() -> None:
    book = a_live_book(staleness=Staleness(floor_ms=5_000))
    assert state_at(book, 6_000) is BookState.LIVE
    assert state_at(book, 6_001) is BookState.STALE


def test_next_delta_makes_a_stale_book_live_at_once() -> None:
    book = a_live_book()
    book.on_tick(9_000)
    feed(book, 9_100)
    assert (book.state, book.reason) == (BookState.LIVE, "")
    book.on_tick(9_250)
    assert state_at(book, 10_000) is BookState.LIVE
    assert state_at(book, 10_001) is BookState.STALE


@pytest.mark.requirement("F07")
def test_gap_in_a_stale_book_empties_it() -> None:
    book = a_live_book()
    book.on_tick(9_000)
    assert book.on_delta(a_delta(21, 22, 20)) is not None
    assert (book.state, len(book.bids)) == (BookState.SYNCING, 0)


def test_age_counts_from_the_tick_before_the_data_and_so_is_never_understated() -> None:
    book = a_live_book()
    book.on_tick(1_900)
    feed(book, 1_900)
    assert state_at(book, 2_900) is BookState.LIVE
    assert state_at(book, 2_901) is BookState.STALE


def test_quiet_stream_is_stale_only_after_ten_of_its_usual_gaps() -> None:
    book = a_book_with_gaps(*[300] * 20)
    assert book.stale_after_ms() == 3_000
    book.on_tick(1_250)
    assert state_at(book, 4_000) is BookState.LIVE
    assert state_at(book, 4_001) is BookState.STALE


def test_multiple_is_the_one_that_was_set() -> None:
    assert a_book_with_gaps(*[2_000] * 6, staleness=Staleness(multiple=3)).stale_after_ms() == 6_000


def test_busy_stream_keeps_the_floor() -> None:
    assert a_book_with_gaps(*[20] * 60).stale_after_ms() == 1_000


@pytest.mark.parametrize(("gaps", "expected"), [(4, 1_000), (5, 30_000), (6, 30_000)])
def test_first_few_gaps_say_nothing_yet(gaps: int, expected: int) -> None:
    # The delta that joined the snapshot came at 1000 ms, so each further one makes a gap.
    assert a_book_with_gaps(*[3_000] * gaps).stale_after_ms() == expected


def test_single_long_pause_does_not_stretch_the_patience() -> None:
    assert a_book_with_gaps(*[100] * 25, 600_000, *[100] * 25).stale_after_ms() == 1_000


def test_only_the_newest_gaps_count() -> None:
    assert a_book_with_gaps(*[5_000] * 60, *[200] * 51).stale_after_ms() == 2_000


def test_resync_forgets_what_was_usual() -> None:
    book = a_book_with_gaps(*[3_000] * 20)
    book.interrupt("connection lost")
    assert book.stale_after_ms() == 1_000


def test_book_without_levels_is_never_called_stale() -> None:
    book = OrderBook("BTCUSDT")
    book.on_tick(1_000)
    book.on_tick(60_000)
    assert (book.state, book.reason) == (BookState.SYNCING, "waiting for the first update")


def test_book_joined_before_the_first_tick_ages_from_that_tick() -> None:
    fresh = OrderBook("BTCUSDT")
    fresh.on_snapshot(a_book_snapshot(10))
    fresh.on_delta(a_delta(9, 10, 8))
    assert state_at(fresh, 50_000) is BookState.LIVE
    assert state_at(fresh, 51_001) is BookState.STALE


@pytest.mark.requirement("F12")
def test_clock_set_back_does_not_make_silence_young() -> None:
    book = a_live_book()
    book.on_tick(3_600_000)
    feed(book, 1_100)
    assert state_at(book, 3_600_250) is BookState.LIVE
    assert state_at(book, 5_000) is BookState.LIVE
    assert state_at(book, 6_001) is BookState.STALE


@pytest.mark.requirement("F12")
def test_clock_set_back_is_no_sign_of_life_for_a_stale_book() -> None:
    book = a_live_book()
    assert state_at(book, 3_600_000) is BookState.STALE
    assert state_at(book, 900) is BookState.STALE
    feed(book, 1_100)
    assert state_at(book, 1_150) is BookState.LIVE


@pytest.mark.requirement("F12")
def test_clock_set_forward_is_forgiven_with_the_next_data() -> None:
    book = a_live_book()
    feed(book, 1_100)
    assert state_at(book, 3_600_000) is BookState.STALE
    feed(book, 1_200)
    assert state_at(book, 3_600_250) is BookState.LIVE


@pytest.mark.requirement("F12")
def test_clock_set_back_does_not_postpone_the_reset_of_attempts() -> None:
    book = OrderBook("BTCUSDT")
    book.on_tick(3_600_000)
    book.on_delta(a_delta(9, 10, 8))
    book.on_snapshot(a_book_snapshot(10))
    book.on_tick(2_000)
    assert book.attempt == 1
    book.on_tick(12_001)
    assert book.attempt == 0


def test_snapshot_that_no_update_reaches_is_asked_for_again_after_ten_seconds() -> None:
    book = OrderBook("BTCUSDT")
    book.on_delta(a_delta(9, 10, 8))
    assert book.on_snapshot(a_book_snapshot(1_000)) is None
    assert [book.on_tick(time_ms) for time_ms in (5_000, 15_000)] == [None, None]
    assert book.on_tick(15_001) == "no update reached snapshot 1000 within 10 s"
    assert book.on_snapshot(a_book_snapshot(11)) is None
    assert book.on_delta(a_delta(11, 12, 10)) is None
    assert book.state is BookState.LIVE


def test_clock_set_back_does_not_shorten_the_wait_for_a_snapshot() -> None:
    book = OrderBook("BTCUSDT")
    book.on_delta(a_delta(9, 10, 8))
    book.on_snapshot(a_book_snapshot(1_000))
    asked = [book.on_tick(time_ms) for time_ms in (20_000, 5_000, 15_000, 15_001)]
    assert [reason is not None for reason in asked] == [False, False, False, True]
