"""The queue at one price."""

from botcore_tui.exchange.sim.queues import CROWD, Match, Queue


def a_queue(*places: tuple[int, int]) -> Queue:
    queue = Queue(100, 0)
    for maker, lots in places:
        queue.join(maker, lots)
    return queue


def test_neighbours_in_the_crowd_are_one_and_orders_are_not() -> None:
    queue = a_queue((CROWD, 2), (CROWD, 3), (7, 1), (8, 1), (CROWD, 4))
    assert (queue.front, queue.lots, queue.crowd, queue.has_orders) == (CROWD, 11, 9, True)
    assert [queue.ahead(7), queue.ahead(8)] == [5, 6]
    assert queue.first_order == 7
    matches: list[Match] = []
    assert queue.take(99, None, matches) == 88
    assert [(match.maker, match.lots) for match in matches] == [
        (CROWD, 5),
        (7, 1),
        (8, 1),
        (CROWD, 4),
    ]
    assert queue.ended == [7, 8]
    assert not queue.has_orders


def test_crowd_leaves_from_the_back_and_orders_stay() -> None:
    queue = a_queue((CROWD, 5), (7, 1), (CROWD, 3), (8, 1), (CROWD, 2))
    queue.leave(4)
    assert [queue.ahead(7), queue.ahead(8), queue.crowd] == [5, 7, 6]
    queue.leave(6)
    assert [queue.ahead(7), queue.ahead(8), queue.crowd] == [0, 1, 0]
    assert queue.ended == []


def test_trade_that_the_crowd_left_by_is_counted_once() -> None:
    queue = a_queue((CROWD, 5), (7, 2), (CROWD, 1))
    queue.leave(3)
    assert queue.ahead(7) == 3
    # Three left by the trade: one from behind, which was somebody before, and two from before.
    assert queue.pass_by(3, is_told=True) == (None, 0)
    assert queue.ahead(7) == 2
    assert queue.pass_by(3, is_told=True) == (Match(100, 1, 7), 0)
    assert queue.pass_by(3, is_told=False) == (Match(100, 1, 7), 2)


def test_order_that_is_taken_off_entirely_has_ended() -> None:
    queue = a_queue((7, 5), (8, 1))
    queue.shrink(7, 2)
    assert (queue.left(7), queue.ended) == (3, [])
    queue.shrink(7, 3)
    assert (queue.ended, queue.front) == ([7], 8)
