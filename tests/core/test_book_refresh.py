"""A live book whose price nears the edge of its snapshot takes another one and stays live."""

from collections.abc import Sequence

import pytest
from market_builders import SYMBOL, a_book_snapshot, a_delta

from botcore_tui.core import book_refresh as module
from botcore_tui.core.book import OrderBook
from botcore_tui.core.book_refresh import BookRefresh
from botcore_tui.core.book_side import BookSide
from botcore_tui.core.trader import Trader
from botcore_tui.model.event import RequestSnapshot, Tick
from botcore_tui.model.market import BookSnapshot, BookState, Level

pytestmark = pytest.mark.requirement("F07")


def levels(best: int, *, step: int, count: int = 50, quantity: float = 1.0) -> list[Level]:
    """Levels one apart; a negative step for bids."""
    return [(float(best + index * step), quantity) for index in range(count)]


def a_cut_snapshot(last: int, *, bid: int = 1_000, quantity: float = 1.0) -> BookSnapshot:
    """Fifty levels a side: bids down from ``bid``, asks up from one above."""
    bids = levels(bid, step=-1, quantity=quantity)
    return a_book_snapshot(last, bids=bids, asks=levels(bid + 1, step=1, quantity=quantity))


class Story:
    """A book live at update 10 at one second, with every later update one id long."""

    def __init__(self, snapshot: BookSnapshot | None = None) -> None:
        self.book = OrderBook(SYMBOL)
        self.book.on_tick(1_000)
        self.book.on_delta(a_delta(9, 10, 8))
        self.book.on_snapshot(snapshot or a_cut_snapshot(10))
        assert self.book.state is BookState.LIVE

    def update(self, *, bids: Sequence[Level] = (), asks: Sequence[Level] = ()) -> None:
        last = self.book.last_update_id
        assert self.book.on_delta(a_delta(last + 1, last + 1, last, bids=bids, asks=asks)) is None

    def fall(self, best: int) -> None:
        """Take every bid above a price."""
        taken = [(price, 0.0) for price, _ in self.book.bids.top(99) if price > best]
        self.update(bids=taken, asks=[(best + 1.0, 1.0)])

    def tick_later(self, time_ms: int) -> str | None:
        """Tick at a time before which the stream did not fall silent."""
        self.update()
        self.book.on_tick(time_ms - 250)
        self.update()
        return self.book.on_tick(time_ms)


def a_falling_story() -> Story:
    """A story that has asked for a refresh at update 11."""
    story = Story()
    story.fall(960)
    assert story.book.on_tick(1_250) == "best bid 960.0 is near 951.0, where the snapshot ends"
    return story


# --- asking ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("best", "is_asked"), [(961, False), (960, True), (951, True)])
def test_best_bid_in_the_last_fifth_of_the_snapshot_asks(best: int, is_asked: bool) -> None:
    story = Story()
    story.fall(best)
    assert (story.book.on_tick(1_250) is not None) == is_asked
    assert (story.book.state, story.book.reason) == (BookState.LIVE, "")


def test_best_ask_near_its_edge_asks_as_well() -> None:
    story = Story()
    story.update(asks=[(float(price), 0.0) for price in range(1_001, 1_041)])
    needed = story.book.on_tick(1_250)
    assert needed == "best ask 1041.0 is near 1050.0, where the snapshot ends"


def test_best_price_that_passed_the_edge_and_an_emptied_side_ask() -> None:
    story = Story()
    story.update(bids=[(5.0, 1.0)])
    story.fall(5)
    assert story.book.on_tick(1_250) == "best bid 5.0 is near 951.0, where the snapshot ends"
    story = Story()
    story.fall(5)
    assert story.book.on_tick(1_250) == "best bid None is near 951.0, where the snapshot ends"


def test_side_that_the_snapshot_holds_as_a_whole_has_no_edge() -> None:
    whole = a_book_snapshot(10, bids=levels(1_000, step=-1, count=49), asks=[])
    story = Story(whole)
    story.fall(955)
    assert story.book.on_tick(1_250) is None
    assert (story.book.bids.known_to, story.book.asks.known_to) == (None, None)


def test_stale_book_does_not_ask() -> None:
    story = Story()
    story.fall(960)
    story.book.on_tick(1_250)
    assert story.book.on_tick(9_000) is None
    assert story.book.state is BookState.STALE


def test_request_is_not_repeated_while_one_is_out_until_it_must_be_lost() -> None:
    bids, asks = BookSide(is_bid=True), BookSide(is_bid=False)
    bids.load(levels(1_000, step=-1))
    bids.apply([(float(price), 0.0) for price in range(960, 1_001)])
    refresh = BookRefresh()
    asked = [time for time in range(0, 121_000, 250) if refresh.ask(bids, asks, time)]
    assert asked == [0, 60_000, 120_000]


def test_failed_request_is_repeated_five_seconds_after_it_was_made() -> None:
    story = a_falling_story()
    assert story.book.on_snapshot_failed("HTTP 503") is None
    asked = []
    for time_ms in range(1_500, 8_000, 250):
        story.update()
        if story.book.on_tick(time_ms):
            asked.append(time_ms)
    assert asked == [6_250]


def test_clock_that_was_set_back_does_not_silence_the_request() -> None:
    story = a_falling_story()
    story.book.on_snapshot_failed("HTTP 503")
    assert story.book.on_tick(100) is None
    assert story.tick_later(5_099) is None
    story.update()
    assert story.book.on_tick(5_100) is not None


