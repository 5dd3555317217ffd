"""The local book follows the venue's procedure step by step and says when it cannot."""

import pytest
from market_builders import a_book_snapshot, a_delta, a_live_book

from botcore_tui.core import book as module
from botcore_tui.core.book import Applied, OrderBook
from botcore_tui.model.market import BookDelta, BookState, Level


def levels_of(book: OrderBook) -> tuple[list[Level], list[Level]]:
    """Every level of both sides, best first."""
    return book.bids.top(len(book.bids)), book.asks.top(len(book.asks))


def assert_nothing_is_believed(book: OrderBook) -> None:
    assert book.state in {BookState.SYNCING, BookState.CROSSED}
    assert levels_of(book) == ([], [])
    assert book.last_update_id == 0


# --- steps 1 and 2: buffer, then fetch ---------------------------------------------------------


def test_new_book_waits_for_its_first_update() -> None:
    book = OrderBook("BTCUSDT")
    assert book.reason == "waiting for the first update"
    assert_nothing_is_believed(book)


def test_first_delta_asks_for_a_snapshot_and_later_ones_wait_for_it() -> None:
    book = OrderBook("BTCUSDT")
    assert book.on_delta(a_delta(1, 2, 0)) == "waiting for the first update"
    assert book.on_delta(a_delta(3, 4, 2)) is None
    assert book.on_delta(a_delta(5, 6, 4)) is None
    assert book.attempt == 1
    assert_nothing_is_believed(book)


def test_deltas_buffered_before_the_snapshot_are_applied_after_it() -> None:
    book = OrderBook("BTCUSDT")
    book.on_delta(a_delta(1, 2, 0))
    book.on_delta(a_delta(3, 4, 2, bids=[(100.0, 7.0)]))
    book.on_delta(a_delta(5, 6, 4, asks=[(101.0, 0.0)]))
    assert book.on_snapshot(a_book_snapshot(4)) is None
    assert (book.state, book.reason, book.last_update_id) == (BookState.LIVE, "", 6)
    assert levels_of(book) == ([(100.0, 7.0), (99.0, 2.0)], [(102.0, 4.0)])
    assert (book.applied, book.dropped) == (2, 1)


