"""The book of one contract, order by order and against the plainest book there is."""

import pytest

from botcore_tui.exchange.sim.matching import CROWD, Book, Match
from botcore_tui.model.market import Side

BUY, SELL = Side.BUY, Side.SELL


def a_book(
    bids: tuple[tuple[int, int], ...] = ((99, 5), (98, 7)),
    asks: tuple[tuple[int, int], ...] = ((101, 4), (102, 6)),
) -> Book:
    book = Book()
    for ticks, lots in bids:
        book.crowd_add(BUY, ticks, lots)
    for ticks, lots in asks:
        book.crowd_add(SELL, ticks, lots)
    return book


def plain(matches: list[Match]) -> list[tuple[int, int, int]]:
    return [(match.ticks, match.lots, match.maker) for match in matches]


# --- taking ------------------------------------------------------------------------------------


def test_taker_walks_the_book_from_the_best_price_on() -> None:
    book = a_book()
    assert plain(book.take(BUY, 9, None)) == [(101, 4, CROWD), (102, 5, CROWD)]
    assert (book.asks.best, book.asks.levels) == (102, {102: 1})
    assert plain(book.take(SELL, 6, None)) == [(99, 5, CROWD), (98, 1, CROWD)]
    assert (book.bids.best, book.bids.best_lots) == (98, 6)


def test_taker_stops_at_its_limit_and_at_the_end_of_the_book() -> None:
    book = a_book()
    assert plain(book.take(BUY, 9, 101)) == [(101, 4, CROWD)]
    assert plain(book.take(SELL, 99, 98)) == [(99, 5, CROWD), (98, 7, CROWD)]
    assert plain(book.take(SELL, 99, None)) == []
    assert (book.bids.best, book.bids.best_lots) == (None, 0)


def test_who_came_first_at_a_price_trades_first() -> None:
    book = a_book()
    book.rest(SELL, 101, 1, 3)
    book.crowd_add(SELL, 101, 2)
    book.rest(SELL, 101, 2, 3)
    assert [book.ahead(1), book.ahead(2)] == [4, 9]
    assert plain(book.take(BUY, 8, None)) == [(101, 4, CROWD), (101, 3, 1), (101, 1, CROWD)]
    assert 1 not in book
    assert book.ahead(2) == 1
    assert plain(book.take(BUY, 3, None)) == [(101, 1, CROWD), (101, 2, 2)]
    assert book.left(2) == 1


def test_better_price_goes_before_an_earlier_order() -> None:
    book = a_book()
    book.rest(BUY, 99, 1, 3)
    book.rest(BUY, 100, 2, 3)
    assert plain(book.take(SELL, 4, None)) == [(100, 3, 2), (99, 1, CROWD)]


def test_blocked_order_ends_the_trade_and_stays() -> None:
    book = a_book()
    book.rest(SELL, 101, 1, 3)
    book.rest(SELL, 102, 2, 3)
    asked: list[int] = []

    def blocked(order_id: int) -> bool:
        asked.append(order_id)
        return order_id == 2

    assert plain(book.take(BUY, 99, None, blocked=blocked)) == [
        (101, 4, CROWD),
        (101, 3, 1),
        (102, 6, CROWD),
    ]
    assert asked == [1, 2]
    assert book.front(BUY) == 2
    assert book.left(2) == 3


def test_front_names_who_is_met_first() -> None:
    book = a_book(bids=())
    assert book.front(SELL) is None
    assert book.front(BUY) == CROWD
    book.rest(SELL, 101, 1, 3)
    assert book.front(BUY) == CROWD
    book.rest(SELL, 100, 2, 3)
    assert book.front(BUY) == 2


def test_peek_says_what_would_be_traded_and_changes_nothing() -> None:
    book = a_book()
    book.rest(SELL, 101, 1, 3)
    assert book.peek(BUY, 9, None) == (9, 101 * 7 + 102 * 2)
    assert book.peek(BUY, 99, 101) == (7, 101 * 7)
    assert book.peek(SELL, 99, None) == (12, 99 * 5 + 98 * 7)
    assert book.peek(SELL, 5, 100) == (0, 0)
    assert book.asks.levels == {101: 7, 102: 6}


# --- orders of accounts ------------------------------------------------------------------------


def test_order_taken_out_leaves_the_others() -> None:
    book = a_book()
    book.rest(BUY, 99, 1, 3)
    book.rest(BUY, 97, 2, 2)
    assert book.where(2) == (BUY, 97)
    assert book.remove(1) == 3
    assert book.remove(2) == 2
    assert book.bids.levels == {99: 5, 98: 7}
    assert book.bids.queues == {}
    with pytest.raises(KeyError):
        book.remove(1)
    with pytest.raises(KeyError):
        book.ahead(1)


def test_reduced_order_keeps_its_place() -> None:
    book = a_book()
    book.rest(SELL, 103, 1, 5)
    book.rest(SELL, 103, 2, 5)
    book.reduce(1, 2)
    assert (book.left(1), book.ahead(2), book.asks.levels[103]) == (3, 3, 8)
    book.reduce(1, 3)
    assert 1 not in book
    assert book.where(2) == (SELL, 103)
    assert book.ahead(2) == 0