def test_price_that_returns_ends_the_request() -> None:
    story = a_falling_story()
    story.book.on_snapshot_failed("HTTP 503")
    story.update(bids=[(990.0, 1.0)], asks=[(961.0, 0.0)])
    assert story.tick_later(6_250) is None
    before = story.book.bids
    story.book.on_snapshot(a_cut_snapshot(story.book.last_update_id, bid=900))
    assert story.book.bids is before


@pytest.mark.parametrize("tick_ms", [1_250, 60_000])
def test_request_of_a_refresh_is_a_first_attempt_however_long_the_book_lasted(tick_ms: int) -> None:
    trader = Trader((SYMBOL,))
    trader.process(Tick(1_000))
    trader.process(a_delta(9, 10, 8))
    trader.process(a_cut_snapshot(10))
    trader.process(Tick(tick_ms - 250))
    taken = [(float(price), 0.0) for price in range(961, 1_001)]
    trader.process(a_delta(11, 11, 10, bids=taken))
    effects = trader.process(Tick(tick_ms))
    reason = "best bid 960.0 is near 951.0, where the snapshot ends"
    assert effects == [RequestSnapshot(SYMBOL, 0, reason, tick_ms)]


# --- taking over -------------------------------------------------------------------------------


@pytest.mark.parametrize("last", [11, 12, 13, 14])
def test_answer_is_carried_forward_to_the_present_update(last: int) -> None:
    story = a_falling_story()
    for quantity in (12.0, 13.0, 14.0):
        story.update(bids=[(950.0, quantity)])
    resyncs, applied = story.book.resyncs, story.book.applied
    fresh = a_cut_snapshot(last, bid=960, quantity=7.0)
    assert story.book.on_snapshot(fresh) is None
    book = story.book
    assert (book.state, book.reason, book.last_update_id) == (BookState.LIVE, "", 14)
    assert (book.resyncs, book.applied) == (resyncs, applied)
    assert (book.bids.known_to, book.asks.known_to) == (911.0, 1_010.0)
    assert book.bids.quantity(950.0) == (7.0 if last == 14 else 14.0)
    assert book.bids.quantity(920.0) == 7.0
    assert book.on_delta(a_delta(15, 15, 14)) is None
    assert book.on_tick(30_000) is None


def test_answer_inside_an_update_is_bridged_by_it() -> None:
    story = a_falling_story()
    story.book.on_delta(a_delta(12, 20, 11, bids=[(950.0, 5.0)]))
    story.book.on_snapshot(a_cut_snapshot(15, bid=960))
    assert (story.book.last_update_id, story.book.bids.quantity(950.0)) == (20, 5.0)
    assert story.book.bids.known_to == 911.0


def test_answer_ahead_of_the_stream_waits_while_the_old_book_stays() -> None:
    story = a_falling_story()
    story.book.on_snapshot(a_cut_snapshot(13, bid=960))
    story.update()
    assert (story.book.state, story.book.bids.known_to) == (BookState.LIVE, 951.0)
    story.update()
    assert (story.book.last_update_id, story.book.bids.known_to) == (13, 911.0)


def test_answer_older_than_the_request_is_left_out_and_the_next_one_joins() -> None:
    story = a_falling_story()
    story.update()
    story.book.on_snapshot(a_cut_snapshot(10, bid=960))
    assert (story.book.state, story.book.bids.known_to) == (BookState.LIVE, 951.0)
    assert story.tick_later(6_250) is not None
    story.book.on_snapshot(a_cut_snapshot(11, bid=960))
    assert (story.book.last_update_id, story.book.bids.known_to) == (14, 911.0)


def test_answer_that_would_cross_the_book_is_left_out() -> None:
    story = a_falling_story()
    before = story.book.bids
    crossed = a_book_snapshot(11, bids=levels(960, step=-1), asks=levels(900, step=1))
    assert story.book.on_snapshot(crossed) is None
    assert (story.book.state, story.book.bids) == (BookState.LIVE, before)


def test_answer_without_one_side_is_taken() -> None:
    story = a_falling_story()
    story.book.on_snapshot(a_book_snapshot(11, bids=levels(960, step=-1), asks=[]))
    assert (story.book.asks.best, story.book.asks.known_to) == (None, None)


def test_too_many_updates_before_the_answer_end_the_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert module._KEPT >= 1_000
    monkeypatch.setattr(module, "_KEPT", 3)
    story = a_falling_story()
    for _ in range(4):
        story.update()
    story.book.on_snapshot(a_cut_snapshot(15, bid=960))
    assert story.book.bids.known_to == 951.0
    assert story.tick_later(6_250) is not None


def test_gap_ends_the_request_and_the_book_starts_again() -> None:
    story = a_falling_story()
    assert story.book.on_delta(a_delta(15, 15, 14)) is not None
    assert story.book.on_snapshot(a_cut_snapshot(15, bid=960)) is None
    assert (story.book.state, story.book.last_update_id) == (BookState.LIVE, 15)
    assert story.book.bids.known_to == 911.0


def test_interruption_ends_the_request() -> None:
    story = a_falling_story()
    story.book.interrupt("cut")
    assert story.book.bids.known_to is None
    assert story.book.on_tick(9_000) is None