def test_full_buffer_forgets_its_oldest_delta_and_still_ends_in_the_right_book(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert module._BUFFER_LIMIT >= 10_000
    monkeypatch.setattr(module, "_BUFFER_LIMIT", 3)
    book = OrderBook("BTCUSDT")
    for last in range(2, 12, 2):
        book.on_delta(a_delta(last - 1, last, last - 2, bids=[(100.0, last)]))
    assert book.dropped == 2
    assert book.on_snapshot(a_book_snapshot(3)) == (
        "snapshot 3 is older than the first buffered update 5"
    )
    assert_nothing_is_believed(book)
    assert book.on_snapshot(a_book_snapshot(8)) is None
    assert (book.last_update_id, book.bids.quantity(100.0)) == (10, 10.0)


# --- step 3: drop what the snapshot has already ------------------------------------------------


def test_deltas_that_end_before_the_snapshot_are_dropped() -> None:
    book = OrderBook("BTCUSDT")
    book.on_delta(a_delta(1, 2, 0, bids=[(100.0, 55.0)]))
    book.on_delta(a_delta(3, 4, 2, bids=[(100.0, 66.0)]))
    book.on_delta(a_delta(5, 8, 4))
    book.on_snapshot(a_book_snapshot(7))
    assert (book.dropped, book.applied, book.bids.quantity(100.0)) == (2, 1, 1.0)


# --- step 4: the first delta bridges the snapshot ----------------------------------------------


@pytest.mark.parametrize("snapshot", [5, 6, 7, 8])
def test_delta_whose_range_holds_the_snapshot_joins_it(snapshot: int) -> None:
    book = OrderBook("BTCUSDT")
    book.on_delta(a_delta(5, 8, 4))
    assert book.on_snapshot(a_book_snapshot(snapshot)) is None
    assert (book.state, book.last_update_id) == (BookState.LIVE, 8)


def test_first_delta_needs_no_matching_predecessor() -> None:
    book = OrderBook("BTCUSDT")
    book.on_delta(a_delta(5, 8, previous=1))
    book.on_snapshot(a_book_snapshot(6))
    assert book.state is BookState.LIVE


def test_snapshot_older_than_every_buffered_delta_is_fetched_again() -> None:
    book = OrderBook("BTCUSDT")
    book.on_delta(a_delta(5, 8, 4))
    assert book.on_snapshot(a_book_snapshot(4)) == (
        "snapshot 4 is older than the first buffered update 5"
    )
    assert book.attempt == 2
    assert_nothing_is_believed(book)
    book.on_delta(a_delta(9, 10, 8))
    assert book.on_snapshot(a_book_snapshot(10)) is None
    assert (book.state, book.last_update_id, book.applied) == (BookState.LIVE, 10, 1)


def test_snapshot_ahead_of_the_stream_waits_for_the_delta_that_reaches_it() -> None:
    book = OrderBook("BTCUSDT")
    book.on_delta(a_delta(1, 2, 0))
    assert book.on_snapshot(a_book_snapshot(6)) is None
    assert_nothing_is_believed(book)
    assert book.on_delta(a_delta(3, 5, 2, bids=[(100.0, 55.0)])) is None
    assert_nothing_is_believed(book)
    assert book.on_delta(a_delta(6, 7, 5)) is None
    assert (book.state, book.bids.quantity(100.0)) == (BookState.LIVE, 1.0)
    assert (book.applied, book.dropped) == (1, 2)


def test_delta_lost_where_a_waiting_snapshot_lies_asks_again() -> None:
    book = OrderBook("BTCUSDT")
    book.on_delta(a_delta(1, 2, 0))
    book.on_snapshot(a_book_snapshot(6))
    assert book.on_delta(a_delta(8, 9, 7)) == "snapshot 6 is older than the first buffered update 8"
    assert_nothing_is_believed(book)


def test_snapshot_before_any_delta_waits_without_asking_for_another() -> None:
    book = OrderBook("BTCUSDT")
    assert book.on_snapshot(a_book_snapshot(6)) is None
    assert book.on_delta(a_delta(5, 6, 4)) is None
    assert (book.state, book.attempt) == (BookState.LIVE, 0)


def test_newer_snapshot_replaces_one_that_waits() -> None:
    book = OrderBook("BTCUSDT")
    book.on_snapshot(a_book_snapshot(6))
    book.on_snapshot(a_book_snapshot(8, bids=[(50.0, 5.0)]))
    book.on_delta(a_delta(7, 9, 6))
    assert book.bids.top(3) == [(50.0, 5.0)]


def test_snapshot_is_ignored_while_the_book_is_live() -> None:
    book = a_live_book()
    before = levels_of(book)
    assert book.on_snapshot(a_book_snapshot(999, bids=[(1.0, 1.0)])) is None
    assert (levels_of(book), book.last_update_id) == (before, 10)
    assert book.on_delta(a_delta(11, 12, 10)) is None


# --- step 5: each pu equals the u before -------------------------------------------------------


def test_consecutive_deltas_may_skip_ids_as_long_as_pu_matches() -> None:
    book = a_live_book()
    assert book.on_delta(a_delta(500, 600, 10)) is None
    assert (book.state, book.last_update_id, book.gaps) == (BookState.LIVE, 600, 0)


@pytest.mark.requirement("F07")
@pytest.mark.parametrize(
    ("delta", "reason"),
    [
        pytest.param(a_delta(13, 14, 12), "gap: update 12 expected to follow 10", id="lost"),
        pytest.param(a_delta(9, 10, 8), "gap: update 8 expected to follow 10", id="repeated"),
        pytest.param(a_delta(11, 12, 9), "gap: update 9 expected to follow 10", id="overlapping"),
    ],
)
def test_break_in_the_sequence_empties_the_book_and_asks(delta: BookDelta, reason: str) -> None:
    book = a_live_book()
    assert book.on_delta(delta) == reason
    assert (book.reason, book.gaps, book.resyncs) == (reason, 1, 1)
    assert book.state is BookState.SYNCING
    assert_nothing_is_believed(book)


def test_delta_that_showed_the_gap_is_kept_for_the_next_snapshot() -> None:
    book = a_live_book()
    book.on_delta(a_delta(13, 14, 12, bids=[(98.0, 8.0)]))
    book.on_delta(a_delta(15, 16, 14, bids=[(97.0, 7.0)]))
    assert book.on_snapshot(a_book_snapshot(13)) is None
    assert book.last_update_id == 16
    assert book.bids.top(9) == [(100.0, 1.0), (99.0, 2.0), (98.0, 8.0), (97.0, 7.0)]


def test_gap_inside_the_buffer_asks_again_and_keeps_what_follows_it() -> None:
    book = OrderBook("BTCUSDT")
    for first, last, previous in [(1, 2, 0), (5, 6, 4), (7, 8, 6)]:
        book.on_delta(a_delta(first, last, previous, bids=[(98.0, last)]))
    assert book.on_snapshot(a_book_snapshot(2)) == "gap: update 4 expected to follow 2"
    assert_nothing_is_believed(book)
    assert book.on_snapshot(a_book_snapshot(6)) is None
    assert (book.last_update_id, book.bids.quantity(98.0)) == (8, 8.0)


# --- step 6: absolute quantities ---------------------------------------------------------------


def test_quantities_replace_and_zero_removes_whether_known_or_not() -> None:
    book = a_live_book()
    book.on_delta(
        a_delta(11, 12, 10, bids=[(100.0, 5.0), (99.0, 0.0), (42.0, 0.0)], asks=[(101.5, 6.0)])
    )
    assert levels_of(book) == ([(100.0, 5.0)], [(101.0, 3.0), (101.5, 6.0), (102.0, 4.0)])
    assert book.state is BookState.LIVE


def test_side_may_run_empty_without_crossing() -> None:
    book = a_live_book()
    book.on_delta(a_delta(11, 12, 10, bids=[(100.0, 0.0), (99.0, 0.0)]))
    assert (book.state, book.bids.best) == (BookState.LIVE, None)
    book.on_delta(a_delta(13, 14, 12, bids=[(98.0, 1.0)], asks=[(101.0, 0.0), (102.0, 0.0)]))
    assert (book.state, book.asks.best) == (BookState.LIVE, None)


# --- crossed -----------------------------------------------------------------------------------


@pytest.mark.requirement("F07")
@pytest.mark.parametrize("bid", [101.0, 1_010.0])
def test_best_bid_that_reaches_the_best_ask_is_never_shown(bid: float) -> None:
    book = a_live_book()
    reason = f"crossed: best bid {bid} >= best ask 101.0"
    assert book.on_delta(a_delta(11, 12, 10, bids=[(bid, 1.0)])) == reason
    assert (book.state, book.reason) == (BookState.CROSSED, reason)
    assert (book.gaps, book.resyncs) == (0, 1)
    assert_nothing_is_believed(book)


def test_crossed_book_stays_crossed_until_a_new_snapshot_joins() -> None:
    book = a_live_book()
    book.on_delta(a_delta(11, 12, 10, bids=[(101.0, 1.0)]))
    assert book.on_delta(a_delta(13, 14, 12)) is None
    assert book.state is BookState.CROSSED
    assert book.on_snapshot(a_book_snapshot(14)) is None
    assert (book.state, book.reason) == (BookState.LIVE, "")


def test_crossed_snapshot_is_refused_and_asked_for_again() -> None:
    book = OrderBook("BTCUSDT")
    book.on_delta(a_delta(1, 2, 0))
    crossed = a_book_snapshot(2, bids=[(103.0, 1.0)])
    assert book.on_snapshot(crossed) == "crossed: best bid 103.0 >= best ask 101.0"
    assert (book.state, book.attempt) == (BookState.CROSSED, 2)
    assert_nothing_is_believed(book)


# --- asking again ------------------------------------------------------------------------------


def test_failed_snapshot_is_asked_for_again_with_a_growing_attempt() -> None:
    book = OrderBook("BTCUSDT")
    book.on_delta(a_delta(1, 2, 0))
    assert book.on_snapshot_failed("HTTP 503") == "snapshot failed: HTTP 503"
    assert book.on_snapshot_failed("HTTP 503") == "snapshot failed: HTTP 503"
    assert (book.attempt, book.reason) == (3, "snapshot failed: HTTP 503")
    assert book.on_snapshot(a_book_snapshot(2)) is None
    assert book.state is BookState.LIVE


def test_failed_snapshot_does_not_matter_to_a_live_book() -> None:
    book = a_live_book()
    assert book.on_snapshot_failed("HTTP 503") is None
    assert (book.state, book.attempt) == (BookState.LIVE, 1)


def test_failed_snapshot_from_before_an_interruption_is_not_asked_for_again() -> None:
    book = OrderBook("BTCUSDT")
    book.on_delta(a_delta(1, 2, 0))
    book.interrupt("connection lost")
    assert book.on_snapshot_failed("HTTP 503") is None
    assert (book.reason, book.attempt) == ("connection lost", 1)
    assert book.on_delta(a_delta(11, 12, 10)) == "connection lost"


def test_failed_snapshot_does_not_matter_while_another_one_waits() -> None:
    book = OrderBook("BTCUSDT")
    book.on_delta(a_delta(1, 2, 0))
    book.on_snapshot(a_book_snapshot(6))
    assert book.on_snapshot_failed("HTTP 503") is None
    assert book.on_delta(a_delta(5, 7, 4)) is None
    assert book.state is BookState.LIVE


def test_attempts_start_again_once_a_book_stayed_live_for_ten_seconds() -> None:
    book = a_live_book()
    book.on_delta(a_delta(13, 14, 12))
    book.on_snapshot(a_book_snapshot(14))
    assert book.attempt == 2
    book.on_tick(11_000)
    assert book.attempt == 2
    book.on_tick(11_001)
    assert book.attempt == 0
    book.on_delta(a_delta(17, 18, 16))
    assert book.attempt == 1


def test_book_that_was_live_only_for_moments_goes_on_counting_attempts() -> None:
    book = a_live_book()
    for number in range(5):
        book.on_tick(2_000 + 9_000 * number)
        last = 100 * (number + 1)
        book.on_delta(a_delta(last - 1, last, last - 2))
        book.on_snapshot(a_book_snapshot(last))
    assert book.attempt == 6


def test_time_before_a_resync_does_not_count_as_live() -> None:
    book = a_live_book()
    book.on_tick(10_500)
    book.on_delta(a_delta(13, 14, 12))
    book.on_tick(12_000)
    book.on_snapshot(a_book_snapshot(14))
    book.on_tick(20_000)
    assert book.attempt == 2


# --- interrupt ---------------------------------------------------------------------------------


def test_interrupted_book_is_empty_and_the_next_delta_asks() -> None:
    book = a_live_book()
    book.interrupt("connection lost")
    assert (book.state, book.reason) == (BookState.SYNCING, "connection lost")
    assert_nothing_is_believed(book)
    assert (book.gaps, book.resyncs) == (0, 0)
    assert book.on_delta(a_delta(21, 22, 20)) == "connection lost"


def test_interruption_forgets_buffer_and_waiting_snapshot() -> None:
    book = OrderBook("BTCUSDT")
    book.on_delta(a_delta(1, 2, 0))
    book.on_snapshot(a_book_snapshot(6))
    book.interrupt("connection lost")
    assert book.on_delta(a_delta(5, 7, 4)) == "connection lost"
    assert_nothing_is_believed(book)
    book.on_delta(a_delta(8, 9, 7))
    assert book.on_snapshot(a_book_snapshot(8)) is None
    assert (book.state, book.last_update_id, book.applied) == (BookState.LIVE, 9, 1)


def test_interrupted_book_does_not_join_what_came_before() -> None:
    book = OrderBook("BTCUSDT")
    book.on_delta(a_delta(1, 2, 0))
    book.interrupt("connection lost")
    assert book.on_snapshot(a_book_snapshot(2)) is None
    assert_nothing_is_believed(book)


# --- trail -------------------------------------------------------------------------------------


def test_trail_tells_the_best_prices_after_each_applied_delta() -> None:
    book = a_live_book()
    book.trail = []
    book.on_delta(a_delta(11, 12, 10, bids=[(100.5, 2.0)]))
    book.on_delta(a_delta(13, 14, 12, asks=[(101.0, 0.0), (102.0, 0.0)]))
    book.on_delta(a_delta(15, 16, 14, bids=[(100.5, 0.0), (100.0, 0.0), (99.0, 0.0)]))
    assert book.trail == [
        Applied("BTCUSDT", 11, 12, 100.5, 2.0, 101.0, 3.0),
        Applied("BTCUSDT", 13, 14, 100.5, 2.0, None, 0.0),
        Applied("BTCUSDT", 15, 16, None, 0.0, None, 0.0),
    ]


def test_trail_has_nothing_of_a_delta_that_crosses_the_book() -> None:
    book = a_live_book()
    book.trail = []
    book.on_delta(a_delta(11, 12, 10, bids=[(101.0, 1.0)]))
    assert book.trail == []
