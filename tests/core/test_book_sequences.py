"""Whatever a line does to a stream, the book is the venue's or says that it is not."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from property_examples import examples
from shared_tape import SHARED_TAPE, needs_shared_tape
from venue_book import MOVES, Line, Move, Order, VenueBook

from botcore_tui.core import book_side
from botcore_tui.engine.tape import Tape
from botcore_tui.exchange.binance.wire import decode
from botcore_tui.model.market import BookDelta, BookSnapshot, BookState

_STEPS = 150
"""Deltas cut from the capture, from its snapshot on."""

orders = st.builds(
    Order,
    is_bid=st.booleans(),
    price=st.integers(92, 108),
    quantity=st.sampled_from([0, 0, 1, 2, 3]),
    id_step=st.sampled_from([1, 1, 2, 50]),
)
moves = st.lists(
    st.builds(
        Move,
        # Whole runs in between, or nothing would ever be live.
        kind=st.sampled_from([*MOVES, *["send"] * 12, *["answer"] * 6]),
        number=st.integers(0, 1_000),
    ),
    max_size=80,
)


@contextmanager
def cut_snapshots() -> Iterator[None]:
    """Let two levels a side already be a snapshot that is cut."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(book_side, "_CUT_FROM", 2)
        yield


@cache
def recorded() -> VenueBook:
    """The first seconds of the capture after its snapshot, put together without our book."""
    deltas: list[BookDelta] = []
    snapshot: BookSnapshot | None = None
    for batch in Tape(SHARED_TAPE):
        for _, raw in batch:
            _, data = decode(raw)
            if isinstance(data, BookDelta):
                deltas.append(data)
            elif isinstance(data, BookSnapshot):
                snapshot = data
        if snapshot and len(deltas) > 2 * _STEPS:
            break
    assert snapshot is not None
    last = snapshot.last_update_id
    fitting = [delta for delta in deltas if delta.last_update_id >= last][:_STEPS]
    assert len(fitting) == _STEPS
    return VenueBook(last, (dict(snapshot.bids), dict(snapshot.asks)), fitting)


@pytest.mark.requirement("F07")
@settings(max_examples=examples(300), deadline=None)
@given(
    orders=st.lists(orders, min_size=6, max_size=60),
    cuts=st.sets(st.integers(1, 60)),
    moves=moves,
)
def test_mangled_sequence_ends_in_the_exact_book_or_in_none(
    orders: list[Order], cuts: set[int], moves: list[Move]
) -> None:
    venue = VenueBook.of_orders(orders)
    line = Line(venue, cuts)
    line.play(moves)
    line.recover()
    assert line.book.state is BookState.LIVE
    assert line.book.last_update_id == venue.ids[-1]


@pytest.mark.requirement("F07")
@settings(max_examples=examples(300), deadline=None)
@given(
    orders=st.lists(orders, min_size=12, max_size=60),
    cuts=st.sets(st.integers(1, 60)),
    moves=moves,
    depth=st.integers(2, 5),
)
def test_mangled_sequence_with_cut_snapshots_is_exact_as_far_as_they_reach(
    orders: list[Order], cuts: set[int], moves: list[Move], depth: int
) -> None:
    venue = VenueBook.of_orders(orders)
    with cut_snapshots():
        line = Line(venue, cuts, depth=depth)
        line.play(moves)
        line.recover()
    assert line.book.state is BookState.LIVE
    assert line.book.last_update_id == venue.ids[-1]


@pytest.mark.requirement("F07")
@pytest.mark.parametrize("number", [2, 3, 5])
def test_snapshots_that_come_while_the_book_is_live_renew_it(number: int) -> None:
    rng = Random(7)
    orders, centre = [], 100.0
    for _ in range(600):
        centre += rng.choice([-0.4, 0.35])
        price = max(1, round(centre + rng.gauss(0, 5)))
        orders.append(Order(price < centre, price, rng.choice([0, 1, 2, 3])))
    venue = VenueBook.of_orders(orders)
    with cut_snapshots():
        line = Line(venue, range(600), depth=5)
        line.play(
            [
                *[Move("send")] * 60,
                Move("answer", 3),
                *[Move("tick", 9), Move("send"), Move("answer", number), Move("send")] * 265,
            ]
        )
    assert (line.book.gaps, line.book.resyncs) == (0, 0)
    assert line.times_renewed >= 3


@pytest.mark.requirement("F07")
@needs_shared_tape
@settings(max_examples=examples(30), deadline=None)
@given(moves=moves)
def test_mangled_recorded_sequence_ends_in_the_exact_book_or_in_none(moves: list[Move]) -> None:
    venue = recorded()
    line = Line(venue, range(_STEPS))
    line.play(moves)
    line.recover()
    assert line.book.state is BookState.LIVE
    assert line.book.last_update_id == venue.ids[-1]


def test_unharmed_sequence_is_live_from_its_first_answer_on() -> None:
    venue = VenueBook.of_orders(Order(n % 2 == 0, 100 - n % 5, n % 3) for n in range(50))
    line = Line(venue, range(0, 50, 3))
    line.recover()
    assert (line.book.applied, line.book.gaps, line.book.resyncs) == (17, 0, 0)
    assert line.times_live == 17


@pytest.mark.parametrize("harm", ["lose", "repeat", "swap"])
def test_each_harm_to_a_live_sequence_is_a_gap(harm: str) -> None:
    venue = VenueBook.of_orders(Order(n % 2 == 0, 100 - n % 5, n % 3) for n in range(20))
    line = Line(venue, range(20))
    line.play([Move("send"), Move("answer", 3), Move(harm), Move("send")])
    assert line.book.gaps == 1
    line.recover()
    assert line.book.state is BookState.LIVE
