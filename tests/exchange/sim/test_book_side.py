"""One side of a book."""

import pytest

from botcore_tui.exchange.sim.book_side import BookSide


def best(side: BookSide) -> tuple[int | None, int]:
    return side.best, side.best_lots


@pytest.mark.parametrize("sign", [1, -1])
def test_removed_best_level_makes_the_next_one_best_on_either_side(sign: int) -> None:
    side = BookSide(sign)
    side.put(1_000, 5)
    side.put(1_000 - 7 * sign, 3)
    side.put(1_000 - 700 * sign, 2)
    assert best(side) == (1_000, 5)
    side.put(1_000, 0)
    assert best(side) == (1_000 - 7 * sign, 3)
    side.put(1_000 - 7 * sign, 0)
    assert best(side) == (1_000 - 700 * sign, 2)
    side.put(1_000 - 700 * sign, 0)
    assert best(side) == (None, 0)
    assert len(side.changed) == 3


@pytest.mark.parametrize("sign", [1, -1])
def test_levels_are_walked_best_first_near_and_far(sign: int) -> None:
    side = BookSide(sign)
    places = [1_000, 999, 940, 937, 936, 935, 500, 2]
    for distance in (5, 0, 7, 1, 6, 3, 2, 4):
        side.put(sign * places[distance], 1 + distance)
    assert list(side.walk()) == [
        (sign * ticks, 1 + distance) for distance, ticks in enumerate(places)
    ]


def test_empty_side_has_nothing_to_walk() -> None:
    assert list(BookSide(1).walk()) == []
    side = BookSide(1)
    side.put(5, 0)
    assert (side.best, side.changed) == (None, {5})


@pytest.mark.parametrize("sign", [1, -1])
def test_a_level_behind_the_best_comes_and_goes(sign: int) -> None:
    side = BookSide(sign)
    side.put(1_000, 5)
    side.changed.clear()
    side.put_behind(1_000 - sign, 3)
    assert list(side.walk()) == [(1_000, 5), (1_000 - sign, 3)]
    side.put_behind(1_000 - sign, 0)
    side.put_behind(1_000 - 2 * sign, 0)
    assert (best(side), side.changed) == ((1_000, 5), {1_000 - sign, 1_000 - 2 * sign})