def test_order_that_would_cross_or_is_there_already_is_a_mistake() -> None:
    book = a_book()
    with pytest.raises(AssertionError):
        book.rest(BUY, 101, 1, 1)
    with pytest.raises(AssertionError):
        book.crowd_add(SELL, 99, 1)
    with pytest.raises(AssertionError):
        book.crowd_set(SELL, 98, 1)
    book.rest(BUY, 99, 1, 1)
    with pytest.raises(AssertionError):
        book.rest(BUY, 98, 1, 1)


# --- everybody else ----------------------------------------------------------------------------


def test_level_without_orders_is_set_and_removed() -> None:
    book = a_book()
    book.crowd_set(BUY, 99, 0)
    book.crowd_set(BUY, 90, 0)
    book.crowd_set(BUY, 97, 2)
    assert (book.bids.best, book.bids.levels) == (98, {98: 7, 97: 2})
    assert book.changed_bids == {99, 98, 97}
    assert book.changed_asks == {101, 102}


def test_those_who_leave_are_the_last_in_the_queue() -> None:
    book = a_book()
    book.rest(BUY, 99, 1, 3)
    book.crowd_set(BUY, 99, 9)
    book.rest(BUY, 99, 2, 3)
    book.crowd_set(BUY, 99, 10)
    assert [book.ahead(1), book.ahead(2)] == [5, 12]
    book.crowd_set(BUY, 99, 7)
    assert [book.ahead(1), book.ahead(2)] == [5, 10]
    book.crowd_set(BUY, 99, 4)
    book.crowd_set(BUY, 99, 4)
    assert [book.ahead(1), book.ahead(2)] == [4, 7]
    book.crowd_set(BUY, 99, 0)
    assert (book.ahead(1), book.bids.levels[99]) == (0, 6)
    assert book.crowd_lots(BUY, 99) == 0
    assert book.crowd_lots(BUY, 98) == 7


def test_known_trade_uses_up_the_queue_whenever_the_level_is_told() -> None:
    def after(*, is_told_first: bool) -> tuple[bool, int, int]:
        book = a_book()
        book.rest(BUY, 99, 1, 3)
        book.crowd_set(BUY, 99, 7)
        if is_told_first:
            book.crowd_set(BUY, 99, 4)
        match, left = book.pass_by(BUY, 99, 3, is_told=is_told_first)
        assert (match, left) == (None, 0)
        if not is_told_first:
            book.crowd_set(BUY, 99, 4)
        return 1 in book, book.ahead(1), book.bids.levels[99]

    assert after(is_told_first=True) == after(is_told_first=False) == (True, 2, 7)


def test_known_trade_fills_orders_one_by_one_when_their_turn_comes() -> None:
    book = a_book()
    book.rest(BUY, 99, 1, 3)
    book.rest(BUY, 99, 2, 3)
    assert book.pass_by(BUY, 99, 7) == (Match(99, 2, 1), 0)
    assert book.pass_by(BUY, 99, 2) == (Match(99, 1, 1), 1)
    assert 1 not in book
    assert book.pass_by(BUY, 99, 1) == (Match(99, 1, 2), 0)
    assert book.crowd_lots(BUY, 99) == 5
    assert book.pass_by(BUY, 99, 99) == (Match(99, 2, 2), 97)
    assert book.bids.queues == {}
    assert book.bids.levels[99] == 5
    assert book.pass_by(BUY, 99, 1) == (None, 1)


def test_first_order_is_the_best_priced_and_then_the_earliest() -> None:
    book = a_book()
    assert book.first_order(BUY) is None
    book.rest(BUY, 98, 1, 3)
    book.rest(BUY, 99, 2, 1)
    book.rest(BUY, 99, 3, 1)
    book.rest(SELL, 103, 4, 2)
    book.rest(SELL, 102, 5, 2)
    assert book.first_order(BUY) == 2
    assert book.first_order(SELL) == 5


# --- looking -----------------------------------------------------------------------------------


def test_top_finds_levels_near_and_far() -> None:
    asks = ((101, 1), (103, 2), (900, 3), (500, 4))
    book = a_book(bids=((99, 1), (2, 5)), asks=asks)
    assert book.top(SELL, 3) == [(101, 1), (103, 2), (500, 4)]
    assert book.top(SELL, 9) == [(101, 1), (103, 2), (500, 4), (900, 3)]
    assert book.top(BUY, 9) == [(99, 1), (2, 5)]
    assert Book().top(BUY, 3) == []


def test_walk_stops_where_a_side_is_empty() -> None:
    book = a_book(bids=())
    assert list(book.bids.walk()) == []
    assert book.peek(SELL, 5, None) == (0, 0)


def test_next_best_price_is_found_however_far_it_is() -> None:
    book = a_book(bids=((1_000_000, 1), (5, 1)), asks=((1_000_001, 1), (90_000_000, 1)))
    book.take(BUY, 1, None)
    book.take(SELL, 1, None)
    assert (book.bids.best, book.asks.best) == (5, 90_000_000)
